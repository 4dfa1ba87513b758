"""Asks every question and writes the run. A fault is recorded as a fault, never as "no answer"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from qa.answer.contract import answer_to_dict, trace_to_dict
from qa.errors import DatasetError, QAError
from qa.evaluate.questions.dataset import Dataset, Question
from qa.evaluate.questions.evidence import locate
from qa.evaluate.runs.header import header
from qa.evaluate.runs.run import writing
from qa.records import Answer, Article, Place, Quote

HITS, SENTENCES = 20, 10  # of the trace, the best of each

Progress = Callable[[str, int, int], None]


class Asks(Protocol):
    """The door `Assistant`, as far as an evaluation needs it."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def close(self) -> None: ...


class Articles:
    """The articles of a library, each read once. `library` is the door `Library`."""

    def __init__(self, library: Any):
        self._library, self._read = library, {}
        self._known = {row.id for row in library.list()}

    def text(self, id: str) -> str | None:
        """The cleaned text of article `id`, None where the corpus has none of that id."""
        return self.article(id).text if id in self._known else None

    def article(self, id: str) -> Article:
        """Article `id` of the corpus. Raises what `Library.read` raises for an id that it lacks."""
        if id not in self._read:
            self._read[id] = self._library.read(id)
        return self._read[id]


def no_progress(stage: str, done: int, total: int) -> None:
    """Says nothing."""


def record(assistant: Asks, library: Any, dataset: Dataset, out: Path, *,
           distractors: dict[str, Any] | None = None, progress: Progress = no_progress) -> None:
    """Ask `assistant` every question of `dataset` and write the run to `out`.

    A QAError raised by a question is its recorded fault. Anything else is a defect of the program: it
    is raised, and `out` stays as it was. Raises DatasetError for evidence that stands nowhere.
    """
    articles = Articles(library)
    gold = locate(dataset, articles.text)
    with library.open() as snapshot:
        manifest = snapshot.manifest
    with writing(out) as write:
        write(header(dataset, library.settings, manifest, distractors))
        for number, question in enumerate(dataset.questions, 1):
            write(_line(assistant, articles, question, gold[question.id]))
            progress("questions", number, len(dataset.questions))


def _line(assistant: Asks, articles: Articles, question: Question, gold: Sequence[Place]) -> dict[str, Any]:
    row = {"split": question.split, "kind": question.kind, "answerable": question.answerable,
           "history": list(question.history),
           "gold": [{"article": p.article, "start": p.start, "end": p.end} for p in gold]}
    try:
        answer = assistant.ask(question.question, question.history)
    except QAError as error:
        fault = {"type": type(error).__name__, "message": str(error)}
        return {"id": question.id, "question": question.question, **row, "error": fault}
    trace = trace_to_dict(answer)
    return {**answer_to_dict(answer, question.id), "hits": trace["hits"][:HITS],
            "sentences": trace["sentences"][:SENTENCES], **row, "error": None,
            "quote_sentences": [_sentences(q, articles) for q in answer.quotes or answer.closest]}


def _sentences(quote: Quote, articles: Articles) -> int:
    """How many sentences `quote` touches, whole or in part."""
    article = articles.article(quote.article)
    if article.sha256 != quote.article_sha256:
        raise DatasetError(f"article {quote.article!r} changed while the questions were asked", "run it again")
    return sum(s.start < quote.end and quote.start < s.end for s in article.sentences)
