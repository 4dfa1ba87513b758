"""What a public set is turned into: article files and question rows in our own format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from qa.errors import DatasetError
from qa.evaluate.datasets.kinds import UNANSWERABLE, kind_of
from qa.evaluate.jsonl import JSON_NAMES, bad_line, json_lines
from qa.ingest.decode import printable
from qa.ingest.lines import BLANK

Fault = Callable[[str, str], NoReturn]  # raises the DatasetError of one place: problem, remedy
Row = dict[str, Any]


@dataclass(slots=True)
class Material:
    """`files`: path below the articles folder -> its text, or the file to copy. `rows`: question id -> row.

    `titles`: article id -> title. A title is the first line of its article and is stated besides, because a
    set's passages often end amid a sentence, and what stands over such is not taken for a title.
    """

    files: dict[str, str | Path] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)

    def add_article(self, id: str, title: str | None, paragraphs: Iterable[str]) -> None:
        """One without a word is left out: an index takes none such."""
        title = " ".join(printable(title or "")[0].strip(BLANK).split())
        lines = [title, *(printable(text)[0].strip(BLANK) for text in paragraphs)]
        if text := "\n\n".join(line for line in lines if line):
            self.files[f"{id}.txt"] = text + "\n"
            if title:
                self.titles[id] = title

    def add_row(self, row: Row, fault: Fault) -> None:
        """Raises the fault of an id that was given before."""
        if row["id"] in self.rows:
            fault(f"id {row['id']!r} stands twice", "give each question its own id")
        self.rows[row["id"]] = row


def question_row(id: str, question: str, evidence: Sequence[Row], **given: Any) -> Row:
    """A row in our own format, answerable where it has evidence; `given` wins over what is worked out."""
    kind = kind_of(question) if evidence else UNANSWERABLE
    return {
        "id": id,
        "question": question,
        "history": [],
        "answerable": bool(evidence),
        "evidence": list(evidence),
        "kind": kind,
        "split": "test",
        **given,
    }


def quoted(article: str, quote: str) -> Row:
    """Evidence: `quote`, as ingest will read its letters, of `article`."""
    return {"article": article, "quote": printable(quote)[0].strip(BLANK)}


def unique(evidence: Iterable[Row]) -> list[Row]:
    """In order, each once."""
    return list({(item["article"], item["quote"]): item for item in evidence}.values())


def rows_of(path: Path) -> Iterator[tuple[Row, Fault]]:
    """Each object of a file of JSON lines, and how to raise what is wrong with it. Raises DatasetError."""
    for line, row in json_lines(bytes_of(path), path):
        yield row, partial(bad_line, path, line)


def bytes_of(path: Path) -> bytes:
    """Raises DatasetError where `path` cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror})", "see `qa eval --help` for the formats"
        ) from error


def words(row: Mapping[str, Any], key: str, fault: Fault) -> str:
    """The string at `key`, without white space around it; it holds words."""
    value = typed(row, key, str, fault).strip()
    if not printable(value)[0].strip(BLANK):
        fault(f"{key!r} is empty", "give it words")
    if any("\ud800" <= c <= "\udfff" for c in value):
        fault(f"{key!r} holds half a surrogate pair", "write the character itself")
    return value


def name_at(row: Mapping[str, Any], key: str, fault: Fault) -> str:
    """The id at `key`: words, or a whole number, as some sets have it."""
    return str(row[key]) if type(row.get(key)) is int else words(row, key, fault)


def typed(row: Mapping[str, Any], key: str, kind: type, fault: Fault) -> Any:
    """The value at `key`, which is of `kind` and nothing else."""
    if key not in row:
        fault(f"{key!r} is missing", f"give {JSON_NAMES[kind]}")
    if type(row[key]) is not kind:
        fault(f"{key!r} is {row[key]!r:.60}", f"give {JSON_NAMES[kind]}")
    return row[key]


def objects(row: Mapping[str, Any], key: str, fault: Fault) -> list[Row]:
    """The list of objects at `key`."""
    return _all(row, key, dict, fault)


def strings(row: Mapping[str, Any], key: str, fault: Fault) -> list[str]:
    """The list of strings with words at `key`."""
    return [words({key: item}, key, fault) for item in _all(row, key, str, fault)]


def _all(row: Mapping[str, Any], key: str, kind: type, fault: Fault) -> list[Any]:
    for item in typed(row, key, list, fault):
        if type(item) is not kind:
            fault(f"{key!r} holds {item!r:.60}", f"write a list of {JSON_NAMES[kind].split()[-1]}s only")
    return row[key]
