"""BEIR: documents are articles, graded judgements are evidence without a quote."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluate.datasets import beir
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.questions.dataset import Evidence, load

CORPUS = [
    {"_id": "MED-10", "title": "Statins", "text": "They lower cholesterol.\nSo it is said.", "metadata": {}},
    {"_id": "a:b c", "title": "", "text": "Fish is food."},
    {"_id": 7, "text": "Wine."},
    {"_id": "void", "title": " ", "text": ""},
]
QUERIES = [
    {"_id": "q2", "text": "what is food"},
    {"_id": "q1", "text": "do statins work"},
    {"_id": "q3", "text": "why"},
    {"_id": "q4", "text": "not judged"},
]
HEADER = "query-id\tcorpus-id\tscore\n"
QRELS = HEADER + "q1\tMED-10\t2\nq1\t7\t0\nq2\ta:b c\t1\nq2\t7\t3\nq1\tvoid\t1\nq3\t7\t0\nq3\tMED-10\t-1\n"


def write(folder: Path, corpus: Any = CORPUS, queries: Any = QUERIES, **qrels: str) -> Path:
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    (folder / "qrels").mkdir(exist_ok=True)
    for name, text in (qrels or {"test": QRELS}).items():
        (folder / "qrels" / f"{name}.tsv").write_text(text)
    return folder


def test_a_document_is_an_article_of_its_own_id(tmp_path: Path) -> None:
    assert beir.read(write(tmp_path)).files == {
        "MED-10.txt": "Statins\n\nThey lower cholesterol.\nSo it is said.\n",
        "a_b_c.txt": "Fish is food.\n",
        "7.txt": "Wine.\n",
    }


def test_queries_with_a_relevant_document_are_asked_and_their_grades_kept(tmp_path: Path) -> None:
    asked = load(prepare(f"beir:{write(tmp_path)}", tmp_path / "index").questions).questions
    assert [(q.id, q.question, q.kind, q.split, q.answerable) for q in asked] == [
        ("q2", "what is food", "what", "test", True),
        ("q1", "do statins work", "yes-no", "test", True),
    ]
    assert [q.evidence for q in asked] == [
        (Evidence("a_b_c", None, 1), Evidence("7", None, 3)),
        (Evidence("MED-10", None, 2), Evidence("void", None, 1)),
    ]


def test_the_header_of_the_judgements_may_be_left_out(tmp_path: Path) -> None:
    with_it = beir.read(write(tmp_path)).rows
    assert beir.read(write(tmp_path, test="\ufeff" + QRELS.removeprefix(HEADER).replace("\n", "\r\n"))).rows == with_it


@pytest.mark.parametrize(
    ("names", "taken", "split"),
    [(("test", "dev", "train"), "test", "test"), (("dev", "train"), "dev", "dev"), (("train",), "train", "test")],
)
def test_the_test_judgements_are_taken_where_there_are_several(
    names: tuple[str, ...], taken: str, split: str, tmp_path: Path
) -> None:
    grades = {name: n for n, name in enumerate(names, 1)}
    write(tmp_path, **{name: f"{HEADER}q1\t7\t{grade}\n" for name, grade in grades.items()})
    (row,) = beir.read(tmp_path).rows.values()
    assert row["evidence"] == [{"article": "7", "grade": grades[taken]}] and row["split"] == split


def test_judgements_that_cannot_be_told_apart_or_are_missing_are_refused(tmp_path: Path) -> None:
    write(tmp_path, train=QRELS, valid=QRELS)
    with pytest.raises(DatasetError, match="qrels holds train.tsv, valid.tsv; put the judgements in qrels/test.tsv"):
        prepare(f"beir:{tmp_path}", tmp_path / "index")
    for path in (tmp_path / "qrels").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match="qrels holds no .tsv file; put"):
        prepare(f"beir:{tmp_path}", tmp_path / "index")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"corpus": [*CORPUS, {"_id": "7", "text": "again"}]}, "corpus.jsonl:5: '_id' '7' stands twice; give"),
        ({"corpus": [{"_id": "x"}]}, "corpus.jsonl:1: 'text' is missing; give a string"),
        ({"corpus": [{"_id": "x", "text": "x", "title": 3}]}, "corpus.jsonl:1: 'title' is 3; give a string"),
        ({"queries": [*QUERIES, {"_id": "q1", "text": "again"}]}, "queries.jsonl:5: '_id' 'q1' stands twice; give"),
        ({"queries": [{"_id": "q1", "text": ""}]}, "queries.jsonl:1: 'text' is empty; give it words"),
        ({"queries": [{"text": "x"}]}, "queries.jsonl:1: '_id' is missing; give a string"),
        ({"test": HEADER + "q9\t7\t1\n"}, "qrels/test.tsv:2: 'q9' does not stand in queries.jsonl; add it there"),
        ({"test": HEADER + "q1\t8\t0\n"}, "qrels/test.tsv:2: '8' does not stand in corpus.jsonl; add it there"),
        ({"test": HEADER + "q1\t7\t1\n\nq1\t7\t1\n"}, "qrels/test.tsv:4: 'q1' and '7' are judged twice; keep one"),
        ({"test": "q1\t7\t1.5\n"}, "qrels/test.tsv:1: not a judgement; write query-id, corpus-id and a whole number"),
        ({"test": HEADER + HEADER}, "qrels/test.tsv:2: not a judgement"),
        ({"test": "q1 7 1\n"}, "qrels/test.tsv:1: not a judgement"),
        ({"test": "q1\t0\t7\t1\n"}, "qrels/test.tsv:1: not a judgement"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line_and_nothing_is_written(
    changes: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    write(tmp_path, **changes) if "test" in changes else write(tmp_path, **changes, test=QRELS)
    with pytest.raises(DatasetError) as refused:
        prepare(f"beir:{tmp_path}", tmp_path / "index")
    assert str(refused.value).startswith(f"{tmp_path}/{problem}") and "\n" not in str(refused.value)
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    (write(tmp_path) / name).unlink()
    with pytest.raises(DatasetError, match=f"{name} cannot be read .No such file or directory."):
        prepare(f"beir:{tmp_path}", tmp_path / "index")


def test_where_no_query_has_a_relevant_document_there_is_no_question(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="holds no question"):
        prepare(f"beir:{write(tmp_path, test=HEADER + 'q1	7	0')}", tmp_path / "index")
