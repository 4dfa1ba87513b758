"""A conversation that a browser kept comes back with its quotes cut anew, or without them."""

from __future__ import annotations

import json

import pytest

from qa.errors import QAError, UsageError
from qa.records import Answer, Place, Quote
from qa.show.parts.said import Turn, history_of, restored, turns_of
from tests.show.fixed import FixedAssistant, make_article, seeds

WHY = "Why did Iran strike Pakistan?"


def kept(articles) -> Turn:
    answer = FixedAssistant(articles).ask(WHY)
    turn = Turn(question=WHY).with_answer(answer)
    return turns_of(json.loads(json.dumps([turn.model_dump(mode="json")])))[0]


def test_what_was_kept_comes_back_as_it_was():
    articles = seeds()
    answer = FixedAssistant(articles).ask(WHY)
    again = restored(kept(articles).answer, FixedAssistant(articles).article)
    assert again.lost == ()
    assert [(q.article, q.start, q.text, q.highlight, q.also_in) for q in again.answer.quotes] == [
        (q.article, q.start, q.text, q.highlight, q.also_in) for q in answer.quotes]
    assert again.answer.resolved_question == answer.resolved_question


def test_quotes_follow_their_words_into_another_version_and_are_lost_with_them():
    articles = seeds()
    first = kept(articles).answer.quotes[0]
    moved = {id: make_article(id, "New words before.\n\n" + a.text, title=a.title) for id, a in articles.items()}
    again = restored(kept(articles).answer, FixedAssistant(moved).article)
    assert again.answer.quotes[0].text == first.text and again.answer.quotes[0].start == first.start + 19
    without = {id: a for id, a in articles.items() if id != first.article}
    partly = restored(kept(articles).answer, FixedAssistant(without).article)
    assert first.article in partly.lost and all(q.article != first.article for q in partly.answer.quotes)
    assert restored(kept(articles).answer, FixedAssistant({}).article).answer is None


def test_other_places_that_say_something_else_now_are_no_places_any_more():
    words = "The river rose by two metres."
    one, other = make_article("a", words), make_article("b", words)
    quote = Quote.cut(one, 0, len(words), probability=0.9, also_in=(Place("b", 0, len(words)),))
    answer = Answer("q", "q", True, 0.9, (quote,), (), None, {})
    turn = Turn(question="q").with_answer(answer)
    for text, left in ((other.text, 1), ("So " + words, 0), ("The dam was built by a firm. " + words, 0)):
        read = FixedAssistant({"a": one, "b": make_article("b", text)}).article
        assert len(restored(turn.answer, read).answer.quotes[0].also_in) == left, text


@pytest.mark.parametrize("sent", [
    None, 7, "turns", [7], [{}], [{"question": 7}], [{"question": "a", "answer": {"quotes": 1}}],
    [{"question": "a", "rated": {"1": "sideways"}}], [{"question": "q"}] * 501,
])
def test_what_is_no_conversation_is_refused_in_words(sent):
    with pytest.raises(UsageError, match="cannot be read; start a new chat"):
        turns_of(sent)


def test_only_what_was_answered_is_history_and_as_it_was_read():
    articles = seeds()
    answered = kept(articles)
    changed = answered.model_copy(update={"resolved": "What did Iran do?"})
    fault = Turn(question="x").with_fault(QAError("no", "try"))
    assert history_of([answered, fault, Turn(question="y", stopped=True), changed]) == [WHY, "What did Iran do?"]
