"""Vector search with FAISS: every vector is compared (Flat), so the answer is exact. The one home of faiss."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from qa.index.embed import Floats
from qa.index.engine import Scored, best

FILE = "dense.faiss"


class DenseWriter:
    """Takes vectors in and writes them to `folder` at the end."""

    def __init__(self, folder: Path, dimensions: int):
        self._path = folder / FILE
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))

    def add(self, passages: Collection[str], vectors: Floats) -> None:
        """`passages` are ids, read as hexadecimal numbers below 2^60; `vectors` [n, dimensions]."""
        self._index.add_with_ids(unit(vectors), _numbers(passages))

    def finish(self) -> None:
        """Raises OSError where the file cannot be written."""
        try:
            faiss.write_index(self._index, str(self._path))
        except RuntimeError as error:
            raise OSError(f"{FILE} cannot be written ({_first_line(error)})") from error


class Dense:
    """Cosine similarity with every passage. Raises OSError where the file is not one that `DenseWriter` wrote."""

    def __init__(self, folder: Path):
        try:
            self._index = faiss.read_index(str(folder / FILE))
        except RuntimeError as error:
            raise OSError(f"{FILE} cannot be read ({_first_line(error)})") from error

    def search(self, vector: Floats, k: int, among: Collection[str] | None = None) -> list[Scored]:
        """`among`: the passages to compare with; None: every one."""
        query = unit(np.asarray(vector, dtype=np.float32).reshape(1, -1))
        if among is None:
            return best(lambda limit: self._nearest(query, limit), k, self.count())
        chosen = faiss.IDSelectorBatch(_numbers(among))  # it knows its ids exactly: its bloom filter only spares work
        parameters = faiss.SearchParameters(sel=chosen)
        return best(lambda limit: self._nearest(query, limit, parameters), k, min(len(among), self.count()))

    def count(self) -> int:
        return int(self._index.ntotal)

    def _nearest(self, query: Floats, limit: int, parameters: faiss.SearchParameters | None = None) -> list[Scored]:
        scores, numbers = self._index.search(query, limit, params=parameters)
        return [Scored(f"{number:015x}", float(score))
                for number, score in zip(numbers[0], scores[0], strict=True) if number >= 0]


def unit(vectors: Floats) -> Floats:
    """Rows of length one, so that an inner product is a cosine; a row of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.ascontiguousarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _numbers(passages: Collection[str]) -> NDArray[np.int64]:
    return np.array([int(passage, 16) for passage in passages], dtype=np.int64)


def _first_line(error: RuntimeError) -> str:
    return str(error).strip().rpartition("\n")[2]
