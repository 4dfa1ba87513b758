"""Report -> the rows of its tables and the numbers of its plots, ready for the template. No HTML but the plots'."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qa.evaluate.report import plots, words
from qa.evaluate.report.tables import show_figure

if TYPE_CHECKING:
    from qa.evaluate.figures.measures import Measure
    from qa.evaluate.score import Figure, Report, Section


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: what it is about, what that means, and its cells."""

    name: str
    means: str
    cells: tuple[Any, ...]
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in words and as a drawing; `note` stands behind it, muted."""

    words: str
    drawing: Markup = field(default_factory=Markup)
    note: str = ""


_NONE = Cell("–")


def measures(report: Report) -> list[tuple[str, list[Row]]]:
    """(group, rows) in the order of MEASURES, a cell a split."""
    groups: dict[str, list[Row]] = {}
    most = _most_words(report)
    for measure in _measures(report.splits):
        cells = tuple(figure_cell(section.figures.get(measure.key), most) for section in report.splits)
        groups.setdefault(measure.group, []).append(
            Row(measure.name, words.explain(measure), cells, getattr(measure, "decides", False)))
    return list(groups.items())


def figure_cell(figure: Figure | None, most: float) -> Cell:
    """Value, interval and count of a figure, with its interval drawn from 0 to 1, or to `most` words."""
    if figure is None or figure.value is None or figure.low is None or figure.high is None:
        return Cell("–", note=f"of {figure.n}" if figure else "")
    value, rest = show_figure(figure).split(" ", 1)
    top = 1.0 if figure.measure.unit == "share" else most
    return Cell(value, plots.whisker(figure.value, figure.low, figure.high, (0.0, top)),
                rest.replace(" of ", " of\u00a0"))


def stages(report: Report) -> list[tuple[str, str, str, list[Row]]]:
    """(heading, split, answerable "yes" or "no", rows): how many questions ended at each stage."""
    tables = []
    for split in [section.split for section in report.splits]:
        for answerable in (True, False):
            counts = Counter(o.stage for o in report.outcomes if (o.split, o.answerable) == (split, answerable))
            if counts:
                named, said = ("answerable", "yes") if answerable else ("unanswerable", "no")
                tables.append((f"{split}, {counts.total()} {named}", split, said, list(_stage_rows(counts))))
    return tables


def stage_order(names: Sequence[str]) -> list[str]:
    """`names` once each, in the order of the pipeline; unknown ones last."""
    known = list(words.STAGES)
    return sorted(dict.fromkeys(names), key=lambda name: (known.index(name) if name in known else len(known), name))


def risk_coverage(report: Report) -> Markup | None:
    """The curves of the splits with a point where the present threshold stands; None where no split has one."""
    lines = [plots.Line(s.split, tuple(s.curve), _now(report, s)) for s in report.splits if s.curve]
    return plots.risk_coverage(lines) if lines else None


def reliabilities(report: Report) -> list[tuple[str, list[tuple[str, Markup]]]]:
    """(question, [(split, plot)]) for the two things that a stated probability is of."""
    asked = (("Do the articles answer?", "reliability"), ("Is the first quote right?", "reliability_quote"))
    drawn = [(asks, list(_reliability(report, asks, key))) for asks, key in asked]
    return [(asks, plots) for asks, plots in drawn if plots]


def kinds(report: Report) -> list[tuple[str, list[Row]]]:
    """(split, rows) a kind: questions, right first, share answered."""
    return [(section.split, [_kind_row(kind) for kind in report.kinds if kind.split == section.split])
            for section in report.splits]


def seconds(report: Report) -> list[Row]:
    """A row a stage: p50 and p95 in milliseconds, a cell a split."""
    names = dict.fromkeys(stage for section in report.splits for stage in section.latency)
    return [Row(name, "", tuple(_latency(section, name) for section in report.splits)) for name in names]


def _measures(sections: Sequence[Section]) -> list[Measure]:
    return list({f.measure.key: f.measure for section in sections for f in section.figures.values()}.values())


def _most_words(report: Report) -> float:
    """Where the strips of measures in words end: above every interval."""
    highs = [f.high for s in report.splits for f in s.figures.values() if f.measure.unit == "words" and f.high]
    return max(highs, default=1.0)


def _stage_rows(counts: Counter[str]) -> Iterator[Row]:
    for stage in stage_order(list(counts)):
        count = counts[stage]
        share = Cell(str(count), plots.bar(count, counts.total()), words.percent(count / counts.total()))
        yield Row(stage, words.STAGES.get(stage, ""), (share,))


def _now(report: Report, section: Section) -> plots.Point | None:
    """The point of the curve at the share of questions that was answered; None where none was."""
    mine = [o for o in report.outcomes if o.split == section.split]
    answered = sum(o.answered for o in mine) / len(mine) if mine else 0.0
    reached = [point for point in section.curve if point[0] <= answered + 1e-9]
    return reached[-1] if reached and answered else None


def _reliability(report: Report, asks: str, key: str) -> Iterator[tuple[str, Markup]]:
    for section in report.splits:
        bins = [(b.n, b.stated, b.happened) for b in getattr(section, key)]
        if any(n for n, _, _ in bins):
            yield section.split, plots.reliability(f"{asks} {section.split}", bins)


def _kind_row(section: Section) -> Row:
    right = section.figures["right@1"]
    answered = section.figures["answered" if section.answerable else "answered wrongly"]
    n = f"{section.answerable + section.unanswerable}"
    means = "" if section.answerable else "the articles do not answer these: to be declined"
    return Row(section.kind or "", means, (n, _bar_cell(right), _bar_cell(answered)))


def _bar_cell(figure: Figure) -> Cell:
    if figure.value is None or figure.low is None or figure.high is None:
        return _NONE
    value, rest = show_figure(figure).split(" ", 1)
    return Cell(value, plots.bar(figure.value, 1.0, (figure.low, figure.high)), rest.removesuffix(f" of {figure.n}"))


def _latency(section: Section, stage: str) -> str:
    if stage not in section.latency:
        return "–"
    return " / ".join(f"{1000 * value:,.1f}" for value in section.latency[stage])
