"""What counts as right, at its borders, and what a fault counts as."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluate.figures.judge import Outcome, holds_half, judge
from tests.evaluate.lines import fault, line, place, run, shown, spot

GOLD = place(10, 20)


def judged(**changes: Any) -> Outcome:
    return judge(run(line(**changes)))[0]


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
    assert judged(quotes=[shown(0, 99)], touches=[sentences]).right == (right,)


def test_any_one_gold_occurrence_is_enough() -> None:
    outcome = judged(gold=[spot(50, 60), spot(10, 20)], quotes=[shown(0, 5), shown(11, 19)])
    assert outcome.right == (False, True)
    assert (outcome.right_within(1), outcome.right_within(2)) == (False, True)


def test_half_of_each_of_two_occurrences_is_not_half_of_one() -> None:
    assert judged(quotes=[shown(16, 34)], gold=[spot(10, 20), spot(30, 40)]).right == (False,)


def test_words_are_counted_up_to_the_first_right_quote() -> None:
    quotes = [shown(0, 5, "not this one"), shown(10, 20, "but this"), shown(10, 20, "and this too")]
    outcome = judged(quotes=quotes)
    assert (outcome.words, outcome.words_until_right()) == ((3, 2, 3), 5)
    assert judged(quotes=quotes[:1]).words_until_right() is None


def test_a_declined_question_is_ranked_on_its_closest_quotes_and_still_declined() -> None:
    outcome = judged(answered=False, quotes=[], closest=[shown(10, 20, probability=0.3)], probability=0.2)
    assert (outcome.declined, outcome.right, outcome.confidence) == (True, (True,), 0.3)


def test_also_in_makes_no_quote_right() -> None:
    assert judged(quotes=[{**shown(40, 50), "also_in": [place(10, 20)]}]).right == (False,)


def test_the_first_quote_says_as_much_of_the_gold_as_the_best_of_its_places_has() -> None:
    gold = [spot(10, 20, text="rain in the hills"), spot(40, 50, text="it snowed")]
    # "rain hills" of "rain in hills", the article "the" apart: two words common of 2 and 3, 2 x 2 / 5
    assert judged(gold=gold, quotes=[shown(10, 20, "Rain, hills.")]).f1 == pytest.approx(4 / 5)
    assert judged(gold=gold, quotes=[shown(0, 5, "no"), shown(40, 50, "it snowed")]).f1 == 0
    assert judged(gold=gold, answered=False, closest=[shown(40, 50, "It snowed")]).f1 == 1
    assert judged(gold=gold, answered=False, closest=[]).f1 == 0


def test_a_quote_is_of_a_gold_article_wherever_in_it_it_stands() -> None:
    outcome = judged(quotes=[shown(90, 99), shown(10, 20, article="b"), shown(0, 2)])
    assert outcome.gold_article == (True, False, True)


def test_citations_go_with_the_quotes() -> None:
    assert judged(quotes=[shown(0, 9), shown(10, 20)], cited=[False, True]).cited == (False, True)
    assert judged(answered=False, closest=[shown(0, 9)], cited=[False]).cited == (False,)


def test_passages_rank_by_what_is_relevant() -> None:
    hits = [place(0, 14, passage="p1"), place(0, 15, passage="p2"), place(10, 20, "b", passage="p3")]
    # first relevant in second place; of two in the index: DCG 1 / log2 3, ideally 1 + 1 / log2 3
    assert judged(hits=hits, relevant=["p2", "p9"]).ranking == {
        "recall@1": 0, "recall@5": 1, "recall@20": 1, "mrr": 0.5, "ndcg@10": pytest.approx(0.63093 / 1.63093, abs=1e-5)}


def test_passages_of_an_unanswerable_question_are_not_ranked() -> None:
    assert judged(answerable=False, gold=[]).ranking == {}


ARTICLES_ONLY = {"gold": [], "gold_articles": {"a": 2}, "relevant": []}


def test_where_only_articles_are_known_a_quote_of_one_is_right_however_long() -> None:
    outcome = judged(**ARTICLES_ONLY, quotes=[shown(0, 9, article="b"), shown(0, 99)], touches=[1, 7])
    assert (outcome.right, outcome.gold_article, outcome.f1) == ((False, True), (False, True), 0)
    assert outcome.by_article and not judged().by_article


def test_where_only_articles_are_known_they_are_ranked_by_their_first_hit() -> None:
    hits = [place(0, 5, "b", passage="b1"), place(0, 5, "b", passage="b2"), place(0, 5, passage="a1")]
    assert judged(**ARTICLES_ONLY, hits=hits).ranking["mrr"] == 1 / 2


@pytest.mark.parametrize("spoiled", [line(), fault()])
def test_a_set_of_articles_is_one_though_all_articles_of_a_question_are_gone(spoiled: dict[str, Any]) -> None:
    gone = {"gold": [], "relevant": [], "lost": [{"article": "x", "quote": None, "why": "not in the corpus"}]}
    (outcome,) = judge(run(spoiled | gone))
    assert (outcome.by_article, outcome.right_within(1), outcome.ranking["recall@20"]) == (True, False, 0)


def test_a_missing_line_is_of_the_same_sort_of_set_as_the_others() -> None:
    none = {"answerable": False, "gold": []}
    articles = run(line(id="a", **ARTICLES_ONLY), None, line(id="c", **none))
    assert [o.by_article for o in judge(articles)] == [True, True, False]
    assert [o.by_article for o in judge(run(line(id="a"), None))] == [False, False]
    assert [o.by_article for o in judge(run(line(id="a", **ARTICLES_ONLY), None, line(id="c")))] == [True, False, False]
    assert [o.by_article for o in judge(run(None))] == [False]


@pytest.mark.parametrize("said", [fault(), None])
def test_a_fault_and_a_missing_line_are_neither_an_answer_nor_a_declining(said: dict[str, Any] | None) -> None:
    (outcome,) = judge(run(said))
    assert (outcome.failed, outcome.answered, outcome.declined, outcome.right) == (True, False, False, ())
    assert outcome.ranking == dict.fromkeys(outcome.ranking, 0) and len(outcome.ranking) == 5
    assert outcome.probability is None and outcome.confidence is None and outcome.yardstick is None
    assert (outcome.stage, outcome.seconds, outcome.f1, outcome.words_until_right()) == ("failed", {}, 0, None)


def test_what_a_question_is_stands_in_the_header() -> None:
    (outcome,) = judge(run(line(id="q7", split="test", kind="why", question="Why?", answerable=False, gold=[])))
    assert (outcome.id, outcome.question, outcome.split, outcome.kind) == ("q7", "Why?", "test", "why")
    assert (outcome.conversation, outcome.answerable, outcome.yardstick) == ("talk of q7", False, 0.01)
