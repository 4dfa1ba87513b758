"""How one question is to be answered, where that is not as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from qa.errors import UsageError
from qa.settings import Answering

MOST_QUOTES = 20  # more is a list of passages, and `Assistant.search` gives that
Progress = Callable[[str], None]  # is told "resolve", "search" and "read" as each begins


def silent(stage: str) -> None:
    """Shows no progress."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is chosen for one question; None: as the settings say. Raises UsageError for what cannot be.

    quotes: the most that are shown, 1 to 20. threshold: of the probability, 0..1, from which it is an answer.
    articles: the ids of those that are asked. resolved: what the question is read as; then nothing is borrowed from
    the questions before.
    """

    quotes: int | None = None
    threshold: float | None = None
    articles: frozenset[str] | None = None
    resolved: str | None = None

    def __post_init__(self) -> None:
        if self.quotes is not None and not (type(self.quotes) is int and 1 <= self.quotes <= MOST_QUOTES):
            raise UsageError(f"{self.quotes!r} quotes cannot be shown", f"give a whole number from 1 to {MOST_QUOTES}")
        # A NaN is within no bounds; True is an int and no threshold.
        if self.threshold is not None and not (type(self.threshold) in (int, float) and 0 <= self.threshold <= 1):
            raise UsageError(f"the threshold is {self.threshold!r}", "give a number from 0 to 1")
        if self.articles is not None:
            _check_articles(self.articles)
        if self.resolved is not None and not (type(self.resolved) is str and self.resolved.strip()):
            raise UsageError("what the question is to be read as is empty", "write it in words, or leave it out")

    def over(self, settings: Answering) -> Answering:
        """`settings` with what is chosen here.

        Never fewer quotes than they say: what is shown is cut from the same quotes, so that fewer are the first of
        more, each with all the places that say the same.
        """
        threshold = settings.threshold if self.threshold is None else self.threshold
        return replace(settings, threshold=threshold, quotes=max(settings.quotes, self.quotes or 0))


def _check_articles(ids: frozenset[str]) -> None:
    if not isinstance(ids, frozenset) or not all(type(id) is str for id in ids):
        raise UsageError("the articles to ask are not a set of ids", "give ids as `qa articles` lists them")
    if not ids:
        raise UsageError("no article is chosen", "choose at least one to ask")
