"""Every formula against arithmetic written out, and against a public library where there is one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from qa.evaluate.figures.bootstrap import interval, resamples
from qa.evaluate.figures.statistics import auroc, brier, calibration_error, mean, ratio, reliability, tied
from qa.evaluate.score import percentiles

PROBABILITIES = st.integers(0, 20).map(lambda n: n / 20)
PAIRS = st.lists(st.tuples(PROBABILITIES, st.integers(0, 1), st.integers(0, 3)), min_size=1, max_size=30)


def columns(*values: list[float]) -> list[np.ndarray]:
    return [np.array(v, dtype=float) for v in values]


def alone(count: int) -> list[str]:
    """So many conversations of one question."""
    return [str(n) for n in range(count)]


def of(formula, *values: list[float]) -> float:
    """The figure itself: every question counts once."""
    return formula(*columns(*values), np.ones((1, len(values[0]))))[0]


def test_mean_by_hand() -> None:
    assert of(mean, [1, 0, 0, 1, 1]) == pytest.approx(3 / 5)
    # counts 2, 0, 1: (2x4 + 0x7 + 1x1) / 3 = 3
    assert mean(np.array([4.0, 7.0, 1.0]), np.array([[2.0, 0.0, 1.0]]))[0] == 3


def test_a_share_of_things_of_which_a_question_has_several_by_hand() -> None:
    # 1 of 3, 2 of 2, 0 of 1: 3 of 6; the second one drawn twice and the third not: (1 + 4) / (3 + 4)
    assert of(ratio, [1, 2, 0], [3, 2, 1]) == 3 / 6
    assert ratio(*columns([1, 2, 0], [3, 2, 1]), np.array([[1.0, 2, 0]]))[0] == pytest.approx(5 / 7)
    assert np.isnan(of(ratio, [0, 0], [0, 0]))


def test_tied_says_where_equal_scores_start() -> None:
    order, starts = tied(np.array([0.5, 0.1, 0.5, 0.9, 0.1]))
    assert (order.tolist(), starts.tolist()) == ([1, 4, 0, 2, 3], [0, 2, 4])
    assert [column.tolist() for column in tied(np.array([]))] == [[], []]


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


def test_reliability_by_hand() -> None:
    bins = reliability(*columns([0.9, 0.9, 0.84, 0.1, 0.0], [1, 1, 0, 1, 0]))
    full = {b.low: (b.high, b.n, b.stated, b.happened) for b in bins if b.n}
    assert full == {0.0: (0.1, 2, 0.05, 0.5), 0.8: (0.9, 3, pytest.approx(2.64 / 3), pytest.approx(2 / 3))}
    assert [(b.low, b.high) for b in bins] == [(n / 10, (n + 1) / 10) for n in range(10)]
    assert {(b.stated, b.happened) for b in bins if not b.n} == {(None, None)}
    assert not any(b.n for b in reliability(*columns([], [])))


@given(PAIRS)
def test_the_bins_add_up_to_the_calibration_error(pairs: list[tuple[float, int, int]]) -> None:
    stated, happened, _ = columns(*zip(*pairs))
    bins = reliability(stated, happened)
    assert sum(b.n for b in bins) == len(pairs)
    gaps = sum(b.n * abs(b.stated - b.happened) for b in bins if b.n)
    assert calibration_error(stated, happened, np.ones((1, len(pairs))))[0] == pytest.approx(gaps / len(pairs))


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
def test_weighted_auroc_against_scikit_learn(pairs: list[tuple[float, int, int]]) -> None:
    scores, positive, weights = columns(*zip(*pairs))
    assume(all(weights[positive == kind].sum() for kind in (0, 1)))
    ours = auroc(scores, positive, weights[None])[0]
    assert ours == pytest.approx(roc_auc_score(positive, scores, sample_weight=weights))


@given(PAIRS)
def test_every_figure_and_its_interval_lie_between_zero_and_one(pairs: list[tuple[float, int, int]]) -> None:
    scores, happened, _ = (np.array(c, dtype=float) for c in zip(*pairs))
    weights = resamples(alone(len(scores)), draws=50)
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
    weights = resamples(alone(7), draws=200)
    assert weights.shape == (200, 7) and (weights.sum(axis=1) == 7).all() and weights.std() > 0
    assert (weights == resamples(alone(7), draws=200)).all()
    assert (weights != resamples(alone(7), draws=200, seed=2)).any()
    assert resamples(alone(7)).shape == (1_000, 7)
    assert weights.mean(axis=0) == pytest.approx(1, abs=0.3)  # none is preferred


@given(st.lists(st.sampled_from(["a", "b", "B", "c d", "e"]), min_size=1, max_size=12))
def test_a_conversation_is_drawn_as_a_whole(conversations: list[str]) -> None:
    weights = resamples(conversations, draws=30)
    first = [conversations.index(talk) for talk in conversations]
    assert (weights == weights[:, first]).all()
    assert (weights[:, sorted(set(first))].sum(axis=1) == len(set(conversations))).all()


def test_questions_that_are_right_together_make_a_wider_interval() -> None:
    """Twenty conversations of four alike are worth twenty questions: twice as wide as eighty on their own."""
    right = np.repeat(np.arange(20) % 2, 4).astype(float)
    apart = interval(mean(right, resamples(alone(80))))
    together = interval(mean(right, resamples([str(n // 4) for n in range(80)])))
    assert 1.7 < (together[1] - together[0]) / (apart[1] - apart[0]) < 2.3


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """300 samples of 80 questions, each right with probability 0.7: some 95 % of the intervals hold 0.7."""
    rng = np.random.default_rng(0)
    weights = resamples(alone(80))
    bounds = [interval(mean((rng.random(80) < 0.7).astype(float), weights)) for _ in range(300)]
    assert 0.91 <= np.mean([low <= 0.7 <= high for low, high in bounds]) <= 0.98
