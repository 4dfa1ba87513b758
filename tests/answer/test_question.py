"""A question's kind is read from its own words, and so are the names it takes for granted."""

from __future__ import annotations

import pytest

from qa.answer.cues import cues, marked, offers
from qa.answer.question import Question, kinds, names


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many ships sank?", {"number"}),
        ("How long is the border?", {"number"}),
        ("Why did the mayor resign?", {"why"}),
        ("What led to the strike?", {"why"}),
        ("When did it open?", {"when"}),
        ("In what year was it built?", {"when"}),
        ("Where is the harbour?", {"where"}),
        ("Which city hosts it?", {"where"}),
        ("Who paid?", {"who"}),
        ("What did the bishop say?", {"said"}),
        ("How was it repaired?", {"how"}),
        ("Is the bridge open?", set()),
    ],
)
def test_kinds(question: str, kind: set[str]) -> None:
    assert kinds(question) == kind


def test_names_are_capitals_and_numbers_but_not_the_first_word() -> None:
    assert names("Did Mary Shelley live in Bath in 1816?") == ("mari", "shelley", "bath", "1816")
    assert names("Was it so? Perhaps Rome knew.") == ("rome",)


def test_a_sentence_offers_what_is_asked_for_only_beyond_the_question_itself() -> None:
    when = Question.of("When did the ferry to Oban sink?")
    assert offers(when, "The ferry sank on 3 May 1921.") == 1
    assert offers(when, "The ferry sank in heavy weather.") == 0
    again = Question.of("Who visited Oban in 1921?")
    assert offers(again, "Nobody visited Oban in 1921.") < offers(again, "The painter Joan Eardley visited Oban.")


@pytest.mark.parametrize(
    ("question", "words", "score", "is_marked"),
    [
        ("When did the ferry sink?", "3 May 1921", 2.0, True),
        ("When did the ferry sink?", "3 May 1921", -20.0, False),  # the reader does not believe in it
        ("What is known of it?", "The ferry sank on 3 May 1921 in a storm that nobody foresaw", 2.0, False),
        ("Why did the ferry sink?", "a storm", 2.0, False),  # a thing where a reason is asked
        ("Why did the ferry sink?", "a storm that nobody foresaw", 2.0, True),
        ("How did they cross?", "3 May 1921", 2.0, False),
        ("Who steered the ferry?", "The ferry", 2.0, False),  # the question said so itself
        ("Did the ferry sink?", "3 May 1921", 2.0, False),
    ],
)
def test_words_are_marked_that_answer_and_say_enough(question: str, words: str, score: float, is_marked: bool) -> None:
    sentence = "The ferry sank on 3 May 1921 in a storm that nobody foresaw."
    span = (sentence.index(words), sentence.index(words) + len(words))
    assert marked(Question.of(question), sentence, span, score) == (span if is_marked else None)
    assert marked(Question.of(question), sentence, None, score) is None


@pytest.mark.parametrize(
    ("found", "shown"),
    [("proxie", "proxies"), ("5", "5.3"), ("3 km", "5.3 km"), (" in 1921 ", "in 1921"), ("Luc", "Jean-Luc")],
)
def test_no_word_and_no_figure_is_marked_in_part(found: str, shown: str) -> None:
    sentence = "It was 5.3 km off that proxies landed in 1921 under Jean-Luc of Brest."
    start = sentence.index(found)
    span = marked(Question.of("What landed?"), sentence, (start, start + len(found)), 2.0)
    assert span and sentence[slice(*span)] == shown


def test_spans_of_cues_lie_inside_their_sentence() -> None:
    sentence = "On Jan. 16, £2.5 million and 900 people went to Panjgur by 3 p.m. last week."
    found = cues(sentence)
    assert {sentence[a:b] for a, b in found.numbers} >= {"£2.5 million", "900"}
    assert any(sentence[a:b].startswith("Jan. 16") for a, b in found.dates)
