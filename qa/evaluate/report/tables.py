"""A report in words: a table for the terminal, and Markdown for a README. Nothing here prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from qa.evaluate.figures.blame import RIGHT, STAGES
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.report import words
from qa.evaluate.score import Figure, Report, Section

KIND_KEYS = ("recall@5", "right@1", "right@3", "words@1", "answered", "answered wrongly")
_KIND_HEADS = ("kind", "n", "recall@5", "right first", "in three", "words of the first", "answered", "answered wrongly")

_MISSED_HEADS = ("stage", "split", "kind", "id", "question")
_NAMES = 20  # columns that the first cell of a row keeps in a narrow terminal

Row = list[str]


def to_terminal(report: Report) -> Group:
    """What `qa eval` shows: the measures with dev beside test, the seconds, and each split by kind."""
    tables = [table(title(report), _heads(report), _rows(report.splits))]
    tables += [table(f"{s.split} by kind", _KIND_HEADS, _kind_rows(report, s.split)) for s in report.splits]
    return Group(*tables)


def to_markdown(report: Report, splits: Sequence[str] = ("dev", "test"), kinds: bool = True) -> str:
    """The same tables as Markdown, of the named splits only; a README quotes ("test",)."""
    chosen = tuple(s for s in report.splits if s.split in splits)
    parts = [title(report), markdown(["measure", *map(_heading, chosen)], _rows(chosen))]
    for section in chosen if kinds else ():
        parts += [f"{section.split} by kind:", markdown(_KIND_HEADS, _kind_rows(report, section.split))]
    return "\n\n".join(parts) + "\n"


def misses(report: Report) -> Table:
    """Every question that went wrong, by the stage to blame."""
    rows = _missed(report)
    title = f"{len(rows)} misses of {len(report.outcomes)} questions, by the first stage that failed"
    return table(title, _MISSED_HEADS, rows, left=5)


def misses_markdown(report: Report) -> str:
    """The same in Markdown."""
    return markdown(_MISSED_HEADS, _missed(report)) + "\n"


def _missed(report: Report) -> list[Row]:
    missed = sorted((o for o in report.outcomes if o.stage != RIGHT), key=lambda o: STAGES.index(o.stage))
    return [[o.stage, o.split, o.kind, o.id, words.shortened(o.question)] for o in missed]


def title(report: Report) -> str:
    """One line: how many questions, of which set, with what around, by which version."""
    header = report.header
    around = header.get("distractors")
    extra = f", {around['articles']} other articles around" if around else ""
    questions, source = header["questions"], header.get("dataset") or {}
    some = f", drawn with seed {source['seed']}" if source.get("limit") == questions["count"] else ""
    return (f"{questions['count']} questions of {source.get('name', questions['file'])}{some}{extra}; "
            f"qa {header.get('version')}; value (95 % interval) of n")


def show_figure(figure: Figure) -> str:
    """"0.61 (0.50–0.72) of 60": value, interval, questions; "–" where the figure is undefined."""
    if figure.value is None or figure.low is None or figure.high is None:
        return f"– of {figure.n}"
    digits = 1 if figure.measure.unit == "words" else 2
    value, low, high = (f"{number:.{digits}f}" for number in (figure.value, figure.low, figure.high))
    return f"{value} ({low}–{high}) of {figure.n}"


def _heads(report: Report) -> Row:
    return ["measure", *map(_heading, report.splits)]


def _heading(section: Section) -> str:
    failed = f", {section.failed} failed" if section.failed else ""
    return f"{section.split}: {section.answerable} answerable, {section.unanswerable} not{failed}"


def _rows(sections: Sequence[Section]) -> list[Row]:
    """A row a measure under the name of its group, then one a stage; a cell a section."""
    rows: list[Row] = []
    group = ""
    for measure in MEASURES:
        if measure.group != group:
            group = measure.group
            rows.append([group, *[""] * len(sections)])
        rows.append([f"  {measure.name}", *(show_figure(s.figures[measure.key]) for s in sections)])
    rows.append(["Misses, by the first stage that failed", *[""] * len(sections)])
    for stage in (stage for stage in STAGES if any(stage in s.stages for s in sections)):
        rows.append([f"  {stage}", *(str(s.stages.get(stage, 0)) for s in sections)])
    rows.append(["Seconds a question, p50 / p95", *[""] * len(sections)])
    for stage in dict.fromkeys(stage for s in sections for stage in s.latency):
        rows.append([f"  {stage}", *(_latency(s, stage) for s in sections)])
    return rows


def _latency(section: Section, stage: str) -> str:
    if stage not in section.latency:
        return "–"
    p50, p95 = section.latency[stage]
    return f"{p50:.3f} / {p95:.3f}"


def _kind_rows(report: Report, split: str) -> list[Row]:
    return [[s.kind or "", str(s.answerable + s.unanswerable), *(_short(s.figures[key]) for key in KIND_KEYS)]
            for s in report.kinds if s.split == split]


def _short(figure: Figure) -> str:
    return show_figure(figure).removesuffix(f" of {figure.n}") if figure.n else ""


def table(title: str, heads: Sequence[str], rows: Iterable[Row], left: int = 1) -> Table:
    """A table for the terminal; the first `left` columns are words. A row of one cell heads those below it."""
    drawn = Table(title=escape(words.plain(title)), title_justify="left")
    rows = list(rows)
    named = min(_NAMES, max((len(row[0]) for row in rows if any(row[1:])), default=0))
    for number, head in enumerate(heads):
        drawn.add_column(escape(head), justify="right" if number >= left else "left", overflow="fold",
                         min_width=None if number else named)
    for row in rows:
        drawn.add_row(*(escape(_kept(cell)) for cell in row), style=None if any(row[1:]) else "bold")
    return drawn


def _kept(cell: str) -> str:
    """Plain, but set in as it was."""
    return cell[: len(cell) - len(cell.lstrip(" "))] + words.plain(cell)


def markdown(heads: Sequence[str], rows: Iterable[Row]) -> str:
    """The same in Markdown."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for row in rows:
        lines.append(row if any(row[1:]) else [f"**{row[0]}**", *row[1:]])
    return "\n".join("| " + " | ".join(words.plain(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
