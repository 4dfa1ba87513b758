"""Whether a question leans on what was said before: the signs of it, read in the question's own words.

A pronoun leans only where nothing in the question itself can be what it stands for: "Why did the group split from its
parent?" says whose parent. So the signs are of what stands before the word that points, not of that word alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from qa.answer.question import names
from qa.index.analyse import STOP_WORDS

Floats = NDArray[np.float64]
Weights = Mapping[str, float]

_POINTERS = ("person", "people", "thing", "pointing_noun")
# Each is 0 or 1, but for "length" (0..1). The weight of "any" is how ready we are to take a question for a follow-up.
# "free": nothing that it could stand for comes before the word that points; "after_word", "after_name": something does.
SIGNS = (
    "any",
    *(f"{pointer}_{where}" for pointer in _POINTERS for where in ("free", "after_word")),
    "bare_pointer", "continues", "other", "same", "nothing_asked", "clipped",
    *(f"{pointer}_after_name" for pointer in _POINTERS),
    "asked_of", "named", "little_asked", "definite", "empty_it", "length",
)  # fmt: skip
_ONLY_WEIGH = SIGNS.index("person_after_name")  # from here on the signs are of no pointing back: a name is no riddle
_PRONOUNS = {
    "person": re.compile(r"\b(?:he|she|him|her|hers|his)\b", re.IGNORECASE),
    "people": re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE),
    "thing": re.compile(r"\b(?:it|its)\b", re.IGNORECASE),
}
# "there" and "that" that point, not those that join or state: "died there?" but not "are there", "claim that the".
_PLACE = re.compile(r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b\s*(?:[?.!,;]|$)", re.IGNORECASE)
_POINTING_NOUN = re.compile(
    r"\b(?:this|these|that|those|such)\b(?! (?:days|year|week|month|century)\b)(?= (\w+))", re.IGNORECASE
)
# Alone: "about that?", "did this in 1912", "is that why".
_BARE_POINTER = re.compile(
    r"\b(?:this|these|that|those|then)\b\s*(?:[?.!,;]|$)"
    r"|\b(?:do|does|did|done|doing|about|after|before|by|like|with|for|from|than|why|how)"
    rf" (?:this|that|these|those) (?:{'|'.join(sorted(STOP_WORDS))})\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^(?:and|but|or|so|also|then|what about|how about)\b", re.IGNORECASE)
_OTHER = re.compile(r"\b(?:else|others|(?:any|what|which|the|some) other)\b", re.IGNORECASE)
_SAME = re.compile(r"\bthe (?:same|latter|former|first one|second one|event|incident)\b",
                   re.IGNORECASE)  # fmt: skip
_DEFINITE = re.compile(r"\bthe \w", re.IGNORECASE)
# "Is it true that", "how long does it take": an "it" that points at nothing.
_EMPTY_IT = re.compile(
    r"\bit (?:true|possible|likely|clear|known|said|certain|doubtful|hard|easy|difficult|important|take|takes|took"
    r"|means? (?:that|to|for|if|when)|rain)\b|\b(?:is|was|does) it (?:that|the case|\w+ (?:that|to|for))\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|am|did|do|does|has|have|had|can|could|will|would|should|may|might|must)\b", re.IGNORECASE
)
# Who or what did it: a question with its subject asked for may have any verb, so that no list can find it.
_SUBJECT = re.compile(r"\b(?:who|which|what|whose|how many|how much)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[’'.-][^\W_]+)*")
# The one who is asked about stands right after the verb: "did she", "was it".
_ASKED_OF = re.compile(rf"(?:{_VERB.pattern}|n[’']?t) (?:he|she|it|they)\b", re.IGNORECASE)
_FEW = 2  # telling words that a question needs to ask anything by itself
# What is said to an answer, and no question's subject: "Really?", "I see, thanks!". Nobody asks "Why?" about these.
_EXCLAIMED = frozenset(
    "ah aha alas amazing funny god good gosh great hello hey hi hm hmm huh indeed interesting nice oh ok okay please"
    " really right sad see sorry strange sure thank thanks true understand understood well wow yeah yep yes".split()
)
_LONG = 8.0  # telling words of a question whose "length" is 1


def leans(question: str, weights: Weights) -> bool:
    """Whether `question` cannot be understood without what came before, by `weights` {sign: weight}.

    A question that shows no sign of pointing back is left alone, whatever the weights.
    """
    found = signs(question)
    return points(found) and sum(weights.get(sign, 0.0) * x for sign, x in zip(SIGNS, found, strict=True)) > 0


def asks_nothing(question: str) -> bool:
    """Whether `question` is what is left of one whose rest is that of the question before: "Why?", "And the Danes?"."""
    return len(telling_words(question)) < _FEW and (_is_clipped(question) or bool(_CONTINUES.search(question)))


def adds_nothing(question: str) -> bool:
    """Whether `question` is such a rest, or only exclaims ("Is that so?", "Thanks!"), so that its subject is older."""
    return asks_nothing(question) or not subjects(question)


def subjects(question: str) -> list[str]:
    """The telling words of `question`, as written, but for exclamations."""
    exclaims = question.rstrip().endswith("!") and asks_nothing(question)
    return [] if exclaims else [word for word in telling_words(question) if word.lower() not in _EXCLAIMED]


def _is_clipped(question: str) -> bool:
    """Whether `question` has no verb, as far as a list can tell."""
    return not _VERB.search(question) and not _SUBJECT.search(question)


def points(found: Floats) -> bool:
    """Whether any of the signs [SIGNS] is one of pointing back; those that only weigh are none."""
    return bool(found[1:_ONLY_WEIGH].any())


def signs(question: str) -> Floats:
    """[SIGNS] of `question`."""
    plain = _EMPTY_IT.sub(" ", question)
    telling = telling_words(question)
    found = {f"{pointer}_{where}": True for pointer, where in _pointers(plain)} | {
        "any": True,
        "asked_of": bool(_ASKED_OF.search(plain)),
        "bare_pointer": bool(_BARE_POINTER.search(question)),
        "named": bool(names(question)),
        "nothing_asked": not telling,
        "little_asked": len(telling) == 1,
        "clipped": _is_clipped(question) and (len(telling) < _FEW or not names(question)),
        "continues": bool(_CONTINUES.search(question)),
        "other": bool(_OTHER.search(question)),
        "same": bool(_SAME.search(question)),
        "definite": bool(_DEFINITE.search(question)),
        "empty_it": plain != question,
        "length": min(len(telling) / _LONG, 1.0),
    }
    return np.asarray([float(found.get(sign, False)) for sign in SIGNS])


def _pointers(question: str) -> list[tuple[str, str]]:
    """For each kind of word that points back, where the first of its kind stands."""
    found = [(name, pattern.search(question)) for name, pattern in _PRONOUNS.items()]
    found.append(("pointing_noun", _pointing_noun(question) or _PLACE.search(question)))  # "there": at that place
    return [(name, _where(question, match.start())) for name, match in found if match]


def _where(question: str, at: int) -> str:
    """What stands before `at` that a pronoun there could stand for; what is asked for ("which year") is no such."""
    before = question[:at]
    if names(before):
        return "after_name"
    verb = _VERB.search(before)
    return "after_word" if telling_words(before[verb.end() :] if verb else before) else "free"


def _pointing_noun(question: str) -> re.Match[str] | None:
    """The first "this group", "those men": not the "that" of "the group that fled", which follows what it is about."""
    for match in _POINTING_NOUN.finditer(question):
        before = _WORD.findall(question[: match.start()])[-1:]
        joins = match[0].lower() in ("that", "such") and bool(before) and before[0].lower() not in STOP_WORDS
        if not joins and match[1].lower() not in STOP_WORDS:
            return match
    return None


def telling_words(text: str) -> list[str]:
    """The words of `text`, as written, that are not function words: what can be looked for."""
    return [word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]
