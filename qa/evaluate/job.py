"""An evaluation that runs beside other work: one at a time, watched and stopped from any thread."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from qa.errors import DatasetError, QAError, UsageError, one_line
from qa.evaluate.questions.dataset import load
from qa.evaluate.runs.kept import FILES, SHIPPED
from qa.evaluate.runs.record import Asks, Progress, record

Stage = Literal["", "starting", "questions", "stopping", "done", "stopped", "failed"]
Make = Callable[[str, Path, Progress], None]  # question set, the run to write, progress -> nothing


@dataclass(frozen=True, slots=True)
class JobState:
    """How far the evaluation is, or how the last one ended ("" where there was none).

    `done` of `total` questions, in `seconds`. `problem`: in a line why it failed. `run`: the name of the run that it
    has written, once it is done.
    """

    running: bool = False
    stage: Stage = ""
    questions: str = SHIPPED
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    problem: str | None = None
    run: str | None = None


class _Stopped(Exception):
    """Raised out of `progress`, which ends the run and leaves nothing of it."""


class Job:
    """Runs `make(question set, out, progress)` in a thread, its runs as files in the folder `runs`.

    What `make` raises is told, never taken for an end: a QAError as the state's `problem`, and a defect there too and
    to `sys.excepthook`, as if it had ended the program.
    """

    def __init__(self, make: Make, runs: Path):
        self._make, self._runs = make, runs
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._state, self._started = JobState(), 0.0
        self._worker: ThreadPoolExecutor | None = None

    def start(self, questions: str = SHIPPED) -> None:
        """Begin to evaluate with the set `questions`. Raises UsageError while an evaluation runs."""
        if questions not in FILES:
            raise UsageError(f"there is no question set {questions!r}", f"known: {', '.join(FILES)}")
        with self._lock:
            if self._state.running:
                raise UsageError("an evaluation is running already", "wait until it is done, or stop it")
            self._state = JobState(running=True, stage="starting", questions=questions)
            self._started = time.monotonic()
            self._stop.clear()
            self._worker = self._worker or ThreadPoolExecutor(1, thread_name_prefix="evaluation")
            out = _free(self._runs)
            begun = self._worker.submit(self._make, questions, out, self._progress)
        begun.add_done_callback(lambda ended: self._ended(ended, out))  # which takes the lock, and may be now

    def cancel(self) -> None:
        """End the evaluation at its next question; nothing where none runs."""
        with self._lock:
            if self._state.running:
                self._stop.set()
                self._state = replace(self._state, stage="stopping")

    def state(self) -> JobState:
        """How far it is now."""
        with self._lock:
            return replace(self._state, seconds=self._seconds()) if self._state.running else self._state

    def close(self) -> None:
        """Stop what runs, and wait for its end: a question at most."""
        self.cancel()
        if self._worker:
            self._worker.shutdown()

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise _Stopped
        with self._lock:
            if self._state.stage != "stopping":
                self._state = replace(self._state, stage="questions", done=done, total=total)

    def _ended(self, ended: Future[None], out: Path) -> None:
        error = ended.exception()  # whatever it was: none is lost, and none is caught that says nothing
        with self._lock:
            self._state = replace(self._state, running=False, seconds=self._seconds(), **_end(error, out))
        if error and not isinstance(error, (_Stopped, QAError)):
            sys.excepthook(type(error), error, error.__traceback__)

    def _seconds(self) -> float:
        return round(time.monotonic() - self._started, 2)


def page_job(library: Any, assistant: Asks, folder: Path) -> Job:
    """Evaluates what is being served: asks `assistant`, which stays open, the question sets of `folder`.

    So no model is loaded twice, and it is the answers that readers get that are measured.
    """

    def make(questions: str, out: Path, progress: Progress) -> None:
        before = library.generation()

        def watched(stage: str, done: int, total: int) -> None:
            if library.generation() != before:  # what was right for the old articles may not be for these
                raise DatasetError("the articles changed while the questions were asked", "run it again")
            progress(stage, done, total)

        record(assistant, library, load(folder / FILES[questions]), out, progress=watched)

    return Job(make, folder / "runs")


def _end(error: BaseException | None, out: Path) -> dict[str, Any]:
    """What the state says of an evaluation that ended with `error` or well."""
    if error is None:
        return {"stage": "done", "run": out.name}
    if isinstance(error, _Stopped):
        return {"stage": "stopped"}
    if isinstance(error, QAError):
        return {"stage": "failed", "problem": one_line(error)}
    told = f"the program failed ({type(error).__name__}: {one_line(error)}); the terminal that serves this page says so"
    return {"stage": "failed", "problem": told}


def _free(runs: Path) -> Path:
    """A run's file that is not there yet, named by the time."""
    name = f"{datetime.now():%Y%m%d-%H%M%S}"
    return next(path for n in range(1, 1_000) if not (path := runs / f"{name}{f'-{n}' * (n > 1)}.jsonl").exists())
