"""What every system is given: the same cleaned articles and the same questions, in the same order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.peers.measures import is_within


class CorpusError(Exception):
    """Articles or questions that cannot be measured on: what is wrong, in one line."""


@dataclass(frozen=True, slots=True)
class Question:
    """`gold`: (article id, sentence that answers); any one of them found is right."""

    id: str
    question: str
    gold: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """`folder` holds the articles' files, for a system that reads files itself; `articles` their cleaned texts."""

    folder: Path
    articles: Mapping[str, str]
    questions: tuple[Question, ...]


def read_questions(path: Path) -> tuple[Question, ...]:
    """The test half's answerable questions that stand alone. Raises CorpusError, which names the line.

    A follow-up means little without the questions before it, and the peers take one question at a time.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise CorpusError(f"the questions cannot be read ({error})") from error
    rows = [_row(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    asked = [_question(row) for row in rows if row["split"] == "test" and row["answerable"] and not row["history"]]
    if not asked:
        raise CorpusError(f"{path} has no answerable question without history in its test half")
    return tuple(asked)


def check(corpus: Corpus) -> None:
    """Raises CorpusError where a gold sentence does not stand in the text that the systems are given."""
    words = {id: text.split() for id, text in corpus.articles.items()}
    for question in corpus.questions:
        for article, quote in question.gold:
            if not is_within(quote.split(), words.get(article, [])):
                raise CorpusError(f"question {question.id}: its evidence does not stand in article {article!r}")


def save(corpus: Corpus, path: Path) -> None:
    questions = [{"id": q.id, "question": q.question, "gold": q.gold} for q in corpus.questions]
    whole = {"folder": str(corpus.folder), "articles": dict(corpus.articles), "questions": questions}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> Corpus:
    """What `save` wrote."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    questions = (Question(q["id"], q["question"], tuple((a, s) for a, s in q["gold"])) for q in whole["questions"])
    return Corpus(Path(whole["folder"]), whole["articles"], tuple(questions))


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        kinds = {"id": str, "question": str, "history": list, "answerable": bool, "evidence": list, "split": str}
        if all(isinstance(row[key], kind) for key, kind in kinds.items()):
            _question(row)
            return row
    except (ValueError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}:{number}: not a question ({error!r})") from error
    raise CorpusError(f"{path}:{number}: a key holds another type than evals/README.md says")


def _question(row: dict[str, Any]) -> Question:
    return Question(row["id"], row["question"], tuple((e["article"], e["quote"]) for e in row["evidence"]))
