"""What an index holds of an article: its parts as JSON, and one hash of everything that is shown or searched of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from qa.ingest.folder import Ingested
from qa.ingest.split import passage_input
from qa.records import Article, Passage, RemovedLine, Sentence


def hashed(text: str) -> str:
    """SHA-256 of `text` in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def inputs(article: Article, passages: Sequence[Passage]) -> list[str]:
    """What the encoder sees of each of `passages`."""
    return [passage_input(article.title, article.text[p.start:p.end]) for p in passages]


def version(ingested: Ingested, passages: Sequence[Passage], hashes: Sequence[str]) -> str:
    """The hash of an article as it is now; `hashes` are those of its passages' inputs."""
    article = ingested.article
    cut = [(p.id, p.start, p.end, p.tokens, text) for p, text in zip(passages, hashes, strict=True)]
    return hashed(json.dumps([article.sha256, shown(article), spans(article), removed(ingested.removed), cut]))


def shown(article: Article) -> tuple[str | None, ...]:
    """Title, source, date, url and author."""
    return article.title, article.source, article.date, article.url, article.author


def spans(article: Article) -> str:
    sentences = [(s.start, s.end, s.paragraph, s.whole, s.heading) for s in article.sentences]
    return json.dumps({"paragraphs": article.paragraphs, "sentences": sentences, "pages": article.pages})


def restored(id: str, text: str, parts: str, shown: Sequence[str | None], sha256: str) -> Article:
    """The article of which `spans` made `parts`. Raises ValueError, LookupError or TypeError where they do not fit."""
    cut = json.loads(parts)
    title, source, date, url, author = shown
    return Article(id=id, text=text, sha256=sha256, title=title, source=source, date=date, url=url, author=author,
                   paragraphs=tuple((start, end) for start, end in cut["paragraphs"]),
                   sentences=tuple(Sentence(*values) for values in cut["sentences"]),
                   pages=tuple((start, end) for start, end in cut["pages"]))


def removed(lines: Sequence[RemovedLine]) -> str:
    return json.dumps([(r.line, r.kind, r.text) for r in lines])


def removed_lines(removed: str) -> tuple[RemovedLine, ...]:
    return tuple(RemovedLine(*line) for line in json.loads(removed))
