"""One evaluation at a time, watched and stopped; what goes wrong is said, and nothing half done is left."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from qa.errors import IndexDamaged, UsageError
from qa.evaluate.job import Job, JobState, page_job
from qa.evaluate.report.latest import Latest
from qa.evaluate.runs.run import read_run
from tests.conftest import ROOT
from tests.evaluate.corpus import ScriptedAssistant, Shelf, answer, quote, row, write_rows

ANSWERS = {f"{id}?": answer(f"{id}?", [quote("budget", 0)], 0.9) for id in "abcd"}
ROWS = [row(id, [("budget", "The budget grew.")]) for id in "abcd"]


class Gated(ScriptedAssistant):
    """Answers one question each time it is let."""

    def __init__(self) -> None:
        super().__init__(ANSWERS)
        self.gate = threading.Semaphore(0)

    def ask(self, question, history=()):
        assert self.gate.acquire(timeout=10)
        return super().ask(question, history)


class Moving(Shelf):
    """A library whose index can be built anew."""

    number = 1

    def generation(self) -> int:
        return self.number


def until(job: Job, holds: Callable[[JobState], bool]) -> JobState:
    for _ in range(1_000):
        if holds(state := job.state()):
            return state
        time.sleep(0.01)
    raise AssertionError(f"never so: {job.state()}")


def ended(state: JobState) -> bool:
    return not state.running


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    write_rows(tmp_path / "questions.jsonl", ROWS)
    return tmp_path


@pytest.fixture
def asked() -> Gated:
    return Gated()


@pytest.fixture
def job(evals: Path, asked: Gated):
    with closing(page_job(Moving(), asked, evals)) as job:
        yield job
        asked.gate.release(100)


def test_it_tells_how_far_it_is_and_keeps_a_run_that_the_report_shows(job: Job, asked: Gated, evals: Path) -> None:
    assert job.state() == JobState()
    job.start()
    assert job.state().running and job.state().questions == "shipped"
    asked.gate.release(2)
    state = until(job, lambda state: state.done == 2)
    assert (state.stage, state.total, state.run, state.problem) == ("questions", 4, None, None)
    assert not list((evals / "runs").glob("[!.]*"))
    asked.gate.release(2)
    state = until(job, ended)
    assert (state.stage, state.done, state.seconds > 0) == ("done", 4, True)
    assert [line["id"] for line in read_run(evals / "runs" / state.run).lines] == [*"abcd"]
    assert not asked.closed  # it is the page's own, and goes on answering
    (told,) = Latest(evals).sets()
    assert (told["run"], told["count"], told["questions"]) == (state.run, 4, "shipped")
    assert all(type(value) in (bool, str, int, float, type(None)) for value in asdict(state).values())


def test_only_one_runs_at_a_time(job: Job, asked: Gated, evals: Path) -> None:
    job.start()
    with pytest.raises(UsageError, match="^an evaluation is running already; wait until it is done, or stop it$"):
        job.start()
    asked.gate.release(8)
    first = until(job, ended)
    job.start()
    second = until(job, ended)
    assert second.run != first.run and len(list((evals / "runs").iterdir())) == 2


def test_it_is_stopped_at_the_next_question_and_leaves_nothing(job: Job, asked: Gated, evals: Path) -> None:
    job.start()
    asked.gate.release()
    until(job, lambda state: state.done == 1)
    assert list((evals / "runs").iterdir())  # the one being written
    job.cancel()
    assert job.state().stage == "stopping" and job.state().running
    asked.gate.release()
    state = until(job, ended)
    assert (state.stage, state.run, state.problem) == ("stopped", None, None) and len(asked.asked) == 2
    assert not list((evals / "runs").iterdir())
    asked.gate.release(4)
    job.start()
    assert until(job, ended).stage == "done"


def test_stopping_nothing_is_nothing(job: Job) -> None:
    job.cancel()
    assert job.state() == JobState()


def test_closing_stops_what_runs_and_waits_for_its_end(job: Job, asked: Gated, evals: Path) -> None:
    job.start()
    asked.gate.release()
    until(job, lambda state: state.done == 1)
    asked.gate.release()
    job.close()
    assert job.state().stage == "stopped" and not list((evals / "runs").iterdir())


def test_a_question_that_fails_is_a_fault_of_the_run_and_not_its_end(job: Job, asked: Gated, evals: Path) -> None:
    asked.script = {**ANSWERS, "b?": IndexDamaged("a file is short"), "c?": ZeroDivisionError("ours")}
    asked.gate.release(4)
    job.start()
    state = until(job, ended)
    assert state.stage == "done"
    faults = [line["error"] and line["error"]["type"] for line in read_run(evals / "runs" / state.run).lines]
    assert faults == [None, "IndexDamaged", "ZeroDivisionError", None]


def test_what_cannot_be_asked_is_one_line_in_words(job: Job, asked: Gated, evals: Path) -> None:
    write_rows(evals / "questions.jsonl", [row("a", [("budget", "Rain.")])])
    job.start()
    state = until(job, ended)
    assert state.stage == "failed" and "the quote 'Rain.' stands nowhere in article 'budget'" in state.problem
    assert "\n" not in state.problem and not asked.asked and not (evals / "runs").exists()
    job.start("chat")
    assert "from-chat.jsonl cannot be read" in until(job, ended).problem
    with pytest.raises(UsageError, match="there is no question set 'other'; known: shipped, chat"):
        job.start("other")


def test_articles_that_change_meanwhile_end_it(evals: Path, asked: Gated) -> None:
    library = Moving()
    with closing(page_job(library, asked, evals)) as job:
        job.start()
        asked.gate.release()
        until(job, lambda state: state.done == 1)
        library.number = 2
        asked.gate.release()
        state = until(job, ended)
    assert state.problem == "the articles changed while the questions were asked; run it again"
    assert not list((evals / "runs").iterdir())


@pytest.mark.parametrize("fault", [ZeroDivisionError("by\nnothing"), MemoryError("full")])
def test_a_defect_is_told_in_a_line_and_is_not_lost(fault: BaseException, tmp_path: Path, monkeypatch) -> None:
    """A defect is never taken for an end, and the program's own hook says it where it is served."""
    hooked = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: hooked.append((kind, error, trace is not None)))

    def make(questions, out, progress):
        raise fault

    with closing(Job(make, tmp_path)) as job:
        job.start()
        state = until(job, ended)
    said = " ".join(str(fault).split())
    assert state.stage == "failed" and state.run is None
    assert state.problem.startswith(f"the program failed ({type(fault).__name__}: {said});")
    assert hooked == [(type(fault), fault, True)]


def test_a_job_that_ends_at_once_hangs_nobody(tmp_path: Path) -> None:
    with closing(Job(lambda questions, out, progress: None, tmp_path)) as job:
        for _ in range(50):
            job.start()
            assert until(job, ended).stage == "done"


def test_the_real_assistant_is_measured_while_it_answers_others(library, assistant, tmp_path: Path) -> None:
    """The same answers as a reader gets, and as `qa eval` would record; whoever asks meanwhile is answered."""
    lines = (ROOT / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "questions.jsonl").write_text("\n".join(lines[:4]), encoding="utf-8")
    with closing(page_job(library, assistant, tmp_path)) as job:
        job.start()
        asked = 0
        while job.state().running:
            assert assistant.ask("Why did Iran strike Pakistan?").quotes
            asked += 1
        state = job.state()
    assert (state.stage, state.problem, asked > 0) == ("done", None, True)
    for line in read_run(tmp_path / "runs" / state.run).lines:
        said = assistant.ask(line["question"], line["history"])
        shown = said.quotes or said.closest
        assert line["error"] is None and line["answered"] == said.answered
        assert [q["text"] for q in line["quotes"] or line["closest"]] == [q.text for q in shown]
