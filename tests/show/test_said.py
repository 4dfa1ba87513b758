"""A conversation that a browser kept comes back with its quotes cut anew, or without them."""

from __future__ import annotations

import json

import pytest

from qa.errors import QAError, UsageError
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
