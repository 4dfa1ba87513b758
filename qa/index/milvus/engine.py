"""The engine of many machines: HNSW, BM25 and their fusion, all on a Milvus server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import cache, cached_property

import numpy as np

from qa.errors import UsageError
from qa.index.embed import Floats
from qa.index.engine import Fused, Fusion, Scored, ranks
from qa.index.milvus import words
from qa.index.milvus.records import PASSAGE, Choice, MilvusRecords
from qa.index.milvus.schema import Names
from qa.index.milvus.server import MOST, Rows, Server, quoted

_SPARE = 16  # asked for beyond k: for ties at the cut, and for passages that are being replaced
_BESIDE = 8  # word searches at once, one for each question that is asked
_MOST_ROUTES = 8  # searches that one fusion may consist of
_UNRANKED = (None, None)


class MilvusEngine:
    """The `Engine` of the build `names`. HNSW finds nearly all of the nearest; what it finds has its exact cosine.

    More than 16,384 results of one search are not to be had; equal scores beyond them are cut where they fall.
    """

    def __init__(self, server: Server, names: Names, records: MilvusRecords):
        self._server, self._names, self._records = server, names, records
        self._beside = ThreadPoolExecutor(_BESIDE, "qa-milvus")  # its threads start when they are needed
        self.frequency = cache(self._frequency)

    def by_vector(self, vector: Floats, k: int, among: Collection[str] | None = None) -> list[Scored]:
        query = np.asarray(vector, dtype=np.float32)
        return self._best(lambda limit, where: self._server.search(
            self._names.passages, "vector", query, limit, PASSAGE, where), float, k, among)

    def by_words(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[Scored]:
        query = words.text(terms)
        if not query:
            return []
        # abs: milvus-lite gives BM25 as a distance, below zero.
        return self._best(lambda limit, where: self._server.search(
            self._names.passages, "sparse", query, limit, PASSAGE, where), abs, k, among)

    def hybrid(self, vector: Floats, terms: Sequence[str], fusion: Fusion,
               among: Collection[str] | None = None) -> list[Fused]:
        """The server fuses; the word search is asked for once more beside it, for the scores that a reader wants.

        Cosines are computed here, from the vectors of what was found.
        """
        if among is not None and not among:
            return []
        query, text = np.asarray(vector, dtype=np.float32), words.text(terms)
        routes, scale = _routes(fusion, query, text)
        if not routes:
            return []
        beside = self._beside.submit(self.by_words, terms, fusion.pool, among)
        try:
            rows = self._server.hybrid(self._names.passages, routes, fusion.k, fusion.pool, fusion.hits + _SPARE,
                                       (*PASSAGE, "vector"), self._where(among))
            lexical = ranks(beside.result())
        finally:
            beside.cancel()  # where it has not begun, and nobody wants it any more
        rows = sorted(self._records.seen(self._of(among, rows)), key=lambda row: (-row["distance"], row["id"]))
        cosines = _cosines(query, [row["vector"] for row in rows])
        return [Fused(row["id"], row["distance"] * scale, None, cosine, *lexical.get(row["id"], _UNRANKED))
                for row, cosine in zip(rows[:fusion.hits], cosines, strict=False)]

    def count(self) -> int:
        return self._count

    def close(self) -> None:
        self._beside.shutdown(wait=False)

    @cached_property
    def _count(self) -> int:
        return self._server.count(self._names.passages)

    def _frequency(self, term: str) -> int:
        return self._server.count(self._names.passages, f"TEXT_MATCH(terms, '{words.encoded(term)}')")

    def _best(self, search: Callable[[int, str], Rows], score: Callable[[float], float], k: int,
              among: Collection[str] | None) -> list[Scored]:
        """As `engine.best`, of a search whose results may be of no use, and that has a limit."""
        if k <= 0 or (among is not None and not among):
            return []
        where, limit = self._where(among), min(k + _SPARE, MOST)
        while True:
            rows = search(limit, where)
            found = [Scored(row["id"], score(row["distance"])) for row in self._records.seen(self._of(among, rows))]
            found.sort(key=lambda hit: (-hit.score, hit.passage))
            if len(rows) < limit or limit == MOST or (len(found) > k and found[-1].score < found[k - 1].score):
                return found[:k]
            limit = min(4 * limit, MOST)

    def _where(self, among: Collection[str] | None) -> str:
        if among is None:
            return ""
        if isinstance(among, Choice):
            return f"owner in {quoted(among.owners)}"
        return f"id in {quoted(sorted(among))}"

    def _of(self, among: Collection[str] | None, rows: Rows) -> Rows:
        return rows if among is None else [row for row in rows if row["id"] in among]


def _routes(fusion: Fusion, query: Floats, text: str) -> tuple[list[tuple[str, Floats | str]], float]:
    """The searches that a server is to fuse, and what its sums are to be multiplied with.

    A server's fusion knows no weights, so the weightier search is asked for as often as it weighs more: with 1 and 0.5,
    twice and once, which gives the same sum. Raises UsageError for weights that take too many.
    """
    routes = [("vector", query, fusion.dense_weight), ("sparse", text, fusion.lexical_weight if text else 0.0)]
    routes = [route for route in routes if route[2] > 0]
    if not routes:
        return [], 0.0
    least = min(weight for *_, weight in routes)
    times = [Fraction(weight / least).limit_denominator(_MOST_ROUTES) for *_, weight in routes]
    whole = max(share.denominator for share in times)
    counts = [int(share * whole) for share in times]
    if sum(counts) > _MOST_ROUTES or not np.allclose(np.divide(counts, whole), [w / least for *_, w in routes]):
        raise UsageError(f"Milvus cannot weigh its searches {fusion.dense_weight:g} to {fusion.lexical_weight:g}",
                         "choose weights in the ratio of small whole numbers, as 1 and 0.5 are")
    return [(field, what) for (field, what, _), n in zip(routes, counts, strict=True) for _ in range(n)], least / whole


def _cosines(query: Floats, vectors: Sequence[Sequence[float]]) -> list[float]:
    if not vectors:
        return []
    found = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(query)
    return [float(cosine) for cosine in found @ query / np.where(lengths == 0, 1, lengths)]
