"""A sample: as many questions as asked, the same ones each time, conversations whole."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.evaluate.questions.dataset import Dataset, Question
from qa.evaluate.questions.sample import sample


def dataset(*talks: int) -> Dataset:
    """A question set whose conversations have so many questions each, one of each in turn."""
    turns = [(turn, talk) for talk, length in enumerate(talks) for turn in range(length)]
    questions = [
        Question(f"{talk}.{turn}", "Who?", (), False, (), "who", "test", str(talk), line)
        for line, (turn, talk) in enumerate(sorted(turns), 1)
    ]
    return Dataset(Path("set.jsonl"), "0" * 64, tuple(questions))


def ids(of: Dataset) -> list[str]:
    return [question.id for question in of.questions]


TALKS = st.lists(st.integers(1, 5), min_size=1, max_size=12)


@given(TALKS, st.integers(1, 40), st.integers())
def test_so_many_different_questions_are_drawn_in_the_order_of_the_file(
    talks: list[int], limit: int, seed: int
) -> None:
    whole = dataset(*talks)
    drawn = sample(whole, limit, seed)
    assert len(drawn.questions) == min(limit, sum(talks))
    assert [q for q in whole.questions if q in drawn.questions] == list(drawn.questions)
    assert drawn == sample(whole, limit, seed) and (drawn.path, drawn.sha256) == (whole.path, whole.sha256)


@given(TALKS, st.integers(1, 40), st.integers())
def test_at_most_one_conversation_is_cut_after_its_first_questions_and_only_where_none_fits(
    talks: list[int], limit: int, seed: int
) -> None:
    drawn = sample(dataset(*talks), limit, seed)
    taken = Counter(int(question.conversation) for question in drawn.questions)
    cut = [talk for talk, count in taken.items() if count < talks[talk]]
    assert len(cut) <= 1
    for talk in cut:
        assert {f"{talk}.{turn}" for turn in range(taken[talk])} <= set(ids(drawn))
        assert all(talks[other] > taken[talk] for other in range(len(talks)) if other not in taken)


def test_the_seed_decides_and_every_question_has_its_chance() -> None:
    whole = dataset(*[1] * 10)
    drawn = Counter(id for seed in range(400) for id in ids(sample(whole, 3, seed)))
    assert sum(drawn.values()) == 1200 and len(drawn) == 10
    assert all(80 <= count <= 160 for count in drawn.values())  # 120 expected, 9.2 the standard deviation


def test_a_limit_beyond_the_set_is_all_of_it() -> None:
    assert sample(dataset(2, 3), 6, 1) == sample(dataset(2, 3), 5, 2) == dataset(2, 3)


@pytest.mark.parametrize("limit", [0, -3])
def test_no_question_is_no_sample(limit: int) -> None:
    with pytest.raises(UsageError, match=f"a sample of {limit} questions; give --limit 1 or more"):
        sample(dataset(1), limit, 1)
