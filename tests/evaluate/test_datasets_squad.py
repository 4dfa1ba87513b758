"""SQuAD: the sentence around an annotator's words is the evidence, in one article a title."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa import Library
from qa.errors import DatasetError
from qa.evaluate.datasets import squad
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import load
from qa.evaluate.questions.evidence import locate

NORMANS = "The Normans settled in France. Rollo led them to France in 911. They spoke French."


def answer(text: str, start: int) -> dict[str, Any]:
    return {"text": text, "answer_start": start}


def qa(id: Any = "q1", question: str = "Where did they settle?", answers: Any = None, **more: Any) -> dict[str, Any]:
    answers = [answer("France", NORMANS.index("France"))] if answers is None else answers
    return {"id": id, "question": question, "answers": answers, **more}


def article(title: str, *paragraphs: tuple[str, list[Any]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": text, "qas": qas} for text, qas in paragraphs]}


def write(folder: Path, *data: Any) -> Path:
    path = folder / "dev.json"
    path.write_text(json.dumps({"version": "1.1", "data": data}))
    return path


def evidence(path: Path) -> dict[str, list[tuple[str, str]]]:
    rows = squad.read(path).rows.values()
    return {row["id"]: [(e["article"], e["quote"]) for e in row["evidence"]] for row in rows}


def test_the_evidence_is_each_sentence_that_an_annotator_marked_words_in(tmp_path: Path) -> None:
    second = NORMANS.rindex("France")
    both = [answer("France", NORMANS.index("France")), answer("in France", NORMANS.index("in France"))]
    path = write(
        tmp_path,
        article(
            "Normans",
            (
                NORMANS,
                [
                    qa("first", answers=both),
                    qa("second", answers=[answer("France", second)]),
                    qa("two", answers=[answer("France", NORMANS.index("France")), answer("911", NORMANS.index("911"))]),
                    qa("across", answers=[answer("911. They", NORMANS.index("911"))]),
                    qa("blank", answers=[answer(" They ", 63)]),
                ],
            ),
        ),
    )
    settled, led, spoke = (
        ("Normans", "The Normans settled in France."),
        ("Normans", "Rollo led them to France in 911."),
        ("Normans", "They spoke French."),
    )
    assert evidence(path) == {
        "first": [settled],
        "second": [led],
        "two": [settled, led],
        "across": [("Normans", f"{led[1]} {spoke[1]}")],
        "blank": [spoke],
    }


SENTENCES = st.lists(
    st.sampled_from(
        [
            "The dog slept.",
            "Nobody knew why 🐕 it did.",
            "It cost 3.5 francs.",
            "A naïve cat wrote “no” to them.",
            "They went home!",
        ]
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(SENTENCES, st.sampled_from([" ", "  ", "\n", "\n\n"]), st.data())
def test_any_marked_words_give_the_whole_sentences_they_touch(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], gap: str, data: st.DataObject
) -> None:
    text = gap.join(parts)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    path = write(
        tmp_path_factory.mktemp("squad"), article("Dogs", (text, [qa(answers=[answer(text[start:end], start)])]))
    )
    touched, at = [], 0
    for part in parts:
        if (
            set(range(start, end)) & set(range(at, at + len(part)))
            and text[max(start, at) : min(end, at + len(part))].strip()
        ):
            touched.append(part)
        at += len(part) + len(gap)
    if not touched:  # white space only
        with pytest.raises(DatasetError, match="does not stand at character"):
            squad.read(path)
    else:
        assert evidence(path) == {"q1": [("Dogs", gap.join(touched))]}


def test_a_title_is_one_article_of_all_its_paragraphs(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        article("Fr%C3%A9d%C3%A9ric_Chopin", ("He was born.", []), ("He played.", [])),
        article("Normans", (NORMANS, [qa()])),
        article("Fr%C3%A9d%C3%A9ric_Chopin", ("He died.", [])),
        article("100% of it_all", ("All of it.", [])),
    )
    material = squad.read(path)
    assert material.files == {
        "Fr_C3_A9d_C3_A9ric_Chopin.txt": "Frédéric Chopin\n\nHe was born.\n\nHe played.\n\nHe died.\n",
        "Normans.txt": f"Normans\n\n{NORMANS}\n",
        "100_of_it_all.txt": "100% of it_all\n\nAll of it.\n",
    }


def test_a_question_is_answerable_where_it_has_answers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        article(
            "Normans",
            (
                NORMANS,
                [
                    qa("1.1"),
                    qa("2.0", " Who led them? ", [answer("Rollo", 31)], is_impossible=False),
                    qa(7, answers=[]),
                    qa("no", answers=[], is_impossible=True, plausible_answers=[answer("France", 23)]),
                ],
            ),
        ),
    )
    rows = squad.read(path).rows
    assert [(r["id"], r["answerable"], r["kind"], r["split"]) for r in rows.values()] == [
        ("1.1", True, "where", "test"),
        ("2.0", True, "who", "test"),
        ("7", False, "unanswerable", "test"),
        ("no", False, "unanswerable", "test"),
    ]
    assert rows["2.0"]["question"] == "Who led them?" and rows["no"]["evidence"] == []


@pytest.mark.parametrize(
    ("qas", "where", "problem"),
    [
        ([qa(answers=[answer("France", 22)])], "question 'q1'", "the answer 'France' does not stand at character 22"),
        ([qa(answers=[answer("France", -59)])], "question 'q1'", "does not stand at character -59"),
        ([qa(answers=[answer("", 3)])], "question 'q1'", "does not stand"),
        ([qa(answers=[answer("France", "23")])], "question 'q1'", "'answer_start' is '23'; give a whole number"),
        ([qa(answers=[answer("France", True)])], "question 'q1'", "'answer_start' is True; give a whole number"),
        ([qa(answers=["France"])], "question 'q1'", "'answers' holds 'France'"),
        ([qa(is_impossible=True)], "question 'q1'", "'is_impossible' is true with 1 answers"),
        ([qa(answers=[], is_impossible=False)], "question 'q1'", "'is_impossible' is false with 0 answers"),
        ([qa(question="  ")], "question 'q1'", "'question' is empty"),
        ([qa(question="\ud800?")], "question 'q1'", "'question' holds half a surrogate pair"),
        ([{"id": "q1", "question": "Who?"}], "question 'q1'", "'answers' is missing"),
        ([{"question": "Who?"}], "paragraph 2", "'id' is missing"),
        ([qa(), qa()], "question 'q1'", "id 'q1' stands twice"),
        ({"id": "q1"}, "paragraph 2", "'qas' is .*; give a list"),
    ],
)
def test_a_bad_question_is_named_with_its_place_and_nothing_is_written(
    qas: Any, where: str, problem: str, tmp_path: Path
) -> None:
    path = write(tmp_path, article("Normans", ("First.", []), (NORMANS, qas)))
    with pytest.raises(DatasetError, match=problem) as refused:
        prepare(f"squad:{path}", tmp_path / "index")
    line = str(refused.value)
    assert line.startswith(f"{path}: 'Normans', paragraph 2") and where in line and ";" in line and "\n" not in line
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "dev.json: not JSON .*; give a file in SQuAD's format"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON obj"),
        ("{}", "'data' is missing"),
        ('{"data": [{"paragraphs": []}]}', "data 1: 'title' is missing"),
        ('{"data": [{"title": "A", "paragraphs": [{}]}]}', "'A', paragraph 1: 'context' is missing"),
        ('{"data": "\xff"}', "'data' is 'ÿ'; give a list"),
    ],
)
def test_a_file_of_another_shape_is_named(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=problem):
        squad.read(path)


def test_odd_letters_are_found_again_in_the_article(tmp_path: Path) -> None:
    text = "\u200bThe \x00king\u2028ruled\ud800 France.\u200b"
    path = write(tmp_path, article("Normans", (text, [qa(answers=[answer("king", text.index("king"))])])))
    material = squad.read(path)
    (found,) = evidence(path)["q1"]
    assert material.files["Normans.txt"].split("\n\n", 1)[1].strip() == found[1] and "\x00" not in found[1]


def test_end_to_end_the_real_index_finds_all_evidence_in_the_cleaned_articles(tmp_path: Path) -> None:
    steam = "A steam engine burns coal, and its boiler turns water into steam\u2028that moves a piston."
    steam += " Newcomen built one in 1712."
    force = "Force is what changes how a thing moves. Newton wrote it as F = ma in 1687, and his laws are taught today."
    path = write(
        tmp_path,
        article("Normans", (NORMANS, [qa(), qa("no", answers=[])])),
        article(
            "Steam_engine",
            (
                steam,
                [
                    qa("q2", "Who built one?", [answer("Newcomen", steam.index("Newcomen"))]),
                    qa("q3", "What moves?", [answer("piston", steam.index("piston"))]),
                ],
            ),
        ),
        article(
            "Force",
            ("Subscribe to our newsletter", []),
            (force, [qa("q4", "When?", [answer("1687", force.index("1687"))])]),
        ),
    )
    made = prepare(f"squad:{path}", tmp_path / "index")
    library = Library(made.articles, made.index)
    assert library.build().refused == ()
    golds = locate(load(made.questions), articles := Articles(library))
    said = {id: [articles.text(p.article)[p.start : p.end] for p in gold.places] for id, gold in golds.items()}
    assert said.pop("q3")[0].split() == steam.split(" Newcomen")[0].split()
    assert said == {
        "q1": ["The Normans settled in France."],
        "no": [],
        "q2": ["Newcomen built one in 1712."],
        "q4": [re.findall(r"Newton.*", force)[0]],
    }
    assert not any(gold.lost for gold in golds.values())
    assert {row.id: row.title for row in library.list()} == {
        "Normans": "Normans",
        "Steam_engine": "Steam engine",
        "Force": "Force",
    }
