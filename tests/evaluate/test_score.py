"""From a run to figures: eight questions, each computed by eye."""

import io
import json
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from qa.errors import IndexDamaged
from qa.evaluate.evaluate import evaluate
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.questions.dataset import load
from qa.evaluate.report.tables import show_figure, title, to_markdown, to_terminal
from qa.evaluate.score import Report, score, score_run
from tests.evaluate.corpus import ScriptedAssistant, Shelf, answer, quote, row, write_rows
from tests.evaluate.lines import fault, line, run, shown
from tests.evaluate.outcomes import measure, outcome

GREW = [("budget", "It grew by 5 percent.")]  # the second sentence of that article
B0, B1, B3 = (quote("budget", n, probability=p) for n, p in ((0, 0.3), (1, 0.9), (3, 0.7)))
N0, N1, N2 = (quote("news/strike", n, probability=0.2) for n in range(3))
FORGED = replace(B3, text="It grew 5 higher.")  # not what the article says there
ROWS = [
    row("first", GREW), row("second", GREW), row("declined", GREW, kind="why"), row("fault", GREW),
    row("rightly", kind="far off"), row("wrongly", kind="far off"), row("broken", kind="far off"),
    row("test", GREW, split="test"),
]
SCRIPT = {
    "first?": answer("first?", [B1, B0, B3], 0.9),  # right at once
    "second?": answer("second?", [FORGED, B1], 0.6, found=[N0, N1, N2, B0, B3, B1]),  # right in second place, found 6th
    "declined?": answer("declined?", [N0, B0, B3, B1], 0.4, answered=False),  # right in fourth place, of closest
    "fault?": IndexDamaged("a file is short"),
    "rightly?": answer("rightly?", [B0], 0.2, answered=False),
    "wrongly?": replace(answer("wrongly?", [B3], 0.7), seconds={"search": 0.25, "total": 1.5}),
    "broken?": IndexDamaged("a file is short"),
    "test?": answer("test?", [B1], 0.9),
}
# words: B0 3, B1 5, B3 3, FORGED 4, N0 5. Hits of an answer are the places of its quotes, if nothing else is told.
BEST = 1 + 1 / log2(3) + 1 / log2(4)  # DCG of the three passages that hold the second sentence, at the top
DEV = {
    # found first, sixth, fourth and never
    "recall@1": (1 / 4, 4), "recall@5": (2 / 4, 4), "recall@20": (3 / 4, 4), "mrr": ((1 + 1 / 6 + 1 / 4) / 4, 4),
    "ndcg@10": ((1 + 1 / log2(7) + 1 / log2(5)) / BEST / 4, 4),
    "article@1": (2 / 4, 4), "article@5": (3 / 4, 4),  # "declined" begins with the other article
    "right@1": (1 / 4, 4), "right@3": (2 / 4, 4), "right@5": (3 / 4, 4),
    "precision": ((1 + 1 + 0) / (3 + 2 + 5), 3),  # a fault is none right of the five that an answer shows at most
    # FORGED: it, grew, 5 are common to its 4 words and the 5 of gold
    "f1": ((1 + 2 * 3 / (4 + 5)) / 4, 4),
    "within 50": (3 / 4, 4), "within 100": (3 / 4, 4),  # all are shorter than that; see the test of borders
    "words@1": ((5 + 4 + 5) / 3, 3), "words@3": ((11 + 9 + 11) / 3, 3), "words": ((11 + 9 + 16) / 3, 3),
    "words until right": ((5 + 9 + 16) / 3, 3),
    "cited": ((3 + 1 + 4 + 0 + 1 + 1 + 0) / (3 + 2 + 4 + 5 + 1 + 1 + 5), 7),  # two faults: none of five each
    "answered": (2 / 4, 4), "answered wrongly": (2 / 3, 3),
    # first, not second, and not a fault; of all: neither wrongly nor broken
    "accuracy answered": ((1 + 0 + 0) / 3, 3), "accuracy": ((1 + 0 + 0 + 0 + 0) / 5, 5),
    # answerable 0.9 0.6 0.4 and a fault at 0; not 0.2 0.7 and a fault at 1: wins 2 + 1 + 1 + 0 of 12
    "auroc": (4 / 12, 7),
    # rightly, of that, declined and the fault of an answerable question
    "decline precision": (1 / 3, 3), "decline recall": (1 / 3, 3),
    # the surest first: two faults at 1, first 0.9, wrongly 0.7, second 0.6, declined 0.4, rightly 0.2; one is right
    "aurc": ((1 / 1 + 2 / 2 + 2 / 3 + 3 / 4 + 4 / 5 + 5 / 6 + 6 / 7) / 7, 7),
    "accuracy@70%": (1 / 5, 7), "accuracy@80%": (1 / 6, 7), "accuracy@90%": (1 / 7, 7), "accuracy@100%": (1 / 7, 7),
    # fault 1, first 0.9, second 0.6, declined 0.4; 70 % of 4 are 3
    "aurc answerable": ((1 / 1 + 1 / 2 + 2 / 3 + 3 / 4) / 4, 4),
    "accuracy@70% answerable": (1 / 3, 4), "accuracy@80% answerable": (1 / 4, 4),
    "accuracy@90% answerable": (1 / 4, 4), "accuracy@100% answerable": (1 / 4, 4),
    # (0.9, 1) (0.7, 0) (0.2, 0) (1, 0 fault) (0.3, 0) (0.7, 0) (1, 0 fault): bins 0.9: 0.1; 0.7: 1.4; 0.2; 0.3; 1: 2
    "ece": ((0.1 + 1.4 + 0.2 + 0.3 + 2) / 7, 7), "ece answerable": ((0.1 + 0.7 + 0.2 + 1) / 4, 4),
    "brier answerable": ((0.01 + 0.49 + 0.04 + 1) / 4, 4), "brier unanswerable": ((0.09 + 0.49 + 1) / 3, 3),
    # stated 0.9 0.6 0.4 0 of 1; 0.2 0.7 1 of 0
    "ece answer": ((0.1 + 0.4 + 0.6 + 1 + 0.2 + 0.7 + 1) / 7, 7),
    "brier answer": ((0.01 + 0.16 + 0.36 + 1 + 0.04 + 0.49 + 1) / 7, 7),
}


def scored(folder: Path, rows: list[dict[str, Any]] = ROWS, script: Mapping[str, Any] = SCRIPT,
           name: str = "questions.jsonl") -> Report:
    """`rows` answered by `script`, scored; the run is `folder`/run.jsonl."""
    dataset = load(write_rows(folder / name, rows))
    return evaluate(Shelf(), dataset, folder / "run.jsonl", assistant=lambda library: ScriptedAssistant(script))


def with_lines(path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Path:
    """The run at `path` with its lines after the header changed, beside it."""
    header, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return write_rows(path.with_name("changed.jsonl"), [header, *change(lines)])


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return scored(tmp_path_factory.mktemp("eval"))


def test_every_measure_is_computed_here_by_hand() -> None:
    assert DEV.keys() == {measure.key for measure in MEASURES}


@pytest.mark.parametrize("key", DEV)
def test_figure_by_hand(key: str, report: Report) -> None:
    figure = report.figure("dev", key)
    assert (figure.value, figure.n) == (pytest.approx(DEV[key][0]), DEV[key][1])
    assert figure.low <= figure.value <= figure.high


def judged(**changes: Any) -> Report:
    return score_run(run(line(**changes)))


@pytest.mark.parametrize(("words", "within"), [(50, (1, 1)), (51, (0, 1)), (100, (0, 1)), (101, (0, 0))])
def test_an_answer_within_so_many_words_ends_there(words: int, within: tuple[int, int]) -> None:
    quotes = [shown(0, 5, "far " * 30), shown(10, 20, "here " * (words - 30)), shown(10, 20, "x " * 200)]
    report = judged(quotes=quotes)
    assert tuple(report.figure("dev", f"within {n}").value for n in (50, 100)) == within


def test_sentences_of_a_set_of_articles_are_not_judged_and_its_articles_are(tmp_path: Path) -> None:
    hits = [N0, N1, B0]  # strike, again, then budget: ranks 1 and 2
    rows = [row("q", [("budget", 3), ("news/strike", 1)]), row("none")]
    script = {"q?": answer("q?", [B0, N0], 0.9, found=hits), "none?": answer("none?", [B0], 0.2, answered=False)}
    figures = scored(tmp_path, rows, script).splits[0].figures
    for key in ("right@1", "right@3", "right@5", "precision", "f1", "within 50", "within 100"):
        assert (figures[key].value, figures[key].n) == (None, 0), key
    assert figures["article@1"].value == figures["accuracy"].value == figures["recall@1"].value == 1
    # grades 1 and 3 as found; 3 and 1 at best
    assert figures["ndcg@10"].value == pytest.approx((1 + 3 / log2(3)) / (3 + 1 / log2(3)))


def test_answering_what_has_no_answer_is_wrong_whatever_is_quoted() -> None:
    assert measure("aurc").columns(outcome(right=True, answerable=False)) == (0.5, True)


def test_a_missing_line_counts_as_a_fault_does(report: Report, tmp_path: Path) -> None:
    scored(tmp_path)
    missing = score(with_lines(tmp_path / "run.jsonl", lambda lines: lines[:3] + lines[4:6] + lines[7:]))
    same = [[replace(s, yardstick=None) for s in (*r.splits, *r.kinds)] for r in (missing, report)]
    assert same[0] == same[1]  # "fault" and "broken" are not there
    assert [n for n, said in enumerate(missing.lines) if said is None] == [3, 6]


def test_a_line_taken_away_is_never_left_out_of_an_average(report: Report, tmp_path: Path) -> None:
    scored(tmp_path)
    less = score(with_lines(tmp_path / "run.jsonl", lambda lines: lines[1:])).splits[0]  # without "first"
    assert (less.answerable, less.failed, less.stages["failed"]) == (4, 3, 3)
    for key in ("recall@20", "mrr", "ndcg@10", "article@1", "right@1", "right@3", "f1", "within 50", "answered"):
        figure, whole = less.figures[key], report.figure("dev", key)
        assert figure.n == whole.n and figure.value < whole.value, key
    assert less.figures["right@1"].value == 0 and less.figures["answered"].value == 1 / 4
    assert less.figures["aurc"].value == less.figures["aurc answerable"].value == 1


def test_a_run_without_any_line_is_wrong_throughout(tmp_path: Path) -> None:
    scored(tmp_path)
    dev = score(with_lines(tmp_path / "run.jsonl", lambda lines: [])).splits[0]
    assert (dev.failed, dev.latency, dev.yardstick, dev.stages) == (7, {}, None, {"failed": 7})
    values = {key: dev.figures[key].value for key in ("recall@20", "right@5", "answered", "auroc", "decline recall")}
    assert set(values.values()) == {0} and dev.figures["aurc"].value == dev.figures["brier answer"].value == 1


def test_splits_and_kinds_stand_apart(report: Report) -> None:
    counts = [(s.split, s.answerable, s.unanswerable, s.failed) for s in report.splits]
    assert counts == [("dev", 4, 3, 2), ("test", 1, 0, 0)]
    assert report.figure("test", "right@1").value == 1 and report.figure("test", "decline recall").n == 0
    kinds = {(s.split, s.kind): s for s in report.kinds}
    assert list(kinds) == [("dev", "who"), ("dev", "why"), ("dev", "far off"), ("test", "who")]
    assert kinds["dev", "who"].figures["right@1"].value == pytest.approx(1 / 3)
    assert kinds["dev", "far off"].figures["answered wrongly"].value == pytest.approx(2 / 3)


def test_stages_are_counted_in_the_order_of_the_way(report: Report) -> None:
    # "second" and "declined" read the second sentence, but not first; those that are right are no stage
    assert list(report.splits[0].stages.items()) == [("ranked low", 2), ("wrongly answered", 1), ("failed", 2)]
    assert report.splits[1].stages == {}


def test_curve_and_reliability_of_a_split_by_hand(report: Report) -> None:
    dev = report.splits[0]
    # two faults at 1, then first (right), wrongly, second, declined, rightly
    assert dev.curve == tuple((pytest.approx(n / 7), pytest.approx(wrong / n)) for n, wrong in (
        (2, 2), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6)))
    full = [(b.low, b.n, b.stated, b.happened) for b in dev.reliability if b.n]
    assert full == [  # first 0.9, second 0.6, declined 0.4, fault 0 of 1; rightly 0.2, wrongly 0.7, broken 1 of 0
        (0.0, 1, 0, 1), (0.1, 1, 0.2, 0), (0.3, 1, 0.4, 1), (0.5, 1, 0.6, 1), (0.6, 1, 0.7, 0), (0.8, 1, 0.9, 1),
        (0.9, 1, 1, 0)]
    quotes = [(b.low, b.n, b.stated, b.happened) for b in dev.reliability_quote if b.n]
    assert quotes == [(0.1, 1, 0.2, 0), (0.6, 1, 0.7, 0), (0.8, 1, 0.9, 1), (0.9, 1, 1, 0)]


def test_an_interval_is_of_conversations(tmp_path: Path) -> None:
    """Six questions of one conversation are all drawn or none is, whatever stands before them."""
    rows = [*(row(f"none{n}") for n in range(6)), *(row(f"q{n}", GREW, conversation="one") for n in range(6))]
    script = {f"q{n}?": answer("x", [(B0, B1)[n % 2]], 0.9) for n in range(6)}
    script |= {f"none{n}?": answer("x", [B0], 0.9) for n in range(6)}
    figure = scored(tmp_path, rows, script).figure("dev", "right@1")
    assert (figure.low, figure.value, figure.high) == (0.5, 0.5, 0.5)


def test_what_is_undefined_has_no_value(report: Report) -> None:
    auroc = report.figure("test", "auroc")
    assert (auroc.value, auroc.low, auroc.high, auroc.n) == (None, None, None, 1)
    assert show_figure(auroc) == "– of 1" and show_figure(report.figure("test", "decline recall")) == "– of 0"


def test_seconds_are_those_of_the_questions_that_did_not_fail(report: Report) -> None:
    # totals 0.5 0.5 0.5 0.5 and 1.5: p95 lies 0.8 of the way from the fourth to the fifth
    assert report.splits[0].latency == {"search": (0.25, 0.25), "total": (0.5, pytest.approx(1.3))}


def test_the_yardstick_is_the_median_of_the_questions_that_did_not_fail() -> None:
    lines = [line(id=f"q{n}", yardstick=y) for n, y in enumerate((0.2, 0.1, 0.6))]
    assert score_run(run(*lines, fault(id="x"))).splits[0].yardstick == 0.2


def test_scoring_a_run_again_gives_the_same(tmp_path: Path) -> None:
    first, again = scored(tmp_path), score(tmp_path / "run.jsonl")
    assert first == again and to_markdown(first) == to_markdown(again)
    asked = scored(tmp_path)
    assert [replace(s, yardstick=None) for s in asked.splits] == [replace(s, yardstick=None) for s in first.splits]


@pytest.mark.parametrize("trouble", [None, MemoryError("a full machine")])
def test_the_assistant_is_closed_whatever_happens(trouble: Exception | None, tmp_path: Path) -> None:
    assistant = ScriptedAssistant({"test?": trouble or SCRIPT["test?"]})
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("test", GREW)]))
    with pytest.raises(MemoryError) if trouble else nullcontext():
        evaluate(Shelf(), dataset, tmp_path / "run", source={"name": "squad"}, assistant=lambda library: assistant)
        assert score(tmp_path / "run").header["dataset"] == {"name": "squad"}
    assert assistant.closed


def test_a_text_table_holds_every_measure_and_fits_a_narrow_terminal(report: Report) -> None:
    for width in (80, 160):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(to_terminal(report))
        text = console.export_text()
        assert all(len(line) <= width for line in text.splitlines())
    assert all(measure.name in text for measure in MEASURES)
    assert "dev: 4 answerable, 3 not, 2 failed" in text and "0.25 (" in text and "dev by kind" in text
    assert "0.500 / 1.300" in text and "12.0 (" in text and " 4.7 (" in text


def test_markdown_of_the_test_half_quotes_nothing_of_dev(report: Report) -> None:
    lines = to_markdown(report, splits=("test",), kinds=False).splitlines()
    assert lines[0] == title(report) and lines[2] == "| measure | test: 1 answerable, 0 not |"
    assert lines[3] == "| --- | ---: |" and "| right sentence first | 1.00 (1.00–1.00) of 1 |" in lines
    assert "| **Declining** |  |" in lines and not any("kind" in line for line in lines)


def test_markdown_names_kinds_and_escapes_their_bars(tmp_path: Path) -> None:
    rows = [row("test", GREW, kind="[red]a|b"), row("first", GREW, kind="[red]a|b", split="test")]
    report = scored(tmp_path, rows, name="[bold].jsonl")
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
    scored(tmp_path, rows, script)
    started = time.process_time()
    assert len(score(tmp_path / "run.jsonl").kinds) == 24
    assert time.process_time() - started < 2
