"""Answering only what one is sure of: how often it is wrong, by the share of questions answered.

Questions are put in order of confidence, the surest first. Coverage is the share taken from the front,
risk the share of those that are wrong (El-Yaniv & Wiener 2010). Where confidences tie, the order is
left to chance and the expected number of wrong ones is counted. As in `statistics`, every function
takes columns (one value a question) and `weights` [draws, questions], and gives one value a draw; here
weights are whole numbers, for a question drawn twice takes two places.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from qa.evaluate.figures.statistics import Column, Table, cumulated, tied


def aurc(confidence: Column, wrong: Column, weights: Column) -> Column:
    """Area under the risk-coverage curve: the mean over k of the risk of the k surest (Geifman & El-Yaniv 2017)."""
    taken, errors = _taken(confidence, wrong, weights)
    before, errors_before, size = taken[:, :-1], errors[:, :-1], np.diff(taken)
    rate = np.divide(np.diff(errors), size, out=np.zeros_like(size), where=size > 0)
    # At the k-th of a tie the risk is (errors_before + k rate) / (before + k)
    # = rate + (errors_before - rate before) / (before + k), and 1 / (before + k) over all of the tie adds up to
    # a difference of harmonic numbers.
    harmonic = np.append(0, np.cumsum(1 / np.arange(1, taken.max(initial=0) + 1)))
    shares = np.diff(harmonic[taken.astype(np.intp)])
    return _over(errors[:, -1] + ((errors_before - rate * before) * shares).sum(axis=1), taken[:, -1])


def accuracy_at(coverage: float) -> Callable[[Column, Column, Column], Column]:
    """The formula of 1 - risk at `coverage` (0..1): among the surest share of questions, rounded up."""
    def accuracy(confidence: Column, wrong: Column, weights: Column) -> Column:
        taken, errors = _taken(confidence, wrong, weights)
        surest = np.ceil(np.round(coverage * taken[:, -1], 9))  # .9 of 10 is 9, whatever floats say
        draw, whole = np.arange(len(taken)), (taken[:, 1:] < surest[:, None]).sum(axis=1)  # ties taken as wholes
        before, errors_before = taken[draw, whole], errors[draw, whole]
        next = np.minimum(whole + 1, taken.shape[1] - 1)  # the tie taken in part; there is none of no questions
        size = taken[draw, next] - before
        part = np.divide(surest - before, size, out=np.zeros_like(size), where=size > 0)
        return 1 - _over(errors_before + part * (errors[draw, next] - errors_before), surest)

    return accuracy


def curve(confidence: Column, wrong: Column) -> tuple[tuple[float, float], ...]:
    """(coverage, risk) after each distinct confidence, the surest first."""
    if not len(confidence):
        return ()
    order, starts = tied(-confidence)
    taken = np.append(starts[1:], len(order))
    errors = np.cumsum(wrong[order])[taken - 1]
    return tuple((float(n / len(order)), float(e / n)) for n, e in zip(taken, errors, strict=True))


def _taken(confidence: Column, wrong: Column, weights: Column) -> tuple[Table, Table]:
    """[draws, k]: how many questions the k surest ties have, k from none to all, and how many wrong ones."""
    order, starts = tied(-confidence)
    weights, ends = weights[:, order], np.append(starts, len(order))
    return cumulated(weights)[:, ends], cumulated(weights * wrong[order])[:, ends]


def _over(above: Column, below: Column) -> Column:
    """The quotient; 0 of 0 has no value (NaN)."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
