"""The page of the newest run that was kept, made when it is asked for and again when there is a newer one.

It is compared with the kept baseline where both are of the same questions.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from qa.errors import DatasetError


class Latest:
    """Called, gives the page of the newest run in `folder`/runs, or else of `folder`/baseline.jsonl.

    The page is kept until another file is the newest, or that file or the baseline changes. Raises DatasetError
    where there is no run, or none that can be read.
    """

    def __init__(self, folder: Path):
        self._folder, self._lock = folder, Lock()
        self._made: tuple[tuple[Path, int, int, int, int], str] | None = None

    def __call__(self) -> str:
        with self._lock:  # two windows that ask at once make it once
            path = newest(self._folder)
            baseline = self._folder / "baseline.jsonl"
            stamp = (path, *_stamp(path), *_stamp(baseline))
            if self._made is None or self._made[0] != stamp:
                self._made = stamp, _page(path, baseline)
            return self._made[1]


def newest(folder: Path) -> Path:
    """The run of `folder` to show: the newest by time, else the baseline. Raises DatasetError where there is none."""
    # One that is being written has a name that begins with a dot.
    runs = [path for path in (folder / "runs").glob("*.jsonl") if not path.name.startswith(".")]
    baseline = folder / "baseline.jsonl"
    if not runs and not baseline.is_file():
        raise DatasetError("nothing has been evaluated yet", "run `qa eval`")
    return max(runs, key=lambda path: (_stamp(path), path.name), default=baseline)


def _stamp(path: Path) -> tuple[int, int]:
    """(time of the last change in nanoseconds, bytes); zeros for a file that has just gone."""
    try:
        facts = path.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def _page(path: Path, baseline: Path) -> str:
    """The report of the run at `path`, compared with the baseline where that is of the same questions."""
    from qa.evaluate.report.page import to_html  # here, so that a chat in which nobody asks for it starts as fast
    from qa.evaluate.score import score
    from qa.evaluate.verdict.compare import compare

    report = score(path)
    try:
        comparison = None if path == baseline else compare(score(baseline), report)
    except DatasetError:  # none is kept, or one of other questions: then there is nothing to compare with
        comparison = None
    return to_html(report, comparison)
