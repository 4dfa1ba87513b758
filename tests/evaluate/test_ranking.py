"""Ranks as ir-measures counts them; nothing that was not found is left out of an average."""

from math import log2

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import nDCG

from qa.evaluate.figures.ranking import found, rank_measures
from tests.evaluate.lines import fault, line, place

TWENTY = [f"p{n}" for n in range(1, 21)]


def test_by_hand() -> None:
    values = rank_measures({"first": (TWENTY, {"p1": 1}), "third": (TWENTY, {"p3": 1, "p4": 1}),
                            "sixth": (TWENTY, {"p6": 1}), "last": (TWENTY, {"p20": 1}), "never": (TWENTY, {"x": 1}),
                            "nothing": (TWENTY, {}), "no hits": ([], {"p1": 1})})
    assert values["first"] == {"recall@1": 1, "recall@5": 1, "recall@20": 1, "mrr": 1, "ndcg@10": 1}
    assert values["third"] == {"recall@1": 0, "recall@5": 1, "recall@20": 1, "mrr": pytest.approx(1 / 3),
                               "ndcg@10": pytest.approx((1 / log2(4) + 1 / log2(5)) / (1 + 1 / log2(3)))}
    assert values["sixth"] == {"recall@1": 0, "recall@5": 0, "recall@20": 1, "mrr": pytest.approx(1 / 6),
                               "ndcg@10": pytest.approx(1 / log2(7))}
    assert values["last"] == {"recall@1": 0, "recall@5": 0, "recall@20": 1, "mrr": 1 / 20, "ndcg@10": 0}
    for id in ("never", "nothing", "no hits"):
        assert values[id] == {"recall@1": 0, "recall@5": 0, "recall@20": 0, "mrr": 0, "ndcg@10": 0}


def test_gain_grows_with_the_grade() -> None:
    values = rank_measures({"q": (["poor", "none", "good"], {"good": 3, "poor": 1, "missed": 2})})["q"]
    # 1 at rank 1 and 3 at rank 3; ideally 3, 2, 1 at ranks 1, 2, 3
    assert values["ndcg@10"] == pytest.approx((1 + 3 / 2) / (3 + 2 / log2(3) + 1 / 2))
    assert (values["mrr"], values["recall@1"]) == (1, 1)


def test_nothing_asked_is_nothing_ranked() -> None:
    assert rank_measures({}) == {} and rank_measures({"a": ((), {})})["a"]["mrr"] == 0


def test_passages_are_found_and_relevant_as_the_line_says() -> None:
    hits = [place(0, 9, passage="p2"), place(0, 9, "b", passage="p1")]
    assert found(line(hits=hits, relevant=["p1", "p7"])) == (["p2", "p1"], {"p1": 1, "p7": 1})
    assert found(fault()) == ([], {"p1": 1})
    assert found(None) == ((), {})


def test_where_only_articles_are_known_each_ranks_once_where_its_first_hit_does() -> None:
    hits = [place(0, 9, article, passage=f"p{n}") for n, article in enumerate("bbacab")]
    assert found(line(gold=[], hits=hits, gold_articles={"a": 2})) == (["b", "a", "c"], {"a": 2})
    assert found(fault(gold=[], gold_articles={"a": 2})) == ([], {"a": 2})


IDS = [f"p{n}" for n in range(15)]
SEARCHES = st.dictionaries(st.sampled_from("uvw"), st.tuples(
    st.lists(st.sampled_from(IDS), unique=True), st.dictionaries(st.sampled_from(IDS), st.integers(1, 3))), min_size=1)


@given(SEARCHES)
def test_against_the_rank_of_the_first_relevant_hit(searches: dict[str, tuple[list[str], dict[str, int]]]) -> None:
    for id, value in rank_measures(searches).items():
        hits, grades = searches[id]
        rank = next((n for n, hit in enumerate(hits, 1) if hit in grades), float("inf"))
        expected = {f"recall@{k}": float(rank <= k) for k in (1, 5, 20)} | {"mrr": 1 / rank}
        assert {key: value[key] for key in expected} == pytest.approx(expected)


@given(SEARCHES)
def test_ndcg_against_judgements_and_scores_put_together_otherwise(
        searches: dict[str, tuple[list[str], dict[str, int]]]) -> None:
    qrels = {id: grades for id, (_, grades) in searches.items() if grades}
    run = {id: {hit: 0.99 ** n for n, hit in enumerate(hits)} for id, (hits, _) in searches.items() if hits}
    expected = {m.query_id: m.value for m in ir_measures.iter_calc([nDCG @ 10], qrels, run)}
    for id, value in rank_measures(searches).items():
        assert value["ndcg@10"] == pytest.approx(expected.get(id, 0))


@given(SEARCHES)
def test_ndcg_against_its_definition(searches: dict[str, tuple[list[str], dict[str, int]]]) -> None:
    def dcg(grades: list[int]) -> float:
        return sum(grade / log2(n + 1) for n, grade in enumerate(grades[:10], 1))

    for id, value in rank_measures(searches).items():
        hits, grades = searches[id]
        best = dcg(sorted(grades.values(), reverse=True))
        assert value["ndcg@10"] == pytest.approx(dcg([grades.get(hit, 0) for hit in hits]) / best if best else 0)
