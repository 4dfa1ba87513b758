"""The verdict on real runs of the shipped questions: the same is never better, and BM25 order is worse."""

from dataclasses import replace
from pathlib import Path

import pytest

from qa import Assistant, Library
from qa.cli import main
from qa.evaluate.evaluate import evaluate
from qa.evaluate.questions.dataset import load
from qa.evaluate.questions.sample import sample
from tests.conftest import ROOT
from tests.evaluate.bm25_reader import BM25Reader

QUESTIONS, BASELINE = ROOT / "evals" / "questions.jsonl", ROOT / "evals" / "baseline.jsonl"


@pytest.fixture(scope="module")
def by_bm25(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All questions, asked of an assistant whose reader is BM25 order."""
    out = tmp_path_factory.mktemp("bm25") / "run.jsonl"
    evaluate(library, load(QUESTIONS), out, assistant=lambda opened: Assistant(opened, reader=BM25Reader()))
    return out


def test_a_reader_replaced_by_bm25_order_is_worse(by_bm25: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(by_bm25), "--against", str(BASELINE)]) == 1
    said = capsys.readouterr().out
    headline = next(line for line in said.splitlines() if line.startswith("Verdict"))
    assert "Worse than before in" in headline and "right sentence first (" in headline


def test_and_the_other_way_round_it_is_better(by_bm25: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["score", str(BASELINE), "--against", str(by_bm25)])
    rows = capsys.readouterr().out.split("Measures that decide")[1].splitlines()
    assert any("better" in row for row in rows)
    assert not any("right sentence" in row and "worse" in row for row in rows)


def test_two_runs_of_the_same_are_never_better(library: Library, tmp_path: Path, capsys) -> None:
    """The reader as it ships, given three passages of twenty: enough to be right and wrong, in a sixth of the time."""
    dataset = sample(load(QUESTIONS), 40, seed=1)
    brief = replace(library.settings, search=replace(library.settings.search, hits=3))
    for name in ("first.jsonl", "second.jsonl"):
        evaluate(library, dataset, tmp_path / name, assistant=lambda opened: Assistant(opened, brief))
    assert main(["score", str(tmp_path / "second.jsonl"), "--against", str(tmp_path / "first.jsonl")]) == 0
    assert "Verdict: The same" in capsys.readouterr().out
