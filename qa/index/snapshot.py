"""One generation, opened for answering: it stays as it is, whatever is indexed meanwhile, until it is closed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache

from qa.errors import UsageError
from qa.index.embed import Encoder
from qa.index.engine import Engine
from qa.index.local import catalog
from qa.index.local.generations import Manifest
from qa.index.local.store import Store
from qa.records import Article, Passage, Sentence

_ARTICLES_AT_HAND = 512  # articles kept as records; one of news takes some 20 kB
_CHOICES_AT_HAND = 4  # sets of articles whose passages are kept; a passage takes 0.1 kB and 1 µs to look up


class Snapshot:
    """The articles, passages and engine of one generation. Safe to share by threads. Made by `Library.open`."""

    def __init__(self, manifest: Manifest, engine: Engine, store: Store, held: int,
                 encoder: Callable[[], Encoder], closed: Callable[[], None]):
        self.number, self.manifest, self.engine = manifest.generation, manifest, engine
        self._store, self._held, self._encoder, self._closed = store, held, encoder, closed
        self.article = lru_cache(_ARTICLES_AT_HAND)(self._article)
        self.passages_of = lru_cache(_CHOICES_AT_HAND)(self._passages_of)

    @property
    def encoder(self) -> Encoder:
        """The encoder this generation was built with; its model is loaded at the first use."""
        return self._encoder()

    def is_removed(self) -> bool:
        """Whether its files were deleted under it, as pruning never does: a new index may count from 1 again."""
        return os.fstat(self._held).st_nlink == 0

    def passage(self, id: str) -> Passage:
        """Raises UsageError for an id that is not of this generation."""
        passage = catalog.passage(self._store, self.number, id)
        if passage is None:
            raise UsageError(f"no passage {id!r} in this index", "take its id from a search of the same index")
        return passage

    def sentences(self, passage: Passage) -> tuple[Sentence, ...]:
        """The sentences that `passage` holds whole."""
        every = self.article(passage.article).sentences
        return tuple(s for s in every if passage.start <= s.start and s.end <= passage.end)

    def articles(self) -> list[str]:
        """Every article's id, in order."""
        return list(catalog.members(self._store, self.number))

    def passages(self) -> list[Passage]:
        """Every passage, by article and place."""
        return catalog.passages(self._store, self.number)

    def close(self) -> None:
        """Lets go of the generation. Closing twice does nothing."""
        if self._held < 0:
            return
        self.engine.close()
        self._store.close()
        os.close(self._held)
        self._held = -1
        self._closed()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def _passages_of(self, articles: frozenset[str]) -> frozenset[str]:
        """The ids of the passages of `articles`, kept at hand; an article that is not of this generation has none."""
        return catalog.passage_ids(self._store, self.number, articles)

    def _article(self, id: str) -> Article:
        """The article `id`, kept at hand. Raises UsageError where this generation has none of that id."""
        article = catalog.article(self._store, self.number, id)
        if article is None:
            raise UsageError(f"no article {id!r} in this index", "see `qa articles` for the ids")
        return article
