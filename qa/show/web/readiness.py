"""The models load behind the page: what it can do yet, and where a question waits until it can."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import fastapi

from qa.errors import IndexFault, IndexMissing, IndexUnreachable, QAError, one_line
from qa.show.web.reach import Reach

_FAULT = QAError("the program failed while getting ready", "the terminal that serves this page says how")
_PASSING = (IndexUnreachable, IndexMissing)  # what may pass without anybody doing anything here
_TICK = 0.25  # seconds between two looks at whether whoever waits still wants to
_ENDING = 20.0  # seconds that a load is given to notice that it is to end
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0  # seconds between two tries; each pause is twice the one before

Say = Callable[[str], None]


class _Stopped(Exception):
    """Nobody needs what is being loaded any more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How far it is; `problem` is the line to show where the last try failed."""

    ready: bool
    stage: str
    problem: str | None = None


@dataclass(slots=True)
class _Try:
    """One run of `load`: whether it has ended, and with what."""

    ended: threading.Event = field(default_factory=threading.Event)
    problem: QAError | None = None
    thread: threading.Thread | None = None


class Readiness:
    """Runs `load` in a thread of its own once started, and again by itself while an index may yet be reached or built.

    `load(say)` does what takes long and calls say(stage) with words for people. What it raises is kept: a QAError
    as its line, handed to `complain` too, once; any other is the program's own fault and goes to
    `threading.excepthook`. pause: seconds before it is first tried again; each pause is twice the one before.
    """

    def __init__(self, load: Callable[[Say], None], complain: Callable[[QAError], None], pause: float = _FIRST_PAUSE):
        self._load, self._complain, self._first_pause = load, complain, pause
        self._changing = threading.Lock()
        self._stage, self._problem, self._complaint = "starting", None, ""
        self._stopping, self._pause = False, pause
        self._try: _Try | None = None
        self._again: threading.Timer | None = None

    def start(self) -> None:
        """Begins to load, unless that is done or under way; after a failure it begins again."""
        self._begin()

    def state(self) -> Stage:
        problem = self._problem
        return Stage(self._stage == "ready", self._stage, problem and one_line(problem))

    def wait(self, progress: Say = lambda stage: None) -> None:
        """Returns once all is loaded. progress("wait") is called while that lasts; what it raises ends the waiting.

        Where the last try failed, tries again. Raises the QAError that this one ends with: an IndexFault as it is, and
        any other as no kind that says something of the question.
        """
        if (attempt := self._begin()) is None:
            return
        while not attempt.ended.is_set():
            progress("wait")
            attempt.ended.wait(_TICK)
        if (problem := attempt.problem) is not None:
            kind = type(problem) if isinstance(problem, IndexFault) else QAError
            raise kind(problem.problem, problem.remedy)

    def stop(self) -> None:
        """Ends the loading, at its next stage."""
        with self._changing:
            self._stopping, attempt = True, self._try
            if self._again is not None:
                self._again.cancel()
        if attempt is not None:
            attempt.thread.join(_ENDING)

    def _begin(self) -> _Try | None:
        """The try that is under way, begun here where none was; None where nothing is to be loaded any more."""
        with self._changing:
            if self._stage == "ready" or (self._stopping and self._try is None):
                return None
            if self._try is None:
                if self._again is not None:
                    self._again.cancel()
                self._problem, self._try = None, _Try()
                self._try.thread = threading.Thread(target=self._run, args=[self._try], name="loading", daemon=True)
                self._try.thread.start()
            return self._try

    def _run(self, attempt: _Try) -> None:
        attempt.problem = _FAULT  # unless it turns out otherwise
        try:
            self._load(self._say)
            attempt.problem = None
        except _Stopped:
            attempt.problem = None
        except QAError as error:
            attempt.problem = error
            self._tell(error)
        else:
            self._stage = "ready"
        finally:
            self._end(attempt)

    def _end(self, attempt: _Try) -> None:
        with self._changing:
            if attempt.problem is not None:
                self._stage = "failed"
            self._problem, self._try = attempt.problem, None
            if isinstance(attempt.problem, _PASSING) and not self._stopping:
                self._again = threading.Timer(self._pause, self.start)
                self._again.daemon = True
                self._again.start()
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            else:
                self._pause = self._first_pause
        attempt.ended.set()

    def _tell(self, error: QAError) -> None:
        if one_line(error) != self._complaint:
            self._complaint = one_line(error)
            self._complain(error)

    def _say(self, stage: str) -> None:
        if self._stopping:
            raise _Stopped
        self._stage = stage


def readiness_router(readiness: Readiness, reach: Reach | None = None) -> fastapi.APIRouter:
    """GET /ready -> {"ready": bool, "stage": str, "problem": str | null, "reachable": bool | null}.

    "reachable": whether the server of the index answers, as far as is known; null of an index on this machine.
    "problem": why nothing can be asked now. It answers at once; however many look, the server is asked once for all.
    """
    router, watched = fastapi.APIRouter(), reach if reach is not None and reach.is_watched else None

    @router.get("/ready")
    def ready() -> dict[str, bool | str | None]:
        state, fault = readiness.state(), watched.fault() if watched else None
        return {"ready": state.ready, "stage": state.stage, "problem": state.problem or (fault and one_line(fault)),
                "reachable": fault is None if watched and watched.is_known() else None}

    return router
