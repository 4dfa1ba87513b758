"""A follow-up borrows words of the questions before it; a question that stands by itself is left alone."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answer.follow import CUES, FILE, TRAITS, Turn, default_follower, from_tables, load
from qa.answer.leaning import SIGNS, points, signs
from qa.answer.resolve import resolve
from qa.errors import IndexDamaged

BEFORE = ["Who built the Forth Bridge?"]
BUILDER = ["Who was Isambard Brunel?"]


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
        "What happened there?",
        "Who objected to this plan?",
        "Did anyone do that before the war?",
    ],
)
def test_a_follow_up_gets_the_name_of_what_the_question_before_was_about(question: str) -> None:
    resolved = resolve(question, BEFORE)
    assert resolved.startswith(f"{question} (") and "Forth Bridge" in resolved


@pytest.mark.parametrize("question", ["What did he think of the railways?", "where was he born", "And his father?"])
def test_a_he_gets_the_person_by_the_whole_name(question: str) -> None:
    assert "Isambard Brunel" in resolve(question, BUILDER)


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
        "what is a caisson",
        "Which firm that made girders went bankrupt?",
        "Who painted the Laughing Cavalier?",
        "Is it hard to become an engineer?",
        "Why do bridges sway when their cables are too short?",
        "Did Thomas Bouch know that his bridge was weak?",
        "What is the weather like in Scotland these days?",
    ],
)
def test_a_question_that_stands_by_itself_is_left_alone(question: str) -> None:
    assert resolve(question, BEFORE) == question


@pytest.mark.parametrize("question", ["Why not?", "And the Danes?", "but why", "By whom?"])
def test_the_rest_of_a_question_borrows_the_whole_question_before(question: str) -> None:
    assert resolve(question, ["Did the Swedes keep their old currency?"]).endswith("(Swedes keep old currency)")


@pytest.mark.parametrize("between", [["Why?"], ["Really?"], ["Is that so?", "Oh, thanks!"], ["Preposterous!", "How?"]])
@pytest.mark.parametrize(
    ("asked", "words"),
    [("What is the Danish strait?", "Danish strait"),
     ("Which retired military man is quoted?", "retired military man quoted")],
)
def test_the_rest_of_a_question_borrows_the_last_whole_question(asked: str, words: str, between: list[str]) -> None:
    assert resolve("How?", [asked, *between]) == f"How? ({words})"


def test_what_was_put_in_the_place_of_the_subject_is_borrowed_with_the_question() -> None:
    history = ["Did the sailors keep their old ship?", "what about soldiers?", "Really?"]
    assert resolve("Why?", history) == "Why? (sailors keep old ship soldiers)"
    assert resolve("Why?", ["Denmark?", "Really?"]) == "Why? (Denmark)"


def test_a_whole_question_does_not_borrow_the_verb_of_the_one_before() -> None:
    resolved = resolve("Where did he live?", ["When did Isambard Brunel quarrel with the directors?"])
    assert "Brunel" in resolved and "quarrel" not in resolved


def test_the_topic_is_carried_through_a_chain() -> None:
    chain = [*BUILDER, "Where was he born?", "What did he study?", "Did he marry?"]
    assert "Brunel" in resolve("When did he die?", chain)


def test_a_change_of_subject_is_followed() -> None:
    """What was talked about before the last name is over."""
    resolved = resolve("Where was he born?", [*BUILDER, "When did he die?", "Who was Thomas Telford?"])
    assert "Telford" in resolved and "Brunel" not in resolved


def test_a_name_is_shown_as_a_name_even_where_it_was_typed_in_a_hurry_since() -> None:
    history = ["What did Isambard Brunel build?", "was brunel an engineer?"]
    assert "Isambard Brunel" in resolve("When did he die?", history)


def test_no_word_is_added_that_the_question_has() -> None:
    assert resolve("Was he the Brunel who built it?", BUILDER).count("Brunel") == 1
    assert "Bridge" not in resolve("And when did that bridge open?", BEFORE).partition("(")[2]


@pytest.mark.parametrize("history", [[], [""], ["?"], ["and then?"]])
def test_where_nothing_was_said_nothing_is_added(history: list[str]) -> None:
    assert resolve("When was it finished?", history) == "When was it finished?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=3))
def test_every_word_of_a_resolved_question_was_asked(question: str, history: list[str]) -> None:
    resolved = resolve(question, history)
    assert resolved.startswith(question)
    asked = " ".join([question, *history])
    assert all(word in asked for word in resolved[len(question) :].strip(" ()").split())


_SAID = ["Who was Ada Lovelace?", "And Babbage?", "Why?", "Was it built in 1837?"]


@given(st.lists(st.sampled_from(_SAID), max_size=4, unique=True))
def test_added_words_are_words_of_the_history_in_their_order(history: list[str]) -> None:
    added = resolve("What did he do?", history).partition("(")[2].rstrip(")").split()
    said = [word.rstrip("?") for question in history for word in question.split()]
    assert sorted(added, key=said.index) == added and len(set(added)) == len(added)


def test_ten_earlier_questions_cost_a_few_milliseconds() -> None:
    history = [f"Who was blamed in {1870 + n} for the fall of the great bridge over the Tay?" for n in range(10)]
    resolve("Why?", history)
    started = time.perf_counter()
    for _ in range(20):
        resolve("When did he build it?", history)
    assert (time.perf_counter() - started) / 20 < 0.02  # measured 0.001; a busy machine is no failure


def test_answers_can_be_remembered_too() -> None:
    """The cues know who said a word: one that only an answer holds is told from one that was asked."""
    asked = [Turn("Who built the bridge?"), Turn("It was the work of Brunel.", answer=True)]
    words, rows = default_follower().candidates("When did he die?", asked)
    cues = {word.text: dict(zip(CUES, row, strict=True)) for word, row in zip(words, rows, strict=True)}
    assert cues["Brunel"]["name_answer"] and cues["Brunel"]["last_answer"] and not cues["Brunel"]["last"]
    assert cues["built"]["last"] and not cues["built"]["answer"]


def cues(*questions: str) -> dict[str, dict[str, float]]:
    """The cues of each word of earlier `questions`, for a question that shares none."""
    words, rows = default_follower().candidates("And why?", [Turn(question) for question in questions])
    return {word.text: dict(zip(CUES, row, strict=True)) for word, row in zip(words, rows, strict=True)}


def test_the_last_question_is_told_from_those_before_it() -> None:
    found = cues("Where is the Tay Bridge?", "Was it painted?", "Was it repaired?")
    assert found["repaired"]["last"] and not found["painted"]["last"] and not found["Tay"]["last"]
    assert found["repaired"]["distance"] < found["painted"]["distance"] < found["Tay"]["distance"]


def test_what_is_talked_about_is_what_the_last_question_with_a_name_said_or_the_first_question() -> None:
    assert cues("where is the bridge?", "was it painted?")["bridge"]["opener"]
    found = cues("Where is the Tay Bridge?", "Where is the Forth Bridge?", "Was it painted?")
    assert found["Forth"]["opener"] and not found["Tay"]["opener"] and found["Tay"]["stale"]


@pytest.mark.parametrize(
    ("question", "sign"),
    [
        ("Which bridge did it replace?", "thing_free"),
        ("Did the bridge sway before it fell?", "thing_after_word"),
        ("Did the Tay Bridge sway before it fell?", "thing_after_name"),
        ("Who crosses this bridge?", "pointing_noun_after_word"),
    ],
)
def test_what_stands_before_the_word_that_points_is_seen(question: str, sign: str) -> None:
    found = {name for name, value in zip(SIGNS, signs(question), strict=True) if value}
    assert {name for name in found if name.startswith(("thing", "pointing"))} == {sign}


def test_these_days_point_at_nothing() -> None:
    assert not points(signs("What do engineers earn these days?"))


def test_the_shipped_weights_name_every_number_and_are_of_this_version() -> None:
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    assert list(stored["leaning"]) == list(SIGNS)
    assert all(cue in CUES and set(row) == set(TRAITS) for cue, row in stored["choosing"].items())
    assert default_follower().borrowed("When was it finished?", [Turn(BEFORE[0])])


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"format": 2, "leaning": {}, "choosing": {}, "ordinary": []}',
        '{"format": 1, "leaning": {"gut": 1}, "choosing": {}, "ordinary": []}',
    ],
)
def test_weights_of_another_version_are_refused_with_what_to_do(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "resolver.json"
    path.write_text(damage, encoding="utf-8")
    with pytest.raises(IndexDamaged, match="install cited-qa again"):
        load(path)


def test_without_a_sign_no_weight_makes_a_question_lean() -> None:
    eager = from_tables({"any": 100.0}, {"word": {"any": 100.0}}, [])
    assert eager.borrowed("When did the Tay Bridge fall?", [Turn(BEFORE[0])]) == []
    assert eager.borrowed("When did it fall?", [Turn(BEFORE[0])]) == ["built", "Forth", "Bridge"]
