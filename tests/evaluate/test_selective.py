"""Answering only the surest: by hand, and with ties against every order that chance can put them in."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qa.evaluate.figures.selective import accuracy_at, aurc, curve
from qa.evaluate.figures.statistics import mean

CONFIDENCE = [0.2, 0.9, 0.6, 0.7]
WRONG = [1, 0, 0, 1]
TIED = st.lists(st.tuples(st.integers(0, 2).map(lambda n: n / 2), st.integers(0, 1)), min_size=1, max_size=5)
COVERAGE = st.integers(1, 10).map(lambda n: n / 10)


def of(formula, confidence: Sequence[float], wrong: Sequence[float], weights: Sequence[float] | None = None) -> float:
    weights = np.array([weights or [1] * len(wrong)], dtype=float)
    return formula(np.array(confidence, dtype=float), np.array(wrong, dtype=float), weights)[0]


def test_area_by_hand() -> None:
    # the surest first: right, wrong, right, wrong; wrong among the first k: 0/1, 1/2, 1/3, 2/4
    assert of(aurc, CONFIDENCE, WRONG) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


def test_area_of_ties_by_hand() -> None:
    # one of the two at 0.9 is wrong: first 1/2 on the average, then 1 of 2, then 1 of 3
    assert of(aurc, [0.9, 0.9, 0.1], [1, 0, 0]) == pytest.approx((1 / 2 + 1 / 2 + 1 / 3) / 3)


@pytest.mark.parametrize(("coverage", "accuracy"), [
    (0.1, 1), (0.25, 1), (0.26, 1 / 2), (0.5, 1 / 2), (0.7, 2 / 3), (0.75, 2 / 3), (0.8, 2 / 4), (1.0, 2 / 4)])
def test_accuracy_by_hand(coverage: float, accuracy: float) -> None:
    assert of(accuracy_at(coverage), CONFIDENCE, WRONG) == pytest.approx(accuracy)


@pytest.mark.parametrize(("coverage", "of_how_many", "taken"), [(0.9, 10, 9), (0.7, 10, 7), (0.55, 100, 55)])
def test_a_share_that_is_a_whole_number_is_not_rounded_up(coverage: float, of_how_many: int, taken: int) -> None:
    """As floats, 0.55 x 100 is 55.00000000000001."""
    wrong = [0] * taken + [1] * (of_how_many - taken)
    assert of(accuracy_at(coverage), range(of_how_many, 0, -1), wrong) == 1


def test_curve_by_hand() -> None:
    assert curve(*map(np.array, (CONFIDENCE, WRONG))) == ((0.25, 0), (0.5, 0.5), (0.75, pytest.approx(1 / 3)), (1, 0.5))
    # those that tie come in together
    assert curve(np.array([0.9, 0.9, 0.1, 0.9]), np.array([1, 0, 1, 0])) == ((0.75, pytest.approx(1 / 3)), (1, 0.5))


def test_nothing_asked_has_no_value() -> None:
    empty, none = np.array([]), np.ones((2, 0))
    assert curve(empty, empty) == ()
    assert np.isnan(aurc(empty, empty, none)).tolist() == [True, True]
    assert np.isnan(accuracy_at(0.5)(empty, empty, none)).tolist() == [True, True]
    assert np.isnan(of(aurc, [0.5], [1], [0])) and np.isnan(of(accuracy_at(1), [0.5], [1], [0]))


@given(TIED, COVERAGE)
def test_ties_against_the_mean_over_every_order(pairs: list[tuple[float, int]], coverage: float) -> None:
    confidence, wrong = zip(*pairs)
    orders = [[wrong[n] for n in order] for order in permutations(range(len(wrong)))
              if all(confidence[a] >= confidence[b] for a, b in zip(order, order[1:]))]
    taken = int(-(-round(coverage * len(wrong), 9) // 1))
    assert of(accuracy_at(coverage), confidence, wrong) == pytest.approx(
        np.mean([1 - np.mean(order[:taken]) for order in orders]))
    risks = [[np.mean(order[:k]) for k in range(1, len(wrong) + 1)] for order in orders]
    assert of(aurc, confidence, wrong) == pytest.approx(np.mean(risks))


WEIGHTED = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=15)


@given(WEIGHTED, COVERAGE)
def test_weighting_a_question_is_repeating_it(rows: list[tuple[int, int, int]], coverage: float) -> None:
    confidence, wrong, weights = zip(*rows)
    assume(sum(weights))
    repeated = [np.repeat(column, weights).tolist() for column in (confidence, wrong)]
    for formula in (aurc, accuracy_at(coverage)):
        assert of(formula, confidence, wrong, weights) == pytest.approx(of(formula, *repeated))


@given(WEIGHTED)
def test_all_answered_is_plain_accuracy_and_the_last_point_of_the_curve(rows: list[tuple[int, int, int]]) -> None:
    confidence, wrong, _ = map(np.array, zip(*rows))
    ones = np.ones((1, len(rows)))
    everything = accuracy_at(1.0)(confidence, wrong, ones)[0]
    assert everything == pytest.approx(1 - mean(wrong, ones)[0])
    coverages, risks = zip(*curve(confidence, wrong))
    assert (coverages[-1], risks[-1]) == (1, pytest.approx(1 - everything))
    assert list(coverages) == sorted(set(coverages)) and len(coverages) == len(set(confidence.tolist()))


def test_every_draw_has_its_own_value() -> None:
    weights = np.array([[1.0, 1, 1, 1], [0, 2, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0]])
    areas = aurc(np.array(CONFIDENCE), np.array(WRONG), weights)
    assert areas == pytest.approx([(0 + 1 / 2 + 1 / 3 + 1 / 2) / 4, 0, 1, np.nan], nan_ok=True)
