"""Two articles and an assistant that can be computed by eye."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from qa.errors import UsageError
from qa.records import Answer, Article, Hit, Place, Quote, ReadSentence, Sentence
from qa.settings import Settings

SENTENCES = {
    "news/strike": ["Iran struck Pakistan on Tuesday.", "Two children died.", "The envoy went home.", "Talks began."],
    "budget": ["The budget grew.", "It grew by 5 percent.", "Taxes fell in May.", "Nobody knows why."],
}


def article(id: str, sentences: Sequence[str]) -> Article:
    """One paragraph of `sentences`, a blank between them."""
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Sentence(start, start + len(sentence), 1))
        start += len(sentence) + 1
    text = " ".join(sentences)
    return Article(id=id, text=text, paragraphs=((0, len(text)),), sentences=tuple(spans), title=f"About {id}")


ARTICLES = {id: article(id, sentences) for id, sentences in SENTENCES.items()}


def quote(id: str, first: int, last: int | None = None, probability: float = 0.5) -> Quote:
    """The sentences `first` to `last` (from 0, inclusive) of article `id`."""
    spans = ARTICLES[id].sentences
    return Quote.cut(ARTICLES[id], spans[first].start, spans[last or first].end, probability=probability)


def answer(question: str, quotes: Sequence[Quote], probability: float, answered: bool = True) -> Answer:
    """An answer whose hits are the places of `quotes`, each 0.25 s slower than the one before."""
    shown = tuple(quotes)
    places = [Place(q.article, q.start, q.end) for q in shown]
    return Answer(question=question, resolved_question=question, answered=answered, probability=probability,
                  quotes=shown if answered else (), closest=() if answered else shown,
                  reason=None if answered else "nothing fits", seconds={"search": 0.25, "total": 0.5},
                  hits=tuple(Hit(f"p{n}", place, 1 / (n + 1)) for n, place in enumerate(places)),
                  sentences=tuple(ReadSentence(place, "p0", 1.0, 0.5) for place in places))


class ScriptedAssistant:
    """Gives each question the answer, or raises the fault, that its script holds."""

    def __init__(self, script: Mapping[str, Answer | Exception]):
        self.script, self.asked, self.closed = script, [], False

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        self.asked.append((question, tuple(history)))
        said = self.script[question]
        if isinstance(said, Exception):
            raise said
        return said

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class Row:
    id: str


@dataclass
class Snapshot:
    manifest: dict[str, Any]

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, kind: type | None, error: Exception | None, trace: TracebackType | None) -> None:
        self.manifest = {}


@dataclass
class Shelf:
    """The part of a Library that recording needs, over articles held in memory."""

    articles: Mapping[str, Article] = field(default_factory=lambda: ARTICLES)
    settings: Settings = Settings()

    def list(self) -> list[Row]:
        return [Row(id) for id in self.articles]

    def read(self, id: str) -> Article:
        if id not in self.articles:
            raise UsageError(f"no article {id}")
        return self.articles[id]

    def open(self) -> Snapshot:
        return Snapshot({"encoder": "none", "folder": "/home/somebody/articles", "passages": 8})


def row(id: str, evidence: Sequence[tuple[str, str]] = (), **changes: Any) -> dict[str, Any]:
    """A question row as it stands in a file; answerable exactly when it has evidence."""
    return {"id": id, "question": f"{id}?", "history": [], "answerable": bool(evidence),
            "evidence": [{"article": a, "quote": q} for a, q in evidence], "kind": "who", "split": "dev", **changes}


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path
