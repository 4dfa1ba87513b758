"""Words in common, as SQuAD counts them."""

import re
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluate.figures.words import best_f1, token_f1


@pytest.mark.parametrize(("said", "gold", "f1"), [
    ("It grew by 5 percent.", "it grew by 5 percent", 1),
    ("The budget grew.", "It grew by 5 percent.", 2 * 1 / (2 + 5)),  # budget, grew: "the" is no word
    ("rain rain go", "rain rain rain", 2 * 2 / 6),  # as often as it stands in both
    ("rain", "snow", 0), ("", "rain", 0), ("rain", "", 0), ("the", "the", 0),
    ("“Iran’s” strike…", "Irans strike", 1),  # quotation marks of a newspaper are no letters
    ("U.S.-led", "usled", 1),
    ("a theme, an ant", "theme ant", 1),  # articles only as whole words
    ("go to Rome now", "Rome", 2 * 1 / 5),
])
def test_by_hand(said: str, gold: str, f1: float) -> None:
    assert token_f1(said, gold) == pytest.approx(f1) == token_f1(gold, said)


def test_the_best_of_several_counts() -> None:
    assert best_f1("rain", ["snow", "rain rain", "no rain at all"]) == pytest.approx(2 / 3)
    assert best_f1("rain", []) == 0


def squad(said: str, gold: str) -> float:
    """compute_f1 of evaluate-v2.0.py, whose text normalize_answer folds, for answers that have a word."""
    def tokens(text: str) -> list[str]:
        text = "".join(ch for ch in text.lower() if ch not in set(string.punctuation))
        return re.compile(r"\b(a|an|the)\b", re.UNICODE).sub(" ", text).split()

    same = sum((Counter(tokens(said)) & Counter(tokens(gold))).values())
    if same == 0:
        return 0
    precision, recall = same / len(tokens(said)), same / len(tokens(gold))
    return 2 * precision * recall / (precision + recall)


@given(*[st.lists(st.sampled_from(["a", "The", "rain", "Rain,", "an", "snow.", "-", "go"])).map(" ".join)] * 2)
def test_against_squads_own_script(said: str, gold: str) -> None:
    assert token_f1(said, gold) == pytest.approx(squad(said, gold))
