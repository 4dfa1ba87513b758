"""An article as the rows that an indexer writes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from qa.index import analyse, content
from qa.index.embed import Floats
from qa.index.milvus import schema, words
from qa.index.milvus.records import pieces
from qa.index.share import bucket
from qa.ingest.folder import Found, Ingested
from qa.records import Passage

_MOST_ABOUT = 10_000  # bytes of a title, source or date in a list

Head = dict[str, Any]  # a row of schema.ARTICLES


class Todo(NamedTuple):
    """A file to be read; `sha256` is of its bytes, `head` the row of its article, if it has one.

    again: whether an earlier version of it may have left rows.
    """

    file: Found
    path: str
    sha256: str
    recipe: str
    head: Head | None
    again: bool = False


class Ready(NamedTuple):
    """An article that was read; `inputs` is what the encoder is to see of its passages."""

    todo: Todo
    ingested: Ingested
    passages: Sequence[Passage]
    inputs: Sequence[str]
    hashes: Sequence[str]
    version: str
    pieces: Sequence[str]


def new_head(id: str, path: str, added: str) -> Head:
    """Of an article that is not there yet."""
    return {"owner": content.hashed(id), "id": id, "bucket": bucket(id), "text": "", "version": "", "pieces": 0,
            "passages": 0, "words": 0, "about": "{}", "path": path, "added": added, "file": "", "recipe": "",
            "wanted": ""}


def passage_rows(ready: Ready, vectors: Mapping[str, Floats]) -> Iterator[dict[str, Any]]:
    article = ready.ingested.article
    for passage, text, hashed in zip(ready.passages, ready.inputs, ready.hashes, strict=True):
        yield {"id": passage.id, "owner": content.hashed(article.id), "article": article.id, "text": article.sha256,
               "version": ready.version, "start": passage.start, "end": passage.end, "tokens": passage.tokens,
               "input": hashed, "vector": vectors[hashed], "terms": words.text(analyse.terms(text))}


def record_rows(ready: Ready) -> Iterator[dict[str, Any]]:
    owner = content.hashed(ready.ingested.article.id)
    for number, piece in enumerate(ready.pieces):
        yield {"key": f"{ready.version}x{number}", "owner": owner, "version": ready.version,
               "number": number, "piece": piece, **schema.UNUSED}


def head_row(ready: Ready) -> Head:
    article, todo = ready.ingested.article, ready.todo
    about = {key: value and _brief(value) for key, value in
             (("title", article.title), ("source", article.source), ("date", article.date))}
    return {**todo.head, "text": article.sha256, "version": ready.version,
            "pieces": len(ready.pieces), "passages": len(ready.passages),
            "words": len(article.text.split()), "about": json.dumps(about, ensure_ascii=False), "path": todo.path,
            "file": todo.sha256, "recipe": todo.recipe, **schema.UNUSED}


def refused_head(todo: Todo) -> Head:
    """Of a file that cannot be read: nothing is in use, and nothing is to be done until it is another file."""
    return {**new_head(todo.file.id, todo.path, todo.head["added"] if todo.head else ""), "file": todo.sha256,
            "recipe": todo.recipe, **schema.UNUSED}


def _brief(text: str) -> str:
    """What a list shows of `text`: three of them fit into a string, also where JSON writes a character as six bytes."""
    shortened = pieces(text, _MOST_ABOUT)[0]
    return shortened if len(json.dumps(shortened, ensure_ascii=False).encode()) <= 2 * _MOST_ABOUT else (
        pieces(text, _MOST_ABOUT // 3)[0])
