"""What `qa chat` does behind its page: brings the index up to date, loads the models, lets questions wait for both,
and knows for everybody whether the server of the index answers."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from qa.answer.asking import Asking, Progress, silent
from qa.answer.assistant import Assistant
from qa.answer.read import Reader
from qa.answer.search import Found
from qa.commands.doors import ready, tell_changes
from qa.errors import IndexUnreachable
from qa.index.library import ArticleRow, Library
from qa.records import Answer, Article, RemovedLine
from qa.settings import MILVUS
from qa.show.terminal.progress import progress_bar
from qa.show.web.reach import Reach

if TYPE_CHECKING:
    from qa.show.web.readiness import Readiness, Say

LOADING = "loading the models"
_AT_HAND = 512  # articles that were read from a server and are shown on while it is away; one of news takes some 20 kB
_MOMENT = 2.0  # seconds for which one of them is as it is; to ask a server takes a request


class WatchedLibrary(Library):
    """Looks things up for a page: while the server of the index is known to be away nobody waits for it anew."""

    def __init__(self, *given: object, **named: object):
        super().__init__(*given, **named)
        self.reach = Reach(self.generation if self.settings.index.engine == MILVUS else None)

    def list(self) -> list[ArticleRow]:
        with self.reach.quickly():
            return super().list()

    def read(self, article_id: str) -> Article:
        with self.reach.quickly():
            return super().read(article_id)

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        with self.reach.quickly():
            return super().removed()

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...]:
        with self.reach.quickly():
            return super().removed_of(article_id)


class PatientAssistant(Assistant):
    """Asked before the models are there, it waits for them, and says so as the stage "wait"."""

    def __init__(self, library: WatchedLibrary, readiness: Readiness, reader: Reader | None = None):
        super().__init__(library, reader=reader)
        self._readiness, self._reach, self._at_hand = readiness, library.reach, _AtHand()

    def ask(self, question: str, history: Sequence[str] = (), asking: Asking = Asking(),
            progress: Progress = silent) -> Answer:
        self._readiness.wait(progress)
        with self._reach.trying():
            return super().ask(question, history, asking, progress)

    def search(self, query: str, limit: int = 10, articles: frozenset[str] | None = None) -> tuple[Found, ...]:
        self._readiness.wait()
        with self._reach.trying():
            return super().search(query, limit, articles)

    def article(self, id: str) -> Article:
        """From a server: as it was read a moment ago, since a conversation is drawn from the same few again and again,
        and as it was read last where that is away, so that what was quoted from it can be shown on."""
        if not self._reach.is_watched:
            return self._read(id)
        if (known := self._at_hand.get(id, _MOMENT)) is not None:
            return known
        if not self._reach.is_known():
            self._readiness.wait()
        try:
            with self._reach.quickly():
                article = self._read(id)
        except IndexUnreachable:
            if (known := self._at_hand.get(id)) is None:
                raise
            return known
        self._at_hand.keep(article)
        return article

    def _read(self, id: str) -> Article:
        # What is indexed can be read before anything can be asked.
        if not self._readiness.state().ready and self.library.generation() is None:
            self._readiness.wait()
        return super().article(id)


class _AtHand:
    """The articles that were read last, and when."""

    def __init__(self) -> None:
        self._articles: OrderedDict[str, tuple[float, Article]] = OrderedDict()
        self._changing = threading.Lock()

    def get(self, id: str, within: float = math.inf) -> Article | None:
        """The article, if it was read so many seconds ago at most."""
        when, article = self._articles.get(id, (0.0, None))
        return article if time.monotonic() - when < within else None

    def keep(self, article: Article) -> None:
        with self._changing:
            self._articles[article.id] = time.monotonic(), article
            self._articles.move_to_end(article.id)
            if len(self._articles) > _AT_HAND:
                self._articles.popitem(last=False)


def load(library: WatchedLibrary, warm: Callable[[], None], say: Say) -> None:
    """Builds the index where it is missing or behind its folder, and loads the models.

    Raises what `ready` and `warm` raise.
    """
    say("looking at the articles")
    with library.reach.trying():
        ready(library, lambda opened: _build(opened, say))
        say(LOADING)
        warm()


def _build(library: Library, say: Say) -> None:
    with progress_bar() as bar:

        def progress(stage: str, done: int, total: int) -> None:
            bar(stage, done, total)
            say(f"{stage} {done:,} of {total:,}")

        # A folder that held articles and is empty now is more likely a disk that is not there than a wish.
        changes = library.build(progress=progress, allow_empty=not library.holds_articles())
    tell_changes(changes)
