"""A measure of two runs of the same questions, and how far its difference would move by chance.

Both runs stand in one table of 2n rows, the n questions before and the same n after; a row without the
measure is left out. Weights then say which rows a side is made of, and any formula of `figures` gives
its value: weights of ones for the difference itself, drawn conversations for its interval, and
questions exchanged between the sides for the permutation test.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.measures import Measure

PERMUTATIONS = 9_999  # p-values then come in steps of 1/10,000, finer than Holm needs for a hundred measures
SEED = 20240118
_DIGITS = 12  # of a difference; what is beyond is the order of a sum
_CELLS = 2_000_000  # of a table at a time: 16 MB, whatever the number of questions

Weights = NDArray[np.float64]  # [draws, questions]


class Paired:
    """`measure` of the questions `before` and `after`, which go together by position."""

    def __init__(self, measure: Measure, before: Sequence[Outcome], after: Sequence[Outcome]):
        self.measure, self.n = measure, len(before)
        self._about, self._columns = measure.prepare([*before, *after])

    @property
    def questions(self) -> int:
        """Of how many questions the measure says something, in either run."""
        return len({row % self.n for row in self._about})

    def values(self) -> tuple[float, float]:
        """The measure before and after; NaN where it is undefined."""
        ones = np.ones((1, self.n))
        return float(self._side(ones, 0 * ones)[0]), float(self._side(0 * ones, ones)[0])

    def differences(self, weights: Weights) -> NDArray[np.float64]:
        """After minus before, for each draw of questions; sums of the same in another order differ by nothing."""
        none = np.zeros_like(weights)
        return np.round(self._side(none, weights) - self._side(weights, none), _DIGITS)

    def p_value(self, conversations: Sequence[str], permutations: int = PERMUTATIONS, seed: int = SEED) -> float:
        """How often a difference as large comes about when the two answers of a question change sides at random.

        The two-sided paired permutation test (Fisher 1935; Smucker, Allan & Carterette 2007, who call it
        randomization). A conversation changes sides as a whole. Estimated as (1 + hits) / (1 + permutations),
        which never flatters (Phipson & Smyth 2010); an exchange that leaves the measure undefined counts as a hit.
        """
        before, after = self.values()
        _, member = np.unique(np.asarray(conversations, dtype=object).astype(str), return_inverse=True)
        generator = np.random.default_rng(seed)
        least, hits = abs(after - before) - 1e-12, 0  # the same sum in another order is the same difference
        for rows in _chunks(permutations, self.n):
            swapped = generator.integers(0, 2, (rows, member.max() + 1)).astype(np.float64)[:, member]
            by_chance = self._side(swapped, 1 - swapped) - self._side(1 - swapped, swapped)
            hits += int(np.sum(~(np.abs(by_chance) < least)))
        return (1 + hits) / (1 + permutations)

    def _side(self, before: Weights, after: Weights) -> NDArray[np.float64]:
        """The measure of a side that is made of rows of `before` and rows of `after`."""
        if not self._about:
            return np.full(len(before), np.nan)
        return self.measure.formula(*self._columns, np.hstack([before, after])[:, self._about])


def _chunks(rows: int, questions: int) -> list[int]:
    """`rows` cut so that a table of as many rows stays small."""
    most = max(1, _CELLS // (2 * max(1, questions)))
    return [most] * (rows // most) + [rows % most] * bool(rows % most)
