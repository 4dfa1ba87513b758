"""What is answered from: articles, passages and engine as they stood when the index was opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from functools import cached_property, lru_cache
from typing import Any, Protocol

from qa.errors import UsageError
from qa.index.embed import Encoder
from qa.index.engine import Engine
from qa.records import Article, Passage, Sentence

_ARTICLES_AT_HAND = 512  # articles kept as records; one of news takes some 20 kB
_CHOICES_AT_HAND = 4  # sets of articles whose passages are kept; a passage takes 0.1 kB and 1 µs to look up


class Records(Protocol):
    """The articles and passages of one state of the index. Safe under threads; raises an IndexFault where it cannot."""

    def article(self, id: str) -> Article | None:
        """The article `id`; None where there is none."""

    def passage(self, id: str) -> Passage | None:
        """The passage `id`; None where there is none."""

    def articles(self) -> list[str]:
        """Every article's id, in order."""

    def passages(self) -> list[Passage]:
        """Every passage, by article and place."""

    def passage_ids(self, articles: Iterable[str]) -> frozenset[str]:
        """The ids of the passages of `articles`; an article that is not here has none."""

    def close(self) -> None:
        """Lets go of what it holds; not used again."""


class Snapshot:
    """One state of the index, opened for answering. Safe to share by threads. Made by `Library.open`.

    number: tells it from every other state of the same index. manifest(): a dataclass of what it was built with.
    closed: called once, after engine and records were closed. is_removed: whether it was deleted under its readers.
    """

    def __init__(self, number: Hashable, manifest: Callable[[], Any], engine: Engine, records: Records,
                 encoder: Callable[[], Encoder], closed: Callable[[], None] = lambda: None,
                 is_removed: Callable[[], bool] = lambda: False):
        self.number, self.engine, self.is_removed, self._manifest = number, engine, is_removed, manifest
        self._records, self._encoder, self._closed, self._open = records, encoder, closed, True
        self.article = lru_cache(_ARTICLES_AT_HAND)(self._article)
        self.passages_of = lru_cache(_CHOICES_AT_HAND)(self._passages_of)

    @cached_property
    def manifest(self) -> Any:
        """What it was built with, and how many articles and passages it holds."""
        return self._manifest()

    @property
    def encoder(self) -> Encoder:
        """The encoder this state was built with; its model is loaded at the first use."""
        return self._encoder()

    def passage(self, id: str) -> Passage:
        """Raises UsageError for an id that is not of this state."""
        passage = self._records.passage(id)
        if passage is None:
            raise UsageError(f"no passage {id!r} in this index", "take its id from a search of the same index")
        return passage

    def sentences(self, passage: Passage) -> tuple[Sentence, ...]:
        """The sentences that `passage` holds whole."""
        every = self.article(passage.article).sentences
        return tuple(s for s in every if passage.start <= s.start and s.end <= passage.end)

    def articles(self) -> list[str]:
        """Every article's id, in order."""
        return self._records.articles()

    def passages(self) -> list[Passage]:
        """Every passage, by article and place."""
        return self._records.passages()

    def close(self) -> None:
        """Lets go of it. Closing twice does nothing."""
        if not self._open:
            return
        self._open = False
        self.engine.close()
        self._records.close()
        self._closed()

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def _passages_of(self, articles: frozenset[str]) -> Collection[str]:
        """The ids of the passages of `articles`, kept at hand; an article that is not of this state has none."""
        return self._records.passage_ids(articles)

    def _article(self, id: str) -> Article:
        """The article `id`, kept at hand. Raises UsageError where there is none of that id."""
        article = self._records.article(id)
        if article is None:
            raise UsageError(f"no article {id!r} in this index", "see `qa articles` for the ids")
        return article
