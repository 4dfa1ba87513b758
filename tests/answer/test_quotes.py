"""Near-identical sentences become one quote; two tolls, or a denial, stay two."""

from __future__ import annotations

from pathlib import Path

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
    """Every second sentence of the longest shipped article, quoted as if a reader gave them `probabilities`."""
    with library.open() as snapshot:
        article = max(map(snapshot.article, snapshot.articles()), key=lambda a: len(a.text))
        apart = [s for s in article.sentences if not s.heading][::2]
        sentences = [
            ReadSentence(Place(article.id, s.start, s.end), "p", p, p)
            for s, p in zip(apart, probabilities, strict=False)
        ]
        return choose(sentences, snapshot, Answering())


STORY = """The harbour

The pilot boat left at dawn. It came back with nine men. Nobody else was found. The search went on for a week.

The mayor thanked the crew. Nothing more was said.
"""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("story")
    (folder / "articles").mkdir()
    (folder / "articles" / "harbour.txt").write_text(STORY)
    library = Library(folder / "articles", folder / "index")
    library.build()
    return library


def quoted(story: Library, *read: tuple[str, float]) -> list[str]:
    """The quotes chosen where a reader gave these sentences these probabilities."""
    with story.open() as snapshot:
        article = snapshot.article("harbour")
        sentences = [
            ReadSentence(Place("harbour", at, at + len(text)), "p", p, p, highlight=(4, len(text) - 1))
            for text, p in read
            for at in [article.text.index(text)]
        ]
        return [q.text for q in choose(sentences, snapshot, Answering()) if _highlights(q)]


def _highlights(quote: Quote) -> bool:
    """Whether the words marked are still those that the reader marked."""
    start, end = quote.highlight
    return quote.text[max(0, start - 4) : end + 1] in {s.strip() for s in _SENTENCES}


_SENTENCES = [f"{s}." for s in STORY.replace("\n", " ").replace("The harbour  ", "").split(".")]


def test_two_neighbours_that_answer_as_probably_are_one_quote(story: Library) -> None:
    out, back, else_ = "The pilot boat left at dawn.", "It came back with nine men.", "Nobody else was found."
    assert quoted(story, (out, 0.8), (back, 0.7)) == [f"{out} {back}"]
    assert quoted(story, (back, 0.8), (out, 0.7)) == [f"{out} {back}"]
    assert quoted(story, (out, 0.8), (back, 0.3)) == [out, back], "the second hardly answers"
    assert quoted(story, (out, 0.8), (else_, 0.7)) == [out, else_], "there is a sentence between"
    assert quoted(story, (out, 0.8), (back, 0.7), (else_, 0.7)) == [f"{out} {back}", else_], "never three"
    assert quoted(story, (out, 0.05), (back, 0.05)) == [out, back], "neither is an answer"


def test_words_that_are_joined_already_are_not_shown_again(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "harbour.txt").write_text(STORY)
    (tmp_path / "articles" / "second.txt").write_text("Another\n\nIt came back with nine men. So they said here.\n")
    library = Library(tmp_path / "articles", tmp_path / "index")
    library.build()
    out, back = "The pilot boat left at dawn.", "It came back with nine men."

    def place(id: str, text: str, probability: float) -> ReadSentence:
        at = library.read(id).text.index(text)
        return ReadSentence(Place(id, at, at + len(text)), "p", probability, probability)

    with library.open() as snapshot:
        first, second = place("harbour", out, 0.8), place("harbour", back, 0.7)
        also = place("second", back, 0.65)
        joined = choose([first, second, also], snapshot, Answering())
        assert [(q.text, q.also_in) for q in joined] == [(f"{out} {back}", ())], "elsewhere stands but half of it"
        first, second = place("harbour", back, 0.8), place("harbour", out, 0.7)
        apart = choose([first, also, second], snapshot, Answering())
        assert [(q.text, len(q.also_in)) for q in apart] == [(back, 1), (out, 0)]


def test_sentences_of_two_paragraphs_are_not_joined(story: Library) -> None:
    one, other = "The search went on for a week.", "The mayor thanked the crew."
    assert quoted(story, (one, 0.8), (other, 0.8)) == [one, other]


def test_at_most_five_quotes_and_a_fourth_only_where_it_is_worth_reading(library: Library) -> None:
    assert len(read(library, [0.9] * 9)) == 5
    assert len(read(library, [0.9, 0.05, 0.04, 0.03, 0.02])) == 3
    assert len(read(library, [0.9, 0.5, 0.4, 0.3, 0.02])) == 4
    assert len(read(library, [0.9, 0.5, 0.001, 0.001])) == 2
    assert len(read(library, [0.001, 0.0005])) == 1


def test_a_quote_is_word_for_word_what_stands_there(library: Library) -> None:
    for quote in read(library, [0.9] * 5):
        assert library.read(quote.article).text[quote.start : quote.end] == quote.text
