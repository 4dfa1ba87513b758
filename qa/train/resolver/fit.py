"""Fits `qa/answer/resolver.json`: which questions lean on what was said before, and which words they borrow.

Two logistic models. `leaning` tells questions that a human rewrote from questions that were asked of an article with
nothing before them; `choosing` tells the words that the rewrite added from the others that had been said.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from qa.answer.follow import CUES, FORMAT, TRAITS, Floats, Follower, traits
from qa.answer.leaning import SIGNS, points, signs
from qa.errors import DatasetError
from qa.train import data
from qa.train.resolver.canard import Asked, after_another, content

SOURCES = ("squad1", "qed", "selqa")  # of questions that stand by themselves: about passages, and typed into a search
_QUESTIONS = 15_000  # a source; enough for some hundreds that look like follow-ups and are none
_TOUCHED = 0.025  # of any source, questions taken for follow-ups; by eye three in five of those do lean
_MARGIN = 0.01  # of log-odds: weights are rounded when they are written, and questions tie
_ORDINARY = 200  # terms that most questions hold: "many", "name", "year"
_LEANING_STRENGTH, _CHOOSING_STRENGTH = 1.0, 0.3  # inverse L2, of some 25 and some 130 weights
_BETA = 2.0  # a word too many costs a search little, a word too few can cost it the topic
_CUTS = np.arange(-3.0, 0.51, 0.1)  # log-odds from which a word is borrowed


def fit(asked: Sequence[Asked], alone: Mapping[str, Sequence[str]], seed: int, answers: bool = False) -> Follower:
    """The follower fitted on conversations and on questions {source: questions} that stand by themselves.

    `answers`: whether it will be told the answers that were given, besides the questions.
    """
    blank = Follower({}, np.zeros((len(CUES), len(TRAITS))), ordinary(alone))
    leaning = replace(blank, leaning=fit_leaning([a.question for a in asked if a.missing], alone))
    return fit_choosing([*asked, *after_another(asked, seed)], leaning, answers)


def standing_alone(path: Path, seed: int) -> dict[str, list[str]]:
    """{source: questions} of the reader's training questions at `path`. Raises DatasetError for any other file."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in data.rows(path, ("source", "question")):
        if row["source"] in SOURCES:
            found[row["source"]].add(row["question"])
    if not found:
        raise DatasetError(f"{path} has no question of {', '.join(SOURCES)}", "give the reader's questions.jsonl.gz")
    rng = random.Random(seed)
    return {source: rng.sample(sorted(found[source]), min(_QUESTIONS, len(found[source]))) for source in sorted(found)}


def ordinary(alone: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The terms that stand in most questions of every source, so that no source's own subjects are among them."""
    shares = [
        {term: count / len(questions) for term, count in Counter(t for q in questions for t in content(q)).items()}
        for questions in alone.values()
    ]
    common = set.intersection(*map(set, shares))
    return frozenset(sorted(common, key=lambda term: (-min(share[term] for share in shares), term))[:_ORDINARY])


def fit_leaning(leaning: Sequence[str], alone: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """{sign: weight}, such that no source has more than `_TOUCHED` of its questions taken for follow-ups.

    Fitted on the questions that show a sign of leaning; the others are left alone whatever the weights.
    """
    apart = {source: np.stack([signs(question) for question in questions]) for source, questions in alone.items()}
    rows = np.concatenate([np.stack([signs(question) for question in leaning]), *apart.values()])
    leans = np.arange(len(rows)) < len(leaning)
    pointing = np.asarray([points(row) for row in rows])
    model = LogisticRegression(
        C=_LEANING_STRENGTH, fit_intercept=False, max_iter=1000, class_weight="balanced"
    ).fit(rows[pointing], leans[pointing])
    weights = model.coef_[0]
    weights[SIGNS.index("any")] -= max(_cut(found, weights) for found in apart.values())
    return {sign: float(weight) for sign, weight in zip(SIGNS, weights, strict=True)}


def _cut(rows: Floats, weights: Floats) -> float:
    """The least score above which at most `_TOUCHED` of `rows` [n, SIGNS] score and show a sign."""
    scores = np.where([points(row) for row in rows], rows @ weights, -np.inf)
    return float(np.quantile(scores, 1 - _TOUCHED, method="higher")) + _MARGIN


def fit_choosing(asked: Sequence[Asked], follower: Follower, answers: bool = False) -> Follower:
    """`follower` with weights for words, and with the cut at which the words of all questions have the best F-beta."""
    examples = [example for a in asked if a.missing for example in [_example(a, follower, answers)] if len(example[1])]
    rows, right = (np.concatenate(column) for column in zip(*examples, strict=True))
    model = LogisticRegression(C=_CHOOSING_STRENGTH, fit_intercept=False, max_iter=1000).fit(rows, right)
    weights = model.coef_[0].reshape(len(CUES), len(TRAITS))
    best = max(_CUTS, key=lambda cut: f_beta(right, rows @ model.coef_[0] > cut, _BETA))
    weights[CUES.index("word"), TRAITS.index("any")] -= best
    return replace(follower, choosing=weights)


def _example(asked: Asked, follower: Follower, answers: bool) -> tuple[Floats, NDArray[np.bool_]]:
    """[n, CUES * TRAITS] products for the n words that were said, as the score sums them, and which are missing."""
    words, cues = follower.candidates(asked.question, asked.turns if answers else asked.without_answers())
    products = (cues[:, :, None] * traits(asked.question)).reshape(len(words), len(CUES) * len(TRAITS))
    return products, np.asarray([bool(asked.missing & set(word.terms)) for word in words], dtype=bool)


def f_beta(right: NDArray[np.bool_], chosen: NDArray[np.bool_], beta: float) -> float:
    """Mean of precision and recall that holds recall `beta` times as dear (van Rijsbergen 1979, chapter 7)."""
    hits, square = (right & chosen).sum(), beta**2
    return float((1 + square) * hits / max(square * right.sum() + chosen.sum(), 1))


def save(follower: Follower, path: Path, made: Mapping[str, object]) -> None:
    """Writes the weights, rounded to what matters, with how they were made."""
    choosing = {
        cue: {trait: round(float(weight), 3) for trait, weight in zip(TRAITS, row, strict=True)}
        for cue, row in zip(CUES, follower.choosing, strict=True)
        if row.any()
    }
    stored = {
        "format": FORMAT,
        "made": dict(made),
        "leaning": {sign: round(weight, 3) for sign, weight in follower.leaning.items()},
        "choosing": choosing,
    }
    rows = json.dumps(stored, indent=1)[:-2]
    path.write_text(f'{rows},\n "ordinary": {json.dumps(sorted(follower.ordinary))}\n}}\n', encoding="utf-8")
