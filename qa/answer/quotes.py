"""Sentences -> quotes: best first, each adding something, the same words elsewhere listed as other places.

Two neighbouring sentences that answer nearly as probably are one answer in two sentences, and become one quote.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qa.answer.cues import STOP_TERMS, cues
from qa.index.analyse import terms
from qa.index.snapshot import Snapshot
from qa.records import Place, Quote, ReadSentence
from qa.settings import Answering

_NEGATIONS = frozenset(
    {"not", "no", "never", "without", "neither", "nor", "cannot", "didnt", "dont", "wont", "isnt", "wasnt"}
)


@dataclass(slots=True)
class _Group:
    """The best sentence of those that say the same, and perhaps the neighbour that was joined to it.

    `texts`: of either. `place`: of both. `others`: where else the first is said.
    """

    sentence: ReadSentence
    texts: list[str]
    place: Place
    others: list[Place] = field(default_factory=list)


def choose(sentences: Sequence[ReadSentence], snapshot: Snapshot, settings: Answering) -> tuple[Quote, ...]:
    """At most `settings.quotes` quotes of `sentences` (best first); near-identical ones become one with `also_in`.

    Only the first is shown whatever its probability: what hardly answers is not worth its reading.
    """
    groups: list[_Group] = []
    for sentence in sentences:
        place = sentence.place
        text = snapshot.article(place.article).text[place.start : place.end]
        same = next((g for g in groups if any(same_statement(t, text, settings.same_words) for t in g.texts)), None)
        if same:
            same.others += [place] if len(same.texts) == 1 else []  # elsewhere stands but a part of the quote
        elif joined := next((g for g in groups if _joins(g, sentence, snapshot, settings)), None):
            joined.texts.append(text)
            joined.place = _hull(joined.place, place)
        elif len(groups) < _room(sentence, settings):
            groups.append(_Group(sentence, [text], place))
    return tuple(_quote(group, snapshot) for group in groups)


def _joins(group: _Group, sentence: ReadSentence, snapshot: Snapshot, settings: Answering) -> bool:
    """Whether `sentence` and the one of `group` are neighbours in a paragraph and answer about as probably."""
    best, place = group.sentence, sentence.place
    if len(group.texts) > 1 or group.others or place.article != best.place.article:
        return False
    if sentence.probability < max(settings.join_share * best.probability, settings.tail_probability):
        return False
    article, whole = snapshot.article(place.article), _hull(best.place, place)
    between = article.text[min(best.place.end, place.end) : max(best.place.start, place.start)]
    return not between.strip() and any(s <= whole.start and whole.end <= e for s, e in article.paragraphs)


def _hull(one: Place, other: Place) -> Place:
    """The place from the start of the earlier to the end of the later."""
    return Place(one.article, min(one.start, other.start), max(one.end, other.end))


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
    return frozenset(cues(text).terms) - STOP_TERMS


def _numbers(text: str) -> frozenset[str]:
    return frozenset(term for start, end in cues(text).numbers for term in terms(text[start:end]))


def _quote(group: _Group, snapshot: Snapshot) -> Quote:
    best, place = group.sentence, group.place
    shift = best.place.start - place.start
    exact = best.highlight
    return Quote.cut(
        snapshot.article(place.article),
        place.start,
        place.end,
        probability=best.probability,
        highlight=(exact[0] + shift, exact[1] + shift) if exact else None,
        also_in=tuple(group.others),
    )
