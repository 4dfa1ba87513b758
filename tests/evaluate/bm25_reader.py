"""A reader that is nothing but BM25 over the sentences of the hits: what a broken reader is like."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from qa.answer.read import Reading
from qa.index.analyse import question_terms, terms
from qa.index.snapshot import Snapshot
from qa.records import Hit, Place, ReadSentence

K1, B = 1.2, 0.75


class BM25Reader:
    """Sentences in BM25 order (Robertson & Zaragoza 2009); a half for every probability."""

    def read(self, question: str, hits: Sequence[Hit], snapshot: Snapshot) -> Reading:
        found = {}
        for hit in hits:
            text = snapshot.article(hit.place.article).text
            for s in snapshot.sentences(snapshot.passage(hit.passage)):
                found[Place(hit.place.article, s.start, s.end)] = (hit.passage, counted(text[s.start : s.end]))
        scores = bm25(set(question_terms(question)), [counts for _, counts in found.values()])
        ranked = sorted(zip(found, scores, strict=True), key=lambda pair: -pair[1])
        return Reading(tuple(ReadSentence(place, found[place][0], score, 0.5) for place, score in ranked), 0.5)


@lru_cache(10_000)
def counted(sentence: str) -> Counter[str]:
    return Counter(terms(sentence))


def bm25(asked: set[str], sentences: Sequence[Counter[str]]) -> list[float]:
    mean = sum(counts.total() for counts in sentences) / max(1, len(sentences))
    idf = {term: _idf(len(sentences), sum(term in counts for counts in sentences)) for term in asked}
    return [
        sum(idf[t] * c[t] * (K1 + 1) / (c[t] + K1 * (1 - B + B * c.total() / mean)) for t in asked) for c in sentences
    ]


def _idf(n: int, holding: int) -> float:
    return math.log(1 + (n - holding + 0.5) / (holding + 0.5))
