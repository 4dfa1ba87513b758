"""A question set: JSON lines -> checked records.

    {"id", "question", "history": [str], "answerable": bool,
     "evidence": [{"article", "quote"}], "kind", "split": "dev" | "test", "conversation"?: str}

Evidence of sets that know only which article answers (BEIR) is {"article", "grade": 1, 2 …} instead.
A row that cannot be scored is a DatasetError naming file, line and remedy; none is skipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.evaluate.jsonl import JSON_NAMES, bad_line, json_lines

SPLITS = ("dev", "test")
_TYPES = {"id": str, "question": str, "history": list, "answerable": bool, "evidence": list, "kind": str, "split": str}
_OPTIONAL = {"conversation": str}
_EVIDENCE, _GRADED = {"article": str, "quote": str}, {"article": str, "grade": int}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of an article that answer the question; any one of a question's evidence is enough.

    Without `quote` only the article is known; `grade` then says how well it answers, 1 or more.
    """

    article: str
    quote: str | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class Question:
    """One row. `history` holds the earlier questions of its conversation, oldest first.

    Questions of one `conversation` stand or fall together, so an interval must draw them together.
    """

    id: str
    question: str
    history: tuple[str, ...]
    answerable: bool
    evidence: tuple[Evidence, ...]
    kind: str
    split: str
    conversation: str
    line: int  # counts from 1 in the file, for error messages

    @property
    def digest(self) -> str:
        """Of what it is asked after and what is right: two questions are the same only where this is."""
        told = json.dumps([self.history, [astuple(evidence) for evidence in self.evidence]])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Dataset:
    """The questions of a file, with the SHA-256 of its bytes."""

    path: Path
    sha256: str
    questions: tuple[Question, ...]


def load(path: Path) -> Dataset:
    """The question set at `path`. Raises DatasetError naming file, line and remedy for any bad row."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"question file {path} cannot be read ({error.strerror})", "check the path") from error
    questions: dict[str, Question] = {}
    for line, row in json_lines(data, path):
        question = _question(row, path, line)
        if question.id in questions:
            bad_line(path, line, f"id {question.id!r} stands in line {questions[question.id].line} too",
                     "give each question its own id")
        questions[question.id] = question
    if not questions:
        raise DatasetError(f"question file {path} holds no question", "write one JSON object a line")
    return Dataset(path, hashlib.sha256(data).hexdigest(), tuple(questions.values()))


def _question(row: Mapping[str, Any], path: Path, line: int) -> Question:
    _check_keys(row, _TYPES, _OPTIONAL, path, line, "the row")
    for key in ("id", "question", "kind", *(_OPTIONAL.keys() & row.keys())):
        _check_words(row[key], key, path, line)
    for earlier in row["history"]:
        _check_words(earlier, "history", path, line)
    if row["split"] not in SPLITS:
        bad_line(path, line, f"split is {row['split']!r}", f"write {' or '.join(SPLITS)}")
    evidence = tuple(_evidence(item, path, line) for item in row["evidence"])
    if row["answerable"] and not evidence:
        bad_line(path, line, "answerable without evidence", "quote the words that answer it, or set it to false")
    if evidence and not row["answerable"]:
        bad_line(path, line, "evidence for a question that is not answerable", "remove it, or set answerable to true")
    if len({item.quote is None for item in evidence}) > 1:
        bad_line(path, line, "evidence with and without a quote", "quote all of it, or name articles only")
    told = {"conversation": _opening(row), **row, "history": tuple(row["history"]), "evidence": evidence}
    return Question(**told, line=line)


def _opening(row: Mapping[str, Any]) -> str:
    """The question its conversation began with: itself, where it has no history."""
    return " ".join((row["history"] or [row["question"]])[0].casefold().split())


def _evidence(item: Any, path: Path, line: int) -> Evidence:
    if type(item) is not dict:
        bad_line(path, line, "evidence is not a list of objects", 'write {"article": …, "quote": …}')
    types = _GRADED if "grade" in item else _EVIDENCE
    _check_keys(item, types, {}, path, line, "evidence")
    for key in types.keys() - {"grade"}:
        _check_words(item[key], key, path, line)
    if item.get("grade", 1) < 1:
        bad_line(path, line, f"'grade' is {item['grade']}", "grade from 1; leave out what does not answer")
    return Evidence(**item)


def _check_keys(row: Mapping[str, Any], types: Mapping[str, type], optional: Mapping[str, type], path: Path,
                line: int, what: str) -> None:
    known = {**types, **optional}
    for key in sorted(row.keys() - known.keys()):
        bad_line(path, line, f"{what} has an unknown key {key!r}", f"known: {', '.join(known)}")
    for key, kind in known.items():
        if key not in row and key in types:
            bad_line(path, line, f"{what} lacks {key!r}", f"give {JSON_NAMES[kind]}")
        if key in row and type(row[key]) is not kind:
            bad_line(path, line, f"{key!r} is {row[key]!r:.60}", f"give {JSON_NAMES[kind]}")


def _check_words(value: Any, key: str, path: Path, line: int) -> None:
    if type(value) is not str or not value.strip():
        bad_line(path, line, f"{key!r} is empty or not a string", "give it words")
    if any("\ud800" <= c <= "\udfff" for c in value):
        bad_line(path, line, f"{key!r} holds half a surrogate pair", "write the character itself")
