"""What is measured: for each measure, over which questions, from which columns, by which formula.

A measure's `columns` gives the numbers of one question, or None where the measure says nothing about
it. Answerable and unanswerable questions are never averaged together, save where telling them apart is
what is measured. A fault counts as the worst case: nothing right, not declined, and certain of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.statistics import auroc, brier, calibration_error, mean

Columns = Callable[[Outcome], tuple[float, ...] | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """`group` heads its rows in the report; `better` says which way is good, None where neither is."""

    key: str
    name: str
    group: str
    columns: Columns
    formula: Callable[..., NDArray[np.float64]] = mean
    better: Literal["higher", "lower"] | None = "higher"
    unit: Literal["share", "words"] = "share"

    def prepare(self, outcomes: Sequence[Outcome]) -> tuple[list[int], list[NDArray[np.float64]]]:
        """Which of `outcomes` the measure is about, and their columns as arrays."""
        values = [self.columns(outcome) for outcome in outcomes]
        about = [n for n, value in enumerate(values) if value is not None]
        rows = [value for value in values if value is not None]
        return about, [np.array(column, dtype=np.float64) for column in zip(*rows)]


def _ranked(key: str) -> Columns:
    return lambda o: (o.ranking[key],) if o.answerable else None


def _right_within(n: int) -> Columns:
    return lambda o: (o.right_within(n),) if o.answerable else None


def _words_of(n: int | None) -> Columns:
    return lambda o: (sum(o.words[:n]),) if o.answerable and o.words else None


def _words_until_right(o: Outcome) -> tuple[float, ...] | None:
    words = o.words_until_right() if o.answerable else None
    return None if words is None else (words,)


def _answered(answerable: bool) -> Columns:
    return lambda o: (o.answered,) if o.answerable is answerable else None


def _right_when_answered(o: Outcome) -> tuple[float, ...] | None:
    return (o.right_within(1),) if o.answered else None


def _right_when_answered_answerable(o: Outcome) -> tuple[float, ...] | None:
    return (o.right_within(1),) if o.answered and o.answerable else None


def _declined_rightly(o: Outcome) -> tuple[float, ...] | None:
    return (not o.answerable,) if o.declined else None


def _found_unanswerable(o: Outcome) -> tuple[float, ...] | None:
    return None if o.answerable else (o.declined,)


def _answerability(o: Outcome) -> tuple[float, ...]:
    worst = 0.0 if o.answerable else 1.0
    return (worst if o.probability is None else o.probability, o.answerable)


def _confidence(o: Outcome) -> tuple[float, ...] | None:
    """(stated, happened): the first quote's probability and whether it is right. No quote, no claim."""
    if o.failed:
        return (1.0, 0.0)
    return None if o.confidence is None else (o.confidence, o.right_within(1))


def _confidence_where(answerable: bool) -> Columns:
    return lambda o: _confidence(o) if o.answerable is answerable else None


_PASSAGES = "Passages found (answerable)"
_SENTENCES = "Right sentence (answerable; in quotes, or in closest when declined)"
_ANSWERING = "Answering"
_DECLINING = "Declining"
_STATED = "Calibration: is the first quote right?"
_STATED_ALL = "Calibration: do the articles answer?"

MEASURES: tuple[Measure, ...] = (
    Measure("recall@1", "recall@1", _PASSAGES, _ranked("recall@1")),
    Measure("recall@5", "recall@5", _PASSAGES, _ranked("recall@5")),
    Measure("recall@20", "recall@20", _PASSAGES, _ranked("recall@20")),
    Measure("mrr", "MRR", _PASSAGES, _ranked("mrr")),
    Measure("right@1", "right sentence first", _SENTENCES, _right_within(1)),
    Measure("right@3", "right sentence in three", _SENTENCES, _right_within(3)),
    Measure("words@1", "words of the first quote", _SENTENCES, _words_of(1), better=None, unit="words"),
    Measure("words@3", "words of the first three", _SENTENCES, _words_of(3), better=None, unit="words"),
    Measure("words", "words of all quotes", _SENTENCES, _words_of(None), better=None, unit="words"),
    Measure("words until right", "words read until right (where found)", _SENTENCES, _words_until_right,
            better="lower", unit="words"),
    Measure("answered", "answerable: share answered", _ANSWERING, _answered(True), better=None),
    Measure("answered wrongly", "unanswerable: share answered", _ANSWERING, _answered(False), better="lower"),
    Measure("accuracy answered", "answerable and answered: first quote right", _ANSWERING,
            _right_when_answered_answerable),
    Measure("accuracy", "everything answered: first quote right", _ANSWERING, _right_when_answered),
    Measure("auroc", "AUROC of probability, answerable or not", _DECLINING, _answerability, auroc),
    Measure("decline precision", "precision of declining", _DECLINING, _declined_rightly),
    Measure("decline recall", "recall of declining", _DECLINING, _found_unanswerable),
    Measure("ece", "calibration error, all questions", _STATED, _confidence, calibration_error, "lower"),
    Measure("ece answerable", "calibration error, answerable", _STATED, _confidence_where(True), calibration_error,
            "lower"),
    Measure("brier answerable", "Brier, answerable", _STATED, _confidence_where(True), brier, "lower"),
    Measure("brier unanswerable", "Brier, unanswerable", _STATED, _confidence_where(False), brier, "lower"),
    Measure("ece answer", "calibration error of probability", _STATED_ALL, _answerability, calibration_error, "lower"),
    Measure("brier answer", "Brier of probability", _STATED_ALL, _answerability, brier, "lower"),
)
