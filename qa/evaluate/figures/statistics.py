"""The formulas. Each takes columns (one value a question) and weights, and returns one value a draw.

`weights` has shape [draws, questions]: how often each question counts. A row of ones gives the
figure itself; the rows of `bootstrap.resamples` give its spread. A draw for which the figure is
undefined (nobody declined; no unanswerable question drawn) is NaN. Most formulas are made of sums over
questions (`OfSums`), which one matrix product gives for all draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Table = NDArray[np.float64]  # [questions, terms] or [draws, terms]

BINS = 10
CELLS = 250_000  # of weights at a time: 2 MB, whatever the number of questions; more at a time is no faster
_EDGES = np.arange(1, BINS) / BINS


@dataclass(frozen=True, slots=True)
class OfSums:
    """A formula of sums: a question adds its row of `terms` as often as it counts; `value` is of the sums."""

    terms: Callable[..., Table]
    value: Callable[[Table], Column]

    def __call__(self, *columns_and_weights: Column) -> Column:
        *columns, weights = columns_and_weights
        return self.value(weights @ self.terms(*columns))


def valued(formula: Callable[..., Column], columns: list[Column], weights: Column, about: list[int]) -> Column:
    """`formula` for each row of `weights`, a few at a time; `columns` are of the questions `about`, by position."""
    return np.concatenate([formula(*columns, weights[rows][:, about].astype(np.float64))
                           for rows in pieces(len(weights), weights.shape[1])])


def pieces(rows: int, columns: int, cells: int = CELLS) -> Iterator[slice]:
    """A table of so many rows and columns cut into pieces of whole rows: as many as fit into `cells`, at least one."""
    most = max(1, cells // max(1, columns))
    return (slice(start, min(start + most, rows)) for start in range(0, rows, most))


def _quotient(sums: Table) -> Column:
    return _ratio(sums[:, 0], sums[:, 1])


def _beside_one(values: Column) -> Table:
    return np.column_stack([values, np.ones(len(values))])


# Weighted arithmetic mean: sum(w v) / sum(w).
mean = OfSums(_beside_one, _quotient)

# Weighted sum of parts over that of wholes: a share of things of which a question has several.
ratio = OfSums(lambda parts, wholes: np.column_stack([parts, wholes]), _quotient)

# Mean squared difference between the stated probability and what happened, 0 or 1 (Brier 1950).
brier = OfSums(lambda stated, happened: _beside_one((stated - happened) ** 2), _quotient)


def auroc(scores: Column, positive: Column, weights: Column) -> Column:
    """Area under the ROC curve: P(a positive outscores a negative), a tie counting one half.

    The Mann-Whitney form, U / (positives x negatives) (Hanley & McNeil 1982); `positive` is 0 or 1.
    """
    ones, zeros = np.flatnonzero(positive), np.flatnonzero(positive == 0)
    ones = ones[np.argsort(scores[ones])]
    below = cumulated(weights[:, ones])  # [draws, k]: how much the k positives of the lowest scores count
    less, at_most = (np.searchsorted(scores[ones], scores[zeros], side) for side in ("left", "right"))
    positives, negatives = below[:, -1], weights[:, zeros]
    losses = (negatives * (below[:, less] + below[:, at_most])).sum(axis=1) / 2
    pairs = positives * negatives.sum(axis=1)
    return _ratio(pairs - losses, pairs)


def tied(scores: Column) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order that sorts `scores` upwards, and where in it each run of equal scores starts."""
    order = np.argsort(scores, kind="stable")
    return order, np.flatnonzero(np.diff(scores[order], prepend=np.nan) != 0)


def cumulated(values: Table) -> Table:
    """Sums along each row: of none, of the first, of the first two, and so on."""
    sums = np.zeros((len(values), values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _gaps(probabilities: Column, happened: Column) -> Table:
    bins = np.eye(BINS)[bin_of(probabilities)]
    return np.column_stack([bins * (probabilities - happened)[:, None], np.ones(len(bins))])


# Expected calibration error (Guo et al. 2017): sum over bins of share x |mean stated - share happened|. Ten bins of
# equal width, each with its upper edge; 0 belongs to the first.
calibration_error = OfSums(_gaps, lambda sums: _ratio(np.abs(sums[:, :-1]).sum(axis=1), sums[:, -1]))


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of a reliability diagram: of `n` probabilities from `low` to `high`, the mean and what happened."""

    low: float
    high: float
    n: int
    stated: float | None
    happened: float | None


def reliability(probabilities: Column, happened: Column) -> tuple[Bin, ...]:
    """The ten bins of `calibration_error`; an empty one has neither mean (Niculescu-Mizil & Caruana 2005)."""
    bins = bin_of(probabilities)
    return tuple(_bin(n, probabilities[bins == n], happened[bins == n]) for n in range(BINS))


def _bin(number: int, probabilities: Column, happened: Column) -> Bin:
    means = (None, None) if not len(probabilities) else (float(probabilities.mean()), float(happened.mean()))
    return Bin(number / BINS, (number + 1) / BINS, len(probabilities), *means)


def bin_of(probabilities: Column) -> NDArray[np.intp]:
    """The bin, from 0, that each probability belongs to."""
    return np.digitize(probabilities, _EDGES, right=True)


def _ratio(above: Column, below: Column) -> Column:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
