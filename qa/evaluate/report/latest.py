"""What the page shows of the newest runs that were kept: made when asked for, and again when there is a newer one.

A report is compared with the kept baseline where both are of the same questions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from qa.errors import DatasetError, UsageError, one_line
from qa.evaluate.questions.dataset import load
from qa.evaluate.runs.kept import FILES, SHIPPED, KeptRuns, Stamp, stamp

Made = TypeVar("Made")


class Latest:
    """The newest run of each question set in `folder`: its page, its rates and its facts.

    What was made of files is kept until they change. Safe to share by threads.
    """

    def __init__(self, folder: Path):
        self._folder, self._runs = folder, KeptRuns(folder)
        self._made: dict[str, tuple[tuple[Path | Stamp, ...], Any]] = {}
        self._choosing, self._making = Lock(), {"page": Lock(), "facts": Lock()}

    def __call__(self, questions: str = SHIPPED) -> str:
        """The page of the newest run of the set `questions`.

        Raises DatasetError where there is no run, or none that can be read; UsageError for an unknown set.
        """
        if questions not in FILES:
            raise UsageError(f"there is no question set {questions!r}", f"known: {', '.join(FILES)}")
        with self._choosing:
            path = self._runs.newest_path(questions)
        baseline = self._runs.baseline
        return self._once("page", questions, (path, baseline), lambda: _page(path, baseline))

    def rates(self) -> dict[str, Any]:
        """What each threshold would have given in the newest run of the shipped questions (see `sureness.Rate`).

        {"run": its name, "when": ISO time in UTC, "n": questions, "threshold": the run's own, "rates": [{…}]}.
        Raises DatasetError where there is no such run.
        """
        with self._choosing:
            run = self._runs.newest(SHIPPED)
        made = self._once("facts", "rates", (run.path,), lambda: _rates(run.path))
        return {"run": run.path.name, "when": run.when, **made}

    def sets(self) -> list[dict[str, Any]]:
        """The question sets that are there, and of each the run that is shown.

        [{"questions": its name, "count": how many, "seconds": what asking them takes, "problem": why they cannot be
        asked, "run": the newest run's name, "when": ISO time in UTC, "baseline": whether it is that, "others": runs
        of other questions}], with None for what is not known.
        """
        return [self._set(name) for name, file in FILES.items() if (self._folder / file).is_file()]

    def _set(self, name: str) -> dict[str, Any]:
        path = self._folder / FILES[name]
        count, problem = self._once("facts", f"count {name}", (path,), lambda: _count(path))
        with self._choosing:
            run, others = _or_none(self._runs.newest, name), self._runs.others()
            timed = run or _or_none(self._runs.newest, SHIPPED)
        each = timed and self._once("facts", f"seconds {name}", (timed.path,), lambda: _seconds_each(timed.path))
        return {"questions": name, "count": count, "problem": problem, "others": others,
                "seconds": round(each * count, 1) if each and count else None,
                "run": run and run.path.name, "when": run and run.when,
                "baseline": bool(run) and run.path == self._runs.baseline}

    def _once(self, kind: str, key: str, paths: tuple[Path, ...], make: Callable[[], Made]) -> Made:
        """What `make` made of the files `paths` as they are now. Two windows that ask at once make it once."""
        with self._making[kind]:
            now = tuple(part for path in paths for part in (path, stamp(path)))
            if self._made.get(f"{kind} {key}", (None,))[0] != now:
                self._made[f"{kind} {key}"] = now, make()
            return self._made[f"{kind} {key}"][1]


def _or_none(newest: Callable[[str], Made], questions: str) -> Made | None:
    try:
        return newest(questions)
    except DatasetError:
        return None


def _count(path: Path) -> tuple[int | None, str | None]:
    """How many questions the file at `path` holds, or why it cannot be asked."""
    try:
        return len(load(path).questions), None
    except DatasetError as error:
        return None, one_line(error)


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


def _rates(path: Path) -> dict[str, Any]:
    from qa.evaluate.figures.judge import judge
    from qa.evaluate.figures.sureness import rates
    from qa.evaluate.runs.run import read_run

    run = read_run(path)
    outcomes = judge(run)
    return {"n": len(outcomes), "threshold": run.header["settings"].get("answering", {}).get("threshold"),
            "rates": [asdict(rate) for rate in rates(outcomes)]}


def _seconds_each(path: Path) -> float | None:
    """What a question of the run at `path` took, in the mean; None where that cannot be told."""
    from qa.evaluate.runs.run import read_run

    try:
        lines = [line for line in read_run(path).lines if line and not line["error"]]
    except DatasetError:
        return None
    return sum(line["seconds"].get("total", 0) + line["yardstick"] for line in lines) / len(lines) if lines else None
