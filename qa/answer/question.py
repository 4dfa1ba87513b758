"""What a question asks for: its kind, its telling terms, and the names it takes for granted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qa.index.analyse import question_terms, terms

# Each kind is decided by the words of the question alone; a question may be of several kinds.
_KINDS = {
    "number": r"\bhow (?:many|much|long|old|far|large|big|tall|often|high|deep|wide|fast|few|small|heavy)\b"
    r"|\bwhat (?:number|percent\w*|amount|share|proportion)\b|\bnumber of\b",
    "why": r"\bwhy\b|\bhow come\b|\bwhat (?:reason|caused|causes|led|makes?|made)\b|\breasons?\b"
    r"|\bwhat (?:is|was|were) the (?:cause|motive|purpose|aim)\b",
    "when": r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b|\bsince when\b|\bhow long ago\b",
    "where": r"\bwhere\b|\b(?:what|which) (?:\w+ )?(?:country|city|place|state|town|province|region|location|area"
    r"|continent|village)\b",
    "who": r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|people|man|woman|group|organi[sz]ation|company|author|leader"
    r"|king|president|party)\b",
    "said": r"\b(?:say|said|says|tell|told|claim\w*|think|thinks|according|comment\w*|argue\w*|warn\w*|opinion|view"
    r"|believes?|quot\w+)\b",
}
_KIND_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KINDS.items()}
_HOW = re.compile(r"\bhow\b")
KINDS = (*_KINDS, "how")

_NAME = re.compile(r"\b[A-Z][\w’'-]*|\b\d[\d,.]*\b")
_SENTENCE_START = re.compile(r"(?:^|[.?!]\s+)[“\"'(]*\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, read once. `terms` are distinct and analysed as the index's words are, in order."""

    text: str
    terms: tuple[str, ...]
    kinds: frozenset[str]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Question:
        return cls(text, tuple(dict.fromkeys(question_terms(text))), kinds(text), names(text))


def kinds(text: str) -> frozenset[str]:
    """The kinds of `KINDS` that the question's own words show; "how" only where no other kind takes the how."""
    lower = text.lower()
    found = {kind for kind, pattern in _KIND_PATTERNS.items() if pattern.search(lower)}
    if _HOW.search(lower) and not found & {"number", "why", "when"}:
        found.add("how")
    return frozenset(found)


def names(text: str) -> tuple[str, ...]:
    """Analysed terms of the capitalised words and numbers, without a capital that only starts a sentence."""
    starts = {match.end() for match in _SENTENCE_START.finditer(text)}
    found = [match[0] for match in _NAME.finditer(text) if match[0][0].isdigit() or match.end() not in starts]
    return tuple(dict.fromkeys(term for name in found for term in terms(name)))
