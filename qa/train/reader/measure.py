"""What a reader gets right where the paragraph is given: the sentence, the exact answer, and that there is none."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from qa.answer.cross import CrossReader, PassageScores
from qa.answer.pieces import PassageInput
from qa.records import Span
from qa.train.reader.corpus import Corpus

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Given:
    """A question about a passage with every annotator's answer, spans of its text; none: it does not answer."""

    question: str
    passage: PassageInput
    answers: tuple[Span, ...]
    article: str


def of_corpus(corpus: Corpus) -> list[Given]:
    """The questions of `corpus`, each with its whole paragraph."""
    return [
        Given(
            q.text,
            PassageInput((w := corpus.paragraph(q)).title, w.text, w.sentences),
            tuple((a - w.start, b - w.start) for a, b in q.spans),
            q.article,
        )
        for q in corpus.questions
    ]


def right_sentence(given: Given, scores: PassageScores) -> bool:
    """Whether the best sentence covers at least half of an annotator's answer."""
    start, end = given.passage.sentences[int(np.argmax(scores.sentences))]
    return any(2 * (min(end, b) - max(start, a)) >= b - a for a, b in given.answers)


def exact_answer(given: Given, scores: PassageScores) -> tuple[str, float]:
    """(the likeliest exact answer, how much likelier than none): sentence and span scores added."""
    best = int(np.argmax(np.asarray(scores.sentences) + np.asarray(scores.exact)))
    span, (start, _) = scores.spans[best], given.passage.sentences[best]
    text = given.passage.text[start + span[0] : start + span[1]] if span else ""
    return text, answerability(scores)


def answerability(scores: PassageScores) -> float:
    """One number that grows with the chance that the passage answers: the three heads' sayings added."""
    return float(np.logaddexp.reduce(scores.sentences) + max(scores.exact) / 2 + scores.passage)


def f1(found: str, answers: Sequence[str]) -> float:
    """The official token F1 of SQuAD 2.0, the best over `answers`; with none, only an empty `found` is right."""
    return max((_f1(found, a) for a in answers), default=float(not _normal(found)))


@dataclass(frozen=True, slots=True)
class Judged:
    """A row a question. right: the best sentence answers; exact: F1 of its words had it always answered; gained: F1
    with declining below the threshold that serves the other half of the articles best; sure: `answerability`.
    """

    answerable: NDArray[np.bool_]
    right: NDArray[np.bool_]
    exact: Floats
    gained: Floats
    sure: Floats
    articles: tuple[str, ...]


def judge(reader: CrossReader, given: Sequence[Given]) -> Judged:
    """What `reader` makes of each of `given`; `exact` is the F1 of its words had it always answered."""
    scores = reader.score_pairs([(g.question, g.passage) for g in given])
    answerable = np.asarray([bool(g.answers) for g in given])
    right = np.asarray([bool(g.answers) and right_sentence(g, s) for g, s in zip(given, scores, strict=True)])
    exact = [exact_answer(g, s) for g, s in zip(given, scores, strict=True)]
    sure = np.asarray([e[1] for e in exact])
    said = np.asarray([f1(e[0], _texts(g)) for e, g in zip(exact, given, strict=True)])
    articles = tuple(g.article for g in given)
    gained = said if answerable.all() else _thresholded(said, sure, answerable, articles)
    return Judged(answerable, right, said, gained, sure, articles)


def figures(reader: CrossReader, given: Sequence[Given]) -> Mapping[str, float]:
    """Right sentence and F1 of the answerable; F1 and AUROC of all where some are not."""
    found = judge(reader, given)
    some = found.answerable
    out = {"questions": len(given), "answerable": int(some.sum()), "sentence": float(found.right[some].mean())}
    out["f1_answerable"] = float(found.exact[some].mean())
    if not some.all():
        out |= {"auroc": float(roc_auc_score(some, found.sure)), "f1": float(found.gained.mean())}
    return out


def _thresholded(gained: Floats, sure: Floats, answerable: NDArray[np.bool_], articles: Sequence[str]) -> Floats:
    """F1 of each question when declining below the threshold that is best for the other half of the articles."""
    order = {a: n % 2 for n, a in enumerate(sorted(set(articles)))}
    half = np.asarray([order[a] for a in articles])
    result = np.empty(len(gained))
    for side in (0, 1):
        mine, other = half == side, half != side
        least = _best_threshold(gained[other], sure[other], answerable[other])
        result[mine] = np.where(sure[mine] >= least, gained[mine] * answerable[mine], ~answerable[mine])
    return result


def _best_threshold(gained: Floats, sure: Floats, answerable: NDArray[np.bool_]) -> float:
    if not len(sure):
        return 0.0
    order = np.argsort(-sure)
    shown = np.cumsum((gained * answerable)[order]) + (~answerable).sum() - np.cumsum(~answerable[order])
    return float(sure[order][int(np.argmax(shown))])


def _texts(given: Given) -> list[str]:
    return [given.passage.text[a:b] for a, b in given.answers]


def _normal(text: str) -> list[str]:
    bare = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def _f1(found: str, answer: str) -> float:
    mine, theirs = _normal(found), _normal(answer)
    shared = sum((Counter(mine) & Counter(theirs)).values())
    if not mine or not theirs:
        return float(mine == theirs)
    return 2 * shared / (len(mine) + len(theirs))
