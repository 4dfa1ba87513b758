"""Sentences -> quotes: best first, each adding something, the same words elsewhere listed as other places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.answer.cues import cues
from qa.index.analyse import STOP_WORDS, terms
from qa.index.snapshot import Snapshot
from qa.records import Place, Quote, ReadSentence
from qa.settings import Answering

_NEGATIONS = frozenset(
    {"not", "no", "never", "without", "neither", "nor", "cannot", "didnt", "dont", "wont", "isnt", "wasnt"}
)


@dataclass(slots=True)
class _Group:
    """Sentences that say the same; the first is the best."""

    sentence: ReadSentence
    text: str
    others: list[Place] = field(default_factory=list)


def choose(sentences: Sequence[ReadSentence], snapshot: Snapshot, settings: Answering) -> tuple[Quote, ...]:
    """At most `settings.quotes` quotes of `sentences` (best first); near-identical ones become one with `also_in`.

    Only the first is shown whatever its probability: what hardly answers is not worth its reading.
    """
    groups: list[_Group] = []
    for sentence in sentences:
        place = sentence.place
        text = snapshot.article(place.article).text[place.start : place.end]
        same = next((g for g in groups if same_statement(g.text, text, settings.same_words)), None)
        if same:
            same.others.append(place)
        elif len(groups) < _room(sentence, settings):
            groups.append(_Group(sentence, text))
    return tuple(_quote(group, snapshot) for group in groups)


def _room(sentence: ReadSentence, settings: Answering) -> int:
    """How many quotes there may be with `sentence` among them."""
    if sentence.probability >= settings.tail_probability:
        return settings.quotes
    probable = sentence.probability >= settings.least_probability
    return min(settings.quotes, settings.sure_quotes if probable else 1)


def same_statement(one: str, other: str, share: float) -> bool:
    """Whether two sentences state the same in nearly the same words.

    `share` is the least Jaccard index of their telling words. Numbers and negations must agree: two tolls
    or a denial in otherwise equal sentences are two statements.
    """
    if one == other:
        return True
    a, b = _telling(one), _telling(other)
    alike = len(a & b) >= share * len(a | b) if a or b else False
    return (
        alike and _numbers(one) == _numbers(other) and not (set(cues(one).terms) ^ set(cues(other).terms)) & _NEGATIONS
    )


def _telling(text: str) -> frozenset[str]:
    return frozenset(cues(text).terms) - _STOP_TERMS


def _numbers(text: str) -> frozenset[str]:
    return frozenset(term for start, end in cues(text).numbers for term in terms(text[start:end]))


_STOP_TERMS = frozenset(term for word in STOP_WORDS for term in terms(word))


def _quote(group: _Group, snapshot: Snapshot) -> Quote:
    best = group.sentence
    return Quote.cut(
        snapshot.article(best.place.article),
        best.place.start,
        best.place.end,
        probability=best.probability,
        highlight=best.highlight,
        also_in=tuple(group.others),
    )
