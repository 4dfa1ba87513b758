"""A search with a reranker behind it: more passages are searched out, and the ones it likes best are read.

The reranker sees question and passage together, as no search can; it costs a forward pass a passage.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.answer.pieces import passage_of
from qa.answer.search import search
from qa.index.snapshot import Snapshot
from qa.records import Hit
from qa.settings import Search


class Find(Protocol):
    """How hits are found, as `search` finds them."""

    def __call__(
        self, snapshot: Snapshot, question: str, settings: Search, among: Collection[str] | None = None
    ) -> list[Hit]: ...


class Scorer(Protocol):
    """What a reranker must tell. `foreign.PairModel` is one. Safe to share by threads."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]: ...


def finder(settings: Search) -> Find:
    """How passages are found: `search`, and behind it the reranker that `settings` name, if any.

    Raises UsageError where that cannot be found or is none.
    """
    if not settings.reranker:
        return search
    from qa.answer.foreign import PairModel

    return reranking(PairModel(settings.reranker))


def reranking(scorer: Scorer) -> Find:
    """A search whose hits are the `settings.hits` that `scorer` likes best of `settings.reranked`, best first.

    A hit keeps the ranks and scores of the search; of equals the one that the search ranked higher is first.
    """

    def find(
        snapshot: Snapshot, question: str, settings: Search, among: Collection[str] | None = None
    ) -> list[Hit]:
        offered = search(snapshot, question, replace(settings, hits=max(settings.hits, settings.reranked)), among)
        scores = scorer.scores(question, [passage_of(hit, snapshot).titled for hit in offered])
        return [offered[n] for n in np.argsort(-scores, kind="stable")[: settings.hits]]

    return find
