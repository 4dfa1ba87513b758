"""The fusion is the published formula, and hits say which engine found them."""

from __future__ import annotations

import pytest

from qa import Library
from qa.answer.search import fuse, search
from qa.index.engine import Scored
from qa.settings import Search


def test_fusion_is_the_weighted_sum_of_reciprocal_ranks() -> None:
    dense, lexical = [Scored("a", 0.9), Scored("b", 0.8)], [Scored("b", 7.0), Scored("c", 5.0)]
    fused = fuse([(1.0, dense), (2.0, lexical)], k=60)
    assert [p for p, _ in fused] == ["b", "c", "a"]
    assert [s for _, s in fused] == pytest.approx([1 / 62 + 2 / 61, 2 / 62, 1 / 61])


def test_equal_scores_come_by_passage_id() -> None:
    assert [p for p, _ in fuse([(1.0, [Scored("b", 1.0)]), (1.0, [Scored("a", 1.0)])], k=60)] == ["a", "b"]


def test_hits_keep_the_ranks_and_scores_of_both_engines(library: Library) -> None:
    with library.open() as snapshot:
        hits = search(snapshot, "Who was executed in 2010?", Search(hits=8))
        assert len(hits) == 8
        best = hits[0]
        article = snapshot.article(best.place.article)
        assert "Rigi" in article.text[best.place.start : best.place.end]
        assert best.lexical_rank == 1 and best.lexical_score > 0 and -1 <= best.dense_score <= 1
        assert [h.fused_score for h in hits] == sorted((h.fused_score for h in hits), reverse=True)


def test_what_a_person_types_is_never_parsed_as_a_query(library: Library) -> None:
    with library.open() as snapshot:
        for question in ("who (said", 'text:"iran', "iran AND", "a:b [1 TO", "~^*?", "+-!"):
            assert len(search(snapshot, question, Search(hits=5))) == 5
