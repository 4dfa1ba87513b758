"""Judging several measures at once without crying wolf, and how many questions it would take to know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

LEVEL = 0.05  # how often at most two equal systems are told apart, by any measure of the family
_NOISE = 1e-9  # a difference or error below it is rounding
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


def further_questions(n: int, difference: float, error: float, family: int, same: float) -> int:
    """How many questions more it would take to tell, if the difference is truly what it is now.

    `error` is the standard error of the difference over the present `n` questions; it falls with the root of
    their number. The smaller of what would find the difference in 8 of 10 sets,
    n ((z(1 - level / 2m) + z(power)) error / |difference|)^2 with the level of the smallest of m = `family`
    p-values under Holm (Cohen 1988, chapter 2), and what would bring its 95 % interval within `same` of nothing,
    n (z(.975) error / (same - |difference|))^2. Where all of few questions differ alike there is no error: then what a
    permutation test needs at least, log2(2 m / level) questions. At least 1.
    """
    z, size = NormalDist().inv_cdf, abs(difference)
    if error < _NOISE:
        return max(1, math.ceil(math.log2(2 * family / LEVEL)) - n)
    needed = []
    if size > _NOISE:
        needed.append(n * ((z(1 - LEVEL / 2 / family) + z(POWER)) * error / size) ** 2)
    if size < same:
        needed.append(n * (z(0.975) * error / (same - size)) ** 2)
    return max(1, math.ceil(min(needed) - n))
