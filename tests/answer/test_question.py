"""A question's kind is read from its own words, and so are the names it takes for granted."""

from __future__ import annotations

import pytest

from qa.answer.cues import cues, exact, offers
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
    ("question", "sentence", "words"),
    [
        ("When did the ferry sink?", "The ferry sank on 3 May 1921 off the coast.", "3 May 1921"),
        ("How many people drowned?", "In 1921, 47 people drowned.", "47"),
        ("How many people drowned?", "Some 40 of 120 people drowned.", None),
        ("When did the ferry sink?", "The ferry sank between 1920 and 1921.", None),
        ("Who steered it?", "In 1921 Ian steered it.", None),
    ],
)
def test_the_exact_answer_is_marked_only_where_there_is_one(question: str, sentence: str, words: str | None) -> None:
    span = exact(Question.of(question), sentence)
    assert (sentence[slice(*span)] if span else None) == words


def test_spans_of_cues_lie_inside_their_sentence() -> None:
    sentence = "On Jan. 16, £2.5 million and 900 people went to Panjgur by 3 p.m. last week."
    found = cues(sentence)
    assert {sentence[a:b] for a, b in found.numbers} >= {"£2.5 million", "900"}
    assert any(sentence[a:b].startswith("Jan. 16") for a, b in found.dates)
