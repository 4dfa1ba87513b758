"""Who may do what to an index folder: one indexer, and any number of readers that keep a generation alive.

Locks are flock(2) on open files: the system lets go of them when a process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from qa.errors import IndexBusy

FILE = "indexer.lock"


@contextmanager
def indexer(index: Path) -> Iterator[None]:
    """Holds the right to change `index`. Raises IndexBusy saying who holds it."""
    descriptor = os.open(index / FILE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _locked(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB):
            raise IndexBusy(f"{index} is being indexed by {_holder(descriptor)}", "wait until it is done")
        _write(descriptor, {"pid": os.getpid(), "host": socket.gethostname(),
                            "since": datetime.now().astimezone().isoformat(timespec="seconds")})
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def hold(path: Path) -> int | None:
    """A descriptor that keeps `path` (a generation's manifest) from being pruned until it is closed.

    None where it was pruned just now. Raises FileNotFoundError where there is no such file.
    """
    descriptor = os.open(path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    return None


@contextmanager
def unheld(path: Path) -> Iterator[bool]:
    """Whether nobody holds `path`; while inside, nobody new can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield _locked(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, record: dict[str, str | int]) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(record).encode(), 0)


def _holder(descriptor: int) -> str:
    try:
        record = json.loads(os.pread(descriptor, 1000, 0))
        return f"process {record['pid']} on {record['host']} since {record['since']}"
    except (ValueError, KeyError):
        return "another process"
