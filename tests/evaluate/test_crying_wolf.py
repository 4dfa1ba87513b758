"""A verdict that tells equal systems apart is worth nothing; nor is one that never tells any apart."""

import pytest

from evals.crying_wolf import Pairs, pair, wilson
from qa.evaluate.figures import bootstrap
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.verdict import compare
from qa.evaluate.verdict.compare import Difference, judge_differences

PERMUTATIONS = 399  # the least p-value, 1/400, is still significant among twelve measures


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the measures that decide, and few draws for intervals, on which only "same" hangs."""
    monkeypatch.setattr(compare, "MEASURES", tuple(m for m in MEASURES if m.decides))
    monkeypatch.setattr(compare, "resamples", lambda conversations: bootstrap.resamples(conversations, draws=40))


def judged(pairs: Pairs) -> tuple[Difference, ...]:
    return judge_differences(pairs, PERMUTATIONS)


def told_apart(judged: tuple[Difference, ...]) -> bool:
    return any(d.verdict in ("better", "worse") for d in judged)


def test_equal_systems_are_told_apart_in_one_of_twenty_pairs_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 13 of 1,000 pairs (0.8 to 2.2 %); without adjusting the p-values it is 27 of the first 100."""
    pairs = [pair(seed) for seed in range(1_000)]
    assert sum(told_apart(judged(p)) for p in pairs) <= 50
    monkeypatch.setattr(compare, "holm", list)
    low, _ = wilson(sum(told_apart(judged(p)) for p in pairs[:100]), 100)
    assert low > 0.05


def test_a_system_better_by_twenty_points_is_called_better_in_most_pairs() -> None:
    """It is 26 of 30 pairs on 320 questions, and never worse."""
    verdicts = [{d.measure.key: d.verdict for d in judged(pair(seed, 320, better=0.2))} for seed in range(30)]
    assert sum(v["right@1"] == "better" for v in verdicts) > 15
    assert not any(v["right@1"] == "worse" for v in verdicts)


def test_wilson_by_hand() -> None:
    # Agresti & Coull (1998): 0 of 10 gives up to 0.2775; 5 of 10 gives 0.2366 to 0.7634
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
