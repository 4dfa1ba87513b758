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


def test_further_questions_by_hand() -> None:
    # z(0.975) + z(0.8) = 1.95996 + 0.84162; (2.80159 x 0.05 / 0.1)^2 = 1.96222, so 196.2 questions, 97 more
    assert further_questions(100, 0.1, 0.05, 1) == further_questions(100, -0.1, 0.05, 1) == 97
    # of ten measures: z(0.9975) = 2.80703; (3.64866 x 0.5)^2 = 3.32817
    assert further_questions(100, 0.1, 0.05, 10) == 233
    assert further_questions(100, 0.5, 0.05, 1) == 1  # there were more than enough
    assert further_questions(100, 0, 0.05, 1) is further_questions(100, 0.1, 0, 1) is None
    assert further_questions(100, 0.1 + 0.2 - 0.3, 0.05, 1) is None  # 5.6e-17 is none


def test_with_so_many_more_questions_eight_of_ten_sets_find_the_difference() -> None:
    """Differences of 0.1 with a spread of 0.5: of 300 sets of 100 + 97 questions 0.70 to 0.90 find it."""
    generator, questions = np.random.default_rng(5), 100 + further_questions(100, 0.1, 0.5 / 10, 1)
    found = 0
    for _ in range(300):
        better = generator.normal(0.1, 0.5, questions)
        pairs = Paired(measure("f1"), [outcome(f1=0.0)] * questions, [outcome(f1=value) for value in better])
        found += pairs.p_value([str(n) for n in range(questions)], 199) <= LEVEL
    assert POWER - 0.1 < found / 300 < POWER + 0.1
