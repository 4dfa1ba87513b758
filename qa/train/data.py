"""Public reading data -> a folder of articles and questions whose answers stand in them.

`folder` holds passages.jsonl.gz ({"id", "group", "text"}) and questions.jsonl.gz ({"passage", "question",
"spans", "source"}; no spans: the passage does not answer). A group becomes an article of its passages.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.errors import DatasetError
from qa.records import Article, Span

# Articles and questions an article by source, at most: encyclopedia, search queries, whole sections, stories.
# Stories and sections are there for their why- and how-questions, queries for their wording.
ARTICLES = {"squad1": 60, "qed": 450, "selqa": 80, "fairytale": 45}
QUESTIONS = {"squad1": 10, "squad2-pairs": 12, "qed": 1, "selqa": 3, "fairytale": 7}
PASSAGE_KEYS = ("id", "group", "text")
QUESTION_KEYS = ("passage", "question", "spans", "source")
_GIVE = "give the folder with passages.jsonl.gz and questions.jsonl.gz"


@dataclass(frozen=True, slots=True)
class Asked:
    """A training question: the article and passage it was asked of, and where in that passage the answers stand."""

    article: str
    passage: str
    text: str
    spans: tuple[Span, ...]


def sample(folder: Path, seed: int, kept: Callable[[str], bool]) -> tuple[dict[str, list[str]], list[Asked]]:
    """({article id: its passages}, questions): a seeded sample of `ARTICLES` and `QUESTIONS`, whole articles at a time.

    Of the articles whose title is `kept` only. Raises DatasetError where the folder does not hold the two files, and
    where none of their articles is left.
    """
    passages = {row["id"]: row for row in rows(folder / "passages.jsonl.gz", PASSAGE_KEYS)}
    grouped: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in questions(folder, passages):
        if kept(passages[row["passage"]]["group"]):
            grouped[row["source"]][passages[row["passage"]]["group"]].append(row)
    rng = random.Random(seed)
    chosen = {
        group
        for source, count in ARTICLES.items()
        for group in rng.sample(sorted(grouped[source]), min(count, len(grouped[source])))
    }
    if not chosen:
        raise DatasetError(f"{folder} holds no article to fit on", "bar fewer titles, or give more data")
    articles: dict[str, list[str]] = defaultdict(list)
    for row in passages.values():
        if row["group"] in chosen:
            articles[_file_name(row["group"])].append(row["text"])
    return dict(articles), list(_questions(grouped, chosen, passages, rng))


def _questions(grouped: Mapping, chosen: set[str], passages: Mapping, rng: random.Random) -> Iterator[Asked]:
    for source, count in QUESTIONS.items():
        for group in sorted(chosen & set(grouped[source])):
            found = grouped[source][group]
            for row in rng.sample(found, min(count, len(found))):
                yield Asked(
                    _file_name(group),
                    passages[row["passage"]]["text"],
                    row["question"],
                    tuple((a, b) for a, b in row["spans"]),
                )


def write(articles: Mapping[str, list[str]], folder: Path) -> None:
    """One .txt file an article: a title line and a paragraph a passage; those of another sample go."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.txt"):
        if path.stem not in articles:
            path.unlink()
    for name, texts in articles.items():
        paragraphs = [" ".join(text.split("\n")) for text in texts]
        (folder / f"{name}.txt").write_text("\n\n".join([name.replace("_", " "), *paragraphs]), encoding="utf-8")


def locate(asked: Asked, article: Article) -> list[Span]:
    """Where the answers stand in `article`; empty where its passage was cleaned away or does not answer."""
    start = article.text.find(" ".join(asked.passage.split("\n")))
    return [(start + a, start + b) for a, b in asked.spans] if start >= 0 else []


def _file_name(group: str) -> str:
    return re.sub(r"[^\w-]+", "_", group)


def questions(folder: Path, passages: Collection[str]) -> Iterator[dict[str, Any]]:
    """The questions in `folder`. Raises DatasetError for one that is of none of `passages`, their ids."""
    path = folder / "questions.jsonl.gz"
    for number, row in enumerate(rows(path, QUESTION_KEYS), 1):
        if row["passage"] not in passages:
            raise DatasetError(f"{path}:{number} asks of passage {row['passage']!r}, which is not there", _GIVE)
        yield row


def rows(path: Path, keys: Collection[str]) -> Iterator[dict[str, Any]]:
    """The rows of a gzipped JSON Lines file. Raises DatasetError where it cannot be read or a row lacks any `keys`."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for number, row in enumerate(map(json.loads, lines), 1):
                lacking = [key for key in keys if key not in row] if isinstance(row, dict) else keys
                if lacking:
                    raise DatasetError(f"{path}:{number} is no row of training data (it lacks {', '.join(lacking)})",
                                       _GIVE)
                yield row
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DatasetError(f"{path} cannot be read as training data ({error})", _GIVE) from error
