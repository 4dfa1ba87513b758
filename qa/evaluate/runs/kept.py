"""The runs that a folder keeps (`runs/*.jsonl` and `baseline.jsonl`), by the question set that they are of.

    shipped   the questions of the baseline, or those that `questions.jsonl` holds now, of nothing but their articles
    chat      the questions that came from the chat, as many as there were of them then
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.evaluate.jsonl import json_lines
from qa.evaluate.questions.dataset import load
from qa.evaluate.runs.header import question_rows
from qa.evaluate.runs.run import FORMAT_VERSION
from qa.evaluate.runs.schema import Header, check

SHIPPED, CHAT = "shipped", "chat"
FILES = {SHIPPED: "questions.jsonl", CHAT: "from-chat.jsonl"}

Rows = list[Mapping[str, Any]]
Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A run as its header tells it: of which questions, and whether other articles stood around theirs."""

    path: Path
    when: str  # ISO, UTC
    file: str
    rows: Rows
    among_others: bool


class KeptRuns:
    """The runs of `folder`. Headers and question files are read once, and again when they change."""

    def __init__(self, folder: Path):
        self.folder, self.baseline = folder, folder / "baseline.jsonl"
        self._headers: dict[Path, tuple[Stamp, KeptRun | None]] = {}
        self._asked: tuple[Stamp, Rows] | None = None

    def newest(self, questions: str) -> KeptRun:
        """The newest run of the set `questions`. Raises DatasetError where there is none."""
        if not (runs := self._of(questions)):
            raise _none(questions)
        return max(runs, key=self._age)

    def newest_path(self, questions: str) -> Path:
        """The file to show for `questions`; for the shipped ones, where there is no run of them, any other.

        Raises DatasetError where there is none at all.
        """
        if questions != SHIPPED or self._of(SHIPPED):
            return self.newest(questions).path
        if readable := self._readable():
            return max(readable, key=self._age).path
        if paths := [*self._paths()]:  # whoever reads it will say what is wrong with it
            return max(paths, key=lambda path: (stamp(path), path.name))
        raise _none(questions)

    def others(self) -> int:
        """How many runs are of other questions than both sets."""
        known = {run.path for questions in FILES for run in self._of(questions)}
        return sum(run.path not in known for run in self._readable())

    def _of(self, questions: str) -> list[KeptRun]:
        runs = self._readable()
        if questions == CHAT:
            return [run for run in runs if run.file == FILES[CHAT]]
        shipped = [*(run.rows for run in runs if run.path == self.baseline), self._questions()]
        return [run for run in runs if run.rows in shipped and not run.among_others]

    def _age(self, run: KeptRun) -> tuple[str, bool, Stamp, str]:
        """What orders runs from old to new; of the same second the baseline comes first."""
        return run.when, run.path != self.baseline, stamp(run.path), run.path.name

    def _paths(self) -> Iterator[Path]:
        # One that is being written has a name that begins with a dot.
        yield from (path for path in (self.folder / "runs").glob("*.jsonl") if not path.name.startswith("."))
        if self.baseline.is_file():
            yield self.baseline

    def _readable(self) -> list[KeptRun]:
        headers = {}
        for path in self._paths():
            now, known = stamp(path), self._headers.get(path)
            headers[path] = known if known and known[0] == now else (now, _header(path))
        self._headers = headers
        return [run for _, run in headers.values() if run]

    def _questions(self) -> Rows:
        """The rows of the shipped question file as it is now; none where it cannot be read."""
        path = self.folder / FILES[SHIPPED]
        if self._asked is None or self._asked[0] != stamp(path):
            self._asked = stamp(path), _rows(path)
        return self._asked[1]


def stamp(path: Path) -> Stamp:
    """(time of the last change in nanoseconds, bytes); zeros for a file that has just gone."""
    try:
        facts = path.stat()
    except OSError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size


def _none(questions: str) -> DatasetError:
    if questions == CHAT:
        return DatasetError("the questions from the chat have not been asked yet", "run the evaluation with them")
    return DatasetError("nothing has been evaluated yet", "run `qa eval`")


def _header(path: Path) -> KeptRun | None:
    """What the first line of the run at `path` says; None where it is no run that could be scored."""
    try:
        with path.open("rb") as lines:
            header = next((row for _, row in json_lines(lines.readline(), path)), {})
        check(header, Header, path, 1)
    except (OSError, DatasetError):
        return None
    if header.get("format_version") != FORMAT_VERSION:
        return None
    asked = header["questions"]
    rows = sorted(asked["rows"], key=lambda row: row["id"])
    return KeptRun(path, header["when"], asked["file"], rows, bool(header["distractors"]))


def _rows(path: Path) -> Rows:
    try:
        return sorted(question_rows(load(path)), key=lambda row: row["id"])
    except DatasetError:
        return []
