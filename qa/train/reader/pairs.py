"""Questions -> groups to learn from: a question with a passage that answers and hard ones that do not.

`Stream` is an endless, seeded order of groups; each draw depends on the seed and its number alone, so training can
go on from any draw. Passages that do not answer come from the product's own search over the training windows; one
that holds the words of the answer is not taken, because it may answer, too.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.answer.pieces import PassageInput
from qa.index.analyse import question_terms, terms
from qa.records import Span
from qa.train.reader.corpus import Corpus, Question, Window

# Shares of the draws: near misses teach declining, search queries and stories their own wording.
MIX = {"squad1": 0.38, "squad2-pairs": 0.30, "qed": 0.14, "fairytale": 0.11, "selqa": 0.07}
_PLENTY = "squad1"  # the source with more questions than are drawn, so that one can choose
_WHOLE_PARAGRAPH = 0.35  # of the answering passages; the others are windows as the product cuts them
_PARAGRAPH_CHARS = 1_300  # of a paragraph read whole: what the reader's window surely holds
_NO_TITLE = 0.15  # of the groups are read without titles
_NO_MARK = 0.15  # of the questions lose their question mark; some sources have none at all
_HIDDEN = 0.08  # of the answerable questions are asked of passages that do not answer alone
_SECOND = 0.3  # of the groups have a second hard passage
_EASY = 0.5  # share of a question's words in the sentence that answers, beyond which matching words finds it
_EASY_KEPT = 0.35  # of the easy questions; there are more questions than a run reads, and those teach little
_TWIN_NEGATIVE = 0.4  # of the groups whose question has an unanswerable twin have a hard passage, too


class Searcher(Protocol):
    """Finds windows near a question."""

    def near(self, question: Question) -> Sequence[Window]:
        """Windows of any article that the search ranks high for `question`, best first."""


@dataclass(frozen=True, slots=True)
class Group:
    """`right`: (passage, sentence) pairs that answer, none where nothing does. `spans`: the exact answer in each
    passage's text, or None: no answer there; a passage whose index is in `unmarked` has an answer without its extent.
    """

    question: str
    passages: tuple[PassageInput, ...]
    right: frozenset[tuple[int, int]]
    spans: tuple[Span | None, ...]
    unmarked: frozenset[int] = frozenset()


class Stream:
    """Groups by the number of the draw; a draw of a twin gives both twins."""

    def __init__(self, corpus: Corpus, searcher: Searcher, seed: int, mix: Mapping[str, float] | None = None):
        self._corpus, self._searcher, self._seed = corpus, searcher, seed
        self._twin = twins(corpus.questions)
        self._pools: dict[str, list[Question]] = defaultdict(list)
        for question in corpus.questions:
            if question.source == "squad2-pairs" and question.spans:
                continue  # drawn with its twin
            if question.source == _PLENTY and not _is_kept(question, corpus, seed):
                continue
            self._pools[question.source].append(question)
        shares = {source: share for source, share in (mix or MIX).items() if self._pools.get(source)}
        self._sources, self._shares = list(shares), list(shares.values())
        for source in self._sources:
            random.Random(f"{seed}/{source}").shuffle(self._pools[source])
        self._order = random.Random(f"{seed}/order")
        self._drawn: list[tuple[str, int]] = []
        self._counts: dict[str, int] = defaultdict(int)

    def draw(self, number: int) -> list[Group]:
        """The groups of draw `number`, from 0; none where the question's answer was lost in cutting."""
        source, at = self._place(number)
        pool = self._pools[source]
        rng = random.Random(f"{self._seed}/{number}")
        question = pool[at % len(pool)]
        if question.spans:
            return _present([self._answerable(question, rng, twin=False)])
        answerable = self._twin.get(question.id)
        first = [self._answerable(answerable, rng, twin=True)] if answerable else []
        return _present([*first, self._unanswerable(question, answerable, rng)])

    def _place(self, number: int) -> tuple[str, int]:
        while len(self._drawn) <= number:
            source = self._order.choices(self._sources, self._shares)[0]
            self._drawn.append((source, self._counts[source]))
            self._counts[source] += 1
        return self._drawn[number]

    def _answerable(self, question: Question, rng: random.Random, twin: bool) -> Group | None:
        positive = self._answering(question, question.spans[0], rng)
        if positive is None:
            return None
        hidden = not twin and rng.random() < _HIDDEN
        count = (rng.random() < _TWIN_NEGATIVE) if twin else 1 + (rng.random() < _SECOND)
        chosen = self._negatives(question, count, rng) if count else []
        if hidden and chosen:
            return _group(question, chosen, (), rng)
        windows = [positive, *chosen]
        return _group(question, windows, question.spans, rng)

    def _unanswerable(self, question: Question, twin: Question | None, rng: random.Random) -> Group | None:
        spot = twin.spans[0] if twin else question.home
        found = self._answering(question, spot, rng) or self._corpus.paragraph(question)
        return _group(question, [found], (), rng)

    def _answering(self, question: Question, span: Span, rng: random.Random) -> Window | None:
        """A passage that holds `span`: the paragraph, or one of the product's windows."""
        whole = self._corpus.paragraph(question)
        windows = [w for w in self._corpus.windows[question.article] if right_sentences(w, [span])]
        if len(whole.text) <= _PARAGRAPH_CHARS and (not windows or rng.random() < _WHOLE_PARAGRAPH):
            return whole if right_sentences(whole, [span]) or not question.spans else None
        return rng.choice(windows) if windows else None

    def _negatives(self, question: Question, count: int, rng: random.Random) -> list[Window]:
        """`count` windows near the question; earlier ones are likelier."""
        found = hard(question, self._corpus, self._searcher.near(question))
        chosen: list[Window] = []
        while found and len(chosen) < count:
            at = min(rng.randrange(len(found)), rng.randrange(len(found)))
            chosen.append(found.pop(at))
        return chosen


def _is_kept(question: Question, corpus: Corpus, seed: int) -> bool:
    """Whether `question` is worth its time: hard ones are, of the easy ones some."""
    asked = set(question_terms(question.text))
    hard = len(asked & _answer_terms(question, corpus)) <= _EASY * len(asked)
    return hard or random.Random(f"{seed}/{question.id}").random() < _EASY_KEPT


def _answer_terms(question: Question, corpus: Corpus) -> frozenset[str]:
    """The terms of the sentence that answers."""
    article, (start, _) = corpus.articles[question.article], question.spans[0]
    number = bisect_right(article.sentences, start, key=lambda s: s.start) - 1
    sentence = article.sentences[max(0, number)]
    return frozenset(terms(article.text[sentence.start : sentence.end]))


def twins(questions: Sequence[Question]) -> dict[str, Question]:
    """{id of an unanswerable question: the answerable one that it was made from}.

    In the data both halves stand in the same order, paragraph by paragraph.
    """
    halves: dict[tuple[str, Span], tuple[list[Question], list[Question]]] = defaultdict(lambda: ([], []))
    for question in questions:
        if question.source == "squad2-pairs":
            halves[question.article, question.home][not question.spans].append(question)
    return {b.id: a for with_answer, without in halves.values() for a, b in zip(with_answer, without, strict=False)}


def hard(question: Question, corpus: Corpus, near: Sequence[Window]) -> list[Window]:
    """Those of `near` that do not answer: they hold no answer nor its words."""
    answers = [_words(corpus.articles[question.article].text[a:b]) for a, b in question.spans]
    return [w for w in near if not _holds(w, question, [a for a in answers if a])]


def _holds(window: Window, question: Question, answers: Sequence[str]) -> bool:
    if window.article == question.article and any(a < window.end and window.start < b for a, b in question.spans):
        return True
    text = f" {_words(window.text)} "
    return any(f" {answer} " in text for answer in answers)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def right_sentences(window: Window, spans: Sequence[Span]) -> list[int]:
    """The sentences of `window` that cover at least half of one of `spans` (of the article's text)."""
    return [
        n
        for n, (start, end) in enumerate(window.sentences)
        if any(
            2 * (min(end + window.start, b) - max(start + window.start, a)) >= b - a for a, b in spans
        )
    ]


def _group(question: Question, windows: Sequence[Window], spans: Sequence[Span], rng: random.Random) -> Group:
    titled = rng.random() >= _NO_TITLE
    text = question.text.rstrip("? ") if rng.random() < _NO_MARK else question.text
    exact = question.kind == "span"
    right, places, unmarked = set(), [], set()
    for n, window in enumerate(windows):
        own = [s for s in spans if window.article == question.article and window.start <= s[0] and s[1] <= window.end]
        answered = right_sentences(window, spans) if window.article == question.article else []
        right |= {(n, sentence) for sentence in answered}
        places.append((own[0][0] - window.start, own[0][1] - window.start) if own and exact else None)
        if answered and not (own and exact):
            unmarked.add(n)
    passages = tuple(PassageInput(w.title if titled else "", w.text, w.sentences) for w in windows)
    return Group(text, passages, frozenset(right), tuple(places), frozenset(unmarked))


def _present(groups: Sequence[Group | None]) -> list[Group]:
    return [group for group in groups if group is not None]
