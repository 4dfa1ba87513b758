"""Comparison -> the rows of its tables."""

from __future__ import annotations

from markupsafe import Markup

from qa.evaluate.report import plots, words
from qa.evaluate.report.panels import Cell, Row
from qa.evaluate.report.verdict import show_verdict
from qa.evaluate.verdict.compare import Comparison, Difference


def differences(comparison: Comparison) -> list[tuple[str, list[Row]]]:
    """(split, rows): verdict, before, after, difference with interval, p. Deciding ones first."""
    splits = dict.fromkeys(d.split for d in comparison.differences)
    return [(split, [_row(d, comparison) for d in _ordered(comparison, split)]) for split in splits]


def changed(comparison: Comparison) -> list[tuple[str, str, str]]:
    """(name, before, after) of every setting, version or property of the index that differs."""
    return [(c.name, _told(c.before), _told(c.after)) for c in comparison.changed]


def ratios(comparison: Comparison) -> list[tuple[str, list[tuple[str, str]]]]:
    """(split, [(stage, "1.08 times")]): how long each stage took compared with before, machine speed taken out."""
    return [(split, [(stage, f"{ratio:.2f} times") for stage, ratio in stages.items()])
            for split, stages in comparison.latency.items()]


def _ordered(comparison: Comparison, split: str) -> list[Difference]:
    mine = [d for d in comparison.differences if d.split == split]
    return sorted(mine, key=lambda d: d.verdict is None)


def _row(d: Difference, comparison: Comparison) -> Row:
    cells = (Cell(show_verdict(d)), Cell(f"{_number(d, d.before)} → {_number(d, d.after)}"),
             _difference(d, comparison), Cell(_p(d.adjusted)))
    return Row(words.directed(d.measure), words.explain(d.measure), cells, d.verdict is not None)


def _difference(d: Difference, comparison: Comparison) -> Cell:
    if d.value is None or d.low is None or d.high is None:
        return Cell("–", note=f"of {d.n}")
    reach = max(max(abs(o.low), abs(o.high)) for o in comparison.differences
                if o.measure.unit == d.measure.unit and o.low is not None and o.high is not None)
    drawing = plots.whisker(d.value, d.low, d.high, (-reach, reach)) if reach else Markup()
    return Cell(_signed(d, d.value), drawing, f"({_signed(d, d.low)} to {_signed(d, d.high)}) of\u00a0{d.n}")


def _told(value: object) -> str:
    return "nothing" if value is None else str(value)


def _number(d: Difference, value: float | None) -> str:
    return "–" if value is None else f"{value:.{_digits(d)}f}"


def _signed(d: Difference, value: float) -> str:
    """ "+0.03", "−0.03" with a real minus, "0.00" without a sign."""
    shown = f"{abs(value):.{_digits(d)}f}"
    return shown if not float(shown) else f"{'+' if value > 0 else '−'}{shown}"


def _digits(d: Difference) -> int:
    return 1 if d.measure.unit == "words" else 3


def _p(p: float | None) -> str:
    return "" if p is None else "under 0.001" if p < 0.001 else f"{p:.3f}"
