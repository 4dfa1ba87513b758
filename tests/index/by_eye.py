"""An encoder whose vectors can be worked out by eye, and articles to index with it."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa import Library
from qa.index.embed import Floats, TokenVectors


class Letters:
    """How often each of a..z is in the text, scaled to length one. Keeps every text it was given."""

    dimensions = 26

    def __init__(self, name: str = "letters", fingerprint: str = "letters-1", window: int = 60):
        self.name, self.fingerprint, self.window = name, fingerprint, window
        self.given: list[str] = []

    def fits(self, text: str) -> bool:
        return len(text.split()) <= self.window

    def encode(self, texts: Sequence[str], question: bool = False) -> Floats:
        self.given.extend(texts)
        counts = np.array([[text.lower().count(letter) for letter in string.ascii_lowercase] for text in texts],
                          dtype=np.float32).reshape(len(texts), self.dimensions)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1)

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        raise NotImplementedError("the index asks for no tokens")


WINTER = "The harbour froze in January. Ships waited outside for nine days. The mayor asked for an icebreaker.\n"
SUMMER = "A heat wave closed the schools. Teachers moved lessons to the evening. Rain came on Friday.\n"
AUTUMN = "The orchard gave twice as many pears. Farmers hired students for the picking. Prices fell by a third.\n"
SPRING = "Swallows nest in the old mill. It rained all week. The river rose by a foot.\n"


def folder_of(path: Path, **texts: str) -> Path:
    """The folder `path` with a file name.txt for each name=text."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (path / f"{name}.txt").write_text(text, encoding="utf-8")
    return path


def library(path: Path, encoder: Letters | None = None, **options) -> Library:
    """A library over path/articles with its index in path/index."""
    return Library(path / "articles", path / "index", encoder=encoder or Letters(), **options)


def answers(lib: Library) -> dict[str, str]:
    """Article id -> text as the index serves them, having searched for each by its own words and vector."""
    with lib.open() as snapshot:
        found = {}
        for passage in snapshot.passages():
            text = snapshot.article(passage.article).text
            vector = snapshot.encoder.encode([text[passage.start:passage.end]])[0]
            assert passage.id in {hit.passage for hit in snapshot.engine.by_vector(vector, snapshot.engine.count())}
            found[passage.article] = text
        assert list(found) == snapshot.articles() == [row.id for row in lib.list()]
        assert snapshot.engine.count() == len(snapshot.passages()) == snapshot.manifest.passages
    return found
