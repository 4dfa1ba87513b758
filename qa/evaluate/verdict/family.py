"""Judging several measures at once without crying wolf, and how many questions it would take to know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

LEVEL = 0.05  # how often at most two equal systems are told apart, by any measure of the family
POWER = 0.8  # how often a true difference of the size seen should be found, by which questions are counted


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values: one below `LEVEL` is significant, and the chance of any false one stays below it.

    Holm (1979): the k-th smallest of m is multiplied by m - k + 1 and never falls below the one before it.
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = least
    return adjusted


def further_questions(n: int, difference: float, error: float, family: int) -> int | None:
    """How many questions more it would take to find `difference` in 8 of 10 sets, were it the true one.

    `error` is the standard error of the difference over the present `n` questions, which falls with the root of
    their number: n ((z(1 - level / 2m) + z(power)) error / difference)^2, with the level of the smallest
    of `family` p-values under Holm (the normal approximation; Cohen 1988, chapter 2). At least 1; None
    where there is no difference to find.
    """
    if abs(difference) < 1e-12 or not error:  # what is left of a sum taken in another order is no difference
        return None
    z = NormalDist().inv_cdf
    needed = n * ((z(1 - LEVEL / 2 / family) + z(POWER)) * error / abs(difference)) ** 2
    return max(1, math.ceil(needed - n))
