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
from qa.evaluate.figures.statistics import CELLS, OfSums, pieces

PERMUTATIONS = 9_999  # p-values then come in steps of 1/10,000, finer than Holm needs for a hundred measures
SEED = 20240118
_DIGITS = 12  # of a difference; what is beyond is the order of a sum
_CELLS = CELLS  # of a table of exchanges at a time

Weights = NDArray[np.number]  # [draws, questions]


class Paired:
    """`measure` of the questions `before` and `after`, which go together by position."""

    def __init__(self, measure: Measure, before: Sequence[Outcome], after: Sequence[Outcome]):
        self.measure, self.n = measure, len(before)
        self._about, self._columns = measure.prepare([*before, *after])
        if isinstance(measure.formula, OfSums) and self._about:
            terms = measure.formula.terms(*self._columns)
            self._terms = np.zeros((2 * self.n, terms.shape[1]))
            self._terms[self._about] = terms

    @property
    def rows(self) -> set[int]:
        """Which questions, by position, the measure says something of, in either run."""
        return {row % self.n for row in self._about}

    def values(self) -> tuple[float, float]:
        """The measure before and after; NaN where it is undefined."""
        ones = np.ones((1, self.n))
        return float(self._side(ones, 0 * ones)[0]), float(self._side(0 * ones, ones)[0])

    def differences(self, weights: Weights) -> NDArray[np.float64]:
        """After minus before, for each draw of questions; sums of the same in another order differ by nothing."""
        differences = []
        for rows in pieces(len(weights), 2 * self.n):
            drawn = weights[rows].astype(np.float64)
            none = np.zeros_like(drawn)
            differences.append(self._side(none, drawn) - self._side(drawn, none))
        return np.round(np.concatenate(differences), _DIGITS)

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
        for rows in pieces(permutations, 2 * self.n, _CELLS):
            swapped = generator.integers(0, 2, (rows.stop - rows.start, member.max() + 1)).astype(np.float64)[:, member]
            by_chance = self._side(swapped, 1 - swapped) - self._side(1 - swapped, swapped)
            hits += int(np.sum(~(np.abs(by_chance) < least)))
        return (1 + hits) / (1 + permutations)

    def _side(self, before: Weights, after: Weights) -> NDArray[np.float64]:
        """The measure of a side that is made of rows of `before` and rows of `after`."""
        if not self._about:
            return np.full(len(before), np.nan)
        if isinstance(self.measure.formula, OfSums):
            return self.measure.formula.value(before @ self._terms[:self.n] + after @ self._terms[self.n:])
        return self.measure.formula(*self._columns, np.hstack([before, after])[:, self._about])
