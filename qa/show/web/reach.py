"""Whether the server of the index answers: known to everybody who asks, looked at by one thread for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from qa.errors import IndexUnreachable, QAError

_SELDOM, _OFTEN = 3.0, 1.0  # seconds from one look to the next, while the server answers and while it does not
_FRESH = 30.0  # seconds for which it holds that the server does not answer; longer than a look and its pause

_NOT_YET = IndexUnreachable("the index has not been reached yet", "wait a moment")


class Reach:
    """What is known of the server, and when it was. `clock` gives seconds and only runs forward.

    look(): asks the server for something small; raises IndexUnreachable where it does not answer. None: the index is
    on this machine, and always in reach.
    """

    def __init__(self, look: Callable[[], object] | None, clock: Callable[[], float] = time.monotonic):
        self._look, self._clock = look, clock
        self._changing = threading.Lock()
        self._fault: IndexUnreachable | None = None
        self._known: float | None = None  # when it was
        self._looking = False

    @property
    def is_watched(self) -> bool:
        """Whether it is a server that may go away."""
        return self._look is not None

    def fault(self) -> IndexUnreachable | None:
        """Why it cannot be reached, as far as is known; None where it can. Nobody waits: it is looked behind this."""
        if self._is_due():
            threading.Thread(target=self._look_once, name="reach", daemon=True).start()
        return self._fault

    def is_known(self) -> bool:
        """Whether anything is known yet; always, of an index on this machine."""
        return self._look is None or self._known is not None

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Whether what is done inside reaches the index is known afterwards, as after a look."""
        try:
            yield
        except IndexUnreachable as error:
            self._know(error)
            raise
        self._know(None)

    @contextmanager
    def quickly(self) -> Iterator[None]:
        """As `trying`, but raises at once what was found a moment ago: not everybody need wait for it anew."""
        fault = self._recent()
        if fault is not None:
            raise IndexUnreachable(fault.problem, fault.remedy)
        with self.trying():
            yield

    def _recent(self) -> IndexUnreachable | None:
        self.fault()  # has it looked at again, where that is due
        if not self.is_known():
            return _NOT_YET
        with self._changing:
            is_fresh = self._known is not None and self._clock() - self._known < _FRESH
            return self._fault if is_fresh else None

    def _is_due(self) -> bool:
        """Whether to look now; then nobody else is told so until that is done."""
        if self._look is None:
            return False
        with self._changing:
            pause = _OFTEN if self._fault else _SELDOM
            due = not self._looking and (self._known is None or self._clock() - self._known >= pause)
            self._looking = self._looking or due
            return due

    def _look_once(self) -> None:
        try:
            with self.trying():
                self._look()
        except IndexUnreachable:
            return  # which is known now
        except QAError:
            self._know(None)  # it answered; what is wrong with it is said to whoever asks
        finally:
            self._looking = False

    def _know(self, fault: IndexUnreachable | None) -> None:
        with self._changing:
            self._fault, self._known = fault, self._clock()
