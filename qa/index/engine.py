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


class Engine(Protocol):
    """Search over the passages of one generation. Order: score descending, then passage id. Safe under threads.

    `among`: the ids of the passages to search; None: all. The search is exact, and what is found has the score that
    it has among all: how rare a word is, is counted over the whole corpus. An id of none here is ignored.
    """

    def by_vector(self, vector: Floats, k: int, among: Collection[str] | None = None) -> list[Scored]:
        """The `k` passages of highest cosine with `vector` [dimensions], fewer where there are fewer."""

    def by_words(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[Scored]:
        """The `k` passages of highest BM25 for analysed `terms` (a repeated one counts twice); none without a match."""

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
