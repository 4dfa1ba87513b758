"""Asks every question and writes the run. A fault is recorded as a fault, never as "no answer"."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from qa.answer.contract import answer_to_dict, trace_to_dict
from qa.errors import DatasetError, QAError, one_line
from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import Dataset, Question
from qa.evaluate.questions.evidence import Gold, locate
from qa.evaluate.runs.header import header, plain
from qa.evaluate.runs.run import writing
from qa.records import Answer, Passage, Place, Quote

HITS, SENTENCES = 20, 10  # of the trace, the best of each
# What a program that is wrong raises. One question must not cost the answers of a thousand others.
DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
_YARDSTICK = np.random.default_rng(1).standard_normal((384, 384), dtype=np.float32)  # of the encoder's width

Progress = Callable[[str, int, int], None]


class Asks(Protocol):
    """The door `Assistant`, as far as an evaluation needs it."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer: ...

    def close(self) -> None: ...


def no_progress(stage: str, done: int, total: int) -> None:
    """Says nothing."""


def record(assistant: Asks, library: Any, dataset: Dataset, out: Path, *, around: dict[str, Any] | None = None,
           source: dict[str, Any] | None = None, progress: Progress = no_progress) -> None:
    """Ask `assistant` every question of `dataset` and write the run to `out`.

    `around` and `source` go into the header: what other text was there, and where the set came from.
    What a question raises is its recorded fault. Raises DatasetError for evidence that stands nowhere and for
    articles that change meanwhile; then, and after Ctrl-C, `out` stays as it was.
    """
    articles = Articles(library)
    golds = locate(dataset, articles)
    with library.open() as snapshot:
        manifest, relevant = snapshot.manifest, _relevant(golds, snapshot.passages())
    with writing(out) as write:
        write(header(dataset, library.settings, {**plain(manifest), "corpus": articles.digest()}, around, source))
        for number, question in enumerate(dataset.questions, 1):
            known = _row(question, golds[question.id], relevant[question.id], articles)
            write({**known, **_said(assistant, articles, question)})
            progress("questions", number, len(dataset.questions))


def _relevant(golds: dict[str, Gold], passages: Sequence[Passage]) -> dict[str, list[str]]:
    """Question id -> every passage that holds at least half of a gold place."""
    of_article: dict[str, list[tuple[str, Place]]] = {}
    for passage in passages:
        of_article.setdefault(passage.article, []).append(
            (passage.id, Place(passage.article, passage.start, passage.end)))
    return {id: list(dict.fromkeys(passage for gold in found.places
                                   for passage, place in of_article.get(gold.article, ()) if place.holds_half(gold)))
            for id, found in golds.items()}


def _row(question: Question, gold: Gold, relevant: list[str], articles: Articles) -> dict[str, Any]:
    """What is known about a question before it is asked."""
    places = [{**asdict(p), "text": articles.article(p.article).text[p.start : p.end]} for p in gold.places]
    return {"id": question.id, "question": question.question, "split": question.split, "kind": question.kind,
            "answerable": question.answerable, "history": list(question.history),
            "gold": places, "gold_articles": dict(gold.articles),
            "lost": [asdict(lost) for lost in gold.lost], "relevant": relevant}


def _said(assistant: Asks, articles: Articles, question: Question) -> dict[str, Any]:
    """The answer with its trace, or the fault: also a defect of the program, which scores as wrong like any other.

    Ctrl-C and a machine out of memory end the run.
    """
    try:
        answer = assistant.ask(question.question, question.history)
    except (QAError, *DEFECTS) as error:
        return {"error": {"type": type(error).__name__, "message": one_line(error)}}
    trace = trace_to_dict(answer)
    return {**answer_to_dict(answer, question.id), "question": question.question,  # as its set has it, blanks and all
            "hits": trace["hits"][:HITS], "sentences": trace["sentences"][:SENTENCES],
            "checked": [_checked(q, articles) for q in answer.quotes or answer.closest],
            "yardstick": round(yardstick(), 6), "error": None}


def _checked(quote: Quote, articles: Articles) -> dict[str, Any]:
    """How many sentences `quote` touches, whole or in part, and whether its article says it where it says so."""
    if articles.text(quote.article) is None:
        return {"sentences": 0, "cited": False}
    article = articles.article(quote.article)
    if article.sha256 != quote.article_sha256:
        raise DatasetError(f"article {quote.article!r} changed while the questions were asked", "run it again")
    return {"sentences": sum(s.start < quote.end and quote.start < s.end for s in article.sentences),
            "cited": article.text[quote.start:quote.end] == quote.text}


def yardstick() -> float:
    """Seconds that one fixed piece of work takes right now: three products of matrices as wide as the encoder.

    A machine is busier at one time than at another. Seconds of two runs are compared as multiples of this.
    """
    started = time.perf_counter()
    for _ in range(3):
        _YARDSTICK @ _YARDSTICK
    return time.perf_counter() - started
