"""Two articles and an assistant that can be computed by eye."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from qa.errors import UsageError
from qa.records import Answer, Article, Hit, Passage, Place, Quote, ReadSentence, RemovedLine, Sentence
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


def passage(article: str, start: int, end: int) -> Passage:
    """The passage of these offsets; its id says them."""
    return Passage(f"{article}:{start}-{end}", article, start, end, 9)


def passages(articles: Mapping[str, Article]) -> list[Passage]:
    """Every sentence of every article alone, and every two that follow each other: 7 of an article of 4."""
    pairs = [(a.id, first, last) for a in articles.values() for n in (1, 2)
             for first, last in zip(a.sentences, a.sentences[n - 1:])]
    return [passage(id, first.start, last.end) for id, first, last in pairs]


def quote(id: str, first: int, last: int | None = None, probability: float = 0.5) -> Quote:
    """The sentences `first` to `last` (from 0, inclusive) of article `id`."""
    spans = ARTICLES[id].sentences
    return Quote.cut(ARTICLES[id], spans[first].start, spans[last or first].end, probability=probability)


def answer(question: str, quotes: Sequence[Quote], probability: float, answered: bool = True,
           found: Sequence[Quote] | None = None) -> Answer:
    """An answer in half a second that read the places of `quotes`; its hits are those too, or those of `found`."""
    shown, searched = tuple(quotes), quotes if found is None else found
    places = [Place(q.article, q.start, q.end) for q in shown]
    hits = [passage(q.article, q.start, q.end) for q in searched]
    return Answer(question=question, resolved_question=question, answered=answered, probability=probability,
                  quotes=shown if answered else (), closest=() if answered else shown,
                  reason=None if answered else "nothing fits", seconds={"search": 0.25, "total": 0.5},
                  hits=tuple(Hit(p.id, Place(p.article, p.start, p.end), 1 / n) for n, p in enumerate(hits, 1)),
                  sentences=tuple(ReadSentence(place, "", 1.0, 0.5) for place in places))


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
    sha256: str


@dataclass
class Snapshot:
    manifest: dict[str, Any]
    held: list[Passage] = field(default_factory=list)

    def passages(self) -> list[Passage]:
        return self.held

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, kind: type | None, error: Exception | None, trace: TracebackType | None) -> None:
        self.manifest, self.held = {}, []  # nothing is left to read once it is closed


@dataclass
class Shelf:
    """The part of a Library that recording needs, over articles held in memory."""

    articles: Mapping[str, Article] = field(default_factory=lambda: ARTICLES)
    settings: Settings = Settings()
    cleaned: Mapping[str, tuple[RemovedLine, ...]] = field(default_factory=dict)

    def list(self) -> list[Row]:
        return [Row(id, article.sha256) for id, article in self.articles.items()]

    def read(self, id: str) -> Article:
        if id not in self.articles:
            raise UsageError(f"no article {id}")
        return self.articles[id]

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        return self.cleaned

    def open(self) -> Snapshot:
        held = passages(self.articles)
        return Snapshot({"encoder": "none", "folder": "/home/somebody/articles", "passages": len(held)}, held)


def row(id: str, evidence: Sequence[tuple[str, str | int]] = (), **changes: Any) -> dict[str, Any]:
    """A question row as it stands in a file; answerable exactly when it has evidence, each a quote or a grade."""
    return {"id": id, "question": f"{id}?", "history": [], "answerable": bool(evidence),
            "evidence": [{"article": a, "quote" if isinstance(q, str) else "grade": q} for a, q in evidence],
            "kind": "who", "split": "dev", **changes}


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path
