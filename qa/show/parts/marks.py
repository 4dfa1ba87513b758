"""The numbered places of an answer, which cards point at and the reading room highlights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from qa.errors import UsageError
from qa.records import Answer, Article, Quote, Span
from qa.show.words import other_places

Read = Callable[[str], Article]  # an article by its id; UsageError where there is none


@dataclass(frozen=True, slots=True)
class Mark:
    """Where quote `n` of an answer stands, in the version `sha256` of an article.

    `exact` is the exact answer as offsets into the article. `first` is False for another place that
    says the same; `closest` is True where the question was declined.
    """

    n: int
    article: str
    sha256: str
    start: int
    end: int
    exact: Span | None = None
    first: bool = True
    closest: bool = False


def marks_of(answer: Answer, read: Read) -> tuple[Mark, ...]:
    """Every place of `answer`: each quote followed by the other places it stands."""
    quotes = answer.quotes or answer.closest
    return tuple(m for n, quote in enumerate(quotes, 1) for m in _marks(n, quote, not answer.answered, read))


def _marks(n: int, quote: Quote, closest: bool, read: Read) -> Iterator[Mark]:
    exact = None
    if quote.highlight and not closest:
        exact = (quote.start + quote.highlight[0], quote.start + quote.highlight[1])
    yield Mark(n, quote.article, quote.article_sha256, quote.start, quote.end, exact, closest=closest)
    for place in other_places(quote):
        article = article_or_none(place.article, read)
        if article is not None and place.end <= len(article.text):
            yield Mark(n, place.article, article.sha256, place.start, place.end, first=False, closest=closest)


def article_or_none(article_id: str, read: Read) -> Article | None:
    """The article, or None where it has gone since it was quoted."""
    try:
        return read(article_id)
    except UsageError:
        return None
