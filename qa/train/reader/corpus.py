"""Public reading data -> articles cut as the product cuts them, and questions with the places that answer.

The split is by article and fixed: `part_of(title)` hashes the title, so that the same article falls on the same
side whatever else is in the data. `training` is trained on, `held` (about 8 %) is for fitting what comes after
(fusion, calibration), `validation` is the rows of squad1-dev and whatever titles the caller bars.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.ingest.sentences import sentences
from qa.ingest.split import Fits, passages
from qa.records import Article, Sentence, Span
from qa.settings import Split
from qa.train.data import PASSAGE_KEYS, QUESTION_KEYS, questions, rows

Progress = Callable[[str, int, int], None]
VALIDATION = frozenset({"squad1-dev"})  # sources that are never trained on, nor any article they ask about
HELD_SHARE = 8  # of 100 articles
_LOWER_STOP = re.compile(r"(?<=[.!?])['\"` ]*\s+(?=[`'\"]*\s*[a-z])")  # a stop in text without capitals
_GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive sentences of an article, `text` at `start` of it; `sentences` are spans of `text`, in order."""

    article: str
    title: str
    start: int
    text: str
    sentences: tuple[Span, ...]

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """`spans` are answers in the article's text, none where its paragraph `home` (a span, too) does not answer."""

    id: str
    text: str
    source: str
    kind: str  # span: the exact answer; sentence: the whole sentence that answers
    article: str
    home: Span
    spans: tuple[Span, ...]
    pair: str | None = None  # the id of the answerable question it was made from


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles by id; `windows` as the product would cut them, in the order of the text."""

    articles: Mapping[str, Article]
    windows: Mapping[str, tuple[Window, ...]]
    questions: tuple[Question, ...]

    def paragraph(self, question: Question) -> Window:
        """The whole paragraph that the question was asked of."""
        return window(self.articles[question.article], *question.home)


def key(title: str) -> str:
    """An article's name without what differs between sources: case, underscores, punctuation."""
    return " ".join(re.findall(r"\w+", title.replace("_", " ").lower()))


def part_of(title: str, barred: Collection[str] = ()) -> str:
    """`training`, `held` or `validation`, by the title alone; `barred` are keys of titles to keep for validation."""
    name = key(title)
    if name in barred:
        return "validation"
    number = int(hashlib.sha256(f"reader split 1\0{name}".encode()).hexdigest()[:8], 16)
    return "held" if number % 100 < HELD_SHARE else "training"


def barred_titles(folder: Path, more: Collection[str] = ()) -> frozenset[str]:
    """Keys of the titles that validation asks about in `folder`, and of `more`."""
    groups = {row["id"]: row["group"] for row in rows(folder / "passages.jsonl.gz", PASSAGE_KEYS)}
    asked = (row for row in questions(folder, groups) if row["source"] in VALIDATION)
    return frozenset(key(groups[row["passage"]]) for row in asked) | {key(title) for title in more}


def load(
    folder: Path,
    fits: Fits,
    part: str,
    barred: Collection[str],
    split: Split = Split(),
    most: int | None = None,
    progress: Progress = lambda *_: None,
) -> Corpus:
    """The articles of `part` in `folder` with their questions; the first `most` of them.

    `fits`: as `qa.ingest.split.passages` asks it. Raises DatasetError where the files are no such data, and where
    nothing is left to train on.
    """
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows(folder / "passages.jsonl.gz", PASSAGE_KEYS):
        if part_of(row["group"], barred) == part:
            grouped[key(row["group"])].append(row)
    articles, windows, homes = {}, {}, {}
    names = list(grouped)[:most]
    for done, name in enumerate(names, 1):
        article, places = _article(name, grouped[name], split)
        articles[name], windows[name] = article, _windows(article, fits, split)
        homes.update(places)
        progress("cutting", done, len(names))
    asked = tuple(_question(row, *homes[row["passage"]])
                  for row in rows(folder / "questions.jsonl.gz", (*QUESTION_KEYS, "id", "kind"))
                  if row["passage"] in homes)
    if part == "training" and not (asked and any(windows.values())):
        raise DatasetError(f"{folder} leaves no questions to train on", "bar fewer titles, or give more data")
    return Corpus(articles, windows, asked)


def window(article: Article, start: int, end: int) -> Window:
    """The text [start, end) of `article` with the sentences that lie in it."""
    inside = tuple((s.start - start, s.end - start) for s in article.sentences if start <= s.start and s.end <= end)
    return Window(article.id, article.title or "", start, article.text[start:end], inside)


def _windows(article: Article, fits: Fits, split: Split) -> tuple[Window, ...]:
    return tuple(window(article, p.start, p.end) for p in passages(article, fits, split))


def _article(name: str, found: list[dict[str, Any]], split: Split) -> tuple[Article, dict[str, tuple[str, Span]]]:
    """One article of the passages in order, and where each passage stands: {id: (article, span)}."""
    texts, places, at = [], {}, 0
    for row in found:
        text = row["text"].replace("\n", " ")  # as long as before: offsets stay
        texts.append(text)
        places[row["id"]] = (name, (at, at + len(text)))
        at += len(text) + len(_GAP)
    spans = tuple(span for _, span in places.values())
    whole = _GAP.join(texts)
    found_sentences = _sentences(whole, spans, Split())
    title = re.sub(r"[_-]+", " ", found[0]["group"])
    return Article(name, whole, spans, found_sentences, title=title), places


def _sentences(text: str, paragraphs: tuple[Span, ...], split: Split) -> tuple[Sentence, ...]:
    """The product's sentences; text without capitals is cut at its stops, which capitals would have told."""
    found = []
    for number, (start, end) in enumerate(paragraphs, 1):
        piece = text[start:end]
        if piece == piece.lower():
            starts = [0, *(m.end() for m in _LOWER_STOP.finditer(piece)), len(piece)]
            spans = [(a, a + len(piece[a:b].rstrip())) for a, b in zip(starts, starts[1:])]
        else:
            spans = [(s.start, s.end) for s in sentences(piece, [(0, len(piece))])]
        found += [Sentence(start + a, start + b, number) for a, b in spans if a < b]
    return tuple(found)


def _question(row: Mapping[str, Any], article: str, home: Span) -> Question:
    spans = tuple((home[0] + a, home[0] + b) for a, b in row["spans"])
    return Question(row["id"], row["question"], row["source"], row["kind"], article, home, spans, row.get("pair"))
