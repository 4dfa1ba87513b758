"""Ports of this machine for servers that are stopped and started again."""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

# Below those that the system gives to whoever asks for any port: what is free here stays free while nothing listens.
_FIRST, _COUNT = 20_000, 12_000


class Port:
    """A free port of 127.0.0.1. Until it is closed, or its process ends, no other `Port` is of the same number.

    gRPC lets two servers listen on one port and deals the calls out among them, so asking whether it is free is not
    enough where several tests run at a time. The numbers go round: clients keep connections to servers that are gone.
    """

    def __init__(self) -> None:
        self.number = next(number for number in itertools.islice(_numbers(), _COUNT) if _claim(number))

    def close(self) -> None:
        fcntl.lockf(_claims(), fcntl.LOCK_UN, 1, self.number)


@cache
def _numbers() -> itertools.cycle[int]:
    start = random.randrange(_COUNT)
    return itertools.cycle(_FIRST + (start + n) % _COUNT for n in range(_COUNT))


@cache
def _claims() -> int:
    """The file of which the n-th byte is locked by the process that holds port n."""
    return os.open(Path(tempfile.gettempdir()) / f"qa-test-ports-{os.getuid()}", os.O_CREAT | os.O_RDWR, 0o600)


def _claim(number: int) -> bool:
    claims = _claims()
    try:
        fcntl.lockf(claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
    except OSError:  # another process has it
        return False
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            fcntl.lockf(claims, fcntl.LOCK_UN, 1, number)
            return False
    return True
