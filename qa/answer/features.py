"""Question and hits -> a row of numbers per sentence: what the reader judges by.

Three views of "does this sentence speak of what is asked": the cosine of mean vectors, of the sentence
alone and within its passage; the late interaction of word-piece vectors (MaxSim; Khattab and Zaharia,
ColBERT, SIGIR 2020); and the rare words that are shared. Rarity is that of the corpus at hand. And what
the cross-encoding reader (`cross.py`) makes of question and passage read together: the columns named "reads".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.answer.cross import PassageScores
from qa.answer.cues import cues, offers
from qa.answer.pieces import PassageInput
from qa.answer.question import Question
from qa.index.embed import TokenVectors
from qa.records import Sentence

Floats = NDArray[np.float32]

PLAIN = (
    "sentence_cosine",
    "context_cosine",
    "previous_cosine",
    "next_cosine",
    "passage_cosine",
    "maxsim",
    "maxsim_rare",
    "passage_maxsim_rare",
    "reverse_maxsim",
    "coverage",
    "coverage_with_previous",
    "passage_coverage",
    "bm25",
    "shared_pairs",
    "dense_score",
    "lexical_score",
    "fused_rank",
    "length",
    "new_words",
    "heading",
    "opens_passage",
    "offers",
)
READ = ("reads", "reads_exact", "passage_reads", "previous_reads", "next_reads")
NAMES = PLAIN + READ

_K1, _B, _AVERAGE_TERMS = 1.2, 0.75, 22.0  # BM25 over sentences; a news sentence has about 22 terms
_FAR = 10.0  # log-odds of the cross-encoder beyond which one is as good as another
_REVERSE = 5  # word pieces of the sentence that answer best to the question


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its vectors: `mean` [d], one unit vector a word piece [m, d], and each piece's rarity [m]."""

    question: Question
    mean: Floats
    pieces: Floats
    rarity: Floats
    idf: Callable[[str], float]


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage as the reader sees it: its sentences, their words, and its word pieces' vectors.

    `tokens.spans` are offsets into the article's text; `alone` [n, d] holds the vectors of the sentences read
    by themselves, without the passage around them; `context` the terms of the title. `scores` are the
    search's: cosine or 0, BM25 as a share of the best hit's, and its rank among the hits (from 1). `input`
    is what the cross-encoding reader reads.
    """

    input: PassageInput
    sentences: tuple[Sentence, ...]
    texts: tuple[str, ...]
    tokens: TokenVectors
    alone: Floats
    context: frozenset[str]
    scores: tuple[float, float, int]


def inverse_frequency(count: int, frequency: int) -> float:
    """BM25's idf, ln(1 + (N - n + 0.5) / (n + 0.5)) (Robertson and Zaragoza 2009), never negative."""
    return math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))


def features(asked: Asked, view: PassageView) -> Floats:
    """[sentences, len(PLAIN)] for one passage, in the order of its sentences."""
    columns = _vector_columns(asked, view) | _word_columns(asked, view)
    dense, lexical, rank = view.scores
    n = len(view.sentences)
    columns |= {
        "dense_score": [dense] * n,
        "lexical_score": [lexical] * n,
        "fused_rank": [1 / rank] * n,
        "heading": [float(s.heading) for s in view.sentences],
        "opens_passage": [float(i == 0) for i in range(n)],
        "offers": [offers(asked.question, text) for text in view.texts],
    }
    return np.stack([np.asarray(columns[name], dtype=np.float32) for name in PLAIN], axis=1)


def read_features(read: PassageScores) -> Floats:
    """[sentences, len(READ)]: what the cross-encoder made of the passage.

    Scores that went far out say no more than that they are far out; one such must not outweigh everything.
    """
    sentences, exact = (np.clip(x, -_FAR, _FAR) for x in (read.sentences, read.exact))
    columns = {
        "reads": sentences,
        "reads_exact": exact,
        "passage_reads": [float(np.clip(read.passage, -_FAR, _FAR))] * len(sentences),
        "previous_reads": [-_FAR, *sentences[:-1]],
        "next_reads": [*sentences[1:], -_FAR],
    }
    return np.stack([np.asarray(columns[name], dtype=np.float32) for name in READ], axis=1)


def _vector_columns(asked: Asked, view: PassageView) -> dict[str, Sequence[float]]:
    starts = np.asarray([a for a, _ in view.tokens.spans])
    inside = [(starts >= s.start) & (starts < s.end) for s in view.sentences]
    similar = asked.pieces @ view.tokens.vectors.T  # [m, t]
    best = np.stack([similar[:, part].max(axis=1, initial=0.0) for part in inside])  # [n, m]
    context = [_cosine(asked.mean, view.tokens.vectors[part]) for part in inside]
    n, weights = len(inside), asked.rarity / asked.rarity.sum()
    return {
        "sentence_cosine": view.alone @ asked.mean,
        "context_cosine": context,
        "previous_cosine": [0.0, *context[:-1]],
        "next_cosine": [*context[1:], 0.0],
        "passage_cosine": [_cosine(asked.mean, view.tokens.vectors)] * n,
        "maxsim": best.mean(axis=1),
        "maxsim_rare": best @ weights,
        "passage_maxsim_rare": [float(similar.max(axis=1, initial=0.0) @ weights)] * n,
        "reverse_maxsim": [_top_mean(similar[:, part].max(axis=0, initial=0.0)) for part in inside],
    }


def _word_columns(asked: Asked, view: PassageView) -> dict[str, Sequence[float]]:
    wanted = asked.question.terms
    pairs = set(zip(wanted, wanted[1:], strict=False))
    words = [cues(text).terms for text in view.texts]
    sets = [frozenset(w) for w in words]
    whole = frozenset().union(view.context, *sets)
    return {
        "coverage": [coverage(asked, s) for s in sets],
        "coverage_with_previous": [
            coverage(asked, s | (sets[i - 1] if i else frozenset())) for i, s in enumerate(sets)
        ],
        "passage_coverage": [coverage(asked, whole)] * len(words),
        "bm25": [coverage(asked, s) * _saturation(len(w)) for s, w in zip(sets, words, strict=True)],
        "shared_pairs": [len(pairs & set(zip(w, w[1:], strict=False))) / max(1, len(pairs)) for w in words],
        "length": [math.log1p(len(w)) for w in words],
        "new_words": [min(len(s - set(wanted)), 10) / 10 for s in sets],
    }


def coverage(asked: Asked, words: frozenset[str]) -> float:
    """The share of the question's rarity that `words` hold, 0..1."""
    weights = {term: asked.idf(term) for term in asked.question.terms}
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in words) / total if total else 0.0


def _saturation(length: int) -> float:
    """BM25's weight of a term that occurs once in a sentence of `length` terms."""
    return (_K1 + 1) / (1 + _K1 * (1 - _B + _B * length / _AVERAGE_TERMS))


def _cosine(unit: Floats, vectors: Floats) -> float:
    if not len(vectors):
        return 0.0
    mean = vectors.mean(axis=0, dtype=np.float32)
    return float(unit @ mean / (np.linalg.norm(mean) or 1.0))


def _top_mean(values: Floats) -> float:
    return float(np.sort(values)[-_REVERSE:].mean()) if len(values) else 0.0
