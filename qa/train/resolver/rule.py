"""The rule that the fitted weights are measured against: what a question that looks like a follow-up borrows is
every telling word of the question before, resolved in its turn. It was the product's way until the weights beat it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answer.follow import Turn
from qa.answer.leaning import telling_words
from qa.answer.question import names
from qa.index.analyse import terms

_CONTINUES = re.compile(
    r"^(?:and|but|or|so|also|then|what about|how about|what else|who else|where else|any others?"
    r"|anyone else|anything else)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:he|she|they|him|her|hers|them|his|their|theirs|its|itself|themselves|himself|herself"
    r"|this|that|these|those|there|then|such"
    r"|the (?:other|others|latter|former|same|second|first one|group|attack|strikes?|deal|company|organi[sz]ation|man"
    r"|woman|person|people|event|incident|place|country|city|book|film|study|law|statement|decision|move))\b",
    re.IGNORECASE,
)
_IT = re.compile(r"\bit\b", re.IGNORECASE)
# "Is it true that", "how long does it take": an "it" that points at nothing.
_EMPTY_IT = re.compile(
    r"\bit (?:true|possible|likely|clear|known|said|take|takes|took|mean|means|rain)\b"
    r"|\b(?:is|was|does) it (?:that|the case)\b",
    re.IGNORECASE,
)
# "that" and "there" that join or state and do not point: "claim that", "is there", "there is".
_JOINING = re.compile(
    r"\b(?:\w{3,} that (?:the|a|an|[A-Z]\w+|\w+s)|(?:is|are|was|were|has|have) there|there (?:is|are|was|were|any))\b"
)
_VERB = re.compile(r"\b(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would)\b", re.IGNORECASE)
_TELLING_WORDS = 2  # a question with fewer telling words asks nothing by itself


def borrowed(question: str, turns: Sequence[Turn]) -> list[str]:
    """The words of `turns` that the rule adds to `question`; it knows of questions only."""
    words: list[str] = []
    before = ""
    for text in [*(turn.text for turn in turns if not turn.answer), question]:
        words = _borrowed(text, before) if before and leans(text) else []
        before = " ".join([text, *words])
    return words


def leans(question: str) -> bool:
    """Whether `question` cannot be understood without what came before."""
    if _CONTINUES.search(question) or _is_fragment(question):
        return True
    plain = _JOINING.sub(" ", question)
    points = bool(_POINTS_BACK.search(plain)) or bool(_IT.search(_EMPTY_IT.sub(" ", question)))
    return points and not _names_first(question)


def _is_fragment(question: str) -> bool:
    """Whether `question` is too short to ask anything: "Why?", "Why Kabul?", but not "What is Kabul?"."""
    whole = bool(names(question)) and bool(_VERB.search(question))
    return len(telling_words(question)) < _TELLING_WORDS and not whole


def _names_first(question: str) -> bool:
    """Whether a name stands before the first word that points back, so that the question itself says who is meant."""
    pointer = min((m.start() for m in (_POINTS_BACK.search(question), _IT.search(question)) if m), default=0)
    return bool(names(question[:pointer]))


def _borrowed(question: str, before: str) -> list[str]:
    """The telling words of `before` that `question` lacks, in their order."""
    known = set(terms(question))
    return list(dict.fromkeys(word for word in telling_words(before) if not known & set(terms(word))))
