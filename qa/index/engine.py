"""What every search engine behind the index does, and how ties are settled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from qa.index.embed import Floats


class Scored(NamedTuple):
    """A passage and its score; higher is closer."""

    passage: str
    score: float


class Row(NamedTuple):
    """A passage as an engine takes it in: id, unit vector [dimensions], and the text words are searched in."""

    passage: str
    vector: Floats
    text: str


class Fusion(NamedTuple):
    """How two searches become one: `hits` passages by the weighted sum of 1 / (k + rank) over `pool` of each."""

    dense_weight: float
    lexical_weight: float
    k: int
    pool: int
    hits: int


class Fused(NamedTuple):
    """A passage of a fused search. A rank (from 1) or score of None: not among that search's best.

    `dense_rank` is also None where a server fused the searches, as it does not say.
    """

    passage: str
    score: float
    dense_rank: int | None = None
    dense_score: float | None = None
    lexical_rank: int | None = None
    lexical_score: float | None = None


class Engine(Protocol):
    """Search over the passages of one generation. Order: score descending, then passage id. Safe under threads.

    `among`: the ids of the passages to search; None: all. The search is exact, and what is found has the score that
    it has among all: how rare a word is, is counted over the whole corpus. An id of none here is ignored.
    """

    def by_vector(self, vector: Floats, k: int, among: Collection[str] | None = None) -> list[Scored]:
        """The `k` passages of highest cosine with `vector` [dimensions], fewer where there are fewer."""

    def by_words(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[Scored]:
        """The `k` passages of highest BM25 for analysed `terms` (a repeated one counts twice); none without a match."""

    def hybrid(self, vector: Floats, terms: Sequence[str], fusion: Fusion,
               among: Collection[str] | None = None) -> list[Fused]:
        """The passages that both searches together rank best; see `fuse`."""

    def frequency(self, term: str) -> int:
        """How many of all passages hold the analysed `term`: what makes a word of a question rare or common here."""

    def count(self) -> int:
        """How many passages it holds."""

    def close(self) -> None:
        """Lets go of files and memory; the engine is not used again."""


def best(search: Callable[[int], Iterable[Scored]], k: int, count: int) -> list[Scored]:
    """The `k` best of `search(limit)` in the order every engine promises.

    Engines cut a tie wherever it falls, so this asks for more until the last score lies below the k-th.
    """
    k = limit = min(k, count)
    if k <= 0:
        return []
    while True:
        limit = min(2 * limit, count)  # doubled, or thousands of equal scores would cost as many searches
        found = sorted(search(limit), key=lambda hit: (-hit.score, hit.passage))
        if len(found) < limit or limit == count or found[-1].score < found[k - 1].score:
            return found[:k]


def hybrid(engine: Engine, vector: Floats, terms: Sequence[str], fusion: Fusion,
           among: Collection[str] | None = None) -> list[Fused]:
    """What `Engine.hybrid` returns, of an engine that fuses nothing itself."""
    dense = engine.by_vector(vector, fusion.pool, among)
    lexical = engine.by_words(terms, fusion.pool, among)
    fused = fuse([(fusion.dense_weight, dense), (fusion.lexical_weight, lexical)], fusion.k)[:fusion.hits]
    in_dense, in_lexical = ranks(dense), ranks(lexical)
    return [Fused(*hit, *in_dense.get(hit.passage, _UNRANKED), *in_lexical.get(hit.passage, _UNRANKED))
            for hit in fused]


def fuse(rankings: Sequence[tuple[float, Sequence[Scored]]], k: int) -> list[Scored]:
    """Weighted reciprocal rank fusion: the sum over rankings of weight / (k + rank), ranks from 1.

    Source: Cormack, Clarke and Buettcher, SIGIR 2009 (k = 60). Ties go by passage id.
    """
    scores: dict[str, float] = {}
    for weight, ranking in rankings:
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage] = scores.get(hit.passage, 0.0) + weight / (k + rank)
    return [Scored(p, s) for p, s in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]


def ranks(ranking: Sequence[Scored]) -> dict[str, tuple[int, float]]:
    """Passage -> (rank, score)."""
    return {hit.passage: (rank, hit.score) for rank, hit in enumerate(ranking, 1)}


_UNRANKED = (None, None)
