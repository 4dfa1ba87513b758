"""Every formula against arithmetic written out, and against a public library where there is one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from qa.evaluate.figures.bootstrap import interval, resamples
from qa.evaluate.score import percentiles
from qa.evaluate.figures.statistics import auroc, brier, calibration_error, mean

PROBABILITIES = st.integers(0, 20).map(lambda n: n / 20)
PAIRS = st.lists(st.tuples(PROBABILITIES, st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=30)


def columns(*values: list[float]) -> list[np.ndarray]:
    return [np.array(v, dtype=float) for v in values]


def of(formula, *values: list[float]) -> float:
    """The figure itself: every question counts once."""
    return formula(*columns(*values), np.ones((1, len(values[0]))))[0]


def test_mean_by_hand() -> None:
    assert of(mean, [1, 0, 0, 1, 1]) == pytest.approx(3 / 5)
    # counts 2, 0, 1: (2x4 + 0x7 + 1x1) / 3 = 3
    assert mean(np.array([4.0, 7.0, 1.0]), np.array([[2.0, 0.0, 1.0]]))[0] == 3


def test_auroc_by_hand() -> None:
    # positives 0.9, 0.5; negatives 0.6, 0.5, 0.1. 0.9 wins 3; 0.5 loses, ties (1/2), wins: 4.5 of 6.
    assert of(auroc, [0.9, 0.5, 0.6, 0.5, 0.1], [1, 1, 0, 0, 0]) == pytest.approx(4.5 / 6)


def test_auroc_without_one_of_the_kinds_is_undefined() -> None:
    assert np.isnan(of(auroc, [0.1, 0.9], [1, 1]))


def test_brier_by_hand() -> None:
    # 0.2^2 and 0.5^2 and 0.9^2: (0.04 + 0.25 + 0.81) / 3
    assert of(brier, [0.8, 0.5, 0.9], [1, 0, 0]) == pytest.approx(1.10 / 3)


def test_calibration_error_by_hand() -> None:
    # bin (0.8, 0.9]: 0.9, 0.9, 0.85 happened 1, 1, 0: |2.65 - 2| = 0.65; bin (0.2, 0.3]: 0.3 happened 0: 0.3.
    assert of(calibration_error, [0.9, 0.9, 0.85, 0.3], [1, 1, 0, 0]) == pytest.approx((0.65 + 0.3) / 4)


def test_a_bin_holds_its_upper_edge() -> None:
    # 0.1 and 0.05 share a bin: |0.15 - 1| / 2. With 0.1 in the next one it would be (0.9 + 0.05) / 2.
    assert of(calibration_error, [0.1, 0.05], [1, 0]) == pytest.approx(0.85 / 2)
    assert of(calibration_error, [0.0, 1.0], [0, 1]) == 0


def test_percentiles_by_hand() -> None:
    # 21 values 0..20: the middle is 10, and 95 % of the way from 0 to 20 is 19.
    assert percentiles(range(21)) == (10, 19)
    assert percentiles([0.5]) == (0.5, 0.5)


@given(PAIRS)
def test_weighting_a_question_is_repeating_it(pairs: list[tuple[float, int, int]]) -> None:
    scores, happened, counts = (np.array(c, dtype=float) for c in zip(*pairs))
    assume(counts.sum())
    repeated = [np.repeat(scores, counts.astype(int)), np.repeat(happened, counts.astype(int))]
    once = np.ones((1, len(repeated[0])))
    for formula in (auroc, brier, calibration_error):
        assert formula(scores, happened, counts[None]) == pytest.approx(formula(*repeated, once), nan_ok=True)


@given(PAIRS)
def test_against_scikit_learn(pairs: list[tuple[float, int, int]]) -> None:
    scores, happened, _ = map(list, zip(*pairs))
    assert of(brier, scores, happened) == pytest.approx(brier_score_loss(happened, scores, pos_label=1))
    assume(len(set(happened)) == 2)
    assert of(auroc, scores, happened) == pytest.approx(roc_auc_score(happened, scores))


@given(PAIRS)
def test_every_figure_and_its_interval_lie_between_zero_and_one(pairs: list[tuple[float, int, int]]) -> None:
    scores, happened, _ = (np.array(c, dtype=float) for c in zip(*pairs))
    weights = resamples(len(scores), draws=50)
    for formula in (auroc, brier, calibration_error):
        bounds = interval(formula(scores, happened, weights))
        assert bounds is None or -1e-9 <= bounds[0] <= bounds[1] <= 1 + 1e-9


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.floats(1, 99))
def test_an_interval_lies_within_its_values_and_widens_with_its_level(values: list[float], level: float) -> None:
    low, high = interval(np.array(values), level)
    wide_low, wide_high = interval(np.array([*values, np.nan]), (level + 100) / 2)
    slack = 1e-9
    assert min(values) - slack <= wide_low <= low + slack and high - slack <= wide_high <= max(values) + slack


def test_interval_by_hand() -> None:
    # 0..1000: 2.5 % and 97.5 % of the way; what is undefined is left out
    assert interval(np.array([np.nan, *range(1001)])) == (25, 975)
    assert interval(np.array([np.nan])) is None


def test_a_resample_draws_as_many_questions_as_there_are_and_is_the_same_again() -> None:
    weights = resamples(7, draws=200)
    assert (weights.sum(axis=1) == 7).all() and weights.std() > 0
    assert (weights == resamples(7, draws=200)).all() and (weights != resamples(7, draws=200, seed=2)).any()


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """300 samples of 80 questions, each right with probability 0.7: some 95 % of the intervals hold 0.7."""
    rng = np.random.default_rng(0)
    weights = resamples(80)
    bounds = [interval(mean((rng.random(80) < 0.7).astype(float), weights)) for _ in range(300)]
    assert 0.91 <= np.mean([low <= 0.7 <= high for low, high in bounds]) <= 0.98
