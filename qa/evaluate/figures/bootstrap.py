"""95 % intervals over questions: how far a figure would move had other questions been asked.

The percentile bootstrap (Efron & Tibshirani 1993, chapter 13): draw as many conversations as there are,
with replacement, 1,000 times, and take the middle 95 % of the figure. Whole conversations are drawn,
because a question and its follow-ups are right or wrong together (the cluster bootstrap; Davison &
Hinkley 1997, section 3.8); most are of one question. A draw is a row of counts, so all of them are one
matrix product. Where every question agrees (all right, say) the interval has no width: it knows only
the questions it was given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qa.evaluate.figures.statistics import pieces

DRAWS = 1_000  # the ends of an interval then rest on 25 draws each; 10,000 moved one by 0.02 at most (60 questions)
LEVEL = 95.0  # percent
SEED = 20240117


def resamples(conversations: Sequence[str], draws: int = DRAWS, seed: int = SEED) -> NDArray[np.uint16]:
    """[draws, questions]: how often each question is drawn, given the conversation of each.

    Every row draws as many conversations as there are.
    """
    _, member = np.unique(np.asarray(conversations, dtype=object).astype(str), return_inverse=True)
    count = int(member.max(initial=-1)) + 1
    generator, even = np.random.default_rng(seed), np.full(count, 1 / count)
    return np.concatenate([generator.multinomial(count, even, size=rows.stop - rows.start).astype(np.uint16)[:, member]
                           for rows in pieces(draws, count)])


def interval(values: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float] | None:
    """The middle `level` percent of `values`, draws without a value (NaN) left out; None where all are."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, [(100 - level) / 2, (100 + level) / 2])
    return float(low), float(high)
