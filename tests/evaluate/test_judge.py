"""What counts as right, at its borders, and what a fault counts as."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import DatasetError
from qa.evaluate.figures.judge import Outcome, holds_half, is_right, judge
from qa.evaluate.runs.run import Run

GOLD = {"article": "a", "start": 10, "end": 20}


def place(start: int, end: int, article: str = "a") -> dict[str, Any]:
    return {"article": article, "start": start, "end": end}


def shown(start: int, end: int, text: str = "two words", probability: float = 0.5) -> dict[str, Any]:
    return {**place(start, end), "text": text, "probability": probability}


def line(**changes: Any) -> dict[str, Any]:
    return {"id": "q", "split": "dev", "kind": "who", "answerable": True, "gold": [GOLD], "error": None,
            "answered": True, "probability": 0.9, "quotes": [shown(10, 20)], "closest": [], "quote_sentences": [1],
            "hits": [place(0, 30)], "sentences": [], "seconds": {"total": 0.1}, **changes}


def judged(**changes: Any) -> Outcome:
    return judge(Run(Path("run.jsonl"), {}, (line(**changes),)))[0]


@pytest.mark.parametrize(("start", "end", "holds"), [
    (10, 20, True), (0, 99, True), (10, 15, True), (15, 20, True), (12, 17, True),
    (10, 14, False), (16, 30, False), (0, 10, False), (20, 30, False)])
def test_half_the_characters_of_the_gold_is_the_border(start: int, end: int, holds: bool) -> None:
    assert holds_half(place(start, end), GOLD) is holds


def test_the_same_offsets_of_another_article_hold_nothing() -> None:
    assert not holds_half(place(10, 20, "b"), GOLD)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_against_counting_characters(start: int, length: int, gold: int, gold_length: int) -> None:
    shared = set(range(start, start + length)) & set(range(gold, gold + gold_length))
    assert holds_half(place(start, start + length), place(gold, gold + gold_length)) is (len(shared) >= gold_length / 2)


@pytest.mark.parametrize(("sentences", "right"), [(1, True), (2, True), (3, False)])
def test_a_quote_of_more_than_two_sentences_is_never_right(sentences: int, right: bool) -> None:
    assert is_right(shown(0, 99), sentences, [GOLD]) is right
    assert judged(quotes=[shown(0, 99)], quote_sentences=[sentences]).right == (right,)


def test_any_one_gold_occurrence_is_enough() -> None:
    outcome = judged(gold=[place(50, 60), GOLD], quotes=[shown(0, 5), shown(11, 19)], quote_sentences=[1, 1])
    assert outcome.right == (False, True)
    assert (outcome.right_within(1), outcome.right_within(2)) == (False, True)


def test_half_of_each_of_two_occurrences_is_not_half_of_one() -> None:
    assert not is_right(place(16, 34), 1, [GOLD, place(30, 40)])


def test_words_are_counted_up_to_the_first_right_quote() -> None:
    quotes = [shown(0, 5, "not this one"), shown(10, 20, "but this"), shown(10, 20, "and this too")]
    outcome = judged(quotes=quotes, quote_sentences=[1, 1, 1])
    assert (outcome.words, outcome.words_until_right()) == ((3, 2, 3), 5)
    assert judged(quotes=quotes[:1], quote_sentences=[1]).words_until_right() is None


def test_a_declined_question_is_ranked_on_its_closest_quotes_and_still_declined() -> None:
    outcome = judged(answered=False, quotes=[], closest=[shown(10, 20, probability=0.3)], probability=0.2)
    assert (outcome.declined, outcome.right, outcome.confidence) == (True, (True,), 0.3)


def test_also_in_makes_no_quote_right() -> None:
    assert judged(quotes=[{**shown(40, 50), "also_in": [place(10, 20)]}]).right == (False,)


def test_passages_are_relevant_when_they_hold_half_the_gold() -> None:
    hits = [place(0, 14), place(0, 15), place(10, 20, "b")]
    assert judged(hits=hits).ranking == {"recall@1": 0, "recall@5": 1, "recall@20": 1, "mrr": 0.5}


def test_passages_of_an_unanswerable_question_are_not_ranked() -> None:
    assert judged(answerable=False, gold=[]).ranking == {}


def test_a_fault_is_neither_an_answer_nor_a_declining() -> None:
    fault = {k: v for k, v in line().items() if k in ("id", "split", "kind", "answerable", "gold")}
    outcome = judge(Run(Path("run.jsonl"), {}, ({**fault, "error": {"type": "IndexDamaged", "message": "x"}},)))[0]
    assert (outcome.failed, outcome.answered, outcome.declined, outcome.right) == (True, False, False, ())
    assert outcome.ranking["recall@20"] == 0 and outcome.probability is None and outcome.confidence is None


@pytest.mark.parametrize("changes", [{"quotes": [{}]}, {"hits": 3}, {"seconds": None, "quote_sentences": []},
                                     {"gold": [{"article": "a"}]}, {"quote_sentences": [1, 1]}])
def test_a_line_that_cannot_be_judged_names_its_file_and_line(changes: dict[str, Any]) -> None:
    with pytest.raises(DatasetError, match=r"^run.jsonl:3: not a line of a run .*; run `qa eval` again$"):
        judge(Run(Path("run.jsonl"), {}, (line(id="ok"), line(**changes))))
