"""Work in a thread that tells its stages, so that a page can show them and end it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class _Ended(Exception):
    """Nobody waits for the result any more."""


class Background(Generic[_Result]):
    """Runs `work(tell)` in a thread while it is open; left early, `tell` ends the work at its next stage."""

    def __init__(self, work: Callable[[Callable[[str], None]], _Result]):
        self._work, self._left = work, Event()
        self._told: SimpleQueue[str | None] = SimpleQueue()
        self._pool = ThreadPoolExecutor(max_workers=1)

    def __enter__(self) -> Background[_Result]:
        self._future = self._pool.submit(self._run)
        return self

    def __exit__(self, *fault: object) -> None:
        self._left.set()
        self._pool.shutdown(wait=False)

    def stages(self) -> Iterator[str]:
        """Each stage as it begins, until the work is done."""
        while (stage := self._told.get()) is not None:
            yield stage

    def result(self) -> _Result:
        """What the work gave, once it is done; what it raised is raised here."""
        return self._future.result()

    def _run(self) -> _Result:
        try:
            return self._work(self._tell)
        finally:
            self._told.put(None)

    def _tell(self, stage: str) -> None:
        if self._left.is_set():
            raise _Ended
        self._told.put(stage)
