"""What a person is promised of an answer, over the shipped articles with the real encoder and engines."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from qa import Assistant, Library
from qa.answer.asking import Asking
from qa.errors import IndexMissing, UsageError
from qa.settings import Answering, Settings
from tests.conftest import ROOT


def test_a_question_is_answered_with_the_sentence_that_says_it(assistant: Assistant) -> None:
    answer = assistant.ask("How many police officers did Jaish al-Adl kill?")
    assert answer.answered and "killing 11 officers" in answer.quotes[0].text


def test_a_question_of_something_else_is_declined_and_says_why(assistant: Assistant) -> None:
    answer = assistant.ask("What is the best recipe for sourdough bread?")
    assert not answer.answered and not answer.quotes and answer.reason == "Nothing in the articles is about this."


def test_a_name_that_no_article_has_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("What did Angela Merkel say about baking?")
    assert not answer.answered and answer.reason == "No article mentions “Angela Merkel”."


def test_the_probability_does_not_depend_on_the_threshold(library: Library) -> None:
    question = "Why did Iran strike Pakistan?"
    answers = [Assistant(library, Settings(answering=Answering(threshold=t))).ask(question) for t in (0.0, 1.0)]
    assert [a.answered for a in answers] == [True, False]
    assert answers[0].probability == answers[1].probability
    places = [[(q.article, q.start, q.end, q.probability) for q in shown]
              for shown in (answers[0].quotes, answers[1].closest)]
    assert places[0] == places[1]
    assert any(q.highlight for q in answers[0].quotes)
    assert not any(q.highlight for q in answers[1].closest), "what is not an answer has no exact answer in it"


def test_the_same_statement_in_two_articles_is_one_quote_with_both_places(assistant: Assistant) -> None:
    quotes = assistant.ask("What did Pakistan say it reserves the right to do?").quotes
    saying = [q for q in quotes if "reserves the right to respond" in q.text]
    assert len(saying) == 1
    assert {saying[0].article[:3], *(p.article[:3] for p in saying[0].also_in)} == {"000", "001"}


def test_a_follow_up_is_read_with_the_question_before(assistant: Assistant) -> None:
    answer = assistant.ask("When was it set up?", ["Who is Jaish al-Adl?"])
    assert "Jaish" in answer.resolved_question
    assert any("Jaish" in q.text for q in (*answer.quotes, *answer.closest)[:3])
    alone = assistant.ask("When was it set up?")
    assert not any("Jaish" in q.text for q in (*alone.quotes, *alone.closest)[:3])


@pytest.mark.parametrize("question", ["", "   ", "?!", "\n\t", "x" * 100_000, "the of and", "Why?"])
def test_what_cannot_be_asked_is_refused_in_one_line(assistant: Assistant, question: str) -> None:
    with pytest.raises(UsageError) as refused:
        assistant.ask(question)
    assert "\n" not in str(refused.value)


def test_the_stages_are_timed(assistant: Assistant) -> None:
    seconds = assistant.ask("Who is Imran Khan?").seconds
    assert set(seconds) == {"resolve", "search", "read", "total"}
    assert seconds["total"] == pytest.approx(seconds["resolve"] + seconds["search"] + seconds["read"])


def test_many_people_may_ask_at_once(assistant: Assistant) -> None:
    alone = assistant.ask("Who was executed in 2010?").quotes
    found: list[tuple] = []
    people = [
        threading.Thread(target=lambda: found.append(assistant.ask("Who was executed in 2010?").quotes))
        for _ in range(4)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert found == [alone] * 4


def test_without_an_index_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="qa index"):
        Assistant(Library(ROOT / "seeds", tmp_path / "none")).ask("Anything there?")


@pytest.fixture
def bare(tmp_path: Path, library: Library) -> Library:
    """A library over a folder without any article."""
    (tmp_path / "articles").mkdir()
    own = Library(tmp_path / "articles", tmp_path / "index", encoder=library.encoder)
    own.build(allow_empty=True)
    return own


def test_without_an_article_every_question_is_declined_with_that_reason(bare: Library) -> None:
    assistant = Assistant(bare)
    assistant.warm()
    for asking in (Asking(), Asking(articles=frozenset({"gone"}), threshold=0.0, quotes=3)):
        answer = assistant.ask("What did Angela Merkel say?", asking=asking)
        assert not answer.answered and answer.reason == "There are no articles to ask yet."
        assert answer.probability == 0 and answer.closest == answer.hits == answer.sentences == ()
    assert assistant.search("Angela Merkel") == assistant.search("Merkel", 3, frozenset({"gone"})) == ()
    for question in ("", "the of and"):
        with pytest.raises(UsageError):
            assistant.ask(question)
    assistant.close()


def test_the_first_article_is_answered_from_and_the_last_one_that_goes_leaves_none(bare: Library) -> None:
    assistant, note = Assistant(bare), bare.articles / "note.txt"
    question = "When was the lighthouse lit?"
    assert assistant.ask(question).reason == "There are no articles to ask yet."
    note.write_text("The lighthouse at Skerryvore was lit in 1844 by Alan Stevenson.\n")
    bare.build(allow_empty=True)
    assert assistant.ask(question).answered and len(assistant.search(question)) == 1
    note.unlink()
    bare.build(allow_empty=True)
    assert assistant.ask(question).reason == "There are no articles to ask yet." and assistant.search(question) == ()
    assistant.close()


def lighthouse(folder: Path, library: Library) -> tuple[Library, Path]:
    """A library of its own with one article, and the file of that."""
    (folder / "articles").mkdir()
    note = folder / "articles" / "note.txt"
    note.write_text("The lighthouse at Skerryvore was lit in 1844 by Alan Stevenson.\n")
    own = Library(folder / "articles", folder / "index", encoder=library.encoder)
    own.build()
    return own, note


def test_an_index_made_anew_under_the_same_number_is_followed_too(tmp_path: Path, library: Library) -> None:
    own, note = lighthouse(tmp_path, library)
    assistant = Assistant(own)
    assert "Skerryvore" in assistant.article("note").text
    shutil.rmtree(own.index)
    assert "Skerryvore" in assistant.article("note").text  # nothing has replaced it
    note.write_text("Marmalade is boiled from Seville oranges in January.\n")
    own.build()
    assert own.generation() == 1 and "Marmalade" in assistant.article("note").text
    assistant.close()


def test_a_generation_is_let_go_with_its_last_question_and_not_before(tmp_path: Path, library: Library) -> None:
    own, note = lighthouse(tmp_path, library)
    assistant = Assistant(own)
    generations = own.index / "generations"
    with assistant._current() as asked:
        note.write_text("Marmalade is boiled from Seville oranges in January.\n")
        own.build()
        assert "Marmalade" in assistant.article("note").text and "Skerryvore" in asked.article("note").text
        assert sorted(p.name for p in generations.iterdir()) == ["1", "2"]
    assert [p.name for p in generations.iterdir()] == ["2"]
    assistant.close()
    assert "Marmalade" in assistant.article("note").text  # opened again
    assistant.close()


def test_an_assistant_follows_the_library_to_new_articles(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "one.txt").write_text("The lighthouse at Skerryvore was lit in 1844 by Alan Stevenson.\n")
    library = Library(articles, tmp_path / "index")
    library.build()
    assistant = Assistant(library)
    assert assistant.ask("When was the lighthouse lit?").hits[0].place.article == "one"
    (articles / "two.txt").write_text("Marmalade is boiled from Seville oranges in January.\n")
    library.build()
    assert assistant.ask("What is marmalade boiled from?").hits[0].place.article == "two"
    assistant.close()
