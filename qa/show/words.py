"""The words that every rendering shares, so that terminal and page say the same of the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from qa.records import Article, Place, Quote

NOT_ANSWERED = "The articles do not answer this."
NOT_AN_ANSWER = "The closest sentences, which are not an answer"

# The calibrated scale of the IPCC (Mastrandrea et al. 2010, table 1): people read such words alike.
_SCALE = ((0.90, "very likely"), (0.66, "likely"), (0.33, "as likely as not"), (0.10, "unlikely"))


def likelihood(probability: float) -> str:
    """`probability` in words: 0.87 is "likely". Judged as it is shown, to two places."""
    return next((words for least, words in _SCALE if round(probability, 2) >= least), "very unlikely")


def sure(probability: float) -> str:
    """`probability` in words and number: "likely, 0.87". Never 0.00 or 1.00, which would claim certainty."""
    number = "under 0.01" if probability < 0.005 else "over 0.99" if probability > 0.995 else f"{probability:.2f}"
    return f"{likelihood(probability)}, {number}"


def chance(probability: float) -> str:
    """What an answer's own probability is of."""
    return f"Probability that the articles answer this: {sure(probability)}."


def chance_means(probability: float) -> str:
    """What an answer's own probability means, for whoever asks."""
    return (f"How probably the articles answer this question at all. Of a hundred questions given "
            f"{probability:.2f}, about {round(100 * probability)} should have an answer.")


def sure_means(probability: float) -> str:
    """What a quote's probability means, for whoever asks."""
    return (f"How probably this sentence answers the question. Of a hundred sentences given "
            f"{probability:.2f}, about {round(100 * probability)} should.")


def where(quote: Quote) -> str:
    """The place of a quote within its article: "paragraph 3, page 2"."""
    page = f", page {quote.page}" if quote.page is not None else ""
    return f"paragraph {quote.paragraph}{page}"


def citation(quote: Quote, article: Article | None) -> str:
    """What stands after a quote that is taken elsewhere: "Title, Source, 2024-01-18, paragraph 3"."""
    facts = (article.author, article.source, article.date) if article else ()
    return ", ".join(filter(None, (name_of(quote.title, quote.article), *facts, where(quote))))


def quoted(quote: Quote) -> str:
    """The words of `quote` in quotation marks that they do not end themselves, on one line."""
    words = " ".join(quote.text.split())
    return f"‘{words}’" if "“" in words or "”" in words else f"“{words}”"


def counted(number: int, noun: str) -> str:
    """ "1 article", "2 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_of(title: str | None, article_id: str) -> str:
    """What a person calls an article: its title, or the last part of its id."""
    return title or PurePosixPath(article_id).name


def summary(quotes: Sequence[Quote], seconds: float | None) -> str:
    """What stands under an answer: "3 quotes from 2 articles, in 0.12 s"."""
    articles = len({quote.article for quote in quotes})
    took = f", in {seconds:.2f} s" if seconds is not None else ""
    return f"{counted(len(quotes), 'quote')} from {counted(articles, 'article')}{took}"


def other_places(quote: Quote) -> tuple[Place, ...]:
    """The first other place of the same words in each article, in order."""
    first: dict[str, Place] = {}
    for place in quote.also_in:
        first.setdefault(place.article, place)
    return tuple(first.values())
