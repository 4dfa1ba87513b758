"""What is wrong with a question set, before it is trusted: all of it at once, where scoring stops at the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import SPLITS, Dataset, Question
from qa.evaluate.questions.evidence import CLEANED_AWAY, NOT_IN_CORPUS, NOWHERE, gold, nowhere
from qa.records import Place

ALIKE = 0.95  # cosine of two questions from which they are the same one in other words
_ROWS = 256  # of the table of all pairs, at a time
THIN = 10  # questions of a kind in a split; below it the interval of a share is wider than 0.3 to either side


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` counts from 1, 0 for the set as a whole; `breaks` says that a row cannot be scored as it should."""

    line: int
    problem: str
    breaks: bool = False


def check(dataset: Dataset, articles: Articles, encoder: Any, most: int) -> list[Finding]:
    """Gold that is lost or cannot be quoted, questions too long or asked twice, kinds too thin to measure; by line.

    `encoder` is the index's: questions are compared by the cosine of its vectors. `most`: characters of a question.
    """
    refused = "a question of {:,} characters is refused; ask in at most {:,}"
    long = [Finding(q.line, refused.format(len(q.question), most), breaks=True)
            for q in dataset.questions if len(q.question) > most]
    findings = [*long, *_lost(dataset, articles), *_too_long(dataset, articles), *_alike(dataset, encoder), *_thin(dataset)]
    return sorted(findings, key=lambda finding: (not finding.line, finding.line))


def _lost(dataset: Dataset, articles: Articles) -> Iterator[Finding]:
    said = {NOT_IN_CORPUS: "the corpus has no article {0!r}", CLEANED_AWAY: "cleaning removes {1!r} from {0!r}"}
    for question in dataset.questions:
        for lost in gold(question, articles).lost:
            gone = said.get(lost.why, "").format(lost.article, lost.quote)
            problem = "; ".join(nowhere(lost)) if lost.why == NOWHERE else gone
            yield Finding(question.line, problem, breaks=True)


def _too_long(dataset: Dataset, articles: Articles) -> Iterator[Finding]:
    """Gold of which no two neighbouring sentences are half: no quote that counts as right can hold it."""
    for question in dataset.questions:
        places = gold(question, articles).places
        if places and not any(_quotable(place, articles) for place in places):
            yield Finding(question.line, "no two sentences cover half of its gold; quote less of it", breaks=True)


def _quotable(place: Place, articles: Articles) -> bool:
    sentences = articles.article(place.article).sentences
    spans = [(s.start, s.end) for s in sentences] + [(a.start, b.end) for a, b in pairwise(sentences)]
    return any(Place(place.article, start, end).holds_half(place) for start, end in spans)


def _alike(dataset: Dataset, encoder: Any) -> Iterator[Finding]:
    """Of each pair the later one. Follow-ups mean what came before, so only questions of like history are compared."""
    by_history: dict[tuple[str, ...], list[Question]] = {}
    for question in dataset.questions:
        by_history.setdefault(question.history, []).append(question)
    for group in by_history.values():
        yield from _alike_in(group, encoder)


def _alike_in(group: list[Question], encoder: Any) -> Iterator[Finding]:
    vectors = encoder.encode([question.question for question in group], question=True)
    for first in range(0, len(group), _ROWS):  # so that the table stays small, whatever the number of questions
        alike = np.tril(vectors[first:first + _ROWS] @ vectors[:first + _ROWS].T, first - 1) >= ALIKE
        yield from (_twice(group[first + row], group[column]) for row, column in np.argwhere(alike))


def _twice(later: Question, earlier: Question) -> Finding:
    across = "" if later.split == earlier.split else f"; one is in {earlier.split}, one in {later.split}"
    problem = f"{later.question!r} is nearly {earlier.question!r} of line {earlier.line}{across}"
    return Finding(later.line, problem)


def _thin(dataset: Dataset) -> Iterator[Finding]:
    """One remark a split: its figures by kind are to be read with care."""
    counts = Counter((q.split, q.kind, q.answerable) for q in dataset.questions)
    for split in SPLITS:
        thin = [f"{kind}{'' if answerable else ' (unanswerable)'} {n}"
                for (of, kind, answerable), n in counts.items() if of == split and n < THIN]
        if thin:
            yield Finding(0, f"kinds of {split} with fewer than {THIN} questions, too few to measure alone: "
                             + ", ".join(thin))
