"""A run as data: JSON lines, a header and then one line a question. Written whole or not at all.

A question's line is the answer of `qa ask --json` and its trace (`hits`, `sentences`), plus

    "split", "kind", "answerable"   from its row
    "gold": [{"article", "start", "end"}]      where its evidence stands
    "quote_sentences": [int]        sentences that each quote (or closest) touches, in their order
    "error": null                   or {"type", "message"}, and then there is no answer

so that scoring needs neither the model nor the articles.
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

FORMAT, FORMAT_VERSION = "qa-run", 1
AGAIN = "run `qa eval` again"

Write = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Run:
    """A run read back: its header and the line of every question of its set, in order."""

    path: Path
    header: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]


def read_run(path: Path) -> Run:
    """The run at `path`. Raises DatasetError where it is no run, of another format, or not whole."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"run {path} cannot be read ({error.strerror})", "check the path") from error
    header, *lines = [row for _, row in json_lines(data, path)] or [{}]
    if header.get("format") != FORMAT:
        raise DatasetError(f"{path}:1: not the header of a run", "give a file that `qa eval` wrote")
    if header.get("format_version") != FORMAT_VERSION:
        raise DatasetError(f"{path}:1: run format {header.get('format_version')!r}, not {FORMAT_VERSION}", AGAIN)
    _check_whole(path, header, lines)
    return Run(path, header, tuple(lines))


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


def _check_whole(path: Path, header: Mapping[str, Any], lines: list[dict[str, Any]]) -> None:
    """A question left out would flatter every figure, so a shortened run is not scored."""
    questions = header.get("questions")
    count = questions.get("count") if isinstance(questions, Mapping) else None
    ids = {line.get("id") for line in lines}
    if type(count) is not int or not count:
        raise DatasetError(f"{path}:1: the header does not say how many questions were asked", AGAIN)
    if len(lines) != count or len(ids) != count:
        raise DatasetError(f"{path}: holds {len(ids)} of {count} questions in {len(lines)} lines", AGAIN)
