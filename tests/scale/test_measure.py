"""What docs/scale.md stands on: the made-up passages, the measuring, the tables, and every line of arithmetic in it."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from evals.scale import nearest, table
from evals.scale.corpus import PASSAGES, Vectors, Writer, word
from evals.scale.measure import main
from qa.index.analyse import terms
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
FIGURES = ROOT / "evals" / "scale" / "figures.jsonl"
LINES = [line for block in re.findall(r"```arithmetic\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
         if " = " in re.split(r"\s{2,}", line.replace(", M = ", ", M "), maxsplit=1)[-1]]


def test_made_up_passages_weigh_what_the_seeds_weigh() -> None:
    """The seeds' passages have 104 terms, 75 of them different, and 666 characters."""
    texts = list(Writer().articles(400))
    passages = [text.article.article.text[p.start:p.end] for text in texts for p in text.passages]
    assert len(passages) == 400
    assert np.mean([len(terms(p)) for p in passages]) == pytest.approx(104, rel=0.05)
    assert np.mean([len(set(terms(p))) for p in passages]) == pytest.approx(78, rel=0.08)
    assert np.mean([len(p) for p in passages]) == pytest.approx(650, rel=0.08)


def test_every_rank_has_a_word_of_its_own() -> None:
    assert len({word(rank) for rank in range(50_000)}) == 50_000


def test_made_up_questions_ask_for_words_that_their_passage_holds() -> None:
    for text in Writer().articles(40):
        for passage, question in zip(text.passages, text.questions, strict=True):
            said = text.article.article.text[passage.start:passage.end].lower()
            assert question and all(term in said for term in question)


def test_made_up_vectors_lie_as_real_ones_do() -> None:
    """Real ones, 26,629 of them: .73, .51 and .35 with the nearest, the tenth and the hundredth."""
    vectors = Vectors().passages(10_000)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    cosines = -np.sort(-(vectors[::100] @ vectors.T), axis=1)
    for rank, real in ((1, 0.73), (10, 0.51), (100, 0.33)):
        assert np.median(cosines[:, rank]) == pytest.approx(real, abs=0.06)


def test_recall_is_the_share_of_the_true_nearest_that_was_found() -> None:
    true = np.array([[1, 2, 3, 4]])
    assert nearest.recall(np.array([[2, 9, 3, 1]]), true, 2) == 0.5
    assert nearest.recall(np.array([[2, 9, 3, 1]]), true, 4) == 0.75


def test_exact_search_in_blocks_finds_what_comparing_every_vector_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Vectors(1)
    vectors = made.passages(3 * PASSAGES * 50)
    questions = made.questions(vectors, 5)
    monkeypatch.setattr(nearest, "_BLOCK", 250)
    expected = np.argsort(-(questions @ vectors.T), axis=1)[:, :nearest.POOL]
    assert (nearest.exact(vectors, questions) == expected).all()


def test_measuring_writes_every_figure_that_the_tables_show(tmp_path: Path) -> None:
    out = tmp_path / "figures.jsonl"
    main(["--out", str(out), "--counts", "400", "--parts", "embedded", "nearest", "--indexes", "hnsw16", "ivfpq48",
          "--work", str(tmp_path)])
    head, *rows = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert head["processor"] and head["faiss-cpu"]
    found = {(row["what"], row["unit"]): row["value"] for row in rows}
    assert {row["count"] for row in rows} == {400}
    for name in [*table.BYTES, *table.BUILD]:
        assert any(what == name[1] for what, _ in found), name
    assert found["FAISS Flat", "bytes a passage"] == pytest.approx(384 * 4 + 8, abs=2)
    assert found["HNSW M=16: size", "bytes a passage"] == pytest.approx(384 * 4 + 16 * 2 * 4, abs=40)
    assert found["HNSW M=16 ef=200: recall@10", ""] > 0.95
    assert found["IVF-PQ 48 bytes, 64 lists, 64 probed, 400 refined: recall@10", ""] > 0.95
    assert found["hybrid, p50", "ms"] > 0
    assert [path for path in tmp_path.iterdir() if path != out] == []


def test_a_figure_that_was_measured_again_stands_with_its_median(tmp_path: Path) -> None:
    out = tmp_path / "figures.jsonl"
    rows = [{"part": "people", "count": 1, "what": "x", "value": value, "unit": "s"} for value in (1, 9, 2)]
    out.write_text("".join(json.dumps(row) + "\n" for row in [{"processor": "any"}, *rows]), encoding="utf-8")
    assert table.read(out) == {("people", 1, "x", "s"): 2}


def test_the_pages_tables_are_those_of_the_figures_kept_beside_the_program() -> None:
    assert table.put(table.render(table.read(FIGURES)), PAGE) == PAGE


def test_the_page_has_arithmetic() -> None:
    assert len(LINES) > 30


@pytest.mark.parametrize("line", LINES)
def test_every_line_of_arithmetic_comes_out(line: str) -> None:
    said = line.replace(", M = 16", "")
    terms_of, _, result = said.rpartition(" = ")
    expression = re.split(r"\s{2,}", terms_of.strip())[-1]
    number = re.match(r"[\d,]+(\.\d+)?", result.strip())[0].replace(",", "")
    python = expression.replace(",", "").replace("×", "*").replace("÷", "/").replace("^", "**")
    assert re.fullmatch(r"[\d.\s*/+()-]+", python), python
    places = len(number.partition(".")[2])
    half = 0.5 * 10 ** -places
    assert math.isclose(eval(python), float(number), abs_tol=half * 1.001), f"{eval(python)} is not {number}"  # noqa: S307
