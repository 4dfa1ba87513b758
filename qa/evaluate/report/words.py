"""What a report says in plain words: its headline, and what each measure, stage and verdict means."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.evaluate.figures.measures import Measure
    from qa.evaluate.score import Report, Section
    from qa.evaluate.verdict.compare import Comparison

DIRECTIONS = {"higher": "Higher is better.", "lower": "Lower is better.", None: "Neither way is good by itself."}

# In the order of the pipeline, so that the first row of misses is where questions are lost first.
STAGES = {
    "right": "answered with the right sentence first; where nothing answers, declined",
    "not in the corpus": "its evidence is of articles that are not there",
    "cleaned away": "its evidence stands in the files, but cleaning took it for no part of an article",
    "not retrieved": "none of the passages found holds an answer",
    "not read right": "a passage found holds it, but it is not among the best sentences read",
    "ranked low": "it is among the sentences read, but not first",
    "quoted wrongly": "it is the first sentence read, but the quote made of it is not right: too long, say",
    "wrongly declined": "it came first, but the question was declined",
    "wrongly answered": "nothing answers the question, but it was answered",
    "failed": "a fault instead of an answer, or no line in the run",
}
VERDICTS = {"better": "Better than before", "worse": "Worse than before", "same": "The same as before",
            "cannot tell": "Cannot tell whether better or worse"}


def plain(text: str) -> str:
    """`text` on one line, without what a terminal obeys or a reader cannot see: control and format characters."""
    seen = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)
    return " ".join(seen.split())


def shortened(text: str, most: int = 200) -> str:
    """Its first `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def directed(measure: Measure) -> str:
    """Its name, and that lower is better where it is."""
    return f"{measure.name} (lower is better)" if measure.better == "lower" else measure.name


def explain(measure: Measure) -> str:
    """What `measure` says, and which way is good."""
    return f"{measure.about[:1].upper()}{measure.about[1:]}. {DIRECTIONS[measure.better]}"


def percent(share: float) -> str:
    """ "55 %"; never 0 or 100 for what is not quite so."""
    whole = round(100 * share)
    return "over 99 %" if whole == 100 and share < 1 else "under 1 %" if not whole and share else f"{whole} %"


def headline(section: Section) -> Iterator[str]:
    """Sentences on one split: what was right, what declined, what failed. An undefined figure gives none."""
    first, three = _share(section, "right@1"), _share(section, "right@3")
    if first is not None and three is not None:
        yield (f"Of {counted(section.answerable, 'answerable question')} the right sentence came first for "
               f"{percent(first)} and among the first three for {percent(three)}.")
    answered, declined = _share(section, "answered"), _share(section, "decline recall")
    if answered is not None:
        whom = "of them" if first is not None else f"of {counted(section.answerable, 'answerable question')}"
        yield f"{percent(answered)} {whom} were answered."
    if declined is not None:
        yield f"Of {counted(section.unanswerable, 'question')} without an answer {percent(declined)} were declined."
    if section.failed:
        yield f"{counted(section.failed, 'question')} failed."


def verdict(comparison: Comparison) -> str:
    """The comparison in two sentences: the verdict and on which measures, and how many questions it won and lost."""
    named = [f"{d.measure.name} ({d.split})" for d in comparison.differences if d.verdict == comparison.verdict]
    which = f" in {', '.join(named)}" if comparison.verdict in ("better", "worse") else ""
    won, lost = sum(m.won for m in comparison.moved), sum(m.lost for m in comparison.moved)
    moved = f"{counted(won, 'question')} won and {lost:,} lost" if won or lost else "No question won or lost"
    return f"{VERDICTS[comparison.verdict]}{which}. {moved}."


def counted(number: int, noun: str) -> str:
    """ "1 question", "2 questions"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def main_split(report: Report) -> Section | None:
    """The section that the headline is of: test where it was asked, for no number was tuned on it."""
    return {section.split: section for section in report.splits}.get("test") or next(iter(report.splits), None)


def _share(section: Section, key: str) -> float | None:
    figure = section.figures.get(key)
    return figure.value if figure is not None else None
