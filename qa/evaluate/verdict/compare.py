"""Two runs of the same questions -> better, worse, same, or cannot tell.

A verdict is given on the measures that decide, on each split apart:

    same          the 95 % interval of the difference lies within a point (`SAME`), whichever is ahead
    better, worse the permutation test, adjusted by Holm over all measures and splits, is below 5 %
    cannot tell   neither; with the number of further questions that would settle it

Of all of it together: worse where any measure is worse; better where one is better on the test half
(dev is what is tuned on, so being better there proves nothing) and none is worse; same where all are.
Seconds never decide: they are compared as multiples of the fixed work timed beside each question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qa.errors import DatasetError
from qa.evaluate.figures.blame import RIGHT
from qa.evaluate.figures.bootstrap import DRAWS, interval, resamples
from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.measures import MEASURES, Measure
from qa.evaluate.questions.dataset import SPLITS
from qa.evaluate.score import Report
from qa.evaluate.verdict.changed import Change, changes
from qa.evaluate.verdict.family import LEVEL, further_questions, holm
from qa.evaluate.verdict.paired import PERMUTATIONS, Paired

_LEAST = 0.001  # second; a ratio of less is noise
SAME = 0.01  # a difference smaller than this is none: one question in a hundred, or a hundredth of probability

Verdict = Literal["better", "worse", "same", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure of one split in two runs. `value` is after - before, with its 95 % interval.

    `adjusted` is the p-value `p` after Holm. `sort`: "answerable" or "unanswerable" where the measure is about
    such questions alone, else "". `further`: questions more, of that sort and split, that would settle it. `p`,
    `adjusted` and `verdict` are None where the measure does not decide or is undefined in either run.
    """

    measure: Measure
    split: str
    n: int
    sort: str = ""
    before: float | None = None
    after: float | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    p: float | None = None
    adjusted: float | None = None
    verdict: Verdict | None = None
    further: int | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A question that fared otherwise: the stage to blame before and after (see `blame`)."""

    id: str
    question: str
    split: str
    kind: str
    before: str
    after: str

    @property
    def won(self) -> bool:
        """It is right now and was not."""
        return self.after == RIGHT

    @property
    def lost(self) -> bool:
        """It was right and is not any more."""
        return self.before == RIGHT


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs compared. `latency`: split -> stage -> seconds after over before, in units of the fixed work."""

    before: Report
    after: Report
    differences: tuple[Difference, ...]
    moved: tuple[Moved, ...]
    latency: Mapping[str, Mapping[str, float]]
    changed: tuple[Change, ...]
    verdict: Verdict


def compare(before: Report, after: Report, permutations: int = PERMUTATIONS) -> Comparison:
    """What `after` is beside `before`. Raises DatasetError where they are runs of other questions."""
    check_same_questions(before.header, after.header)
    earlier = {outcome.id: outcome for outcome in before.outcomes}
    pairs = [(earlier[outcome.id], outcome) for outcome in after.outcomes]
    differences = judge_differences(pairs, permutations)
    moved = tuple(Moved(b.id, b.question, b.split, b.kind, a.stage, b.stage) for a, b in pairs if a.stage != b.stage)
    return Comparison(before, after, differences, moved, _latency(pairs), changes(before.header, after.header),
                      overall(differences))


def check_same_questions(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises DatasetError where the headers `before` and `after` are of runs of other questions."""
    remedy = "compare with a run of the same questions: `qa eval --out RUN` writes one"
    theirs, ours = (_questions(header) for header in (before, after))
    for id in sorted(theirs.keys() ^ ours.keys()):
        where = "only the earlier run" if id in theirs else "only the later run"
        raise DatasetError(f"the runs are of other questions: {where} has {id!r}", remedy)
    for id, row in ours.items():
        if theirs[id] != row:
            problem = f"the runs are of other questions: {id!r}, or what is right for it, is not the same in both"
            raise DatasetError(problem, remedy)


def judge_differences(pairs: Sequence[tuple[Outcome, Outcome]], permutations: int,
                      measures: Sequence[Measure] = MEASURES, draws: int = DRAWS) -> tuple[Difference, ...]:
    """Every measure of every split, with verdicts on those that decide; one family for Holm."""
    measured = [_measured(m, split, mine, permutations, drawn)
                for split in SPLITS if (mine := [pair for pair in pairs if pair[1].split == split])
                for drawn in [resamples([after.conversation for _, after in mine], draws)]
                for m in measures if m.better]
    family = [d.p for d in measured if d.p is not None]
    adjusted = iter(holm(family))
    return tuple(d if d.p is None else _judged(replace(d, adjusted=next(adjusted)), len(family)) for d in measured)


def overall(differences: Sequence[Difference]) -> Verdict:
    """One word for all of them (see the top of this file)."""
    split = max((d.split for d in differences), key=SPLITS.index, default="test")  # "test" comes after "dev"
    verdicts = {d.verdict for d in differences if d.verdict}
    if "worse" in verdicts:
        return "worse"
    if any(d.verdict == "better" and d.split == split for d in differences):
        return "better"
    return "same" if verdicts == {"same"} else "cannot tell"


def _questions(header: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    keys = ("question", "answerable", "split", "conversation", "digest")
    return {row["id"]: tuple(row[key] for key in keys) for row in header["questions"]["rows"]}


def _measured(measure: Measure, split: str, pairs: Sequence[tuple[Outcome, Outcome]], permutations: int,
              weights: NDArray[np.uint16]) -> Difference:
    before, after = zip(*pairs, strict=True)
    paired, conversations = Paired(measure, before, after), [outcome.conversation for outcome in after]
    values = [None if np.isnan(value) else value for value in paired.values()]
    sorts = {"answerable" if after[row].answerable else "unanswerable" for row in paired.rows}
    difference = Difference(measure, split, len(paired.rows), sorts.pop() if len(sorts) == 1 else "", *values)
    if None in values:
        return difference
    drawn = paired.differences(weights)
    low, high = interval(drawn) or (None, None)
    p = paired.p_value(conversations, permutations) if measure.decides else None
    value, error = round(values[1] - values[0], 12), float(np.nanstd(drawn))
    return replace(difference, value=value, low=low, high=high, error=error, p=p)


def _judged(difference: Difference, family: int) -> Difference:
    """`difference` with its verdict; its adjusted p-value is known."""
    d = difference
    if -SAME < d.low and d.high < SAME:
        return replace(d, verdict="same")
    if d.adjusted <= LEVEL:
        return replace(d, verdict="better" if (d.value > 0) == (d.measure.better == "higher") else "worse")
    return replace(d, verdict="cannot tell", further=further_questions(d.n, d.value, d.error, family, SAME))


def _latency(pairs: Sequence[tuple[Outcome, Outcome]]) -> dict[str, dict[str, float]]:
    """Split -> stage -> median seconds after over before, each over the median of the fixed work beside it.

    Of the questions that were timed in both runs: others would compare the seconds of other questions.
    """
    ratios: dict[str, dict[str, float]] = {}
    for split in SPLITS:
        timed = [p for p in pairs if p[1].split == split and all(o.yardstick and o.seconds for o in p)]
        for stage in dict.fromkeys(stage for pair in timed for stage in pair[1].seconds):
            both = [pair for pair in timed if all(stage in o.seconds for o in pair)]
            before, after = ([pair[side] for pair in both] for side in (0, 1))
            if before and _relative(before, stage) and np.median([o.seconds[stage] for o in before]) > _LEAST:
                ratios.setdefault(split, {})[stage] = _relative(after, stage) / _relative(before, stage)
    return ratios


def _relative(outcomes: Sequence[Outcome], stage: str) -> float:
    """Median seconds of `stage` in units of the median of the fixed work."""
    return float(np.median([o.seconds[stage] for o in outcomes]) / np.median([o.yardstick for o in outcomes]))
