"""A verdict that tells equal systems apart is worth nothing; nor is one that never tells any apart."""

from dataclasses import replace

import pytest

from evals.crying_wolf import Pairs, pair, wilson
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.verdict.compare import Difference, judge_differences

DECIDING = [m for m in MEASURES if m.decides]
PERMUTATIONS = 399  # the least p-value, 1/400, is still significant among twelve measures
DRAWS = 40  # of intervals, on which only "same" hangs


def judged(pairs: Pairs) -> tuple[Difference, ...]:
    return judge_differences(pairs, PERMUTATIONS, DECIDING, DRAWS)


def told_apart(judged: tuple[Difference, ...]) -> bool:
    return any(d.verdict in ("better", "worse") for d in judged)


def each_on_its_own(pairs: Pairs) -> Pairs:
    """The same questions, of which none are said to belong together."""
    return [(replace(a, conversation=a.id), replace(b, conversation=b.id)) for a, b in pairs]


def test_equal_systems_are_told_apart_in_one_of_twenty_pairs_at_most() -> None:
    """It is 18 of 1,000 pairs (1.1 to 2.8 %)."""
    assert sum(told_apart(judged(pair(seed))) for seed in range(1_000)) <= 50


def test_they_would_be_if_p_values_were_not_adjusted_or_conversations_not_exchanged_as_wholes() -> None:
    """It is 23 and 17 of 100 pairs: so the test above would see either."""
    pairs = [pair(seed) for seed in range(100)]
    unadjusted = sum(any(d.p <= 0.05 for d in judged(p) if d.p is not None) for p in pairs)
    apart = sum(told_apart(judged(each_on_its_own(p))) for p in pairs)
    assert min(wilson(unadjusted, 100)[0], wilson(apart, 100)[0]) > 0.05


def test_a_system_better_by_twenty_points_is_called_better_in_most_pairs() -> None:
    """It is 26 of 30 pairs on 320 questions, where luck is of questions alone; and never worse."""
    verdicts = [{d.measure.key: d.verdict for d in judged(pair(seed, 320, better=0.2, luck=0))} for seed in range(30)]
    assert sum(v["right@1"] == "better" for v in verdicts) > 15
    assert not any(v["right@1"] == "worse" for v in verdicts)


def test_wilson_by_hand() -> None:
    # Agresti & Coull (1998): 0 of 10 gives up to 0.2775; 5 of 10 gives 0.2366 to 0.7634
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
