"""The fit of follow-ups finds what was planted, whole conversations are held, and what is measured is what is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from qa.answer.follow import CUES, TRAITS, Follower, Turn, load
from qa.answer.leaning import leans
from qa.errors import DatasetError
from qa.train.resolver import canard, fit, measure, rule
from qa.train.resolver.canard import Asked, content

TITLES = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Emmy Noether", "Carl Gauss", "Paul Dirac", "Lise Meitner",
          "Niels Bohr", "Max Born", "Kurt Weill"]  # fmt: skip
ALONE = {
    "a": ["Who wrote the first program?", "Where is the town of Ulm?", "Why do cats purr so loudly at night?"] * 5,
    "b": ["How many moons circle Saturn?", "What is a sonnet?", "Who said that it was his mother who wrote it?"] * 5,
}


def rows(title: str) -> list[dict]:
    """A conversation of two questions, of which the first stands by itself and the second leans on the title."""
    said = [title, "Early life", f"Where was {title} born?", "In a small town near Vienna."]
    return [
        {"History": said[:2], "QuAC_dialog_id": f"C_{title}", "Question_no": 1,
         "Question": said[2], "Rewrite": f"where was {title} born"},
        {"History": said, "QuAC_dialog_id": f"C_{title}", "Question_no": 2,
         "Question": "When did she leave?", "Rewrite": f"When did {title} leave Vienna?"},
    ]  # fmt: skip


@pytest.fixture
def conversations(tmp_path: Path) -> Path:
    path = tmp_path / "canard.json"
    path.write_text(json.dumps([row for title in TITLES for row in rows(title)]), encoding="utf-8")
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for source in (*fit.SOURCES, "fairytale"):
            for question in ALONE["a"] + ALONE["b"]:
                file.write(json.dumps({"source": source, "question": f"{question} {source}"}) + "\n")
    return path


def test_a_row_is_read_as_what_was_said_and_what_is_missing(conversations: Path) -> None:
    first, second = canard.read(conversations)[:2]
    assert first.turns == (Turn("What about Ada Lovelace, early life?"),)
    assert first.alone and not first.missing  # the rewrite differs in its letters' case and in a mark only
    assert not second.alone and second.missing == {"ada", "lovelac", "vienna"}
    assert [turn.answer for turn in second.turns] == [False, False, True]
    assert [turn.text for turn in second.without_answers()][1:] == ["Where was Ada Lovelace born?"]


@pytest.mark.parametrize("text", ["{", "{}", '[{"Question": "Who?"}]', "[3]"])
def test_another_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match="CANARD"):
        canard.read(tmp_path / "other.json")


def test_no_title_is_both_fitted_on_and_held(conversations: Path) -> None:
    asked = canard.read(conversations)
    fitted, held = canard.split(asked, 7)
    assert fitted and held and len(fitted) + len(held) == len(asked)
    assert not {a.title for a in fitted} & {a.title for a in held}
    assert canard.split(asked, 7) == (fitted, held) and canard.split(asked, 8) != (fitted, held)


def test_another_subject_is_talked_about_before(conversations: Path) -> None:
    asked = canard.read(conversations)
    changed = list(canard.after_another(asked, 1))
    assert changed
    for a in changed:
        assert a.title not in a.turns[0].text and any(a.title in turn.text for turn in a.turns)


def test_the_fit_finds_who_is_meant(conversations: Path) -> None:
    follower = fit.fit(canard.read(conversations), ALONE, 1)
    said = [Turn("What about Rosa Luxemburg, exile?"), Turn("Where was Rosa Luxemburg born?")]
    assert follower.borrowed("When did she leave?", said) == ["Rosa", "Luxemburg"]
    assert follower.borrowed("When did Rosa Luxemburg leave?", said) == []


def test_a_word_is_borrowed_even_where_it_is_right_two_times_in_five() -> None:
    """Recall is dearer than precision: a word too many costs a search little."""
    sample = [
        Asked(f"d{n}", f"t{n}", "Was it good?", (Turn("Who painted Guernica?"),),
              frozenset({"guernica"} if n % 5 < 2 else {"elsewhere"}), False)
        for n in range(40)
    ]  # fmt: skip
    follower = fit.fit_choosing(sample, Follower({"any": 1.0}, np.zeros((len(CUES), len(TRAITS))), frozenset()))
    assert follower.borrowed("Was it good?", [Turn("Who painted Ophelia?")]) == ["Ophelia"]


def test_of_no_source_are_more_questions_taken_for_follow_ups_than_may_be() -> None:
    """Half of source b points back; were the cut set on all questions together, twice as many would be touched."""
    leaning = ["When did she leave?", "Was it good?", "What did they do?"] * 20
    alone = {
        "a": [f"Where is the town number {n}?" for n in range(100)],
        "b": [f"Where did he go in {n}?" if n % 2 else f"Which town lies near Ulm, {n}?" for n in range(100)],
    }
    weights = fit.fit_leaning(leaning, alone)
    for questions in alone.values():
        assert np.mean([leans(question, weights) for question in questions]) <= fit._TOUCHED
    assert leans("When did she leave?", weights)


def test_ordinary_terms_are_those_of_every_source() -> None:
    common = fit.ordinary({"a": ["Who wrote Emma?", "Who wrote Ivanhoe?"], "b": ["who wrote yesterday", "name a song"]})
    assert "wrote" in common and not common & {"emma", "ivanho", "song"}


@pytest.mark.parametrize(("beta", "value"), [(1.0, 2 * 2 / (3 + 4)), (2.0, 5 * 2 / (4 * 3 + 4))])
def test_f_beta_is_the_written_out_fraction(beta: float, value: float) -> None:
    right, chosen = np.asarray([1, 1, 1, 0, 0, 0], bool), np.asarray([1, 1, 0, 1, 1, 0], bool)
    assert fit.f_beta(right, chosen, beta) == pytest.approx(value)


def test_questions_that_stand_alone_are_of_the_named_sources_and_each_once(questions: Path) -> None:
    alone = fit.standing_alone(questions, 1)
    assert set(alone) == set(fit.SOURCES)
    assert all(len(found) == len(set(found)) == 6 for found in alone.values())


@pytest.mark.parametrize(
    ("row", "why"),
    [({"question": "Who?"}, "questions.jsonl.gz:1 .*lacks source"), ({"source": "qed"}, ":1 .*lacks question"),
     ([], ":1 .*lacks source, question"), ({"source": "fairytale", "question": "Who?"}, "no question of squad1, qed")],
)
def test_questions_of_another_kind_are_refused(row: object, why: str, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    with pytest.raises(DatasetError, match=why):
        fit.standing_alone(path, 1)


def test_weights_survive_being_written(conversations: Path, tmp_path: Path) -> None:
    follower = fit.fit(canard.read(conversations), ALONE, 1)
    fit.save(follower, tmp_path / "resolver.json", {"seed": 1})
    again = load(tmp_path / "resolver.json")
    assert again.leaning == pytest.approx(follower.leaning, abs=1e-3) and again.ordinary == follower.ordinary
    assert np.allclose(again.choosing, follower.choosing, atol=1e-3)


def asked(question: str, missing: set[str], alone: bool = False, dialog: str = "d") -> Asked:
    return Asked(dialog, "t", question, (Turn("Who was Ada?"), Turn("A countess.", True)), frozenset(missing), alone)


def test_the_measures_are_the_written_out_fractions() -> None:
    """Two leaning questions, one of them touched with one right word of two; two alone, one touched."""
    added = {"When?": ["Ada", "bridge"], "Who is Bo?": ["Ada"]}
    told: list[list[str]] = []

    def way(question: str, turns: list[Turn]) -> list[str]:
        told.append([turn.text for turn in turns])
        return added.get(question, [])

    sample = [asked("When?", {"ada", "london"}), asked("Why?", {"ada"}), asked("Who is Bo?", set(), True),
              asked("Who is Al?", set(), True)]  # fmt: skip
    figures = {name: figure.value for name, figure in measure.measure(way, sample, answers=False).items()}
    assert figures == pytest.approx({"precision": 1 / 3, "recall": 1 / 3, "f1": 1 / 3,
                                     "touched_leaning": 1 / 2, "touched_alone": 1 / 2})  # fmt: skip
    assert told[0] == ["Who was Ada?"]
    measure.measure(way, sample[:1], answers=True)
    assert told[-1] == ["Who was Ada?", "A countess."]


def test_whole_conversations_are_drawn() -> None:
    """One conversation of many questions, all right, and one of as many, all wrong: little is known."""
    sample = [asked("When?", {"ada"}, dialog="right") for _ in range(50)]
    sample += [asked("Why?", {"ada"}, dialog="wrong") for _ in range(50)]
    recall = measure.measure(lambda q, _: ["Ada"] if q == "When?" else [], sample, False)["recall"]
    assert (recall.value, recall.low, recall.high) == (0.5, 0.0, 1.0)


def test_what_was_touched_is_shown_with_its_words_and_after_another_question() -> None:
    questions = ["Who was Ada?", "Why?", "Who was Bo?"]
    seen = []

    def way(question: str, turns: list[Turn]) -> list[str]:
        seen.append((question, turns[0].text))
        return ["Ada"] if question == "Why?" else []

    assert measure.touched(way, questions, 1) == ["Why? (Ada)"]
    assert all(question != before for question, before in seen)


def test_the_rule_that_was_beaten_is_the_rule_that_was() -> None:
    turns = [Turn("Who built the Forth Bridge?"), Turn("Fowler.", True), Turn("When was it finished?")]
    assert rule.borrowed("And why?", turns) == ["finished", "built", "Forth", "Bridge"]
    assert rule.borrowed("When did the Tay Bridge fall?", turns) == []


def test_content_is_what_is_not_function_words() -> None:
    assert content("Why did the countess's sister leave?") == {"countess", "sister", "leav"}
