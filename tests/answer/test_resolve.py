"""A follow-up borrows words of the questions before it; a question that stands by itself is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer.resolve import resolve

BEFORE = ["Who built the Forth Bridge?"]


@pytest.mark.parametrize(
    "question",
    [
        "When was it finished?",
        "Why?",
        "And in 1890?",
        "What about the painters?",
        "How many men did they lose there?",
        "who else?",
        "Why Fife?",
    ],
)
def test_a_follow_up_gets_the_telling_words_of_the_question_before(question: str) -> None:
    resolved = resolve(question, BEFORE)
    assert resolved.startswith(question) and "Forth Bridge" in resolved


@pytest.mark.parametrize(
    "question",
    [
        "When did the Tay Bridge fall?",
        "Is it true that the Tay Bridge fell in 1879?",
        "How long does it take to cross the Tay?",
        "What did John Fowler say about his design?",
        "Did the engineers claim that the Tay Bridge was safe?",
        "How many rivets are there in the Tay Bridge?",
        "What is Dundee?",
    ],
)
def test_a_question_that_stands_by_itself_is_left_alone(question: str) -> None:
    assert resolve(question, BEFORE) == question


def test_the_topic_is_carried_through_a_chain() -> None:
    assert "Forth" in resolve("And why?", [*BEFORE, "When was it finished?"])


def test_without_history_nothing_is_added() -> None:
    assert resolve("When was it finished?", []) == "When was it finished?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_every_word_of_a_resolved_question_was_asked(question: str, history: list[str]) -> None:
    resolved = resolve(question, history)
    assert resolved.startswith(question)
    asked = " ".join([question, *history])
    assert all(word in asked for word in resolved[len(question) :].strip(" ()").split())
