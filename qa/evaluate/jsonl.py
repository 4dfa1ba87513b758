"""Reading JSON lines, strictly: every fault names its file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from qa.errors import DatasetError

JSON_NAMES = {str: "a string", int: "a whole number", list: "a list", dict: "an object", bool: "true or false"}


def json_lines(data: bytes, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, object) of each line that is not blank. Raises DatasetError for anything but objects."""
    for number, raw in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            bad_line(path, number, f"not UTF-8 ({error.reason})", "save the file as UTF-8", error)
        except ValueError as error:
            bad_line(path, number, f"not JSON ({error})", "mend that line", error)
        except RecursionError as error:
            bad_line(path, number, "nested too deeply to be a row", "mend that line", error)
        if type(row) is not dict:
            bad_line(path, number, "not a JSON object", "write one object a line")
        yield number, row


def bad_line(path: Path, line: int, problem: str, remedy: str, cause: Exception | None = None) -> NoReturn:
    """Raises the DatasetError of `line` of the file `path`."""
    raise DatasetError(f"{path}:{line}: {problem}", remedy) from cause


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
