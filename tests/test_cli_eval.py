"""`qa eval` and `qa score` as an engineer or CI meets them: what is printed, written, and the exit code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from qa import Library
from qa.cli import main
from qa.commands import evaluation
from qa.evaluate.runs.run import read_run
from tests.conftest import ROOT
from tests.evaluate.corpus import write_rows

ROWS = [json.loads(line) for line in (ROOT / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
SOME = ROWS[:3] + ROWS[-3:]


@pytest.fixture(scope="module")
def corpus(library: Library) -> list[str]:
    return ["--articles", str(library.articles), "--index", str(library.index)]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "questions.jsonl", SOME)


@pytest.fixture(scope="module")
def asked_once(corpus: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of `SOME`, made once for all tests."""
    folder, said = tmp_path_factory.mktemp("run"), TextIOWrapper(BytesIO(), encoding="utf-8")
    questions = write_rows(folder / "questions.jsonl", SOME)
    with redirect_stdout(said):
        assert main(["eval", "--questions", str(questions), "--out", str(folder / "run.jsonl"), *corpus]) == 0
    told = said.buffer.getvalue().decode("utf-8")
    assert "right sentence first" in told
    assert "Verdict" not in told  # other questions than the kept baseline's: nothing to compare
    return folder / "run.jsonl"


@pytest.fixture
def run(asked_once: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may do with as it likes."""
    return Path(shutil.copy(asked_once, tmp_path / "run.jsonl"))


def altered(run: Path, target: Path, change: Any) -> Path:
    """A copy of `run` with each question's line changed."""
    header, *lines = [json.loads(line) for line in run.read_text(encoding="utf-8").splitlines()]
    return write_rows(target, [header, *filter(None, map(change, lines))])


def test_a_run_is_kept_and_scored_again_without_a_model(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [row["id"] for row in read_run(run).rows] == [row["id"] for row in SOME]
    main(["score", str(run)])
    first = capsys.readouterr().out
    main(["score", str(run)])
    assert capsys.readouterr().out == first and "right sentence first" in first


def test_the_report_the_trec_files_and_the_list_of_misses(run: Path, tmp_path: Path, capsys) -> None:
    page, trec = tmp_path / "new" / "report.html", tmp_path / "trec"
    assert main(["score", str(run), "--html", str(page), "--trec", str(trec), "--misses"]) == 0
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert {path.name for path in trec.iterdir()} == {"run.trec", "qrels.trec"}
    assert "by the first stage that failed" in capsys.readouterr().out


def test_asking_the_same_again_is_the_same(
    run: Path, corpus: list[str], questions: Path, tmp_path: Path, capsys
) -> None:
    again = ["eval", "--questions", str(questions), "--out", str(tmp_path / "again.jsonl"), "--against", str(run)]
    assert main([*again, *corpus]) == 0
    assert "Verdict: The same" in capsys.readouterr().out


def test_a_missing_line_is_scored_as_wrong_and_not_dropped(run: Path, tmp_path: Path, capsys) -> None:
    short = altered(run, tmp_path / "short.jsonl", lambda line: line if line["id"] != SOME[0]["id"] else None)
    assert main(["score", str(short), "--misses"]) == 1
    told = capsys.readouterr()
    assert "1 failed" in told.out and any("failed" in row and SOME[0]["id"] in row for row in told.out.splitlines())
    assert told.err == f"qa: 1 of {len(SOME)} questions failed and score as wrong: 1 without a line in {short}\n"
    assert main(["score", str(run), "--against", str(short)]) == 0
    assert f"without a line in {short}" in capsys.readouterr().err


def test_only_a_sample_of_the_questions_is_asked(corpus: list[str], questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "sample.jsonl"
    assert main(["eval", "--questions", str(questions), "--limit", "2", "--seed", "3", "--out", str(out), *corpus]) == 0
    run = read_run(out)
    assert len(run.rows) == 2 and run.header["dataset"] == {"limit": 2, "seed": 3}


def test_checking_a_set_asks_nothing_and_fails_for_gold_that_is_gone(corpus: list[str], tmp_path: Path, capsys) -> None:
    lost = {**ROWS[0], "id": "lost", "evidence": [{**ROWS[0]["evidence"][0], "quote": "Nobody ever wrote this."}]}
    path = write_rows(tmp_path / "q.jsonl", [ROWS[0], lost])
    assert main(["eval", "--check", "--questions", str(path), *corpus]) == 1
    said = capsys.readouterr().out
    assert f"{path}:2: the quote 'Nobody ever wrote this.' stands nowhere" in said and "of them to mend" in said
    assert main(["eval", "--check", *corpus]) == 0  # the set that ships has nothing to mend


@pytest.fixture
def squad(tmp_path: Path) -> str:
    text = "The tide at Saint-Malo rises by twelve metres. It falls again within six hours."
    questions = [
        {"id": "1", "question": "How far does the tide rise?", "is_impossible": False,
         "answers": [{"text": "twelve metres", "answer_start": text.index("twelve")}]},
        {"id": "2", "question": "Who painted the harbour?", "is_impossible": True, "answers": []},
    ]
    data = {"version": "2", "data": [{"title": "Tide", "paragraphs": [{"context": text, "qas": questions}]}]}
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return f"squad:{path}"


def test_a_public_set_brings_its_articles_and_questions(squad: str, tmp_path: Path, capsys) -> None:
    out, index = tmp_path / "run.jsonl", tmp_path / "index"
    assert main(["eval", "--dataset", squad, "--index", str(index), "--out", str(out)]) == 0
    run = read_run(out)
    assert len(run.rows) == 2 and run.header["dataset"]["name"] == "squad:squad.json"
    assert any(line["gold"] for line in run.lines) and (index / "datasets").is_dir()
    assert "2 questions" in capsys.readouterr().out


@pytest.fixture
def kept(run: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`run` in the place of the kept baseline."""
    monkeypatch.setattr(evaluation, "baseline_file", lambda: run)
    yield run


def test_the_kept_baseline_is_what_against_means_without_a_name(
    kept: Path, corpus: list[str], questions: Path, tmp_path: Path, capsys
) -> None:
    again = ["eval", "--questions", str(questions), "--out", str(tmp_path / "again.jsonl"), *corpus]
    assert main([*again, "--against"]) == 0 and "Verdict: The same" in capsys.readouterr().out
    assert main([*again, "--against", "none"]) == 0 and "Verdict" not in capsys.readouterr().out


def said_in_one_line(arguments: list[Any], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main([*map(str, arguments)])
    (line,) = capsys.readouterr().err.strip().splitlines()
    return code, line


def test_a_run_of_other_questions_is_refused_before_anything_is_asked(
    run: Path, corpus: list[str], tmp_path: Path, capsys
) -> None:
    others = write_rows(tmp_path / "others.jsonl", ROWS[5:8])
    out = tmp_path / "never.jsonl"
    code, line = said_in_one_line(["eval", "--questions", others, "--out", out, "--against", run, *corpus], capsys)
    assert code == 2 and str(run) in line and "other questions" in line and not out.exists()


def test_bad_input_is_one_line_and_leaves_nothing(run: Path, corpus: list[str], tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("")
    twice = write_rows(tmp_path / "twice.jsonl", [ROWS[0], ROWS[0]])
    other = write_rows(tmp_path / "other.jsonl", [{"format": "qa-run", "format_version": 1}])
    cases = [
        (["eval", "--questions", twice, *corpus], 2, f"{twice}:2: id"),
        (["eval", "--questions", tmp_path / "file", *corpus], 2, "holds no question"),
        (["eval", "--dataset", "trivia:x"], 2, "squad:FILE"),
        (["eval", "--dataset", "squad:nowhere.json"], 2, "nowhere.json"),
        (["eval", "--dataset", "squad:x", "--questions", twice], 2, "leave out --questions"),
        (["eval", "--limit", "0", *corpus], 2, "--limit 1"),
        (["eval", "--html", tmp_path / "file" / "x.html", *corpus], 2, "x.html"),
        (["eval", "--against", tmp_path / "nowhere.jsonl", *corpus], 2, "nowhere.jsonl"),
        (["score", other], 2, f"{other}:1: run format 1"),
        (["score", run, "--against", other], 2, f"{other}:1: run format 1"),
        (["score", run, "--html", tmp_path], 2, "cannot be written"),
        (["score", run, "--trec", tmp_path / "file"], 2, "cannot be written"),
    ]
    for arguments, code, says in cases:
        assert main([*map(str, arguments)]) == code, arguments
        told = capsys.readouterr()
        (line,) = told.err.strip().splitlines()
        assert says in line and "Traceback" not in line, line
    assert not list(tmp_path.glob(".*"))
