"""Ranks as ir-measures counts them; nothing that was not found is left out of an average."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluate.figures.ranking import rank_measures


def test_by_hand() -> None:
    values = rank_measures({"first": [True, False], "third": [False, False, True, True], "sixth": [False] * 5 + [True],
                            "never": [False] * 20, "no hits": []})
    assert values["first"] == {"recall@1": 1, "recall@5": 1, "recall@20": 1, "mrr": 1}
    assert values["third"] == {"recall@1": 0, "recall@5": 1, "recall@20": 1, "mrr": pytest.approx(1 / 3)}
    assert values["sixth"] == {"recall@1": 0, "recall@5": 0, "recall@20": 1, "mrr": pytest.approx(1 / 6)}
    assert values["never"] == values["no hits"] == {"recall@1": 0, "recall@5": 0, "recall@20": 0, "mrr": 0}


def test_nothing_asked_is_nothing_ranked() -> None:
    assert rank_measures({}) == {} and rank_measures({"a": []})["a"]["mrr"] == 0


@given(st.dictionaries(st.text("abc", min_size=1), st.lists(st.booleans(), max_size=20), min_size=1, max_size=8))
def test_against_the_rank_of_the_first_relevant_hit(relevance: dict[str, list[bool]]) -> None:
    for id, value in rank_measures(relevance).items():
        rank = relevance[id].index(True) + 1 if any(relevance[id]) else float("inf")
        found = {f"recall@{k}": float(rank <= k) for k in (1, 5, 20)}
        assert value == pytest.approx({**found, "mrr": 1 / rank})
