"""The cheapest reference: BM25 over whole paragraphs (k1 = 1.2, b = 0.75), no encoder, no stemming; shows 5."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply

DISTRIBUTIONS = ()
K1, B, SHOWN = 1.2, 0.75, 5


class System:
    def __init__(self, encoder: Path):
        """Needs no encoder."""

    def index(self, corpus: Corpus) -> None:
        self._rows = [(id, part) for id, text in corpus.articles.items() for part in text.split("\n\n") if part.strip()]
        self._counts = [Counter(_terms(part)) for _, part in self._rows]
        self._mean = sum(counts.total() for counts in self._counts) / len(self._counts)
        self._frequency = Counter(term for counts in self._counts for term in counts)

    def search(self, question: str) -> Reply:
        terms = set(_terms(question))
        scores = [sum(self._score(term, counts) for term in terms) for counts in self._counts]
        best = sorted(range(len(scores)), key=lambda i: -scores[i])[:SHOWN]
        return Reply([self._rows[i] for i in best if scores[i] > 0])

    def close(self) -> None:
        """Everything is in memory."""

    def _score(self, term: str, counts: Counter[str]) -> float:
        having = self._frequency[term]
        weight = math.log(1 + (len(self._counts) - having + 0.5) / (having + 0.5))
        return weight * counts[term] * (K1 + 1) / (counts[term] + K1 * (1 - B + B * counts.total() / self._mean))


def _terms(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
