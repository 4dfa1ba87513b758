"""Hits -> sentences, best first, each with the probability that it answers.

`Reader` is the place where another reader goes. `FusedReader`, the one that ships, reads question and passage
together with the cross-encoder of `cross.py` and fuses what it says with the other features of `features.py` in a
linear model, whose weights are fitted by `qa/train/` and kept, readable, in `reader.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from qa.answer.calibrate import Judge, default_judge
from qa.answer.cross import CrossReader, default_cross
from qa.answer.cues import cues, marked
from qa.answer.features import NAMES, Asked, Floats, features, inverse_frequency, read_features
from qa.answer.question import Question
from qa.answer.views import Viewer
from qa.index.analyse import STOP_WORDS, terms
from qa.index.snapshot import Snapshot
from qa.records import Hit, Place, ReadSentence, Span
from qa.settings import Search

_EXACT, _HEADING = NAMES.index("reads_exact"), NAMES.index("heading")
_PUNCTUATION, _FUNCTION_WORD = 0.05, 0.15  # weight of a word piece that names nothing; rare words have up to 1


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of the hits: sentences best first, and the probability that any article answers."""

    sentences: tuple[ReadSentence, ...]
    probability: float


class Reader(Protocol):
    """Judges sentences. Safe to share by threads."""

    def read(self, question: str, hits: Sequence[Hit], snapshot: Snapshot) -> Reading:
        """The sentences of `hits`, best first, each once; headings only where there is nothing else."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every sentence of the hits: a row of features each, with where it stands. Input of fitting, too."""

    question: Question
    places: tuple[Place, ...]
    passages: tuple[str, ...]
    texts: tuple[str, ...]
    rows: Floats  # [n, len(NAMES)]
    exact: tuple[Span | None, ...]  # the likeliest exact answer in each sentence; None: it was not read

    def absent(self) -> float:
        """The share of the question's names and numbers that no sentence here has, 0..1."""
        here = frozenset().union(*(cues(text).terms for text in self.texts))
        names = self.question.names
        return sum(name not in here for name in names) / len(names) if names else 0.0

    def marked(self, i: int) -> Span | None:
        """The exact answer inside sentence `i`, where it is worth marking."""
        return marked(self.question, self.texts[i], self.exact[i], float(self.rows[i, _EXACT]))

    def without(self, passages: frozenset[str]) -> Candidates:
        """These candidates as if `passages` were not in the corpus."""
        return self.among([i for i, passage in enumerate(self.passages) if passage not in passages])

    def among(self, kept: Sequence[int]) -> Candidates:
        """The candidates at the indices `kept`."""
        return Candidates(
            self.question,
            *(tuple(column[i] for i in kept) for column in (self.places, self.passages, self.texts)),
            self.rows[list(kept)],
            tuple(self.exact[i] for i in kept),
        )

    def distinct(self, scores: Floats) -> list[int]:
        """Indices by falling score; a sentence in two overlapping passages counts where it scores best."""
        seen: set[Place] = set()
        order = [int(i) for i in np.lexsort((np.arange(len(scores)), -scores))]
        return [i for i in order if not (self.places[i] in seen or seen.add(self.places[i]))]


class FusedReader:
    """The cross-encoder's scores among other features, one weight each, and a fitted probability.

    The cross-encoder is what takes the time, so it reads only the `passages` that look best without it.
    """

    def __init__(
        self,
        judge: Judge | None = None,
        viewer: Viewer | None = None,
        cross: CrossReader | None = None,
        passages: int = Search().read,
    ):
        self._judge, self._viewer, self._cross = judge or default_judge(), viewer or Viewer(), cross
        self._passages = passages

    def read(self, question: str, hits: Sequence[Hit], snapshot: Snapshot) -> Reading:
        found = self.candidates(question, hits, snapshot)
        if not found.places:
            return Reading((), 0.0)
        scores = self._judge.scores(found.rows)
        order = found.distinct(scores)
        order = [i for i in order if not found.rows[i, _HEADING]] or order
        judged = self._judge.probabilities(found.rows[order], scores[order], found.absent())
        sentences = tuple(
            ReadSentence(found.places[i], found.passages[i], float(scores[i]), float(p), found.marked(i))
            for i, p in zip(order, judged.each, strict=True)
        )
        return Reading(sentences, judged.any)

    def candidates(self, text: str, hits: Sequence[Hit], snapshot: Snapshot) -> Candidates:
        """The sentences of the hits worth reading with their features, in the order of the hits."""
        question = Question.of(text)
        asked = _asked(question, snapshot)
        views = self._viewer.views(hits, snapshot)
        plain = [features(asked, view) for view in views]
        kept = self._worth_reading(plain)
        hits, views, plain = ([column[i] for i in kept] for column in (hits, views, plain))
        reads = (self._cross or default_cross()).score(text, [view.input for view in views])
        rows = [np.hstack([p, read_features(r)]) for p, r in zip(plain, reads, strict=True)]
        return Candidates(
            question=question,
            places=tuple(Place(h.place.article, s.start, s.end) for h, v in zip(hits, views) for s in v.sentences),
            passages=tuple(h.passage for h, v in zip(hits, views) for _ in v.sentences),
            texts=tuple(text for v in views for text in v.texts),
            rows=np.concatenate([np.empty((0, len(NAMES)), np.float32), *rows]),
            exact=tuple(span for read in reads for span in read.spans),
        )

    def _worth_reading(self, plain: Sequence[Floats]) -> list[int]:
        """The passages whose best sentence looks best by their plain features [sentences, len(PLAIN)], in order."""
        if len(plain) <= self._passages:
            return list(range(len(plain)))
        return best_passages([self._judge.sift(rows).max(initial=-np.inf) for rows in plain], self._passages)


def best_passages(scores: Sequence[float], most: int) -> list[int]:
    """The indices of the `most` highest scores, in order; of equal ones the first."""
    return sorted(int(i) for i in np.argsort(-np.asarray(scores), kind="stable")[:most])


def _asked(question: Question, snapshot: Snapshot) -> Asked:
    count = snapshot.engine.count()
    known: dict[str, float] = {}

    def idf(term: str) -> float:
        if term not in known:
            known[term] = inverse_frequency(count, snapshot.engine.frequency(term))
        return known[term]

    pieces = snapshot.encoder.tokens([question.text])[0]
    rarity = np.asarray(
        [_rarity(question.text, span, idf, inverse_frequency(count, 0)) for span in pieces.spans], dtype=np.float32
    )
    return Asked(question, snapshot.encoder.encode([question.text], question=True)[0], pieces.vectors, rarity, idf)


def _rarity(text: str, span: Span, idf: Callable[[str], float], most: float) -> float:
    """0..1: how rare the word is that the word piece at `span` belongs to; function words count little.

    A whole word counts for each of its pieces, so that a name cut in many weighs as much as it says.
    """
    start, end = span
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    telling = terms(text[start:end])
    if not telling:
        return _PUNCTUATION
    if text[start:end].lower() in STOP_WORDS:
        return _FUNCTION_WORD
    return idf(telling[0]) / most
