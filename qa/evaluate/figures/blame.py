"""At which stage a question went wrong: the first stage of the way from the files to the quote that failed it.

    not in the corpus   its evidence is of articles that are not there
    cleaned away        its evidence stands in the files, but cleaning took it for no part of an article
    not retrieved       none of the 20 hits holds it
    not read right      a hit holds it, but it is not among the reader's ten best sentences
    ranked low          it is among them, but not first
    quoted wrongly      it is first among them, but the quote made of it is not right (too long, say)
    wrongly declined    it was quoted first, as the closest thing, but the question was declined
    wrongly answered    nothing answers the question, but it was answered
    failed              there is a fault instead of an answer, or no line at all
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qa.evaluate.questions.evidence import CLEANED_AWAY, NOT_IN_CORPUS

RIGHT, FAILED = "right", "failed"
STAGES = (NOT_IN_CORPUS, CLEANED_AWAY, "not retrieved", "not read right", "ranked low", "quoted wrongly",
          "wrongly declined", "wrongly answered", FAILED)


def stage(line: Mapping[str, Any] | None, answerable: bool, right: Sequence[bool],
          holds: Callable[[Mapping[str, Any]], bool]) -> str:
    """The stage to blame for the question of `line`, or "right".

    `right` goes with the quotes (or closest); `holds` tells whether a hit or sentence holds an answer.
    """
    if line is None or line["error"]:
        return FAILED
    if not answerable:
        return "wrongly answered" if line["answered"] else RIGHT
    if not any(right[:1]):
        return _missed(line, holds)
    return RIGHT if line["answered"] else "wrongly declined"


def _missed(line: Mapping[str, Any], holds: Callable[[Mapping[str, Any]], bool]) -> str:
    """The stage at which an answer was lost on its way to the first quote."""
    if not line["gold"] and not line["gold_articles"]:
        cleaned = any(lost["why"] == CLEANED_AWAY for lost in line["lost"])
        return CLEANED_AWAY if cleaned else NOT_IN_CORPUS
    if not any(map(holds, line["hits"])):
        return "not retrieved"
    read = [holds(sentence) for sentence in line["sentences"]]
    if not any(read):
        return "not read right"
    return "quoted wrongly" if read[0] else "ranked low"
