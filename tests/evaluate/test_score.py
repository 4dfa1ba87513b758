"""From a run to figures: eight questions, each computed by eye."""

import io
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from qa.errors import IndexDamaged
from qa.evaluate.evaluate import evaluate
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.report.tables import show_figure, title, to_markdown, to_terminal
from qa.evaluate.score import Report, score
from rich.console import Console
from tests.evaluate.corpus import ScriptedAssistant, Shelf, answer, quote, row, write_rows

GREW = [("budget", "It grew by 5 percent.")]  # the second sentence of that article
B0, B1, B3, N0 = (quote("budget", 0, probability=0.3), quote("budget", 1, probability=0.9),
                  quote("budget", 3, probability=0.7), quote("news/strike", 0, probability=0.2))
ROWS = [
    row("first", GREW), row("second", GREW), row("declined", GREW, kind="why"), row("fault", GREW),
    row("rightly", kind="far off"), row("wrongly", kind="far off"), row("broken", kind="far off"),
    row("test", GREW, split="test"),
]
SCRIPT = {
    "first?": answer("first?", [B1, B0], 0.9),  # right at once
    "second?": answer("second?", [B3, B1], 0.6),  # right in second place
    "declined?": answer("declined?", [N0, B0, B1], 0.4, answered=False),  # right in third place, of closest
    "fault?": IndexDamaged("a file is short"),
    "rightly?": answer("rightly?", [B0], 0.2, answered=False),
    "wrongly?": replace(answer("wrongly?", [B3], 0.7), seconds={"search": 0.25, "total": 1.5}),
    "broken?": IndexDamaged("a file is short"),
    "test?": answer("test?", [B1], 0.9),
}
# words: B0 3, B1 5, B3 3, N0 5. Hits of an answer are the places of its quotes (tests/evaluate/corpus.py).
DEV = {
    "recall@1": (1 / 4, 4), "recall@5": (3 / 4, 4), "recall@20": (3 / 4, 4), "mrr": ((1 + 1 / 2 + 1 / 3) / 4, 4),
    "right@1": (1 / 4, 4), "right@3": (3 / 4, 4),
    "words@1": ((5 + 3 + 5) / 3, 3), "words@3": ((8 + 8 + 13) / 3, 3), "words": ((8 + 8 + 13) / 3, 3),
    "words until right": ((5 + 8 + 13) / 3, 3),
    "answered": (2 / 4, 4), "answered wrongly": (1 / 3, 3), "accuracy answered": (1 / 2, 2), "accuracy": (1 / 3, 3),
    # answerable 0.9 0.6 0.4 and a fault at 0; not 0.2 0.7 and a fault at 1: wins 2 + 1 + 1 + 0 of 12
    "auroc": (4 / 12, 7),
    "decline precision": (1 / 2, 2), "decline recall": (1 / 3, 3),
    # (0.9, 1) (0.7, 0) (0.2, 0) (1, 0 fault) (0.3, 0) (0.7, 0) (1, 0 fault): bins 0.9: 0.1; 0.7: 1.4; 0.2; 0.3; 1: 2
    "ece": ((0.1 + 1.4 + 0.2 + 0.3 + 2) / 7, 7), "ece answerable": ((0.1 + 0.7 + 0.2 + 1) / 4, 4),
    "brier answerable": ((0.01 + 0.49 + 0.04 + 1) / 4, 4), "brier unanswerable": ((0.09 + 0.49 + 1) / 3, 3),
    # stated 0.9 0.6 0.4 0 of 1; 0.2 0.7 1 of 0
    "ece answer": ((0.1 + 0.4 + 0.6 + 1 + 0.2 + 0.7 + 1) / 7, 7),
    "brier answer": ((0.01 + 0.16 + 0.36 + 1 + 0.04 + 0.49 + 1) / 7, 7),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("eval")
    questions = write_rows(folder / "questions.jsonl", ROWS)
    return evaluate(Shelf(), questions, folder / "run.jsonl", assistant=lambda library: ScriptedAssistant(SCRIPT))


def test_every_measure_is_computed_here_by_hand() -> None:
    assert DEV.keys() == {measure.key for measure in MEASURES}


@pytest.mark.parametrize("key", DEV)
def test_figure_by_hand(key: str, report: Report) -> None:
    figure = report.figure("dev", key)
    assert (figure.value, figure.n) == (pytest.approx(DEV[key][0]), DEV[key][1])
    assert figure.low <= figure.value <= figure.high


def test_splits_and_kinds_stand_apart(report: Report) -> None:
    counts = [(s.split, s.answerable, s.unanswerable, s.failed) for s in report.splits]
    assert counts == [("dev", 4, 3, 2), ("test", 1, 0, 0)]
    assert report.figure("test", "right@1").value == 1 and report.figure("test", "decline recall").n == 0
    kinds = {(s.split, s.kind): s for s in report.kinds}
    assert list(kinds) == [("dev", "who"), ("dev", "why"), ("dev", "far off"), ("test", "who")]
    assert kinds["dev", "who"].figures["right@1"].value == pytest.approx(1 / 3)
    assert kinds["dev", "far off"].figures["answered wrongly"].value == pytest.approx(1 / 3)


def test_what_is_undefined_has_no_value(report: Report) -> None:
    auroc = report.figure("test", "auroc")
    assert (auroc.value, auroc.low, auroc.high, auroc.n) == (None, None, None, 1)
    assert show_figure(auroc) == "– of 1" and show_figure(report.figure("test", "decline recall")) == "– of 0"


def test_seconds_are_those_of_the_questions_that_did_not_fail(report: Report) -> None:
    # totals 0.5 0.5 0.5 0.5 and 1.5: p95 lies 0.8 of the way from the fourth to the fifth
    assert report.splits[0].latency == {"search": (0.25, 0.25), "total": (0.5, pytest.approx(1.3))}


def test_scoring_a_run_again_gives_the_same(report: Report, tmp_path: Path) -> None:
    questions = write_rows(tmp_path / "questions.jsonl", ROWS)
    first = evaluate(Shelf(), questions, tmp_path / "run", assistant=lambda library: ScriptedAssistant(SCRIPT))
    again = score(tmp_path / "run")
    assert first == again and to_markdown(first) == to_markdown(again)
    assert again.splits == report.splits  # and asking again too


@pytest.mark.parametrize("fault", [None, ZeroDivisionError("a defect")])
def test_the_assistant_is_closed_whatever_happens(fault: Exception | None, tmp_path: Path) -> None:
    assistant = ScriptedAssistant({"test?": fault or SCRIPT["test?"]})
    questions = write_rows(tmp_path / "q.jsonl", [row("test", GREW)])
    with pytest.raises(ZeroDivisionError) if fault else nullcontext():
        evaluate(Shelf(), questions, tmp_path / "run", assistant=lambda library: assistant)
    assert assistant.closed


def test_a_text_table_holds_every_measure_and_fits_a_narrow_terminal(report: Report) -> None:
    for width in (80, 160):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(to_terminal(report))
        text = console.export_text()
        assert all(len(line) <= width for line in text.splitlines())
    assert all(measure.name in text for measure in MEASURES)
    assert "dev: 4 answerable, 3 not, 2 failed" in text and "0.25 (" in text and "dev by kind" in text
    assert "0.500 / 1.300" in text and " 9.7 (" in text and " 4.3 (" in text


def test_markdown_of_the_test_half_quotes_nothing_of_dev(report: Report) -> None:
    lines = to_markdown(report, splits=("test",), kinds=False).splitlines()
    assert lines[0] == title(report) and lines[2] == "| measure | test: 1 answerable, 0 not |"
    assert lines[3] == "| --- | ---: |" and "| right sentence first | 1.00 (1.00–1.00) of 1 |" in lines
    assert "| **Declining** |  |" in lines and not any("kind" in line for line in lines)


def test_markdown_names_kinds_and_escapes_their_bars(tmp_path: Path) -> None:
    rows = [row("test", GREW, kind="[red]a|b"), row("first", GREW, kind="[red]a|b", split="test")]
    questions = write_rows(tmp_path / "[bold].jsonl", rows)
    report = evaluate(Shelf(), questions, tmp_path / "run", assistant=lambda library: ScriptedAssistant(SCRIPT))
    assert "| [red]a\\|b | 1 | 1.00 (1.00–1.00) |" in to_markdown(report)
    assert to_markdown(report).count("a\\|b") == 2  # once for its row of either split
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(to_terminal(report))
    text = console.export_text()
    assert "[red]a|b" in text and "[bold].jsonl" in text


def test_a_title_tells_of_other_articles_around(report: Report) -> None:
    assert "8 questions of questions.jsonl; qa" in title(report)
    around = Report({**report.header, "distractors": {"folder": "x", "articles": 500}}, (), ())
    assert "500 other articles around" in title(around)


def test_scoring_two_hundred_questions_takes_no_time_worth_mentioning(tmp_path: Path) -> None:
    kinds = [f"kind {n}" for n in range(12)]
    rows = [{**base, "id": f"{base['id']}{n}", "question": f"{base['id']}{n}?", "kind": kinds[n % 12],
             "split": ("dev", "test")[n // 12 % 2]} for n in range(25) for base in ROWS]
    script = {f"{base['id']}{n}?": SCRIPT[base["question"]] for n in range(25) for base in ROWS}
    questions = write_rows(tmp_path / "q", rows)
    evaluate(Shelf(), questions, tmp_path / "run", assistant=lambda library: ScriptedAssistant(script))
    started = time.perf_counter()
    assert len(score(tmp_path / "run").kinds) == 24
    assert time.perf_counter() - started < 2
