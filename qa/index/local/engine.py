"""The engine of one machine: FAISS for vectors and tantivy for words, over one folder of files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from qa.index.embed import Floats
from qa.index.engine import Fused, Fusion, Row, Scored, hybrid
from qa.index.local.dense import Dense, DenseWriter
from qa.index.local.lexical import Lexical, LexicalWriter

NAME = "faiss+tantivy 2"  # raise the number when the files of either change
_AT_ONCE = 4096  # rows held in memory beside the engines' own


def build(folder: Path, dimensions: int, rows: Iterable[Row]) -> None:
    """Writes both halves of the engine for `rows`, be there none, into `folder`, which is empty.

    Raises OSError where it cannot be written (a full disk, say).
    """
    vectors, words, left = DenseWriter(folder, dimensions), LexicalWriter(folder), iter(rows)
    while batch := list(islice(left, _AT_ONCE)):
        ids = [row.passage for row in batch]
        vectors.add(ids, np.stack([row.vector for row in batch]))
        words.add(ids, [row.text for row in batch])
    vectors.finish()
    words.finish()


class Embedded:
    """An `Engine` over the files that `build` wrote. Raises OSError where they cannot be read."""

    def __init__(self, folder: Path):
        self._dense, self._lexical = Dense(folder), Lexical(folder)

    def by_vector(self, vector: Floats, k: int, among: Collection[str] | None = None) -> list[Scored]:
        return self._dense.search(vector, k, among)

    def by_words(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[Scored]:
        return self._lexical.search(terms, k, among)

    def hybrid(self, vector: Floats, terms: Sequence[str], fusion: Fusion,
               among: Collection[str] | None = None) -> list[Fused]:
        return hybrid(self, vector, terms, fusion, among)

    def frequency(self, term: str) -> int:
        return self._lexical.frequency(term)

    def count(self) -> int:
        return self._dense.count()

    def close(self) -> None:
        del self._dense, self._lexical
