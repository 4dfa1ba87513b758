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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from qa.errors import DatasetError, UsageError
from qa.evaluate.jsonl import json_lines
from qa.evaluate.runs.schema import AGAIN, Header, check, check_line

FORMAT, FORMAT_VERSION = "qa-run", 2
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
    rows = _check_header(path, header)
    of_id = _by_id(path, lines, rows)
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
        handle = part.open("w", encoding="utf-8", errors="backslashreplace")  # half a pair, as JSON escapes it
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


def _check_header(path: Path, header: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The questions that the header names, each once."""
    check(header, Header, path, 1)
    rows = header["questions"]["rows"]
    if len({row["id"] for row in rows}) < len(rows):
        raise DatasetError(f"{path}:1: the header names a question twice", AGAIN)
    return tuple(rows)


def _by_id(path: Path, lines: list[tuple[int, dict[str, Any]]], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Question id -> its line, which says of the question what the header says."""
    asked, found = {row["id"]: row for row in rows}, {}
    for number, line in lines:
        check_line(line, path, number)
        id = line["id"]
        if id not in asked:
            raise DatasetError(f"{path}:{number}: question {id!r} is none of those that the header names", AGAIN)
        if id in found:
            raise DatasetError(f"{path}:{number}: a second line of question {id!r}", "remove one of them")
        for key in ("question", "split", "kind", "answerable"):
            if line[key] != asked[id][key]:
                raise DatasetError(f"{path}:{number}: {key!r} of question {id!r} is not what the header says", AGAIN)
        found[id] = line
    return found
