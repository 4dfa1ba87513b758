"""The models load behind the page: what it can do yet, and where a question waits until it can."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import fastapi

from qa.errors import QAError, one_line

_FAULT = QAError("the program failed while getting ready", "the terminal that serves this page says how")
_TICK = 0.25  # seconds between two looks at whether whoever waits still wants to
_ENDING = 20.0  # seconds that a load is given to notice that it is to end

Say = Callable[[str], None]


class _Stopped(Exception):
    """Nobody needs what is being loaded any more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far it is; `problem` is the line to show where the last try failed."""

    ready: bool
    stage: str
    problem: str | None = None


class Readiness:
    """Runs `load` in a thread of its own once started.

    `load(say)` does what takes long and calls say(stage) with words for people. What it raises is kept: a QAError
    as its line, handed to `complain` too; any other is the program's own fault and goes to `threading.excepthook`.
    """

    def __init__(self, load: Callable[[Say], None], complain: Callable[[QAError], None]):
        self._load, self._complain = load, complain
        self._changing = threading.Lock()
        self._stage, self._problem = "starting", None
        self._stopping, self._thread = False, None

    def start(self) -> None:
        """Begins to load, unless that is done or under way; after a failure it begins again."""
        with self._changing:
            if self._thread is None and not self._stopping:
                self._problem = None
                self._thread = threading.Thread(target=self._run, name="loading", daemon=True)
                self._thread.start()

    def state(self) -> Stage:
        problem = self._problem
        return Stage(self._stage == "ready", self._stage, problem and one_line(problem))

    def wait(self, progress: Say = lambda stage: None) -> None:
        """Returns once all is loaded. progress("wait") is called while that lasts; what it raises ends the waiting.

        Where the last try failed, tries again. Raises the QAError that this one ends with.
        """
        if self._stage == "ready":
            return
        self.start()
        while (thread := self._thread) is not None:
            progress("wait")
            thread.join(_TICK)
        if self._problem is not None:
            raise QAError(self._problem.problem, self._problem.remedy)

    def stop(self) -> None:
        """Ends the loading, at its next stage."""
        self._stopping = True
        if (thread := self._thread) is not None:
            thread.join(_ENDING)

    def _run(self) -> None:
        problem: QAError | None = _FAULT  # unless it turns out otherwise
        try:
            self._load(self._say)
            self._stage, problem = "ready", None
        except _Stopped:
            problem = None
        except QAError as error:
            problem = error
            self._complain(error)
        finally:
            if problem is not None:
                self._stage = "failed"
            self._problem = problem
            self._thread = None

    def _say(self, stage: str) -> None:
        if self._stopping:
            raise _Stopped
        self._stage = stage


def readiness_router(readiness: Readiness) -> fastapi.APIRouter:
    """GET /ready -> {"ready": bool, "stage": str, "problem": str | null}."""
    router = fastapi.APIRouter()

    @router.get("/ready")
    def ready() -> dict[str, bool | str | None]:
        state = readiness.state()
        return {"ready": state.ready, "stage": state.stage, "problem": state.problem}

    return router
