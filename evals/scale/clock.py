"""Timing and counting, the same way for every part."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Figure(NamedTuple):
    """One measured figure: of which part, at how many passages, what it is, and its unit."""

    part: str
    count: int
    what: str
    value: float
    unit: str


Note = Callable[[str, float, str], None]  # what, value, unit


class Clock:
    """Seconds of named pieces of work, added up: of the wall, and of processors (which other people's work spares)."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor: dict[str, float] = {}

    @contextmanager
    def time(self, what: str) -> Iterator[None]:
        start, worked = time.perf_counter(), time.process_time()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.perf_counter() - start
        self.processor[what] = self.processor.get(what, 0.0) + time.process_time() - worked

    def tell(self, note: Note) -> None:
        for what, seconds in self.seconds.items():
            note(what, seconds, "s")
            note(what, self.processor[what], "processor s")


def per_call(name: str, call: Callable[[Any], object], arguments: Iterable[Any], note: Note) -> None:
    """Notes the median and the 95th percentile of `call` of each of `arguments`; the first is not counted."""
    taken, worked = [], []
    for argument in arguments:
        start, before = time.perf_counter(), time.thread_time()
        call(argument)
        taken.append(1000 * (time.perf_counter() - start))
        worked.append(1000 * (time.thread_time() - before))
    for percent in (50, 95):
        note(f"{name}, p{percent}", float(np.percentile(taken[1:], percent)), "ms")
        note(f"{name}, p{percent}", float(np.percentile(worked[1:], percent)), "processor ms")


def medians(repeats: int, call: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of `call`, run `repeats` times: of the wall, and of processors."""
    taken, worked = [], []
    for _ in range(repeats):
        start, before = time.perf_counter(), time.process_time()
        call()
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - before)
    return statistics.median(taken), statistics.median(worked)


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def resident() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")


def peak() -> int:
    """The most bytes of memory that this process ever held."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def machine() -> dict[str, Any]:
    """What was measured on."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    fields = dict(line.replace("\t", "").split(":", 1) for line in info if ":" in line)
    return {"processor": f"{fields['model name'].strip()}, family {fields['cpu family'].strip()}",
            "cores": os.cpu_count(), "bf16": "avx512_bf16" in fields["flags"], "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "faiss-cpu", "tantivy", "numpy")}}
