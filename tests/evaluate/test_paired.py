"""Whether a difference is chance: against every exchange there is, and against SciPy."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.verdict.paired import PERMUTATIONS, Paired
from tests.evaluate.outcomes import measure, outcome

KEYS = ("f1", "right@1", "precision", "auroc", "aurc", "answered", "brier answer")
Pair = tuple[Outcome, Outcome]


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    """Up to six questions, of which some are of one conversation."""
    def system(n: int, talk: str, answerable: bool) -> Outcome:
        right = draw(st.booleans()) and answerable
        return outcome(n, right, conversation=talk, answerable=answerable, answered=draw(st.booleans()),
                       probability=draw(st.sampled_from([0.2, 0.5, 0.9])), f1=draw(st.integers(0, 4)) / 4)

    def both(n: int) -> Pair:
        talk, answerable = draw(st.sampled_from(["a", "b", str(n)])), draw(st.sampled_from([True, True, False]))
        return system(n, talk, answerable), system(n, talk, answerable)

    return [both(n) for n in range(draw(st.integers(1, 6)))]


def value(key: str, outcomes: Sequence[Outcome]) -> float:
    about, columns = measure(key).prepare(outcomes)
    return measure(key).formula(*columns, np.ones((1, len(about))))[0] if about else np.nan


def exact(key: str, questions: list[Pair]) -> float:
    """The share of all exchanges of whole conversations that differ by as much."""
    talks = sorted({a.conversation for a, _ in questions})
    hits = 0
    least = abs(value(key, [b for _, b in questions]) - value(key, [a for a, _ in questions]))
    for swaps in product((False, True), repeat=len(talks)):
        swapped = dict(zip(talks, swaps))
        sides = zip(*((b, a) if swapped[a.conversation] else (a, b) for a, b in questions))
        before, after = (value(key, side) for side in sides)
        hits += not abs(after - before) < least - 1e-9
    return hits / 2 ** len(talks)


def paired(key: str, questions: list[Pair]) -> Paired:
    return Paired(measure(key), *zip(*questions))


def p_value(key: str, questions: list[Pair], permutations: int = 999) -> float:
    return paired(key, questions).p_value([a.conversation for a, _ in questions], permutations)


UNDEFINED = [(outcome(0, True), outcome(0, answered=False)), (outcome(1, answered=False), outcome(1, False))]


@settings(max_examples=60, deadline=None)
@given(pairs(), st.sampled_from(KEYS))
@example(UNDEFINED, "precision")
def test_against_every_exchange_there_is(questions: list[Pair], key: str) -> None:
    assume(not np.isnan(paired(key, questions).values()).any())
    # 4 standard errors of a share of 4,000, at most sqrt(0.25 / 4,000) = 0.008
    assert p_value(key, questions, 4_000) == pytest.approx(exact(key, questions), abs=0.032)


def test_by_hand() -> None:
    """Five questions, all won: of 32 exchanges two put all on one side, so p = 2/32."""
    won = [(outcome(n, False), outcome(n, True)) for n in range(5)]
    assert exact("right@1", won) == 2 / 32 and p_value("right@1", won, 9_999) == pytest.approx(2 / 32, abs=0.01)


def test_an_exchange_that_leaves_the_measure_undefined_counts_as_a_hit() -> None:
    assert p_value("precision", UNDEFINED) == 1  # 1 and 0; exchanging one question leaves a side without any answer


def test_conversations_change_sides_as_wholes() -> None:
    """Eight questions won in two conversations: of four exchanges two differ as much."""
    def won(talks: str) -> list[Pair]:
        return [tuple(outcome(n, right, conversation=talk) for right in (False, True)) for n, talk in enumerate(talks)]

    assert p_value("right@1", won("aaaabbbb"), 9_999) == pytest.approx(1 / 2, abs=0.02)
    assert p_value("right@1", won("abcdefgh"), 9_999) == pytest.approx(2 / 256, abs=0.004)


@settings(max_examples=40, deadline=None)
@given(pairs(), st.sampled_from(KEYS))
def test_runs_that_change_places_have_the_same_p_value(questions: list[Pair], key: str) -> None:
    back = [(b, a) for a, b in questions]
    assert paired(key, questions).values() == pytest.approx(paired(key, back).values()[::-1], nan_ok=True)
    assume(not np.isnan(paired(key, questions).values()).any())
    assert p_value(key, questions, 300) == p_value(key, back, 300)


@given(pairs(), st.sampled_from(KEYS))
def test_a_run_beside_itself_has_one(questions: list[Pair], key: str) -> None:
    assert p_value(key, [(a, a) for a, _ in questions], 50) == 1


SCORES = st.lists(st.tuples(*[st.integers(0, 8).map(lambda n: n / 8)] * 2), min_size=2, max_size=9)


@settings(max_examples=40, deadline=None)
@given(SCORES)
def test_against_scipy(scores: list[tuple[float, float]]) -> None:
    def difference(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return x.mean(axis=axis) - y.mean(axis=axis)

    oracle = permutation_test(tuple(np.array(scores).T), difference, permutation_type="samples", vectorized=True,
                              n_resamples=np.inf)
    ours = p_value("f1", [(outcome(n, f1=a), outcome(n, f1=b)) for n, (a, b) in enumerate(scores)], 4_000)
    assert ours == pytest.approx(min(1, oracle.pvalue), abs=0.032)


def test_many_questions_are_cut_into_tables_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    won = [(outcome(n, False), outcome(n, n % 2 == 0)) for n in range(12)]
    whole = p_value("right@1", won, 997)
    monkeypatch.setattr("qa.evaluate.verdict.paired._CELLS", 2 * 12 * 10)  # ten rows at a time, and seven at last
    assert p_value("right@1", won, 997) == whole
    monkeypatch.setattr("qa.evaluate.verdict.paired._CELLS", 1)
    assert p_value("right@1", won, 97) == p_value("right@1", won, 97)


def test_a_p_value_is_never_zero_and_the_same_again() -> None:
    won = [(outcome(n, False), outcome(n, True)) for n in range(60)]
    assert p_value("right@1", won, 99) == 1 / 100
    mixed = [(outcome(n, n % 3 == 0), outcome(n, n % 2 == 0)) for n in range(30)]
    assert p_value("right@1", mixed) == p_value("right@1", mixed) and PERMUTATIONS == 9_999
    other = paired("right@1", mixed).p_value([str(n) for n in range(30)], 999, seed=1)
    assert other != p_value("right@1", mixed) and other == pytest.approx(p_value("right@1", mixed), abs=0.1)


def test_values_questions_and_drawn_differences_by_hand() -> None:
    # precision says something of what was answered: 0 and 1 before (1 of 2 right), 1 after (0 of 1)
    before = [outcome(0, True), outcome(1, False), outcome(2, answered=False), outcome(3, answerable=False)]
    after = [outcome(0, answered=False), outcome(1, False), outcome(2, answered=False), outcome(3, answerable=False)]
    both = Paired(measure("precision"), before, after)
    assert (both.values(), both.rows) == ((1 / 2, 0), {0, 1})
    drawn = both.differences(np.array([[1.0, 1, 1, 1], [2, 1, 0, 1], [3, 0, 1, 0]]))
    assert drawn == pytest.approx([0 - 1 / 2, 0 - 2 / 3, np.nan], nan_ok=True)
    nothing = Paired(measure("decline recall"), before[:3], after[:3])
    assert np.isnan(nothing.values()).all() and nothing.rows == set()
