"""Made-up passages in any number: texts whose words are spread as in English, vectors that cluster as an encoder's do.

Nothing here means anything; it weighs what real passages weigh. The constants are fitted to real ones: see each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.index.embed import Floats
from qa.ingest.folder import Ingested
from qa.records import Article, Passage, Sentence

DIMENSIONS = 384
PASSAGES = 8  # of an article; the five seeds have 40
_TYPES = 2_000_000  # different words that there are to draw from
_COMMON = 100  # the most frequent words, which a question's stop words take away
_TOPICAL, _OWN = 40, 0.4  # words an article keeps coming back to, and the share of its text that they make up
_SENTENCE = 21  # words, on average; five make a passage of 105, as in the seeds
_WHOLE, _NEW = 5, 4  # sentences of a passage, and how many of them the one before did not have
_HEADS, _VOWELS, _TAILS = "bcdfghjklmnprstv", "aeiou", "nrlmktpb"
_SYLLABLES = [head + vowel + tail for vowel in _VOWELS for tail in _TAILS for head in _HEADS]


class Text(NamedTuple):
    """An article with its passages, and for each passage the terms of a question about it."""

    article: Ingested
    passages: list[Passage]
    questions: list[list[str]]


class Writer:
    """Writes articles. Word r (from 0) is drawn in proportion to 1 / (r + 2.7), as Zipf and Mandelbrot found."""

    def __init__(self, seed: int = 0):
        self._random = np.random.default_rng(seed)
        self._shares = np.cumsum(1 / (np.arange(_TYPES) + 2.7))
        self._shares /= self._shares[-1]

    def articles(self, passages: int) -> Iterator[Text]:
        """Articles that have `passages` passages together."""
        for number, start in enumerate(range(0, passages, PASSAGES)):
            yield self._article(f"news/{number:09d}", min(PASSAGES, passages - start))

    def _article(self, id: str, passages: int) -> Text:
        sentences = self._sentences(passages * _NEW + _WHOLE - _NEW)
        words = [" ".join(map(word, ranks)).capitalize() + "." for ranks in sentences]
        spans = _spans(words)
        article = Article(id=id, text=" ".join(words), title=" ".join(map(word, sentences[0][:9])).title(),
                          paragraphs=((0, spans[-1][1]),), sentences=tuple(Sentence(*span, 1) for span in spans))
        first = range(0, passages * _NEW, _NEW)
        cut = [_passage(article, spans[n][0], spans[n + _WHOLE - 1][1]) for n in first]
        asked = [self._question(np.concatenate(sentences[n:n + _WHOLE])) for n in first]
        return Text(Ingested(article, (), ()), cut, asked)

    def _sentences(self, count: int) -> list[NDArray[np.int64]]:
        """The ranks of each sentence's words."""
        lengths = np.maximum(3, self._random.normal(_SENTENCE, 7, count)).astype(int)
        ranks = self._draw(int(lengths.sum()))
        topical = self._draw(_TOPICAL)
        own = self._random.random(len(ranks)) < _OWN
        ranks[own] = topical[self._random.integers(0, _TOPICAL, int(own.sum()))]
        return np.split(ranks, np.cumsum(lengths)[:-1])

    def _draw(self, count: int) -> NDArray[np.int64]:
        return np.searchsorted(self._shares, self._random.random(count))

    def _question(self, ranks: NDArray[np.int64]) -> list[str]:
        """Five words of the passage that are no stop words: rare ones and common ones, as they come."""
        rare = np.unique(ranks[ranks >= _COMMON])
        return [word(rank) for rank in self._random.permutation(rare)[:5]]


def word(rank: int) -> str:
    """A made-up word of its own for each rank: one syllable for the most frequent, up to three."""
    parts, left = [], int(rank)
    while True:
        left, syllable = divmod(left, len(_SYLLABLES))
        parts.append(_SYLLABLES[syllable])
        if not left:
            return "".join(parts)


def _spans(sentences: list[str]) -> list[tuple[int, int]]:
    ends = np.cumsum([len(sentence) + 1 for sentence in sentences]) - 1
    return [(int(end) - len(sentence), int(end)) for sentence, end in zip(sentences, ends, strict=True)]


def _passage(article: Article, start: int, end: int) -> Passage:
    return Passage(Passage.make_id(article.id, article.sha256, start, end), article.id, start, end,
                   tokens=round((end - start) / 5.1))


class Vectors:
    """Unit vectors as an encoder's: fields hold subjects, subjects hold articles, articles hold passages.

    The numbers are fitted to real vectors: passages of Wikipedia and of stories, encoded by the packaged model.
    docs/scale.md sets the two side by side.
    """

    # How far each level lies from the one above, as shares of the variance.
    FIELD, SUBJECT, ARTICLE, PASSAGE = 0.08, 0.36, 0.06, 0.50
    FIELDS, ARTICLES_OF = 200, 12  # fields there are; articles of a subject, on average
    QUESTION = 0.66  # cosine of a question with what it asks about: a third the passage, the rest its article
    FLATNESS, FALL = 34, 1.6  # direction i (from 0) has variance in proportion to (i + FLATNESS) ** -FALL

    def __init__(self, seed: int = 0, dimensions: int = DIMENSIONS):
        self._random = np.random.default_rng(seed)
        spread = (np.arange(dimensions) + self.FLATNESS) ** -self.FALL
        directions, _ = np.linalg.qr(self._random.standard_normal((dimensions, dimensions)))
        self._mix = (np.sqrt(spread / spread.sum())[:, None] * directions).astype(np.float32)

    def passages(self, count: int) -> Floats:
        """Unit vectors [count, dimensions]; those of one article follow one another."""
        articles = -(-count // PASSAGES)
        subjects = -(-articles // self.ARTICLES_OF)
        field = self._draw(self.FIELDS)[self._random.integers(0, self.FIELDS, subjects)]
        subject = np.sqrt(self.FIELD) * field + np.sqrt(self.SUBJECT) * self._draw(subjects)
        of = self._random.integers(0, subjects, articles)
        found = np.empty((count, self._mix.shape[1]), dtype=np.float32)
        for start in range(0, articles, 4096):  # a block at a time: the mixing takes memory too
            block = subject[of[start:start + 4096]]
            article = block + np.sqrt(self.ARTICLE) * self._draw(len(block))
            rows = found[start * PASSAGES:(start + 4096) * PASSAGES]
            rows[:] = np.repeat(article, PASSAGES, axis=0)[:len(rows)]
            own = self._draw(len(rows) + 1)
            rows += np.sqrt(self.PASSAGE / 2) * (own[1:] + own[:-1])  # neighbours share a sentence
            rows[:] = _unit(rows)
        return found

    def questions(self, passages: Floats, count: int) -> Floats:
        """Unit vectors [count, dimensions], each near one of `passages`."""
        rows = self._random.choice(len(passages), count, replace=False)
        of = np.minimum(rows[:, None] // PASSAGES * PASSAGES + np.arange(PASSAGES), len(passages) - 1)
        about = _unit(passages[rows] + 2 * passages[of].mean(axis=1))
        aside = self._draw(count)
        aside = _unit(aside - (aside * about).sum(axis=1, keepdims=True) * about)
        return self.QUESTION * about + np.float32(np.sqrt(1 - self.QUESTION ** 2)) * aside

    def _draw(self, count: int) -> Floats:
        """Random vectors of mean length one."""
        return self._random.standard_normal((count, len(self._mix)), dtype=np.float32) @ self._mix


def _unit(vectors: Floats) -> Floats:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
