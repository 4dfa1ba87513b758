"""What a sentence offers a question of each kind: names, numbers, dates, places, reasons, means, speech.

These are surface cues of English prose. They rank and never decide: a sentence without the cue can win.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from qa.answer.question import Question
from qa.index.analyse import STOP_WORDS, terms
from qa.records import Span

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
DATE = re.compile(
    rf"\b(?:{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:, \d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?:,? \d{{4}})?"
    rf"|(?:{_MONTH}\.?,? )?(?:1[0-9]|20)\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|yesterday|today|tomorrow|tonight|century|decades?|(?:last|next|this) (?:week|month|year)"
    r"|\w+ (?:days?|weeks?|months?|years?) (?:ago|later|earlier))\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"[$£€]?\b\d[\d,.]*\d(?: (?:million|billion|trillion|thousand|percent|per cent))?%?|[$£€]?\b\d\b%?"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy"
    r"|eighty|ninety|hundreds?|thousands?|millions?|billions?|dozens?|half|a third|a quarter)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<!^)(?<![.!?“\"]\s)\b[A-Z][\w’'-]+")
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|President|Professor|Sir|King|Queen|Minister|General|Lord)\b"
    r"|\b[A-Z][a-z]+ (?:[A-Z]\. |[a-z]{2,3} )?[A-Z][a-z]+"
)
_PLACE = re.compile(r"\b(?:in|at|near|from|to|on|across|outside|inside|off)\s+(?:the\s+|\w+ern\s+)?[A-Z]\w+")
_REASON = re.compile(
    r"\b(?:because|due to|so that|in order to|since|as a result|led to|leads to|caus(?:e|es|ed|ing)|reasons?|therefore"
    r"|thus|hence|owing to|aim(?:s|ed)?|to avoid|in response|respon(?:se|ding) to|meant to|so as|driven by|explain\w*"
    r"|intend\w*|wanted to|fear\w*|motivat\w*|thanks to|attributed)\b",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"\b(?:by \w+ing|through|using|via|with the help|means of|method|process|technique)\b", re.IGNORECASE
)
_SPEECH = re.compile(
    r"\b(?:said|says|say|told|according to|added|stated|claim\w*|argu\w*|warn\w*|announced|explained"
    r"|noted|asked|wrote|insist\w*|accus\w*|described|called)\b|[“\"]",
    re.IGNORECASE,
)

_WORD = re.compile(r"\w+(?:[.,’'-]\w+)*")
STOP_TERMS = frozenset(term for word in STOP_WORDS for term in terms(word))
_YES_OR_NO = re.compile(
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)\b", re.IGNORECASE
)
_MARKED = -9.0  # score of a span; below it the reader found no words that answer, and the longest shot would be bold
_MOST_MARKED = 0.8  # share of a sentence; beyond it bold type tells nothing
_EXPLANATION = 4  # words that can explain something


@dataclass(frozen=True, slots=True)
class Cues:
    """A sentence, read once whatever is asked of it."""

    terms: tuple[str, ...]
    names: frozenset[str]
    numbers: tuple[Span, ...]
    dates: tuple[Span, ...]
    person: bool
    place: bool
    reason: bool
    means: bool
    speech: bool


@lru_cache(maxsize=50_000)  # a sentence is met by many questions; an entry is about 1 kB
def cues(sentence: str) -> Cues:
    return Cues(
        terms=tuple(terms(sentence)),
        names=frozenset(term for name in _NAME.findall(sentence) for term in terms(name)),
        numbers=tuple(m.span() for m in NUMBER.finditer(sentence)),
        dates=tuple(m.span() for m in DATE.finditer(sentence)),
        person=bool(_PERSON.search(sentence)),
        place=bool(_PLACE.search(sentence)),
        reason=bool(_REASON.search(sentence)),
        means=bool(_MEANS.search(sentence)),
        speech=bool(_SPEECH.search(sentence)),
    )


def offers(question: Question, sentence: str) -> float:
    """0..1: how far `sentence` holds the kind of thing asked for, beyond what the question says itself."""
    if not question.kinds:
        return 0.0
    found = cues(sentence)
    new_name = bool(found.names - set(question.terms))
    values = {
        "number": float(bool(new_spans(question, sentence, found.numbers))),
        "when": float(bool(new_spans(question, sentence, found.dates))),
        "where": (found.place + new_name) / 2,
        "who": (found.person + new_name) / 2,
        "why": float(found.reason),
        "how": float(found.means),
        "said": float(found.speech),
    }
    return max(values[kind] for kind in question.kinds)


def new_spans(question: Question, sentence: str, spans: tuple[Span, ...]) -> list[Span]:
    """Those of `spans` that say something the question does not say already."""
    asked = set(question.terms)
    return [(a, b) for a, b in spans if not set(terms(sentence[a:b])) <= asked]


def marked(question: Question, sentence: str, span: Span | None, score: float) -> Span | None:
    """`span` of `sentence`, widened to whole words, if it is worth marking as the exact answer, else None.

    `score`: the reader's for the span against "no answer in this passage". Unlikely words are not marked, nor are
    nearly all of a sentence's, nor what the question said itself, nor anything where yes or no was asked for or
    a thing's name where a reason or a manner was.
    """
    if span is None or score < _MARKED:
        return None
    span = _whole_words(sentence, *span)
    new = set(terms(sentence[slice(*span)])) - STOP_TERMS - set(question.terms)
    if not new or span[1] - span[0] > _MOST_MARKED * len(sentence) or _YES_OR_NO.match(question.text):
        return None
    explains = bool({"why", "how"} & question.kinds)
    return None if explains and len(sentence[slice(*span)].split()) < _EXPLANATION else span


def _whole_words(sentence: str, start: int, end: int) -> Span:
    """The span without blanks at its ends and with the rest of the words and figures that it cuts: 5.3, not 5."""
    while start < end and sentence[start].isspace():
        start += 1
    while start < end and sentence[end - 1].isspace():
        end -= 1
    for word in _WORD.finditer(sentence):
        if word.start() < start < word.end():
            start = word.start()
        if word.start() < end < word.end():
            end = word.end()
    return start, end
