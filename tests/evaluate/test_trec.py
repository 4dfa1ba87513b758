"""A run in TREC's format: other tools, reading the files, compute the figures one computes by hand."""

from math import log2
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import ir_measures
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from qa.errors import UsageError
from qa.evaluate.runs.run import Run
from qa.evaluate.runs.trec import escaped, write_trec


def line(passages: str = "", relevant: str = "", **more: Any) -> dict[str, Any]:
    """Passages "a1 a2 b1" of the articles a and b, best first."""
    hits = [{"passage": p, "article": p[0], "fused_score": 0.1} for p in passages.split()]
    return {"hits": hits, "relevant": relevant.split(), "gold_articles": {}, **more}


def run(**lines: dict[str, Any] | None) -> Run:
    rows = [{"id": id, "answerable": not id.startswith("un")} for id in lines]
    return Run(Path("run.jsonl"), {}, tuple(rows), tuple(lines.values()))


def measured(folder: Path, *measures: Any) -> dict[str, dict[Any, float]]:
    """Question -> measure -> value, as ir_measures computes it from the files."""
    judged = list(ir_measures.read_trec_qrels(str(folder / "qrels.trec")))
    ranked = list(ir_measures.read_trec_run(str(folder / "run.trec")))
    found: dict[str, dict[Any, float]] = {}
    for metric in ir_measures.iter_calc(measures, judged, ranked):
        found.setdefault(metric.query_id, {})[metric.measure] = metric.value
    return found


def test_passages_rank_as_they_were_found(tmp_path: Path) -> None:
    write_trec(run(first=line("a1 a2 b1", "a1"), third=line("b2 b1 a2 a1", "a2 c9"), none=line("a1", "b1")), tmp_path)
    values = measured(tmp_path, RR, Success @ 1, R @ 3)
    assert values["first"] == {RR: 1, Success @ 1: 1, R @ 3: 1}
    assert values["third"] == {RR: pytest.approx(1 / 3), Success @ 1: 0, R @ 3: 0.5}
    assert values["none"] == {RR: 0, Success @ 1: 0, R @ 3: 0}


def test_articles_rank_by_their_best_passage_and_keep_their_grades(tmp_path: Path) -> None:
    write_trec(run(q=line("b1 a1 b2 c1 a2", gold_articles={"a": 1, "c": 2})), tmp_path)
    assert [x.split()[2] for x in (tmp_path / "run.trec").read_text().splitlines()] == ["b", "a", "c"]
    gained, best = 1 / log2(3) + 2 / log2(4), 2 / log2(2) + 1 / log2(3)
    assert measured(tmp_path, nDCG @ 10, RR)["q"] == {nDCG @ 10: pytest.approx(gained / best), RR: 0.5}


def test_what_failed_is_missing_or_is_lost_scores_nothing_and_is_not_left_out(tmp_path: Path) -> None:
    failed = {"relevant": ["a1"], "gold_articles": {}, "error": {"type": "UsageError"}}
    write_trec(run(good=line("a1", "a1"), failed=failed, missing=None, lost=line("a1 b1")), tmp_path)
    assert {x.split()[0] for x in (tmp_path / "run.trec").read_text().splitlines()} == {"good", "lost"}
    judged = ir_measures.read_trec_qrels(str(tmp_path / "qrels.trec"))
    ranked = ir_measures.read_trec_run(str(tmp_path / "run.trec"))
    assert ir_measures.calc_aggregate([RR, Success @ 20], judged, ranked) == {RR: 0.25, Success @ 20: 0.25}


def test_unanswerable_questions_are_in_neither_file(tmp_path: Path) -> None:
    write_trec(run(un1=line("a1"), q=line("a1", "a1"), un2=None), tmp_path)
    assert (tmp_path / "run.trec").read_text() == "q Q0 a1 1 1 qa\n"
    assert (tmp_path / "qrels.trec").read_text() == "q 0 a1 1\n"


WORDS = st.text(min_size=1)


@given(WORDS, WORDS)
@example("a b", "a%20b")
@example("%none", "\u2028\x85\x1c\u3000%zz")
def test_an_id_is_one_field_and_can_be_read_back(id: str, other: str) -> None:
    assert escaped(id).split() == [escaped(id)]
    assert unquote(escaped(id)) == id and escaped(id) != "%none"
    assert (escaped(id) == escaped(other)) == (id == other)


@given(st.lists(WORDS, min_size=1, max_size=5, unique=True), WORDS)
def test_whatever_the_ids_the_files_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, documents: list[str], id: str
) -> None:
    folder = tmp_path_factory.mktemp("trec")
    hits = [{"passage": document, "article": "a"} for document in documents]
    asked = Run(
        Path("r"),
        {},
        ({"id": id, "answerable": True},),
        ({"hits": hits, "relevant": documents[-1:], "gold_articles": {}},),
    )
    write_trec(asked, folder)
    ranked = sorted(ir_measures.read_trec_run(str(folder / "run.trec")), key=lambda doc: -doc.score)
    assert [unquote(doc.doc_id) for doc in ranked] == documents and {unquote(doc.query_id) for doc in ranked} == {id}
    (judged,) = ir_measures.read_trec_qrels(str(folder / "qrels.trec"))
    assert (unquote(judged.query_id), unquote(judged.doc_id)) == (id, documents[-1])


def test_both_files_are_written_or_none(tmp_path: Path) -> None:
    write_trec(run(q=line("a1", "a1")), tmp_path / "new" / "folder")
    (tmp_path / "qrels.trec").mkdir()
    (tmp_path / "run.trec").write_text("before")
    with pytest.raises(UsageError, match="cannot be written .qrels.trec is a folder.; choose another folder"):
        write_trec(run(q=line("a1", "a1")), tmp_path)
    assert (tmp_path / "run.trec").read_text() == "before"
    assert {p.name for p in tmp_path.iterdir()} == {"new", "qrels.trec", "run.trec"}
    with pytest.raises(UsageError, match="cannot be written"):
        write_trec(run(q=line("a1", "a1")), tmp_path / "run.trec")
