"""The formulas. Each takes columns (one value a question) and weights, and returns one value a draw.

`weights` has shape [draws, questions]: how often each question counts. A row of ones gives the
figure itself; the rows of `bootstrap.resamples` give its spread. A draw for which the figure is
undefined (nobody declined; no unanswerable question drawn) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

BINS = 10
_EDGES = np.arange(1, BINS) / BINS


def mean(values: Column, weights: Column) -> Column:
    """Weighted arithmetic mean: sum(w v) / sum(w)."""
    return _ratio(weights @ values, weights.sum(axis=1))


def ratio(parts: Column, wholes: Column, weights: Column) -> Column:
    """Weighted sum of `parts` over that of `wholes`: a share of things of which a question has several."""
    return _ratio(weights @ parts, weights @ wholes)


def auroc(scores: Column, positive: Column, weights: Column) -> Column:
    """Area under the ROC curve: P(a positive outscores a negative), a tie counting one half.

    The Mann-Whitney form, U / (positives x negatives) (Hanley & McNeil 1982); `positive` is 0 or 1.
    """
    order, starts = tied(scores)
    weights, positive = weights[:, order], positive[order]
    positives = np.add.reduceat(weights * positive, starts, axis=1)  # [draws, distinct scores], scores ascending
    negatives = np.add.reduceat(weights * (1 - positive), starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives
    wins = (positives * (below + negatives / 2)).sum(axis=1)
    return _ratio(wins, positives.sum(axis=1) * negatives.sum(axis=1))


def tied(scores: Column) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order that sorts `scores` upwards, and where in it each run of equal scores starts."""
    order = np.argsort(scores, kind="stable")
    return order, np.flatnonzero(np.diff(scores[order], prepend=np.nan) != 0)


def brier(probabilities: Column, happened: Column, weights: Column) -> Column:
    """Mean squared difference between the stated probability and what happened, 0 or 1 (Brier 1950)."""
    return mean((probabilities - happened) ** 2, weights)


def calibration_error(probabilities: Column, happened: Column, weights: Column) -> Column:
    """Expected calibration error (Guo et al. 2017): sum over bins of share x |mean stated - share happened|.

    Ten bins of equal width, each with its upper edge; 0 belongs to the first.
    """
    bins = np.eye(BINS)[bin_of(probabilities)]
    gaps = weights @ (bins * (probabilities - happened)[:, None])
    return _ratio(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


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
