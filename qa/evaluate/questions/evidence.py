"""Where the evidence of a question set stands in the articles, and what of it stands nowhere any more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from qa.errors import DatasetError
from qa.evaluate.jsonl import bad_line
from qa.evaluate.questions.dataset import Dataset, Evidence, Question
from qa.records import Place

NOT_IN_CORPUS, CLEANED_AWAY, NOWHERE = "not in the corpus", "cleaned away", "stands nowhere"


class Texts(Protocol):
    """The articles of a corpus, as far as evidence is looked up in them."""

    def text(self, id: str) -> str | None:
        """The cleaned text of article `id`, None where the corpus has no such article."""

    def removed(self, id: str) -> str:
        """The lines of its file that cleaning left out, in order."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Evidence that nothing could quote: its article is not there, or cleaning took it for no part of one."""

    article: str
    quote: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for a question: places, or whole articles with a grade where its set quotes nothing."""

    places: tuple[Place, ...] = ()
    articles: tuple[tuple[str, int], ...] = ()
    lost: tuple[Lost, ...] = ()


def locate(dataset: Dataset, texts: Texts) -> dict[str, Gold]:
    """Question id -> every place where one of its evidence quotes stands.

    A corpus may change: evidence whose article is gone, or that cleaning removed, is `lost` and counts
    against the corpus. Raises DatasetError for a quote that stands nowhere at all, and where the corpus
    has none of the articles that the set quotes: then it is the wrong corpus.
    """
    golds = {question.id: gold(question, texts) for question in dataset.questions}
    for question in dataset.questions:
        for lost in golds[question.id].lost:
            if lost.why == NOWHERE:
                bad_line(dataset.path, question.line, *nowhere(lost))
    absent = [lost.article for found in golds.values() for lost in found.lost if lost.why == NOT_IN_CORPUS]
    if absent and len(absent) == sum(len(question.evidence) for question in dataset.questions):
        raise DatasetError(f"{dataset.path}: the corpus has none of the articles it quotes, such as {absent[0]!r}",
                           "give the folder it was written for with --articles; see `qa articles` for the ids")
    return golds


def gold(question: Question, texts: Texts) -> Gold:
    """What is right for `question`, and what of its evidence is lost, for whatever reason."""
    places: dict[Place, None] = {}
    articles: dict[str, int] = {}
    lost = []
    for evidence in question.evidence:
        found = _stands(evidence, texts)
        if isinstance(found, Lost):
            lost.append(found)
        elif evidence.quote is None:
            articles[evidence.article] = max(evidence.grade, articles.get(evidence.article, 0))
        else:
            places.update(dict.fromkeys(found))
    return Gold(tuple(places), tuple(articles.items()), tuple(lost))


def nowhere(lost: Lost) -> tuple[str, str]:
    """What is wrong with evidence that stands nowhere, and the remedy."""
    quote = lost.quote or ""
    shown = quote if len(quote) <= 60 else quote[:57] + "…"
    return (f"the quote {shown!r} stands nowhere in article {lost.article!r}",
            f"copy it from `qa articles --text {lost.article}`")


def occurrences(quote: str, text: str) -> list[tuple[int, int]]:
    """Spans of `text` where the words of `quote` stand in order, whatever white space is between them.

    White space is how a file is laid out, not what it says (a line break, a no-break space), so it
    never decides; the words do, to the letter, and a quote never matches the middle of a word.
    """
    words = [re.escape(word) for word in quote.split()]
    before = r"(?<!\w)" if re.match(r"\w", quote.strip()) else ""
    after = r"(?!\w)" if re.search(r"\w$", quote.strip()) else ""
    return [match.span() for match in re.finditer(before + r"\s+".join(words) + after, text)]


def _stands(evidence: Evidence, texts: Texts) -> list[Place] | Lost:
    """Every place of `evidence`, none where only its article is known, or why it is lost."""
    text = texts.text(evidence.article)
    if text is None:
        return Lost(evidence.article, evidence.quote, NOT_IN_CORPUS)
    if evidence.quote is None:
        return []
    if spans := occurrences(evidence.quote, text):
        return [Place(evidence.article, start, end) for start, end in spans]
    cleaned = _was_cleaned(evidence.quote, text, texts.removed(evidence.article))
    return Lost(evidence.article, evidence.quote, CLEANED_AWAY if cleaned else NOWHERE)


def _was_cleaned(quote: str, text: str, removed: str) -> bool:
    """Whether `quote` stands in the lines `removed`, or is whole in `text` but for such lines in its midst."""
    if occurrences(quote, removed):
        return True
    lines = sorted(filter(str.strip, removed.splitlines()), key=len, reverse=True)
    left = _without(lines, quote)
    # Of the text too: what a line left out says may be said elsewhere for good.
    return left != quote and bool(left.strip()) and bool(occurrences(left, _without(lines, text)))


def _without(lines: list[str], text: str) -> str:
    """`text` without any of `lines`, so that what stood around one comes together."""
    for line in lines:
        for start, end in reversed(occurrences(line, text)):
            text = f"{text[:start]} {text[end:]}"
    return text
