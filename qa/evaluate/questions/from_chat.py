"""What a reader thought of an answer, kept as a row of a question set.

A row is like any other (see `dataset`), of kind "from-chat" and split "dev": it was looked at while the program
was being improved, so nothing may be reported on it as if it were new. Its id says which question it is, so that
the same question, asked after the same ones, has one row however often it is judged.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qa.errors import UsageError
from qa.evaluate.questions.dataset import Evidence, load
from qa.evaluate.questions.evidence import NOWHERE, Lost, nowhere, occurrences

KIND, SPLIT, _PREFIX = "from-chat", "dev", "chat-"

What = Literal["added", "changed", "there already"]
Row = dict[str, Any]
Read = Callable[[str], str]  # article id -> its cleaned text; raises UsageError for an unknown id


@dataclass(frozen=True, slots=True)
class Case:
    """A question, those asked before it (oldest first), and what is right: these quotes, or that nothing answers.

    Raises UsageError where it could not be scored.
    """

    question: str
    history: tuple[str, ...] = ()
    answerable: bool = False
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        for words in (self.question, *self.history):
            if not words.strip() or any("\ud800" <= c <= "\udfff" for c in words):
                raise UsageError(f"{words!r} is no question that can be kept", "ask something in words")
        if self.answerable and not self.evidence:
            raise UsageError("an answer without a sentence that is right", "choose the sentence that answers it")
        if self.evidence and not self.answerable:
            raise UsageError("a sentence that answers what the articles do not say", "choose one of the two")

    @property
    def id(self) -> str:
        """The same for the same question after the same questions, whatever their case and blanks."""
        said = json.dumps([_plain(self.question), *map(_plain, self.history)])
        return _PREFIX + hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Kept:
    """The row that a case has become, and what had to be done for it: its line before, if there was one, and after."""

    id: str
    what: What
    before: bytes | None = None
    after: bytes | None = None


def keep(path: Path, case: Case, read: Read) -> Kept:
    """Make `case` a row of the question set at `path`, which need not exist yet.

    Where the question has a row, new evidence joins the old; "the articles do not say" takes the place of any
    evidence, and evidence the place of that. Rows of other origin stay byte for byte as they are. `read` gives an
    article's text: evidence has to be words of it. Raises UsageError for evidence that is not and for a folder that
    cannot be written; DatasetError where `path` is no question set, and then it stays as it is.
    """
    for evidence in case.evidence:
        _check_stands(evidence, read)
    with _alone(path) as path:
        lines, numbers = _rows(path)
        number = numbers.get(case.id, len(lines))
        before = json.loads(lines[number]) if case.id in numbers else None
        after = {**(before or _new(case)), **_judged(case, before)}
        if after == before:
            return Kept(case.id, "there already")
        line = json.dumps(after, ensure_ascii=False).encode("utf-8") + b"\n"
        _write(path, [*lines[:number], line, *lines[number + 1:]])
        return Kept(case.id, "added", None, line) if before is None else Kept(case.id, "changed", lines[number], line)


def undo(path: Path, kept: Kept) -> None:
    """Puts the row of `kept` back as it was before, or takes it out where it was not there. An empty set goes.

    Raises UsageError where the row is another by now, and as `keep` does.
    """
    with _alone(path) as path:
        lines, numbers = _rows(path)
        number = numbers.get(kept.id)
        if kept.after is None or number is None or lines[number].rstrip(b"\n") != kept.after.rstrip(b"\n"):
            raise UsageError("this question was judged again since", f"see its row {kept.id} in {path.name}")
        _write(path, [*lines[:number], *([kept.before] if kept.before else []), *lines[number + 1:]])


def _plain(words: str) -> str:
    return _spaced(words.casefold())


def _check_stands(evidence: Evidence, read: Read) -> None:
    words = evidence.quote or ""
    if not words.strip() or not occurrences(words, read(evidence.article)):
        raise UsageError(*nowhere(Lost(evidence.article, words, NOWHERE)))


def _new(case: Case) -> Row:
    return {"id": case.id, "question": case.question.strip(), "history": [earlier.strip() for earlier in case.history],
            "answerable": case.answerable, "evidence": [], "kind": KIND, "split": SPLIT}


def _judged(case: Case, before: Mapping[str, Any] | None) -> Row:
    """What is right now, after what was right in the row `before`."""
    evidence = [item for item in before["evidence"] if "quote" in item] if before and case.answerable else []
    known = {(item["article"], _spaced(item["quote"])) for item in evidence}
    for item in case.evidence:
        if (key := (item.article, _spaced(item.quote))) not in known:
            known.add(key)
            evidence.append({"article": item.article, "quote": item.quote})
    return {"answerable": case.answerable, "evidence": evidence}


def _spaced(words: str) -> str:
    """With single blanks: white space never tells two quotes apart (see `evidence`)."""
    return " ".join(words.split())


def _rows(path: Path) -> tuple[list[bytes], dict[str, int]]:
    """The lines of the question set at `path`, each with its end, and which of them (from 0) is which row.

    None where there is no file, or nothing in it. Raises DatasetError where it is no question set.
    """
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return [], {}
    numbers = {question.id: question.line - 1 for question in load(path).questions}
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")  # at line feeds alone, as `load` does
    return [line + b"\n" for line in lines], numbers


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """Nobody else keeps or forgets beside `path`, in this process or another; gives the file that `path` names.

    The lock is on its folder (flock(2)), so that it leaves no file behind, and ends with the process at the latest.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise _cannot_write(path, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(descriptor)


def _write(path: Path, lines: list[bytes]) -> None:
    """`lines` as the file `path`, whole or not at all, whatever happens to the machine; no file without lines."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    data = b"".join(lines)
    try:
        if not data.strip():
            path.unlink(missing_ok=True)
            return
        with part.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be written ({error.strerror})", "make its folder writable")
