"""What plain ranking of sentences gives on the question set: the line that the reader has to beat.

    python evals/baselines.py [--articles DIR] [--index DIR] [--questions FILE]

Every sentence of the articles is ranked for each answerable question by the cosine of its own vector,
by BM25 over the sentences, and by reciprocal rank fusion of the two (k = 60). Follow-ups are read as
the program reads them. Prints, for dev and test, how often the right sentence is first and in three.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from pathlib import Path

import numpy as np

from qa import Library
from qa.answer.resolve import resolve
from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import load
from qa.evaluate.questions.evidence import locate
from qa.index.analyse import question_terms, terms
from qa.records import Place

K1, B = 1.2, 0.75


class Sentences:
    """Every sentence of a library, with its vector and its terms."""

    def __init__(self, library: Library):
        articles = [library.read(row.id) for row in library.list()]
        found = [(Place(a.id, s.start, s.end), a.text[s.start : s.end]) for a in articles for s in a.sentences]
        self.places = [place for place, _ in found]
        self._encoder = library.encoder
        self._vectors = self._encoder.encode([text for _, text in found])
        self._counts = [Counter(terms(text)) for _, text in found]
        self._lengths = np.array([sum(c.values()) for c in self._counts], dtype=float)
        self._frequency = Counter(term for counts in self._counts for term in counts)

    def cosine(self, question: str) -> np.ndarray:
        return self._vectors @ self._encoder.encode([question], question=True)[0]

    def bm25(self, question: str) -> np.ndarray:
        n, scores = len(self.places), np.zeros(len(self.places))
        for term in set(question_terms(question)):
            idf = math.log(1 + (n - self._frequency[term] + 0.5) / (self._frequency[term] + 0.5))
            tf = np.array([counts[term] for counts in self._counts], dtype=float)
            scores += idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * self._lengths / self._lengths.mean()))
        return scores

    def fused(self, question: str) -> np.ndarray:
        ranks = [
            np.argsort(np.argsort(-scores, kind="stable")) for scores in (self.cosine(question), self.bm25(question))
        ]
        return sum(1 / (61 + rank) for rank in ranks)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rank sentences by plain search.")
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--questions", type=Path, default=Path(__file__).with_name("questions.jsonl"))
    given = parser.parse_args()
    library = Library(given.articles, given.index)
    library.build()
    dataset = load(given.questions)
    golds = locate(dataset, Articles(library))
    sentences = Sentences(library)
    for name in ("cosine", "bm25", "fused"):
        for split in ("dev", "test"):
            asked = [q for q in dataset.questions if q.split == split and q.answerable]
            orders = [
                np.argsort(-getattr(sentences, name)(resolve(q.question, q.history)), kind="stable")[:3] for q in asked
            ]
            hits = [
                [any(sentences.places[i].holds_half(gold) for gold in golds[q.id].places) for i in order]
                for q, order in zip(asked, orders, strict=True)
            ]
            print(
                f"{name:7}{split:5} first {np.mean([h[0] for h in hits]):.2f}"
                f"  in three {np.mean([any(h) for h in hits]):.2f}"
                f"  of {len(asked)}"
            )


if __name__ == "__main__":
    main()
