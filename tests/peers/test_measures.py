"""What the comparison with other libraries counts, at its borders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.peers.measures import first_words, is_right_article, is_within, percentile, sign_test, stands, wilson

WORDS = st.lists(st.sampled_from("abc"), max_size=12)


def test_the_first_words_run_on_from_one_shown_text_to_the_next() -> None:
    assert first_words(["one two\n\n three", "four  five"], 4) == ["one", "two", "three", "four"]
    assert first_words(["one"], 50) == ["one"] and first_words([], 50) == []


@given(WORDS, WORDS)
def test_a_run_is_within_as_letters_are_within_a_string(run: list[str], words: list[str]) -> None:
    assert is_within(run, words) is (bool(run) and "".join(run) in "".join(words))


@pytest.mark.parametrize(("shown", "found"), [
    ("a b c d e", True), ("x a b c y", True), ("c d e", True), ("x b c d", True),
    ("a b", False), ("a b x c d", False), ("a c e", False), ("", False)])
def test_half_of_the_words_rounded_up_must_stand_together(shown: str, found: bool) -> None:
    assert stands(["a b c d e"], shown.split()) is found


def test_any_one_sentence_that_answers_is_enough_and_two_halves_of_two_are_not() -> None:
    assert stands(["a b c d", "e f"], ["f"])
    assert not stands(["a b c d", "e f g h"], ["a", "x", "h"])


def test_an_article_counts_where_it_is_among_the_first_shown() -> None:
    shown = ["a", "a", "b"]
    assert [is_right_article(shown, {"b"}, k) for k in (1, 2, 3, 5)] == [False, False, True, True]
    assert is_right_article(shown, {"c", "a"}, 1) and not is_right_article([], {"a"}, 5)


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert wilson(0, 20)[0] == 0 and wilson(20, 20)[1] == pytest.approx(1)


@given(st.lists(st.tuples(st.booleans(), st.booleans())))
def test_the_sign_test_is_a_probability_and_takes_no_side(pairs: list[tuple[bool, bool]]) -> None:
    ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    assert 0 < sign_test(ours, theirs) <= 1 and sign_test(ours, theirs) == sign_test(theirs, ours)


def test_the_sign_test_counts_only_where_the_two_differ() -> None:
    assert sign_test([True] * 6, [False] * 6) == 2 / 2**6
    assert sign_test([True] * 6 + [True, False] * 9, [False] * 6 + [True, False] * 9) == 2 / 2**6
    assert sign_test([True, False], [True, False]) == 1


@pytest.mark.parametrize(("share", "value"), [(0.05, 1), (0.5, 10), (0.95, 19), (1, 20)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(20, 0, -1), share) == value
