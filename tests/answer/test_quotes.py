"""Near-identical sentences become one quote; two tolls, or a denial, stay two."""

from __future__ import annotations

import pytest

from qa import Library
from qa.answer.quotes import choose, same_statement
from qa.records import Place, Quote, ReadSentence
from qa.settings import Answering

SHARE = Answering().same_words
TOLL = "The storm killed 11 fishermen off the northern coast on Sunday, officials said."


@pytest.mark.parametrize(
    "other",
    [
        TOLL,
        "The storm killed 11 fishermen off the north coast on Sunday, officials said.",
        "On Sunday the storm killed 11 fishermen off the northern coast, officials say.",
    ],
)
def test_the_same_statement_in_nearly_the_same_words(other: str) -> None:
    assert same_statement(TOLL, other, SHARE)


@pytest.mark.parametrize(
    "other",
    [
        "The storm killed 12 fishermen off the northern coast on Sunday, officials said.",
        "The storm killed no fishermen off the northern coast on Sunday, officials said.",
        "The storm sank two trawlers and cut the power to the islands on Sunday.",
        "Officials said so.",
    ],
)
def test_another_number_a_denial_or_other_words_are_another_statement(other: str) -> None:
    assert not same_statement(TOLL, other, SHARE)


def read(library: Library, probabilities: list[float]) -> tuple[Quote, ...]:
    """The first sentences of the longest shipped article, quoted as if a reader gave them `probabilities`."""
    with library.open() as snapshot:
        article = max(map(snapshot.article, snapshot.articles()), key=lambda a: len(a.text))
        whole = [s for s in article.sentences if not s.heading]
        sentences = [
            ReadSentence(Place(article.id, s.start, s.end), "p", p, p)
            for s, p in zip(whole, probabilities, strict=False)
        ]
        return choose(sentences, snapshot, Answering())


def test_at_most_five_quotes_and_a_fourth_only_where_it_is_worth_reading(library: Library) -> None:
    assert len(read(library, [0.9] * 9)) == 5
    assert len(read(library, [0.9, 0.05, 0.04, 0.03, 0.02])) == 3
    assert len(read(library, [0.9, 0.5, 0.4, 0.3, 0.02])) == 4
    assert len(read(library, [0.9, 0.5, 0.001, 0.001])) == 2
    assert len(read(library, [0.001, 0.0005])) == 1


def test_a_quote_is_word_for_word_what_stands_there(library: Library) -> None:
    for quote in read(library, [0.9] * 5):
        assert library.read(quote.article).text[quote.start : quote.end] == quote.text
