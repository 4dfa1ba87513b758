"""Changes to the articles folder that come while a build runs share the next one.

A change is made in the folder at once, one at a time, and ordered; a build takes in whatever was ordered before it
began. So any number of people adding files at the same moment wait for two builds, not for one each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from qa.errors import QAError

Outcome = TypeVar("Outcome")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Order:
    """A change that was made in the folder and is to be indexed.

    names: of the files it is about; nobody else may change them until it is indexed or undone.
    undo: takes the change back, where the build fails.
    paths: those files below the articles folder, be they there or gone.
    since: see `Library.build`.
    """

    names: frozenset[str]
    undo: Callable[[], None]
    paths: tuple[str, ...] = ()
    since: Mapping[str, str] = field(default_factory=dict)


Build = Callable[[Tell, Sequence[Order]], Outcome]


class Batch(Generic[Outcome]):
    """The orders of one build."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.future: Future[Outcome]
        self._stages: list[str] = []
        self._news, self._finished = threading.Condition(), False

    def tell(self, stage: str) -> None:
        """Announces the stage that the build is in; the same one again is no news."""
        with self._news:
            if self._stages[-1:] != [stage]:
                self._stages.append(stage)
                self._news.notify_all()

    def finish(self) -> None:
        with self._news:
            self._finished = True
            self._news.notify_all()

    def follow(self, progress: Tell) -> Outcome:
        """Waits for the build and returns its outcome, or raises what it raised.

        progress(stage) is called in the waiting thread; what it raises ends the waiting and not the build, in which
        others have their share.
        """
        for stage in self._told():
            progress(stage)
        return self.future.result()

    def _told(self) -> Iterator[str]:
        """The stages one after the other, as they come."""
        count = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._finished or len(self._stages) > count)
                if len(self._stages) == count:
                    return
                stage = self._stages[count]
            count += 1
            yield stage


class Builds(Generic[Outcome]):
    """Runs `build(tell, orders)` for batch after batch, in a thread of its own."""

    def __init__(self, build: Build[Outcome]):
        self._build = build
        self._free, self._busy = threading.Condition(), set[str]()
        self._next: Batch[Outcome] | None = None
        self._worker = ThreadPoolExecutor(1, "qa-builds")

    @contextmanager
    def turn(self, names: frozenset[str] = frozenset()) -> Iterator[None]:
        """While inside, nobody else changes the folder, and no order about one of `names` is under way."""
        with self._free:
            self._free.wait_for(lambda: not names & self._busy)
            yield

    def order(self, order: Order) -> Batch[Outcome]:
        """Has the next build take the change in. Only in the `turn` in which it was made."""
        with self._free:
            if self._next is None:
                self._next = Batch()
                self._next.future = self._worker.submit(self._run)
            self._next.orders.append(order)
            self._busy |= order.names
            return self._next

    def _run(self) -> Outcome:
        with self._free:
            batch, self._next = self._next, None
        assert batch is not None  # `order` asks for a run only with a batch to take
        with ExitStack() as ending:
            ending.callback(self._finish, batch)
            # Whatever ends the build early, every change of it goes back, the last one first.
            undoing = ending.enter_context(ExitStack())
            for order in batch.orders:
                undoing.callback(self._undo, order)
            outcome = self._build(batch.tell, tuple(batch.orders))
            undoing.pop_all()
            return outcome

    def _undo(self, order: Order) -> None:
        with self._free:
            try:
                order.undo()
            except OSError as error:
                raise QAError(f"a change that could not be indexed cannot be taken back ({error})",
                              "check the permissions of the articles folder and run `qa index`") from error

    def _finish(self, batch: Batch[Outcome]) -> None:
        with self._free:
            for order in batch.orders:
                self._busy -= order.names
            self._free.notify_all()
        batch.finish()
