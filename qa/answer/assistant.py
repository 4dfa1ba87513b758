"""Question -> answer: the door that the page, the command line and the evaluation go through."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from qa.answer import decline
from qa.answer.asking import Asking, Progress, silent
from qa.answer.extractive import load_reader
from qa.answer.quotes import choose
from qa.answer.read import FusedReader, Reader, Reading
from qa.answer.rerank import finder
from qa.answer.resolve import resolve, telling_words
from qa.answer.search import Found, passages_of
from qa.errors import IndexMoved, UsageError
from qa.index.library import Library
from qa.index.snapshot import Snapshot
from qa.records import Answer, Article, Hit
from qa.settings import Search, Settings

Outcome = TypeVar("Outcome")

_REMEMBERED = 10  # earlier questions that a follow-up can lean on
_TRACED = 10  # sentences an answer keeps for the evaluation
_ATTEMPTS = 3
_MOST_FOUND = 100  # passages of a search; a person reads a page of them, and each engine offers as many


def _again_where_moved(method: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """`method`, done anew from the index as it is where what it was using was cleared away; three times in all."""

    @wraps(method)
    def persistent(self: Assistant, *arguments: Any, **named: Any) -> Outcome:
        for _ in range(_ATTEMPTS - 1):
            try:
                return method(self, *arguments, **named)
            except IndexMoved:
                self.close()  # the next attempt opens it as it is now
        return method(self, *arguments, **named)

    return persistent


class Assistant:
    """Answers from the library's current generation, and follows it to the next. Safe to share by threads."""

    def __init__(self, library: Library, settings: Settings | None = None, reader: Reader | None = None):
        self.library, self.settings = library, settings or library.settings
        named = self.settings.answering.reader
        self._reader = reader or (load_reader(named) if named else FusedReader(passages=self.settings.search.read))
        self._find = finder(self.settings.search)
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self._snapshot: Snapshot | None = None
        self._users: Counter[Snapshot] = Counter()  # questions being answered from each

    @_again_where_moved
    def ask(
        self, question: str, history: Sequence[str] = (), asking: Asking = Asking(), progress: Progress = silent
    ) -> Answer:
        """Quotes that answer `question`, or a declining. `history`: the earlier questions, oldest first.

        progress: told the stages "resolve", "search" and "read" as each begins; what it raises ends the question.
        Raises UsageError for a question that is empty or too long, or where none of the articles that are to be asked
        is there any more, and an IndexFault where the index cannot serve.
        """
        question = self._checked(question)
        clock = _Clock()
        progress("resolve")
        with self._current() as snapshot:
            asked = _Asked(question, self._resolved(question, history, asking), asking)
            clock.lap("resolve")
            progress("search")
            hits = self._hits(snapshot, asked.resolved, self.settings.search, asking.articles)
            clock.lap("search")
            progress("read")
            reading = self._reader.read(asked.resolved, hits, snapshot) if hits else Reading((), 0.0)
            return self._answer(asked, hits, reading, snapshot, clock)

    @_again_where_moved
    def search(self, query: str, limit: int = 10, articles: frozenset[str] | None = None) -> tuple[Found, ...]:
        """The passages that a question `query` would be looked for in, best first, as many as `limit` at most.

        limit: 1 to 100. articles: the ids of those to search; None: all. Nothing is read, so nothing is said of
        whether they answer. Raises as `ask` does.
        """
        if type(limit) is not int or not 1 <= limit <= _MOST_FOUND:
            raise UsageError(f"{limit!r} passages cannot be listed", f"give a whole number from 1 to {_MOST_FOUND}")
        query, articles = _telling(self._checked(query)), Asking(articles=articles).articles
        settings = self.settings.search
        with self._current() as snapshot:
            wanted = replace(settings, hits=limit, pool=max(settings.pool, limit))
            return tuple(Found.of(hit, snapshot) for hit in self._hits(snapshot, query, wanted, articles))

    @_again_where_moved
    def article(self, id: str) -> Article:
        """An article as it stands in the generation in use. Raises UsageError for an unknown id."""
        with self._current() as snapshot:
            return snapshot.article(id)

    def warm(self) -> None:
        """Loads the models and the index now rather than at the first question."""
        with self._current() as snapshot:
            question = "Is it warm?"
            self._reader.read(question, self._find(snapshot, question, self.settings.search)[:1], snapshot)

    def close(self) -> None:
        """Lets go of the index."""
        with self._lock:
            old, self._snapshot = self._snapshot, None
            idle = old is not None and not self._users[old]
        if idle:
            old.close()

    def _resolved(self, question: str, history: Sequence[str], asking: Asking) -> str:
        """What `question` is read as: what was asked for, or what it and the questions before it say."""
        if asking.resolved is not None:
            return _telling(self._checked(asking.resolved))
        return _telling(resolve(question, self._recent(history)))

    def _hits(
        self, snapshot: Snapshot, question: str, settings: Search, articles: frozenset[str] | None
    ) -> list[Hit]:
        """What is found in `articles`; nothing where there is none at all, whichever were chosen of those gone."""
        if not snapshot.engine.count():
            return []
        return self._find(snapshot, question, settings, passages_of(articles, snapshot))

    def _recent(self, history: Sequence[str]) -> list[str]:
        """The last questions of a long conversation, none of them longer than a question may be."""
        most = self.settings.answering.max_question_chars
        return [earlier[:most] for earlier in history[-_REMEMBERED:]]

    def _checked(self, question: str) -> str:
        question = question.strip()
        if not question:
            raise UsageError("the question is empty", "ask something in words")
        if not any(c.isalnum() for c in question):
            raise UsageError("the question has no words", "ask something in words")
        most = self.settings.answering.max_question_chars
        if len(question) > most:
            raise UsageError(f"the question has {len(question):,} characters", f"ask in at most {most:,}")
        return question.encode("utf-8", "replace").decode("utf-8")

    def _answer(
        self, asked: _Asked, hits: list[Hit], reading: Reading, snapshot: Snapshot, clock: _Clock
    ) -> Answer:
        settings = asked.how.over(self.settings.answering)
        quotes = choose(reading.sentences, snapshot, settings)[: asked.how.quotes]
        answered = bool(quotes) and reading.probability >= settings.threshold
        unsure = bool(quotes) and reading.probability >= self.settings.answering.threshold  # sure enough but for asking
        why = None if answered else (
            decline.not_sure_enough(reading.probability, settings.threshold) if unsure
            else decline.reason(asked.resolved, hits, snapshot, reading.probability))
        clock.lap("read")
        return Answer(
            question=asked.question,
            resolved_question=asked.resolved,
            answered=answered,
            probability=reading.probability,
            quotes=quotes if answered else (),
            closest=() if answered else tuple(replace(quote, highlight=None) for quote in quotes),
            reason=why,
            seconds=clock.seconds(),
            hits=tuple(hits),
            sentences=reading.sentences[:_TRACED],
        )

    @contextmanager
    def _current(self) -> Iterator[Snapshot]:
        """The current generation for the length of one question; an older one is closed with its last question."""
        snapshot = self._take()
        try:
            yield snapshot
        finally:
            self._let_go(snapshot)

    def _take(self) -> Snapshot:
        # Outside the lock: where the index is on a server, that may be away, and each question waits for it alone.
        old, number = None, self.library.generation()
        with self._opening:  # one opens it for all; who is done with a question need not wait for that
            opened = None if self._is_current(number) else self.library.open()
            with self._lock:
                if opened is not None:
                    old, self._snapshot = self._snapshot, opened
                snapshot = self._snapshot
                self._users[snapshot] += 1
                idle = old is not None and not self._users[old]
        if idle:
            old.close()  # outside the lock: it may clear away what was superseded, and nobody need wait for that
        return snapshot

    def _let_go(self, snapshot: Snapshot) -> None:
        with self._lock:
            self._users[snapshot] -= 1
            idle = not self._users[snapshot]
            if idle:
                del self._users[snapshot]
            superseded = snapshot is not self._snapshot
        if idle and superseded:
            snapshot.close()

    def _is_current(self, number: Hashable | None) -> bool:
        """Whether the snapshot at hand is of `number`, the state in use; it serves on where there is none any more."""
        if self._snapshot is None:
            return False
        return number is None or (number == self._snapshot.number and not self._snapshot.is_removed())


class _Asked(NamedTuple):
    """A question as it was typed, as it is read, and how it is to be answered."""

    question: str
    resolved: str
    how: Asking


def _telling(question: str) -> str:
    """`question`. Raises UsageError where no word of it could be looked for."""
    if not telling_words(question):
        raise UsageError("the question names nothing that could be looked for", "say what it is about")
    return question


class _Clock:
    """Wall seconds per stage."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._stages: dict[str, float] = {}

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self._stages[stage], self._last = now - self._last, now

    def seconds(self) -> dict[str, float]:
        return {**self._stages, "total": self._last - self._start}
