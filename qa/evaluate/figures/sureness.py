"""What asking for more sureness costs and brings: the same run at every threshold of answering.

An assistant answers where its probability reaches the threshold. A run holds the probability of every question and
the quotes of those declined too, so it says what any other threshold would have given. As in `measures`, a fault
counts as the worst case: as an answer that is wrong, and as a question declined that had an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.evaluate.figures.judge import Outcome

STEPS = tuple(n / 20 for n in range(21))


@dataclass(frozen=True, slots=True)
class Rate:
    """Shares (0..1) at one threshold; None where they are of no question.

    `answered` and `declined` are of all questions, and add up to 1 but for faults. `right`: of those answered, first
    quote right; answering what has no answer is wrong. `rightly_declined`: of those declined, had none.
    """

    threshold: float
    answered: float | None
    right: float | None
    declined: float | None
    rightly_declined: float | None


def rates(outcomes: Sequence[Outcome], steps: Sequence[float] = STEPS) -> tuple[Rate, ...]:
    """What each threshold of `steps` would have given, over all of `outcomes`, whichever split they are of."""
    return tuple(_rate(outcomes, threshold) for threshold in steps)


def _rate(outcomes: Sequence[Outcome], threshold: float) -> Rate:
    faults = [o for o in outcomes if o.failed]
    answered = [o for o in outcomes if _answers(o, threshold)]
    declined = [o for o in outcomes if not o.failed and not _answers(o, threshold)]
    right = sum(o.answerable and o.right_within(1) for o in answered)
    rightly = sum(not o.answerable for o in declined)
    return Rate(threshold, _share(len(answered), len(outcomes)), _share(right, len(answered) + len(faults)),
                _share(len(declined), len(outcomes)),
                _share(rightly, len(declined) + sum(o.answerable for o in faults)))


def _answers(outcome: Outcome, threshold: float) -> bool:
    """Whether the question is answered at `threshold`; where nothing was found to quote it never is."""
    return not outcome.failed and bool(outcome.right) and outcome.probability >= threshold


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
