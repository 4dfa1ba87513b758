"""Answering only what one is sure of: how often it is wrong, by the share of questions answered.

Questions are put in order of confidence, the surest first. Coverage is the share taken from the front,
risk the share of those that are wrong (El-Yaniv & Wiener 2010). Where confidences tie, the order is
left to chance and the expected number of wrong ones is counted. As in `statistics`, every function
takes columns (one value a question) and `weights` [draws, questions], and gives one value a draw.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.statistics import Column, tied


def aurc(confidence: Column, wrong: Column, weights: Column) -> Column:
    """Area under the risk-coverage curve: the mean over k of the risk of the k surest (Geifman & El-Yaniv 2017)."""
    before, wrong_before, rate, weights = _in_order(confidence, wrong, weights)
    area = np.zeros(len(weights))
    for copy in range(1, int(weights.max(initial=0)) + 1):  # a question drawn twice takes two places
        taken = before + copy
        area += np.where(weights >= copy, (wrong_before + copy * rate) / taken, 0).sum(axis=1)
    return _over(area, weights.sum(axis=1))


def accuracy_at(coverage: float) -> Callable[[Column, Column, Column], Column]:
    """The formula of 1 - risk at `coverage` (0..1): among the surest share of questions, rounded up."""
    def accuracy(confidence: Column, wrong: Column, weights: Column) -> Column:
        before, _, rate, weights = _in_order(confidence, wrong, weights)
        taken = np.ceil(np.round(coverage * weights.sum(axis=1), 9))  # .9 of 10 is 9, whatever floats say
        among = (rate * np.clip(taken[:, None] - before, 0, weights)).sum(axis=1)
        return 1 - _over(among, taken)

    return accuracy


def curve(confidence: Column, wrong: Column) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) after each distinct confidence, the surest first."""
    if not len(confidence):
        return ()
    order, starts = tied(-confidence)
    taken = np.append(starts[1:], len(order))
    errors = np.cumsum(wrong[order])[taken - 1]
    return tuple((float(n / len(order)), float(e / n)) for n, e in zip(taken, errors, strict=True))


def _in_order(confidence: Column, wrong: Column, weights: Column) -> tuple[NDArray[np.float64], ...]:
    """Of each question, the surest first: weight and wrong ones before it, the share wrong of its tie, its weight."""
    order, starts = tied(-confidence)
    weights = weights[:, order]
    rates = _over(np.add.reduceat(weights * wrong[order], starts, axis=1), np.add.reduceat(weights, starts, axis=1))
    rate = np.repeat(rates, np.diff(starts, append=len(order)), axis=1)
    return np.cumsum(weights, axis=1) - weights, np.cumsum(weights * rate, axis=1) - weights * rate, rate, weights


def _over(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient; 0 of 0 is no rate in a group (0) but no value of a whole draw (NaN)."""
    missing = np.nan if above.ndim == 1 else 0.0
    return np.divide(above, below, out=np.full(above.shape, missing), where=below > 0)
