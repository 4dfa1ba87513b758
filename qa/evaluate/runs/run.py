"""A run as data: JSON lines, a header and then one line a question. Written whole or not at all.

A question's line is the answer of `qa ask --json` and its trace (`hits`, `sentences`), plus

    "split", "kind", "answerable", "history"   from its row
    "gold": [{"article", "start", "end", "text"}]   where its evidence stands
    "gold_articles": {article: grade}          of evidence that names articles only
    "lost": [{"article", "quote", "why"}]      evidence that stands nowhere any more
    "relevant": [passage id]                   every passage that holds half of a gold place
    "checked": [{"sentences", "cited"}]        of each quote (or closest): sentences that it touches,
                                               and whether its article says it at its offsets
    "yardstick": seconds of a fixed piece of work done right after it
    "error": null                              or {"type", "message"}, and then there is no answer

so that scoring needs neither the model nor the articles. Its header names every question, so one
without a line is missed, and scored as wrong.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qa.errors import DatasetError, UsageError
from qa.evaluate.jsonl import json_lines
from qa.evaluate.questions.dataset import SPLITS

FORMAT, FORMAT_VERSION = "qa-run", 2
AGAIN = "run `qa eval` again"
ROW_TYPES = {"id": str, "question": str, "split": str, "kind": str, "answerable": bool, "conversation": str}

Write = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Run:
    """A run read back: its header, and for each question of its set, in order, its line.

    `rows` are the questions as the header names them; a line is None where the run has none of that id.
    """

    path: Path
    header: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]
    lines: tuple[Mapping[str, Any] | None, ...]


def read_run(path: Path) -> Run:
    """The run at `path`. Raises DatasetError where it is no run, of another format, or its lines are not its own."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"run {path} cannot be read ({error.strerror})", "check the path") from error
    (_, header), *lines = [*json_lines(data, path)] or [(1, {})]
    if header.get("format") != FORMAT:
        raise DatasetError(f"{path}:1: not the header of a run", "give a file that `qa eval` wrote")
    if header.get("format_version") != FORMAT_VERSION:
        raise DatasetError(f"{path}:1: run format {header.get('format_version')!r}, not {FORMAT_VERSION}", AGAIN)
    rows = _rows(path, header)
    of_id = _by_id(path, lines, {row["id"] for row in rows})
    return Run(path, header, rows, tuple(of_id.get(row["id"]) for row in rows))


@contextmanager
def writing(path: Path) -> Iterator[Write]:
    """Gives a function that appends one line; `path` appears, whole, when the block ends without a fault.

    Raises UsageError where it cannot be written. After any fault `path` is what it was before.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = part.open("w", encoding="utf-8")
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        with handle:
            yield lambda row: _append(handle, row, path)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _append(handle: TextIO, row: Mapping[str, Any], path: Path) -> None:
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    try:
        handle.write(line + "\n")
        handle.flush()  # so that a full disk is met here and not while closing
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> UsageError:
    return UsageError(f"run {path} cannot be written ({error.strerror})", "choose another file with --out")


def _rows(path: Path, header: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The questions that the header names, each once."""
    questions = header.get("questions")
    rows = questions.get("rows") if isinstance(questions, Mapping) else None
    if not isinstance(rows, list) or not rows or not all(map(_is_row, rows)) or (
        len({row["id"] for row in rows}) < len(rows)
    ):
        raise DatasetError(f"{path}:1: the header does not say which questions were asked", AGAIN)
    return tuple(rows)


def _is_row(row: Any) -> bool:
    typed = isinstance(row, Mapping) and all(type(row.get(key)) is kind for key, kind in ROW_TYPES.items())
    return typed and row["split"] in SPLITS  # figures are of these; another one would go unseen


def _by_id(path: Path, lines: list[tuple[int, dict[str, Any]]], asked: set[str]) -> dict[str, dict[str, Any]]:
    """Question id -> its line."""
    found: dict[str, dict[str, Any]] = {}
    for number, line in lines:
        id = line.get("id")
        if type(id) is not str or id not in asked:
            raise DatasetError(f"{path}:{number}: question {id!r} is none of those that the header names", AGAIN)
        if id in found:
            raise DatasetError(f"{path}:{number}: a second line of question {id!r}", "remove one of them")
        found[id] = line
    return found
