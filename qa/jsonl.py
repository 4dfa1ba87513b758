"""Questions as JSON lines in, answers as JSON lines out, in order; no bad line costs another its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TextIO

from qa.errors import UsageError, one_line

if TYPE_CHECKING:
    from qa import Assistant


def ask_lines(assistant: Assistant, lines: TextIO) -> int:
    """Answers each line in order. A line that cannot be asked gives {"id", "error"}, and the exit code 1."""
    from qa.answer.contract import answer_to_dict

    failed = False
    for number, line in _raw_lines(lines):
        id = None
        try:
            id, question, history = _question_row(line)
            result = answer_to_dict(assistant.ask(question, history), id)
        except _BadRow as error:
            failed, result = True, {"id": error.id, "error": f"line {number}: {one_line(error)}"}
        except UsageError as error:
            failed, result = True, {"id": id, "error": f"line {number}: {one_line(error)}"}
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return int(failed)


def _raw_lines(stream: TextIO) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1. A stray byte becomes U+FFFD and ends nothing."""
    stream.reconfigure(encoding="utf-8-sig", errors="replace")
    return ((number, line) for number, line in enumerate(stream, 1) if line.strip())


class _BadRow(UsageError):
    """A line that is no question; `id` is the one it gives, if it gives any."""

    def __init__(self, problem: str, remedy: str, id: Any = None):
        super().__init__(problem, remedy)
        self.id = id


def _question_row(line: str) -> tuple[Any, str, list[str]]:
    """(id, question, history) of a line of --jsonl. Raises _BadRow."""
    try:
        row = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # the latter: nested without end
        raise _BadRow(f"not JSON ({error})", 'write {"id": …, "question": …, "history": […]}') from None
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise _BadRow(
            "no question", 'write {"id": …, "question": "…"}', row.get("id") if isinstance(row, dict) else None
        )
    history = row.get("history") or []
    if not (isinstance(history, list) and all(isinstance(q, str) for q in history)):
        raise _BadRow("history is not a list of questions", 'write "history": ["…"]', row.get("id"))
    return row.get("id"), row["question"], history


def _no_number(name: str) -> None:
    """NaN and infinities are no JSON, though Python reads them; written back they would break the next reader."""
    raise ValueError(f"{name} is no JSON value")
