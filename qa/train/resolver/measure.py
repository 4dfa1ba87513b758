"""How well a way of resolving adds what a human rewrite adds, on conversations that it was not fitted on.

Each figure with the middle 95 % of 1,000 draws of whole conversations (the cluster bootstrap, as in `evaluate`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.answer.follow import Turn
from qa.train.resolver.canard import Asked, content

Way = Callable[[str, Sequence[Turn]], Sequence[str]]  # question, what was said before -> the words it adds
_DRAWS, _SEED, _LEVEL = 1_000, 20240117, 95.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured share, and the middle of what other conversations would have given."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"


def measure(way: Way, asked: Sequence[Asked], answers: bool) -> dict[str, Figure]:
    """Precision, recall and F1 of the terms added, over all questions; and the shares of questions touched.

    `touched_leaning` is of the questions whose rewrite adds a word, `touched_alone` of those not rewritten at all.
    `answers`: whether the answers that were given are known. A term that was never said counts against recall.
    """
    counts = np.asarray([_counts(way, a, answers) for a in asked], dtype=float).reshape(len(asked), len(_COUNTED))
    sums = _draws([a.dialog for a in asked]) @ counts
    return {name: _figure(ratio(counts.sum(axis=0)), ratio(sums.T)) for name, ratio in _RATIOS.items()}


def touched(way: Way, questions: Sequence[str], seed: int) -> list[str]:
    """Those of `questions` that `way` adds words to, with them in brackets: each after one drawn from the others.

    Of questions that stand by themselves none should be; whoever counts looks at each, for some do lean.
    """
    rng = random.Random(seed)
    found = []
    for at, question in enumerate(questions):
        other = questions[(at + rng.randrange(1, len(questions))) % len(questions)]
        words = way(question, [Turn(other)])
        found += [f"{question} ({' '.join(words)})"] if words else []
    return found


_COUNTED = ("right", "added", "missing", "leaning", "leaning_touched", "alone", "alone_touched")
_RATIOS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "precision": lambda c: _share(c[0], c[1]),
    "recall": lambda c: _share(c[0], c[2]),
    "f1": lambda c: _share(2 * c[0], c[1] + c[2]),
    "touched_leaning": lambda c: _share(c[4], c[3]),
    "touched_alone": lambda c: _share(c[6], c[5]),
}


def _counts(way: Way, asked: Asked, answers: bool) -> tuple[int, ...]:
    """One question's `_COUNTED`."""
    words = way(asked.question, asked.turns if answers else asked.without_answers())
    added = content(" ".join(words)) - content(asked.question)
    leaning = bool(asked.missing)
    return (
        len(added & asked.missing), len(added), len(asked.missing),
        leaning, leaning and bool(words), asked.alone, asked.alone and bool(words),
    )  # fmt: skip


def _draws(dialogs: Sequence[str]) -> NDArray[np.float64]:
    """[draws, questions]: how often each question is drawn, whole conversations at a time."""
    _, member = np.unique(np.asarray(dialogs), return_inverse=True)
    count = int(member.max(initial=-1)) + 1
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), size=_DRAWS)
    return drawn[:, member].astype(float)


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """part / whole; 0 of nothing."""
    return np.divide(part, whole, out=np.zeros_like(np.asarray(whole, dtype=float)), where=np.asarray(whole) > 0)


def _figure(value: NDArray[np.float64], drawn: NDArray[np.float64]) -> Figure:
    low, high = np.percentile(drawn, [(100 - _LEVEL) / 2, (100 + _LEVEL) / 2])
    return Figure(float(value), float(low), float(high))
