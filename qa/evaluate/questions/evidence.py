"""Where the evidence of a question set stands in the articles."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from qa.evaluate.questions.dataset import Dataset, Evidence
from qa.evaluate.jsonl import bad_line
from qa.records import Place


def locate(dataset: Dataset, read: Callable[[str], str | None]) -> dict[str, tuple[Place, ...]]:
    """Question id -> every place where one of its evidence quotes stands.

    `read` gives the cleaned text of an article id, None where the corpus has no such article.
    Raises DatasetError for a quote that stands nowhere in its article.
    """
    places: dict[str, tuple[Place, ...]] = {}
    for question in dataset.questions:
        found: dict[Place, None] = {}
        for evidence in question.evidence:
            found.update(dict.fromkeys(_stands(evidence, read, dataset.path, question.line)))
        places[question.id] = tuple(found)
    return places


def occurrences(quote: str, text: str) -> list[tuple[int, int]]:
    """Spans of `text` where the words of `quote` stand in order, whatever white space is between them.

    White space is how a file is laid out, not what it says (a line break, a no-break space), so it
    never decides; the words do, to the letter, and a quote never matches the middle of a word.
    """
    words = [re.escape(word) for word in quote.split()]
    before = r"(?<!\w)" if re.match(r"\w", quote.strip()) else ""
    after = r"(?!\w)" if re.search(r"\w$", quote.strip()) else ""
    return [match.span() for match in re.finditer(before + r"\s+".join(words) + after, text)]


def _stands(evidence: Evidence, read: Callable[[str], str | None], path: Path, line: int) -> list[Place]:
    text = read(evidence.article)
    if text is None:
        bad_line(path, line, f"the corpus has no article {evidence.article!r}", "see `qa articles` for the ids")
    spans = occurrences(evidence.quote, text)
    if not spans:
        shown = evidence.quote if len(evidence.quote) <= 60 else evidence.quote[:57] + "…"
        bad_line(path, line, f"the quote {shown!r} stands nowhere in article {evidence.article!r}",
             f"copy it from `qa articles --text {evidence.article}`")
    return [Place(evidence.article, start, end) for start, end in spans]
