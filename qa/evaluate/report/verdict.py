"""A comparison in words: a table for the terminal, and the same in Markdown. Nothing here prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.text import Text

from qa.evaluate.report import words
from qa.evaluate.report.tables import Row, markdown, table
from qa.evaluate.verdict.compare import Comparison, Difference, Moved

_HEADS = ("measure", "split", "n", "before → after", "difference (95 %)", "p (Holm)", "verdict")
_MOVED_HEADS = ("", "split", "kind", "before → after", "id", "question")
_LISTED = 40  # moved questions in a terminal; the HTML report has all
_MANY = 100_000  # further questions; a number beyond it says no more


def headline(comparison: Comparison) -> str:
    """The verdict in one line: what, against which run, which measures, how many questions won and lost."""
    return f"Verdict: {words.verdict(comparison)} {len(comparison.after.outcomes)} asked, against {_run(comparison)}."


def to_terminal(comparison: Comparison) -> Group:
    """The questions that moved, the measures that decide, what differs between the runs; the verdict last, in view."""
    moved = _moved_rows(comparison.moved)
    more = f", the first {_LISTED}" if len(moved) > _LISTED else ""
    listed = [table(f"{len(moved)} questions that moved{more}", _MOVED_HEADS, moved[:_LISTED], left=6)] * bool(moved)
    return Group(*listed, table("Measures that decide", _HEADS, _rows(comparison), left=2),
                 *map(Text, _remarks(comparison)), Text(headline(comparison), style="bold"))


def to_markdown(comparison: Comparison) -> str:
    """The same tables as Markdown, with every question that moved."""
    moved = [markdown(_MOVED_HEADS, _moved_rows(comparison.moved))] * bool(comparison.moved)
    parts = [headline(comparison), *_remarks(comparison), markdown(_HEADS, _rows(comparison)), *moved]
    return "\n\n".join(parts) + "\n"


def show_verdict(difference: Difference) -> str:
    """"cannot tell; about 320 more questions would tell": the verdict, and what would settle it."""
    if difference.verdict != "cannot tell" or difference.further is None:
        return difference.verdict or ""
    more = f"over {_MANY:,}" if difference.further > _MANY else f"about {difference.further:,}"
    sort = f"{difference.sort} " if difference.sort else ""
    return f"cannot tell; {more} more {sort}questions would tell"


def _run(comparison: Comparison) -> str:
    header = comparison.before.header
    commit = header.get("commit")
    code = f"qa {header.get('version')}" + (f", {commit[:7]}" if commit else "")
    return f"the run of {str(header.get('when'))[:10]} ({code})"


def _remarks(comparison: Comparison) -> Iterator[str]:
    """What differs besides the figures."""
    for change in comparison.changed:
        yield words.plain(f"{change.name}: {change.before} → {change.after}")
    for split, ratios in comparison.latency.items():
        told = ", ".join(f"{stage} × {ratio:.2f}" for stage, ratio in ratios.items())
        yield f"Seconds after over before, {split}, each beside the same fixed work (they do not decide): {told}"


def _rows(comparison: Comparison) -> list[Row]:
    return [[words.directed(d.measure), d.split, str(d.n), f"{d.before:.3f} → {d.after:.3f}",
             f"{_signed(d.value)} ({_signed(d.low)} to {_signed(d.high)})", f"{d.adjusted:.3f}", show_verdict(d)]
            for d in comparison.differences if d.verdict]


def _signed(number: float) -> str:
    """With its sign, but nothing is not negative."""
    return f"{round(number, 3) + 0.0:+.3f}"


def _moved_rows(moved: Sequence[Moved]) -> list[Row]:
    """Lost first, for they are what a change is judged by, then won, then those that went wrong elsewhere."""
    order = sorted(moved, key=lambda m: (not m.lost, not m.won))
    return [["lost" if m.lost else "won" if m.won else "moved", m.split, m.kind, f"{m.before} → {m.after}", m.id,
             words.shortened(m.question)] for m in order]
