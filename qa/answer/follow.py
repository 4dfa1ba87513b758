"""Which words of a conversation a follow-up borrows: what tells it, and the fitted numbers that weigh it.

Term selection as in QuReTeC (Voskarides et al., arXiv 2005.11723), with a logistic model in place of a network: a
word of what was said before is borrowed when its score is above nought, and its score is

    sum over cues c of the word and traits t of the question of  c * t * weights[c][t]

so that what counts depends on what is asked: a "he" calls for a name, an "it" for a number too. What is but the rest
of a question ("Why?") borrows the last whole question besides, and what was put in its place since ("And the Danes?"):
people wrote too few of those to learn it from. The weights are in `resolver.json`, a row a cue and a column a trait,
fitted by `qa/train/resolver/fit.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from qa.answer.leaning import SIGNS, Weights, adds_nothing, asks_nothing, leans, subjects, telling_words
from qa.answer.question import names
from qa.errors import IndexDamaged
from qa.index.analyse import terms

Floats = NDArray[np.float64]
FILE = Path(__file__).with_name("resolver.json")
FORMAT = 1

# Of the question; each is 0..1. "any" is 1, so that a cue has a weight for every question too.
TRAITS = ("any", "person", "people", "thing", "place", "fragment", "continues", "other", "named", "length")
# Of a word of what was said before; each is 0..1. "word" is 1.
CUES = (
    "word", "name", "number", "ordinary", "opener", "name_opener", "stale", "last", "name_last",
    "distance", "mentions", "beside", "answer", "name_answer", "last_answer",
)  # fmt: skip
_PATTERNS = {
    "person": r"\b(?:he|she|him|her|hers|his|himself|herself)\b",
    "people": r"\b(?:they|them|their|theirs|themselves)\b",
    "thing": r"\b(?:it|its|itself|this|that|these|those|such)\b",
    "place": r"\b(?:there|here|where)\b",
    "continues": r"^(?:and|but|or|so|also|then|what about|how about)\b",
    "other": r"\b(?:else|others?|another|besides|aside)\b",
}
_TRAIT_PATTERNS = {trait: re.compile(pattern, re.IGNORECASE) for trait, pattern in _PATTERNS.items()}
_WHO = re.compile(r"who\b", re.IGNORECASE)
_FEW = 2  # a question with fewer telling words asks nothing by itself
_LONG = 8.0  # telling words of a question whose "length" is 1
_FAR = 6.0  # questions ago at which "distance" is 1
_OFTEN = 4.0  # turns a word stands in at which "mentions" is 1


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before: a question, or words of an answer."""

    text: str
    answer: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A telling word as it is written, and its analysed terms, by which words are the same."""

    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Follower:
    """`leaning` {sign: weight}; `choosing` [CUES, TRAITS]; `ordinary`: the terms that questions are full of."""

    leaning: Weights
    choosing: Floats
    ordinary: frozenset[str]

    def borrowed(self, question: str, turns: Sequence[Turn]) -> list[str]:
        """The words of `turns` (oldest first) that `question` borrows, as written and in their order."""
        if not turns or not leans(question, self.leaning):
            return []
        words, rows = self.candidates(question, turns)
        chosen = rows @ self.choosing @ traits(question) > 0
        if asks_nothing(question):
            whole = _last_whole(turns)
            chosen |= np.asarray([word.terms in whole for word in words], dtype=bool)
        return [word.text for word, wanted in zip(words, chosen, strict=True) if wanted]

    def candidates(self, question: str, turns: Sequence[Turn]) -> tuple[list[Word], Floats]:
        """The distinct telling words of `turns` that `question` lacks, in their order, and their cues [n, CUES]."""
        turns = turns[_introduction(turns) :]
        seen = _meet(question, turns)
        ages = _ages(turns)
        opener = self._opener(turns)
        rows = [s.cues(turns, ages, opener, bool(self.ordinary & set(key))) for key, s in seen.items()]
        return [s.word for s in seen.values()], np.asarray(rows).reshape(len(rows), len(CUES))

    def _opener(self, turns: Sequence[Turn]) -> int:
        """Which of `turns` said what is talked about: the last question with a name that stood by itself, or the first.

        A question without a name may lean in ways that no sign shows ("What was the first single?").
        """
        for at in range(len(turns) - 1, 0, -1):
            turn = turns[at]
            if not turn.answer and names(turn.text) and not leans(turn.text, self.leaning):
                return at
        return 0


def traits(question: str) -> Floats:
    """[TRAITS], each 0..1: how `question` points back, by its words alone."""
    telling = telling_words(question)
    found = {trait: float(bool(pattern.search(question))) for trait, pattern in _TRAIT_PATTERNS.items()}
    found |= {
        "any": 1.0,
        "fragment": float(len(telling) < _FEW),
        "named": float(bool(names(question))),
        "length": min(len(telling) / _LONG, 1.0),
    }
    return np.asarray([found[trait] for trait in TRAITS])


def _introduction(turns: Sequence[Turn]) -> int:
    """Where the last of `turns` stands that only asks who somebody is ("Who was Ada Lovelace?"), 0 where none does.

    Who asks so has changed the subject: what was said before is over. "What is" asks for a detail as often.
    """
    for at in range(len(turns) - 1, 0, -1):
        telling = _words(turns[at].text)
        named = set(names(turns[at].text))
        if _WHO.match(turns[at].text) and telling and all(named & set(word.terms) for word in telling):
            return at
    return 0


def _last_whole(turns: Sequence[Turn]) -> set[tuple[str, ...]]:
    """The words, by their terms, of the last whole question in `turns` and of the rests that were asked since."""
    found: set[tuple[str, ...]] = set()
    for turn in reversed(turns):
        if turn.answer:
            continue
        if not adds_nothing(turn.text):
            return found | {word.terms for word in _words(turn.text)}
        found |= {tuple(terms(word)) for word in subjects(turn.text)}
    return found


def _meet(question: str, turns: Sequence[Turn]) -> dict[tuple[str, ...], _Seen]:
    """Every word of `turns` that `question` lacks, by its terms, with where it was met."""
    asked = set(terms(question))
    seen: dict[tuple[str, ...], _Seen] = {}
    for at, turn in enumerate(turns):
        known = set(names(turn.text))
        before: tuple[str, ...] = ()
        for word in _words(turn.text):
            if not asked & set(word.terms):
                found = seen.setdefault(word.terms, _Seen())
                found.meet(word, at, bool(known & set(word.terms)))
                found.beside |= bool(asked & set(before))
            elif before in seen:
                seen[before].beside = True
            before = word.terms
    return seen


class _Seen:
    """A word of what was said before, and where it was met."""

    def __init__(self) -> None:
        self.word = Word("", ())
        self.at: list[int] = []
        self.name = self.beside = False

    def meet(self, word: Word, at: int, name: bool) -> None:
        if name or not self.name:  # a name is shown as one, though it was typed without its capital since
            self.word = word
        self.name |= name
        self.at.append(at)

    def cues(self, turns: Sequence[Turn], ages: Sequence[int], opener: int, ordinary: bool) -> list[float]:
        """[CUES]"""
        asked = [ages[at] for at in self.at if not turns[at].answer]
        told = [ages[at] for at in self.at if turns[at].answer]
        opening, last = opener in self.at, 1 in asked
        found = {
            "word": True,
            "name": self.name,
            "number": self.word.text[0].isdigit(),
            "ordinary": ordinary,
            "opener": opening,
            "name_opener": opening and self.name,
            "stale": max(self.at) < opener,
            "last": last,
            "name_last": last and self.name,
            "distance": min((min(asked + told) - 1) / _FAR, 1.0),
            "mentions": min(len(set(self.at)) / _OFTEN, 1.0),
            "beside": self.beside,
            "answer": bool(told),
            "name_answer": bool(told) and self.name,
            "last_answer": 1 in told,
        }
        return [float(found[cue]) for cue in CUES]


def _ages(turns: Sequence[Turn]) -> list[int]:
    """For each turn how many questions ago it is, 1 for the last question and its answer."""
    asked = np.cumsum([not turn.answer for turn in turns])
    return [int(asked[-1] - n) + 1 for n in asked]


def _words(text: str) -> list[Word]:
    found = ((word, tuple(terms(word))) for word in telling_words(text))
    return [Word(word, key) for word, key in found if key]


@cache
def default_follower() -> Follower:
    """The follower that the package ships with. Raises IndexDamaged where its file cannot be used."""
    return load(FILE)


def load(path: Path) -> Follower:
    """The follower in `path`. Raises IndexDamaged where the file is none of this version's."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            raise ValueError(f"it is of format {stored['format']}, not {FORMAT}")
        return from_tables(stored["leaning"], stored["choosing"], stored["ordinary"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"the weights of follow-ups in {path} cannot be used ({error})", "install cited-qa again"
        ) from error


def from_tables(leaning: Weights, choosing: Mapping[str, Weights], ordinary: Iterable[str]) -> Follower:
    """{sign: weight}, {cue: {trait: weight}}; what a table leaves out weighs nothing. ValueError for a name unknown."""
    traits_used = {trait for row in choosing.values() for trait in row}
    unknown = set(leaning) - set(SIGNS) | set(choosing) - set(CUES) | traits_used - set(TRAITS)
    if unknown:
        raise ValueError(f"it weighs {min(unknown)!r}, which this version does not know")
    table = [[float(choosing.get(cue, {}).get(trait, 0.0)) for trait in TRAITS] for cue in CUES]
    return Follower({sign: float(weight) for sign, weight in leaning.items()}, np.asarray(table), frozenset(ordinary))
