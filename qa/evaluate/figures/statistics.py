"""The formulas. Each takes columns (one value a question) and weights, and returns one value a draw.

`weights` has shape [draws, questions]: how often each question counts. A row of ones gives the
figure itself; the rows of `bootstrap.resamples` give its spread. A draw for which the figure is
undefined (nobody declined; no unanswerable question drawn) is NaN.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]

BINS = 10
_EDGES = np.arange(1, BINS) / BINS


def mean(values: Column, weights: Column) -> Column:
    """Weighted arithmetic mean: sum(w v) / sum(w)."""
    return _ratio(weights @ values, weights.sum(axis=1))


def auroc(scores: Column, positive: Column, weights: Column) -> Column:
    """Area under the ROC curve: P(a positive outscores a negative), a tie counting one half.

    The Mann-Whitney form, U / (positives x negatives) (Hanley & McNeil 1982); `positive` is 0 or 1.
    """
    _, tied = np.unique(scores, return_inverse=True)
    groups = np.eye(tied.max() + 1)[tied]  # [questions, distinct scores], scores ascending
    positives = (weights * positive) @ groups
    negatives = (weights * (1 - positive)) @ groups
    below = np.cumsum(negatives, axis=1) - negatives
    wins = (positives * (below + negatives / 2)).sum(axis=1)
    return _ratio(wins, positives.sum(axis=1) * negatives.sum(axis=1))


def brier(probabilities: Column, happened: Column, weights: Column) -> Column:
    """Mean squared difference between the stated probability and what happened, 0 or 1 (Brier 1950)."""
    return mean((probabilities - happened) ** 2, weights)


def calibration_error(probabilities: Column, happened: Column, weights: Column) -> Column:
    """Expected calibration error (Guo et al. 2017): sum over bins of share x |mean stated - share happened|.

    Ten bins of equal width, each with its upper edge; 0 belongs to the first.
    """
    bins = np.eye(BINS)[np.digitize(probabilities, _EDGES, right=True)]
    gaps = weights @ (bins * (probabilities - happened)[:, None])
    return _ratio(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


def _ratio(above: Column, below: Column) -> Column:
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
