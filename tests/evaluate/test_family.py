"""Many measures at once, and how many questions it would take to know."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluate.verdict.family import LEVEL, POWER, further_questions, holm
from qa.evaluate.verdict.paired import Paired
from tests.evaluate.outcomes import measure, outcome


def test_holm_by_hand() -> None:
    # 0.005 x 4 = 0.02, 0.01 x 3 = 0.03, 0.03 x 2 = 0.06, 0.04 x 1 = 0.04 but never below the one before
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6, 0.01]) == pytest.approx([1, 1, 0.03])
    assert holm([0.04]) == [0.04] and holm([]) == []
    assert holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])


@given(st.lists(st.integers(0, 100).map(lambda n: n / 100), max_size=6))
def test_holm_against_bonferroni_in_every_subfamily(p_values: list[float]) -> None:
    """The closure principle (Marcus, Peritz & Gabriel 1976), of which Holm's procedure is the short form."""
    every = range(len(p_values))
    families = [family for size in every for family in combinations(every, size + 1)]
    closed = [max(min(1, len(family) * min(p_values[n] for n in family)) for family in families if one in family)
              for one in every]
    assert holm(p_values) == pytest.approx(closed)


def test_further_questions_to_find_a_difference_by_hand() -> None:
    # z(0.975) + z(0.8) = 1.95996 + 0.84162; (2.80159 x 0.05 / 0.1)^2 = 1.96222, so 196.2 questions, 97 more
    assert further_questions(100, 0.1, 0.05, 1, 0.01) == further_questions(100, -0.1, 0.05, 1, 0.01) == 97
    # of ten measures: z(0.9975) = 2.80703; (3.64866 x 0.5)^2 = 3.32817
    assert further_questions(100, 0.1, 0.05, 10, 0.01) == 233
    assert further_questions(100, 0.5, 0.05, 1, 0.01) == 1  # there were more than enough


def test_further_questions_to_settle_as_the_same_by_hand() -> None:
    # (1.95996 x 0.05 / 0.01)^2 = 96.0365, so 9,603.6 questions, 9,504 more
    assert further_questions(100, 0, 0.05, 1, 0.01) == 9_504
    assert further_questions(100, 0.1 + 0.2 - 0.3, 0.05, 1, 0.01) == 9_504  # 5.6e-17 is none
    # of a difference of 0.002 the interval has 0.008 left: (1.95996 x 0.05 / 0.008)^2 = 150.057; to find it would
    # take (2.80159 x 0.05 / 0.002)^2 = 4,905.6 times as many
    assert further_questions(100, 0.002, 0.05, 1, 0.01) == further_questions(100, -0.002, 0.05, 1, 0.01) == 14_906
    # of 0.008 only 0.002 is left: (1.95996 x 0.05 / 0.002)^2 = 2,400.9; finding it takes (2.80159 x 0.05 / 0.008)^2 =
    # 306.597
    assert further_questions(100, 0.008, 0.05, 1, 0.01) == 30_560
    assert further_questions(100, 0.01, 0.05, 1, 0.01) > 0  # there nothing is left, and that is no division by nothing


def test_further_questions_where_all_differ_alike_are_what_a_permutation_test_needs() -> None:
    # p is 2 / 2^n at least, and Holm multiplies it by the family: log2(2 x 24 / 0.05) = 9.907, so 10 questions
    assert further_questions(3, 0.5, 0, 24, 0.01) == 7 and further_questions(3, 0.5, 1e-17, 24, 0.01) == 7
    assert further_questions(12, 1, 0, 24, 0.01) == 1
    won = [tuple(outcome(n, right) for right in (False, True)) for n in range(10)]
    pairs = Paired(measure("right@1"), *zip(*won, strict=True))
    assert 24 * pairs.p_value([str(n) for n in range(10)]) == pytest.approx(24 * 2 / 2 ** 10, abs=0.04)


@given(st.integers(1, 500), st.floats(-1, 1), st.floats(0, 1), st.integers(1, 40))
def test_further_questions_are_always_told_and_more_where_the_spread_is_wider(
        n: int, difference: float, error: float, family: int) -> None:
    more = further_questions(n, difference, error, family, 0.01)
    assert type(more) is int and more >= 1
    if error > 1e-6:
        assert more <= further_questions(n, difference, 2 * error, family, 0.01)
        assert more <= further_questions(n, difference, error, family + 1, 0.01)


def test_with_so_many_more_questions_eight_of_ten_sets_find_the_difference() -> None:
    """Differences of 0.1 with a spread of 0.5: of 300 sets of 100 + 97 questions 0.70 to 0.90 find it."""
    generator, questions = np.random.default_rng(5), 100 + further_questions(100, 0.1, 0.5 / 10, 1, 0.01)
    found = 0
    for _ in range(300):
        better = generator.normal(0.1, 0.5, questions)
        pairs = Paired(measure("f1"), [outcome(f1=0.0)] * questions, [outcome(f1=value) for value in better])
        found += pairs.p_value([str(n) for n in range(questions)], 199) <= LEVEL
    assert POWER - 0.1 < found / 300 < POWER + 0.1
