"""What may be chosen for one question, what is refused before anything is searched, and what comes of it."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest

from qa import Assistant, Library
from qa.answer.asking import Asking
from qa.errors import UsageError
from qa.records import Answer
from qa.settings import Answering, Settings

WHY = "Why did Iran strike Pakistan?"


def test_nothing_chosen_leaves_the_settings_as_they_are() -> None:
    for settings in (Answering(), Answering(quotes=2, threshold=0.9)):
        assert Asking().over(settings) == settings


def test_the_threshold_chosen_stands_in_for_that_of_the_settings() -> None:
    for threshold in (0, 0.0, 0.7, 1, 1.0):
        assert Asking(threshold=threshold).over(Answering(threshold=0.3)) == Answering(threshold=threshold)


def test_quotes_are_cut_from_no_fewer_than_the_settings_say() -> None:
    assert [Asking(quotes=n).over(Answering(quotes=5)).quotes for n in (1, 5, 6, 20)] == [5, 5, 6, 20]


@pytest.mark.parametrize(
    "chosen",
    [
        *({"quotes": bad} for bad in (0, -1, 21, 2.0, "3", True, math.nan)),
        *({"threshold": bad} for bad in (-0.01, 1.01, math.nan, math.inf, "0.5", True, 2)),
        *({"articles": bad} for bad in (frozenset(), "one", ["one"], {"one"}, frozenset({1}), frozenset({None}))),
        *({"resolved": bad} for bad in ("", " \n", 7, ["Why Iran?"])),
    ],
    ids=repr,
)
def test_what_cannot_be_chosen_is_refused_in_one_line_with_a_remedy(chosen: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refused:
        Asking(**chosen)
    assert refused.value.problem and refused.value.remedy and "\n" not in str(refused.value)


def test_it_stays_as_it_was_made() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Asking().quotes = 3  # type: ignore[misc]
    assert Asking(articles=frozenset({"a"})) == Asking(articles=frozenset({"a"})) and hash(Asking()) == hash(Asking())


def told(answer: Answer) -> Answer:
    """The answer without its times, which are never the same."""
    return dataclasses.replace(answer, seconds={})


def shown(answer: Answer) -> list[tuple]:
    return [(q.article, q.start, q.end, q.probability, q.also_in) for q in answer.quotes or answer.closest]


def test_with_nothing_chosen_it_is_answered_as_ever(assistant: Assistant) -> None:
    for question in (WHY, "Who is Imran Khan?", "What is the best recipe for sourdough bread?"):
        assert told(assistant.ask(question)) == told(assistant.ask(question, (), Asking()))


def test_the_threshold_says_whether_it_is_an_answer_and_nothing_else(assistant: Assistant) -> None:
    low, high = (assistant.ask(WHY, asking=Asking(threshold=t)) for t in (0.0, 1.0))
    assert low.answered and not high.answered and high.reason
    assert low.probability == high.probability == assistant.ask(WHY).probability
    enough = high.probability >= assistant.settings.answering.threshold
    assert high.reason.startswith("They may: the probability is 0.") is enough and "1.00 or more" in high.reason
    assert shown(low) == shown(high) and (low.hits, low.sentences) == (high.hits, high.sentences)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_fewer_quotes_are_the_first_of_more_of_an_answer_and_of_the_closest(
    assistant: Assistant, threshold: float
) -> None:
    every = assistant.ask(WHY, asking=Asking(threshold=threshold))
    assert len(shown(every)) > 2
    for n in (1, 2):
        fewer = assistant.ask(WHY, asking=Asking(quotes=n, threshold=threshold))
        assert shown(fewer) == shown(every)[:n]
        assert (fewer.probability, fewer.answered, fewer.reason) == (every.probability, every.answered, every.reason)


def test_more_quotes_than_the_settings_say_may_be_shown(library: Library) -> None:
    assistant = Assistant(library, Settings(answering=Answering(quotes=2)))
    assert len(shown(assistant.ask(WHY))) == 2 < len(shown(assistant.ask(WHY, asking=Asking(quotes=20))))


def test_only_the_chosen_articles_are_asked(assistant: Assistant, library: Library) -> None:
    for row in library.list():
        answer = assistant.ask(WHY, asking=Asking(articles=frozenset({row.id})))
        assert {hit.place.article for hit in answer.hits} == {row.id}
        assert len(answer.hits) == min(row.passages, 20), "not those of it that are left of the best of all"
        assert {q.article for q in (*answer.quotes, *answer.closest)} == {row.id}
        assert {place.article for q in answer.quotes for place in q.also_in} <= {row.id}


def test_a_hit_among_some_has_the_scores_that_it_has_among_all(assistant: Assistant, library: Library) -> None:
    everywhere = {hit.passage: hit for hit in assistant.ask(WHY).hits}
    both = 0
    for row in library.list():
        for hit in assistant.ask(WHY, asking=Asking(articles=frozenset({row.id}))).hits:
            if other := everywhere.get(hit.passage):
                both += 1
                assert (hit.dense_score, hit.lexical_score) == (other.dense_score, other.lexical_score)
    assert both == len(everywhere)


def test_choosing_every_article_is_choosing_none(assistant: Assistant, library: Library) -> None:
    every = frozenset(row.id for row in library.list())
    for articles in (every, every | {"long-gone"}):
        assert told(assistant.ask(WHY, asking=Asking(articles=articles))) == told(assistant.ask(WHY))


def test_chosen_articles_that_are_gone_are_passed_over_as_long_as_one_is_left(
    assistant: Assistant, library: Library
) -> None:
    id = library.list()[0].id
    alone, with_gone = (
        told(assistant.ask(WHY, asking=Asking(articles=frozenset({id, *gone})))) for gone in ([], ["gone", "g \ud800"])
    )
    assert with_gone == alone
    with pytest.raises(UsageError, match="'gone'"):
        assistant.ask(WHY, asking=Asking(articles=frozenset({"gone"})))
    with pytest.raises(UsageError) as refused:
        assistant.ask(WHY, asking=Asking(articles=frozenset({f"gone\n{n}" for n in range(500)})))
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 200
    assert assistant.ask(WHY).answered, "a refusal leaves nothing behind"


def test_an_article_of_one_sentence_may_be_asked_alone(tmp_path: Path, library: Library) -> None:
    (tmp_path / "note.txt").write_text("The lighthouse at Skerryvore was lit in 1844.\n")
    (tmp_path / "jam.txt").write_text("Marmalade is boiled from Seville oranges in January.\n")
    own = Library(tmp_path, tmp_path / "index", encoder=library.encoder)
    own.build()
    assistant = Assistant(own)
    note = assistant.ask("When was the lighthouse lit?", asking=Asking(articles=frozenset({"note"})))
    assert note.answered and len(note.hits) == 1 and "1844" in note.quotes[0].text
    jam = assistant.ask("When was the lighthouse lit?", asking=Asking(articles=frozenset({"jam"})))
    assert not jam.answered and [q.article for q in jam.closest] == ["jam"]
    assistant.close()


def test_a_question_is_read_as_it_is_said_to_be_and_keeps_the_words_that_were_typed(assistant: Assistant) -> None:
    history = ["Who is Jaish al-Adl?"]
    answer = assistant.ask("And how many were killed?", history, Asking(resolved="  Who is Imran Khan? "))
    alone = assistant.ask("Who is Imran Khan?")
    assert (answer.question, answer.resolved_question) == ("And how many were killed?", "Who is Imran Khan?")
    assert told(answer) == dataclasses.replace(told(alone), question=answer.question)


@pytest.mark.parametrize("resolved", ["?!", "x" * 100_000, "the of and", "Why?"])
def test_what_cannot_be_asked_cannot_be_what_a_question_is_read_as(assistant: Assistant, resolved: str) -> None:
    with pytest.raises(UsageError):
        assistant.ask("Who is Imran Khan?", asking=Asking(resolved=resolved))


def test_the_stages_are_told_as_they_begin(assistant: Assistant) -> None:
    stages: list[str] = []
    assistant.ask(WHY, progress=stages.append)
    assert stages == ["resolve", "search", "read"]
    with pytest.raises(UsageError):
        assistant.ask("?!", progress=stages.append)
    assert len(stages) == 3


class Stopped(Exception):
    """What somebody who stops a question raises."""


@pytest.mark.parametrize("at", ["resolve", "search", "read"])
def test_whoever_is_told_may_stop_it_and_the_index_is_let_go(tmp_path: Path, library: Library, at: str) -> None:
    (tmp_path / "note.txt").write_text("The lighthouse at Skerryvore was lit in 1844.\n")
    own = Library(tmp_path, tmp_path / "index", encoder=library.encoder)
    own.build()
    assistant, stages = Assistant(own), []

    def stop(stage: str) -> None:
        stages.append(stage)
        if stage == at:
            (tmp_path / "note.txt").write_text("Marmalade is boiled from Seville oranges.\n")
            own.build()
            raise Stopped

    with pytest.raises(Stopped):
        assistant.ask("When was the lighthouse lit?", progress=stop)
    assert stages[-1] == at and not assistant._users
    assert "Marmalade" in assistant.ask("What is boiled?").quotes[0].text
    assert [p.name for p in (tmp_path / "index" / "generations").iterdir()] == ["2"], "the old one was let go"
    assistant.close()
