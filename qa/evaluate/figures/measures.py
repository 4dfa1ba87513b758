"""What is measured: for each measure, over which questions, from which columns, by which formula.

A measure's `columns` gives the numbers of one question, or None where the measure says nothing about
it. Answerable and unanswerable questions are never averaged together, save where telling them apart is
what is measured. A fault or a missing line counts as the worst case: nothing right, nothing cited, not
declined, and certain of it; only counts of words, which have no good direction, leave it out. The
measures that `decide` are those that a verdict is given on: one for each thing that a user would miss,
so that the rest cannot outvote them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.selective import accuracy_at, aurc, curve
from qa.evaluate.figures.statistics import Bin, auroc, brier, calibration_error, mean, ratio, reliability

Columns = Callable[[Outcome], tuple[float, ...] | None]


@dataclass(frozen=True, slots=True)
class Measure:
    """`group` heads its rows in the report; `better` says which way is good, None where neither is.

    `about` says in a sentence what it is, for a reader of the report.
    """

    key: str
    name: str
    group: str
    columns: Columns
    formula: Callable[..., NDArray[np.float64]] = mean
    better: Literal["higher", "lower"] | None = "higher"
    unit: Literal["share", "words"] = "share"
    decides: bool = False
    about: str = ""

    def prepare(self, outcomes: Sequence[Outcome]) -> tuple[list[int], list[NDArray[np.float64]]]:
        """Which of `outcomes` the measure is about, and their columns as arrays."""
        values = [self.columns(outcome) for outcome in outcomes]
        about = [n for n, value in enumerate(values) if value is not None]
        rows = [value for value in values if value is not None]
        return about, [np.array(column, dtype=np.float64) for column in zip(*rows)]


def _ranked(key: str) -> Columns:
    return lambda o: (o.ranking[key],) if o.answerable else None


def _sentence(value: Callable[[Outcome], float]) -> Columns:
    """`value` of answerable questions whose set quotes sentences."""
    return lambda o: (value(o),) if o.answerable and not o.by_article else None


def _right_within(n: int) -> Columns:
    return _sentence(lambda o: o.right_within(n))


def _article_within(n: int) -> Columns:
    return lambda o: (any(o.gold_article[:n]),) if o.answerable else None


def _within_words(n: int) -> Columns:
    """Whether the first right quote ends within the first `n` words shown."""
    return _sentence(lambda o: (o.words_until_right() or n + 1) <= n)


_FAULT = (0.0, 5.0)  # of a fault: nothing right of as many quotes as an answer shows at most


def _precision(o: Outcome) -> tuple[float, ...] | None:
    if o.by_article or not o.answerable or o.declined:
        return None
    return (sum(o.right), len(o.right)) if o.answered else _FAULT


def _cited(o: Outcome) -> tuple[float, ...] | None:
    return _FAULT if o.failed else (sum(o.cited), len(o.cited)) if o.cited else None


def _words_of(n: int | None) -> Columns:
    return lambda o: (sum(o.words[:n]),) if o.answerable and o.words else None


def _words_until_right(o: Outcome) -> tuple[float, ...] | None:
    words = o.words_until_right() if o.answerable and not o.by_article else None
    return None if words is None else (words,)


def _answered(answerable: bool) -> Columns:
    """A fault is no answer to what has one, and as bad as an answer to what has none."""
    return lambda o: (o.answered or (o.failed and not answerable),) if o.answerable is answerable else None


def _right_when_answered(o: Outcome) -> tuple[float, ...] | None:
    return None if o.declined else (o.right_within(1),)


def _right_when_answered_answerable(o: Outcome) -> tuple[float, ...] | None:
    return _right_when_answered(o) if o.answerable else None


def _declined_rightly(o: Outcome) -> tuple[float, ...] | None:
    """A fault counts as declining what has an answer: it keeps a user from one."""
    if o.failed:
        return (0.0,) if o.answerable else None
    return (not o.answerable,) if o.declined else None


def _found_unanswerable(o: Outcome) -> tuple[float, ...] | None:
    return None if o.answerable else (o.declined,)


def _answerability(o: Outcome) -> tuple[float, ...]:
    worst = 0.0 if o.answerable else 1.0
    return (worst if o.probability is None else o.probability, o.answerable)


def _chosen(o: Outcome) -> tuple[float, ...]:
    """(confidence, wrong) of answering this question at all; what has no answer is wrong whatever is quoted."""
    confidence = 1.0 if o.probability is None else o.probability
    return (confidence, not (o.answerable and o.right_within(1)))


def _chosen_answerable(o: Outcome) -> tuple[float, ...] | None:
    return _chosen(o) if o.answerable else None


def _confidence(o: Outcome) -> tuple[float, ...] | None:
    """(stated, happened): the first quote's probability and whether it is right. No quote, no claim."""
    if o.failed:
        return (1.0, 0.0)
    return None if o.confidence is None else (o.confidence, o.right_within(1))


def _confidence_where(answerable: bool) -> Columns:
    return lambda o: _confidence(o) if o.answerable is answerable else None


_PASSAGES = "Passages found (answerable)"
_SENTENCES = "Right sentence (answerable; in quotes, or in closest when declined)"
_WORDS = "Words to read (answerable)"
_CITED = "Citations"
_ANSWERING = "Answering"
_DECLINING = "Declining"
_RISK = "Answering the surest share only: first quote right"
_STATED = "Calibration: is the first quote right?"
_STATED_ALL = "Calibration: do the articles answer?"

_COVERAGES = (0.7, 0.8, 0.9, 1.0)

MEASURES: tuple[Measure, ...] = (
    Measure("recall@1", "recall@1", _PASSAGES, _ranked("recall@1"), about="the first passage found holds an answer"),
    Measure("recall@5", "recall@5", _PASSAGES, _ranked("recall@5"), about="one of the first 5 holds an answer"),
    Measure("recall@20", "recall@20", _PASSAGES, _ranked("recall@20"), decides=True,
            about="one of the 20 passages that the reader gets holds an answer"),
    Measure("mrr", "MRR", _PASSAGES, _ranked("mrr"), decides=True,
            about="mean of 1 / rank of the first passage that holds an answer"),
    Measure("ndcg@10", "nDCG@10", _PASSAGES, _ranked("ndcg@10"),
            about="how near the first 10 passages come to the best order there is"),
    Measure("article@1", "right article first", _PASSAGES, _article_within(1),
            about="the first quote is of an article that holds an answer"),
    Measure("article@5", "right article in five", _PASSAGES, _article_within(5),
            about="one of five quotes is of an article that holds an answer"),
    Measure("right@1", "right sentence first", _SENTENCES, _right_within(1), decides=True,
            about="the first quote covers at least half of a sentence that answers, and is at most two sentences long"),
    Measure("right@3", "right sentence in three", _SENTENCES, _right_within(3), decides=True,
            about="one of the first three quotes is right"),
    Measure("right@5", "right sentence in five", _SENTENCES, _right_within(5), about="one of five quotes is right"),
    Measure("precision", "quotes that are right, of those shown", _SENTENCES, _precision, ratio, decides=True,
            about="right quotes over all quotes, where it answered"),
    Measure("f1", "token F1 of the first quote", _SENTENCES, _sentence(lambda o: o.f1),
            about="words that the first quote and a sentence that answers have in common"),
    Measure("within 50", "answer within 50 words", _WORDS, _within_words(50), decides=True,
            about="the first right quote ends within the first 50 words shown"),
    Measure("within 100", "answer within 100 words", _WORDS, _within_words(100),
            about="the first right quote ends within the first 100 words shown"),
    Measure("words until right", "words read until right (where found)", _WORDS, _words_until_right,
            better=None, unit="words", about="words up to the end of the first right quote"),
    Measure("words@1", "words of the first quote", _WORDS, _words_of(1), better=None, unit="words",
            about="how long the first quote is"),
    Measure("words@3", "words of the first three", _WORDS, _words_of(3), better=None, unit="words",
            about="how long the first three quotes are together"),
    Measure("words", "words of all quotes", _WORDS, _words_of(None), better=None, unit="words",
            about="how long all quotes are together"),
    Measure("cited", "quotes that stand where they say", _CITED, _cited, ratio, decides=True,
            about="the article has these very words at these offsets, and is the version that was cited"),
    Measure("answered", "answerable: share answered", _ANSWERING, _answered(True), decides=True,
            about="answerable questions that were not declined"),
    Measure("answered wrongly", "unanswerable: share answered", _ANSWERING, _answered(False), better="lower",
            about="unanswerable questions that were answered, or failed"),
    Measure("accuracy answered", "answerable and answered: first quote right", _ANSWERING,
            _right_when_answered_answerable, about="of the answerable questions that it answered"),
    Measure("accuracy", "everything answered: first quote right", _ANSWERING, _right_when_answered,
            about="of all questions that it answered; what has no answer is wrong"),
    Measure("auroc", "AUROC of probability, answerable or not", _DECLINING, _answerability, auroc, decides=True,
            about="how often an answerable question gets a higher probability than an unanswerable one; a coin: 0.5"),
    Measure("decline precision", "precision of declining", _DECLINING, _declined_rightly,
            about="of the declined questions, those that nothing answers"),
    Measure("decline recall", "recall of declining", _DECLINING, _found_unanswerable, decides=True,
            about="of the questions that nothing answers, those that were declined"),
    Measure("aurc", "AURC, all questions", _RISK, _chosen, aurc, "lower", decides=True,
            about="area under the risk-coverage curve: mean share wrong over all ways to answer only the surest"),
    *(Measure(f"accuracy@{share:.0%}", f"accuracy at {share:.0%} coverage, all", _RISK, _chosen, accuracy_at(share),
              about=f"first quote right among the {share:.0%} of questions it is surest of")
      for share in _COVERAGES),
    Measure("aurc answerable", "AURC, answerable", _RISK, _chosen_answerable, aurc, "lower",
            about="the same area over the answerable questions alone"),
    *(Measure(f"accuracy@{share:.0%} answerable", f"accuracy at {share:.0%} coverage, answerable", _RISK,
              _chosen_answerable, accuracy_at(share),
              about=f"first quote right among the {share:.0%} of answerable questions it is surest of")
      for share in _COVERAGES),
    Measure("ece", "calibration error, all questions", _STATED, _confidence, calibration_error, "lower",
            about="mean distance between the first quote's probability and how often such a quote is right"),
    Measure("ece answerable", "calibration error, answerable", _STATED, _confidence_where(True), calibration_error,
            "lower", about="the same over the answerable questions"),
    Measure("brier answerable", "Brier, answerable", _STATED, _confidence_where(True), brier, "lower",
            about="mean squared distance between the first quote's probability and whether it is right"),
    Measure("brier unanswerable", "Brier, unanswerable", _STATED, _confidence_where(False), brier, "lower",
            about="the same over the unanswerable questions, where no quote is right"),
    Measure("ece answer", "calibration error of probability", _STATED_ALL, _answerability, calibration_error, "lower",
            about="mean distance between the answer's probability and how often the articles answer"),
    Measure("brier answer", "Brier of probability", _STATED_ALL, _answerability, brier, "lower", decides=True,
            about="mean squared distance between the answer's probability and whether the articles answer"),
)


def risk_curve(outcomes: Sequence[Outcome]) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) of all questions by the answer's probability; the measure "aurc" sums it up."""
    return curve(*_table(outcomes, _chosen))


def stated_answer(outcomes: Sequence[Outcome]) -> tuple[Bin, ...]:
    """Reliability of the answer's probability, that the articles answer."""
    return reliability(*_table(outcomes, _answerability))


def stated_quote(outcomes: Sequence[Outcome]) -> tuple[Bin, ...]:
    """Reliability of the first quote's probability, over answerable questions."""
    return reliability(*_table(outcomes, _confidence_where(True)))


def _table(outcomes: Sequence[Outcome], columns: Columns) -> NDArray[np.float64]:
    """[2, questions] of a measure of two columns."""
    rows = [row for row in map(columns, outcomes) if row is not None]
    return np.array(rows, dtype=np.float64).reshape(-1, 2).T
