"""A run -> figures with intervals. No model, no index, no clock: the same run gives the same figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.blame import STAGES
from qa.evaluate.figures.bootstrap import interval, resamples
from qa.evaluate.figures.judge import Outcome, judge
from qa.evaluate.figures.measures import MEASURES, Measure, risk_curve, stated_answer, stated_quote
from qa.evaluate.figures.statistics import Bin, valued
from qa.evaluate.questions.dataset import SPLITS
from qa.evaluate.runs.run import Run, read_run


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure's value over `n` questions with its 95 % interval; all None where it is undefined."""

    measure: Measure
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one split, or of one kind of one split.

    `latency`: stage -> (p50, p95) in seconds; `yardstick`: median seconds of the fixed work beside them.
    `curve`: (coverage, risk) of all questions by the answer's probability. `reliability` is of that
    probability, `reliability_quote` of the first quote's (answerable). `stages`: stage -> misses.
    """

    split: str
    kind: str | None
    answerable: int
    unanswerable: int
    failed: int
    figures: Mapping[str, Figure]
    latency: Mapping[str, tuple[float, float]]
    yardstick: float | None
    curve: tuple[tuple[float, float], ...]
    reliability: tuple[Bin, ...]
    reliability_quote: tuple[Bin, ...]
    stages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a run: each split apart, then each kind of each split; and every question judged.

    `lines` are the run's, in the order of `outcomes`; None for a question that the run lacks.
    """

    header: Mapping[str, Any]
    splits: tuple[Section, ...]
    kinds: tuple[Section, ...]
    outcomes: tuple[Outcome, ...] = ()
    lines: tuple[Mapping[str, Any] | None, ...] = ()

    def figure(self, split: str, key: str) -> Figure:
        """The figure `key` of `split`. Raises KeyError where the run has no such split or measure."""
        return {section.split: section for section in self.splits}[split].figures[key]


def score(path: Path) -> Report:
    """The figures of the run at `path`. Raises DatasetError where it is not a run of this format."""
    return score_run(read_run(path))


def score_run(run: Run) -> Report:
    """The figures of `run`. Raises DatasetError for a line that cannot be judged."""
    outcomes = judge(run)
    splits, kinds = [], []
    for split in SPLITS:
        mine = [o for o in outcomes if o.split == split]
        if mine:
            splits.append(_section(split, None, mine))
        for kind in dict.fromkeys(o.kind for o in mine):
            kinds.append(_section(split, kind, [o for o in mine if o.kind == kind]))
    return Report(run.header, tuple(splits), tuple(kinds), outcomes, run.lines)


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p95, linear between the two nearest (Hyndman & Fan 1996, type 7)."""
    p50, p95 = np.percentile(seconds, [50, 95])
    return float(p50), float(p95)


def _section(split: str, kind: str | None, outcomes: Sequence[Outcome]) -> Section:
    weights = resamples([o.conversation for o in outcomes])
    answerable = sum(o.answerable for o in outcomes)
    stages = Counter(o.stage for o in outcomes)
    yardsticks = [o.yardstick for o in outcomes if o.yardstick is not None]
    return Section(split, kind, answerable, len(outcomes) - answerable, sum(o.failed for o in outcomes),
                   {m.key: _figure(m, outcomes, weights) for m in MEASURES}, _latency(outcomes),
                   percentiles(yardsticks)[0] if yardsticks else None, risk_curve(outcomes), stated_answer(outcomes),
                   stated_quote(outcomes), {stage: stages[stage] for stage in STAGES if stages[stage]})


def _figure(measure: Measure, outcomes: Sequence[Outcome], weights: NDArray[np.uint16]) -> Figure:
    about, columns = measure.prepare(outcomes)
    if not about:
        return Figure(measure, 0)
    value = float(measure.formula(*columns, np.ones((1, len(about))))[0])
    spread = interval(valued(measure.formula, columns, weights, about))
    if np.isnan(value) or spread is None:
        return Figure(measure, len(about))
    return Figure(measure, len(about), value, *spread)


def _latency(outcomes: Sequence[Outcome]) -> dict[str, tuple[float, float]]:
    """Of the questions that did not fail: a fault has no time of its own."""
    stages = dict.fromkeys(stage for o in outcomes for stage in o.seconds)
    return {stage: percentiles([o.seconds[stage] for o in outcomes if stage in o.seconds]) for stage in stages}
