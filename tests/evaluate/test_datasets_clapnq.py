"""ClapNQ: each selected sentence is evidence by itself, in one article a title."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluate.datasets import clapnq
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.questions.dataset import load

DADA = ["Dada was an art movement , `` anti-art '' to some .", "It began in 1916 .", "It ended .", "Cover"]


def row(id: str, *selected: list[str], text: list[str] = DADA, title: str = "Dada", **more: Any) -> dict[str, Any]:
    passage = {"title": title, "text": " ".join(text) + " ", "sentences": text}
    output = [{"answer": "", "selected_sentences": sentences, "meta": {}} for sentences in selected or [[]]]
    return {"id": id, "input": f"when did {id} begin", "passages": [passage], "output": output, **more}


def write(folder: Path, answerable: list[Any] | None = None, unanswerable: list[Any] | None = None) -> Path:
    for name, rows in (("answerable", answerable), ("unanswerable", unanswerable)):
        if rows is not None:
            (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return folder


def test_every_selected_sentence_of_every_annotator_is_evidence_once(tmp_path: Path) -> None:
    write(tmp_path, [row("dada", DADA[:2], [], [DADA[1], DADA[2]])], [row("law", text=["Law is old ."], title="Law")])
    material = clapnq.read(tmp_path)
    dada, law = material.rows.values()
    assert dada["evidence"] == [{"article": "Dada", "quote": sentence} for sentence in DADA[:3]]
    assert (dada["question"], dada["kind"], dada["answerable"]) == ("when did dada begin", "when", True)
    assert (law["evidence"], law["kind"], law["answerable"]) == ([], "unanswerable", False)


def test_the_passages_of_a_title_are_one_article_each_passage_once(tmp_path: Path) -> None:
    other = ["Dada spread to Paris ."]
    write(
        tmp_path,
        [row("a", DADA[:1]), row("b", DADA[1:2])],
        [row("c", text=other), row("d", text=["Law ."], title="Law/2")],
    )
    assert clapnq.read(tmp_path).files == {
        "Dada.txt": f"Dada\n\n{' '.join(DADA)}\n\n{other[0]}\n",
        "Law_2.txt": "Law/2\n\nLaw .\n",
    }


@pytest.mark.parametrize(
    "names", [("answerable", None), (None, "unanswerable"), ("clapnq_dev_answerable", "clapnq_dev_unanswerable")]
)
def test_either_file_will_do_and_the_published_names(names: tuple[str | None, str | None], tmp_path: Path) -> None:
    yes, no = names
    if yes:
        (tmp_path / f"{yes}.jsonl").write_text(json.dumps(row("yes", DADA[:1])))
    if no:
        (tmp_path / f"{no}.jsonl").write_text(json.dumps(row("no")))
    asked = load(prepare(f"clapnq:{tmp_path}", tmp_path / "index").questions).questions
    assert [q.answerable for q in asked] == [True] * bool(yes) + [False] * bool(no)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (row("x", ["It began in 1917 ."]), "the selected sentence 'It began in 1917 .' stands in no passage; copy"),
        (row("x", ["t began in 1916 ."]), "the selected sentence 't began in 1916 .' stands in no passage"),
        (row("x", []), "the row has no selected sentences; move it to the other file"),
        (row("x", DADA[:1], passages=[{"title": "Dada"}]), "'text' is missing; give a string"),
        (row("x", DADA[:1], passages="Dada"), "'passages' is 'Dada'; give a list"),
        (row("x", DADA[:1], output=[{}]), "'selected_sentences' is missing; give a list"),
        (row("x", [3]), "'selected_sentences' holds 3; write a list of strings only"),  # type: ignore[list-item]
        (row("x", DADA[:1], input=" "), "'input' is empty; give it words"),
        (row("first", DADA[:1]), "id 'first' stands twice; give each question its own id"),
        ("a", "not a JSON object"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line_and_nothing_is_written(bad: Any, problem: str, tmp_path: Path) -> None:
    write(tmp_path, [row("first", DADA[:1]), bad])
    with pytest.raises(DatasetError) as refused:
        prepare(f"clapnq:{tmp_path}", tmp_path / "index")
    assert str(refused.value).startswith(f"{tmp_path / 'answerable.jsonl'}:2: {problem}")
    assert "\n" not in str(refused.value) and not (tmp_path / "index").exists()


def test_a_question_said_to_be_unanswerable_has_nothing_selected(tmp_path: Path) -> None:
    write(tmp_path, None, [row("x", DADA[:1])])
    with pytest.raises(DatasetError, match="unanswerable.jsonl:1: the row has selected sentences; move it"):
        clapnq.read(tmp_path)


def test_a_folder_of_something_else_or_of_two_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no file of ClapNQ; give a folder with answerable.jsonl"):
        prepare(f"clapnq:{tmp_path}", tmp_path / "index")
    for name in ("dev_answerable", "train_answerable"):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(row("x", DADA[:1])))
    with pytest.raises(DatasetError, match="dev_answerable.jsonl, train_answerable.jsonl; leave one answerable file"):
        prepare(f"clapnq:{tmp_path}", tmp_path / "index")
