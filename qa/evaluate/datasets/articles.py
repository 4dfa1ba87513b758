"""A folder of articles with questions about them, their evidence as words of the articles.

    DIR/articles/…         any files that can be indexed, and articles.toml
    DIR/questions.jsonl    {"id", "question", "answerable", "gold": [str], "articles": [id],
                            "kind"?, "split"?, "history"?: [str], "conversation"?}

An article's id is its file's path below articles/ without suffix. Each string of `gold` stands in one or more of
`articles`, word for word; a question that is not answerable has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from qa.errors import DatasetError
from qa.evaluate.datasets.material import (
    Fault,
    Material,
    Row,
    name_at,
    question_row,
    quoted,
    rows_of,
    strings,
    typed,
    unique,
    words,
)
from qa.evaluate.questions.dataset import SPLITS
from qa.evaluate.questions.evidence import occurrences
from qa.ingest import origins
from qa.ingest.clean import clean
from qa.ingest.folder import Found, scan
from qa.ingest.load import read_file
from qa.settings import Ingest

FOLDER, QUESTIONS = "articles", "questions.jsonl"
_KNOWN = ("id", "question", "answerable", "gold", "articles", "kind", "split", "history", "conversation")


def files(path: Path) -> list[Path]:
    """What the set is read from. Raises DatasetError where there is no folder of articles."""
    stated = path / FOLDER / origins.NAME
    return [path / QUESTIONS, *(found.path for found in _found(path)), *([stated] if stated.is_file() else [])]


def read(path: Path) -> Material:
    """The articles and questions of the folder `path`. Raises DatasetError naming file and line."""
    shelf = _Shelf(_found(path))
    material = Material({file.relative_to(path / FOLDER).as_posix(): file for file in files(path)[1:]})
    for row, fault in rows_of(path / QUESTIONS):
        material.add_row(_row(row, shelf, fault), fault)
    return material


def _found(path: Path) -> list[Found]:
    folder = path / FOLDER
    if not folder.is_dir():
        raise DatasetError(f"there is no folder {folder}", f"give one with {FOLDER}/ and {QUESTIONS}")
    return [found for found in scan(folder) if not found.problem]


class _Shelf:
    """What the articles say, each read once."""

    def __init__(self, found: list[Found]):
        self._found = {item.id: item for item in found}
        self.holds = cache(self._holds)
        self._texts = cache(self._read)

    def knows(self, id: str) -> bool:
        return id in self._found

    def _holds(self, id: str, quote: str) -> bool:
        """Whether article `id` says `quote`, be it in a line that cleaning leaves out."""
        return any(occurrences(quote, text) for text in self._texts(id))

    def _read(self, id: str) -> tuple[str, str]:
        raw = read_file(self._found[id].path, Ingest())
        return raw.text, clean(raw.text, raw.pages, raw.wrapped).text


def _row(row: Row, shelf: _Shelf, fault: Fault) -> Row:
    for key in sorted(row.keys() - set(_KNOWN)):
        fault(f"the row has an unknown key {key!r}", f"known: {', '.join(_KNOWN)}")
    evidence = unique(_evidence(row, shelf, fault))
    if typed(row, "answerable", bool, fault) != bool(evidence):
        fault(
            f"'answerable' is {str(row['answerable']).lower()} with {len(row['gold'])} strings of gold",
            "mend one of them",
        )
    return question_row(name_at(row, "id", fault), words(row, "question", fault), evidence, **_given(row, fault))


def _evidence(row: Row, shelf: _Shelf, fault: Fault) -> Iterator[Row]:
    articles = strings(row, "articles", fault)
    for id in articles:
        if not shelf.knows(id):
            fault(f"there is no article {id!r}", f"give the path of a file below {FOLDER}/, without its suffix")
    for gold in strings(row, "gold", fault):
        found = [quoted(id, gold) for id in articles]
        found = [item for item in found if shelf.holds(item["article"], item["quote"])]
        if not found:
            fault(
                f"the gold {gold!r:.60} stands nowhere in {', '.join(articles) or 'no article'}",
                "copy it from the article",
            )
        yield from found


def _given(row: Row, fault: Fault) -> Row:
    """The optional keys that the row has."""
    given: Row = {key: words(row, key, fault) for key in ("kind", "split", "conversation") if key in row}
    if given.get("split", SPLITS[0]) not in SPLITS:
        fault(f"split is {row['split']!r}", f"write {' or '.join(SPLITS)}")
    return given | ({"history": strings(row, "history", fault)} if "history" in row else {})
