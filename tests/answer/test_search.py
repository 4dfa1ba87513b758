"""The fusion is the published formula, and hits say which engine found them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from qa import Assistant, Library
from qa.answer.search import Found, passages_of, search
from qa.errors import UsageError
from qa.index.engine import Scored, fuse
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


def test_the_passages_of_some_articles_are_theirs_and_of_every_article_are_no_choice(library: Library) -> None:
    with library.open() as snapshot:
        every = snapshot.passages()
        one, other, *_ = ids = snapshot.articles()
        for chosen in ({one}, {one, other}, {other, "gone"}):
            assert passages_of(frozenset(chosen), snapshot) == {p.id for p in every if p.article in chosen}
        assert passages_of(None, snapshot) is passages_of(frozenset(ids), snapshot) is None
        with pytest.raises(UsageError):
            passages_of(frozenset({"gone", "lost"}), snapshot)


def test_the_passages_of_an_article_are_those_it_had_when_the_index_was_opened(
    tmp_path: Path, library: Library
) -> None:
    own = Library(tmp_path, tmp_path / "index", encoder=library.encoder)
    (tmp_path / "other.txt").write_text("Marmalade is boiled from Seville oranges.\n")
    found = []
    for text in ("The lighthouse at Skerryvore was lit in 1844.\n", "The lighthouse at Skerryvore is dark.\n"):
        (tmp_path / "note.txt").write_text(text)
        own.build()
        snapshot = own.open()
        found.append((snapshot, [p.id for p in snapshot.passages() if p.article == "note"]))
    assert found[0][1] != found[1][1]
    for snapshot, ids in found:
        assert snapshot.passages_of(frozenset({"note"})) == set(ids)
        snapshot.close()


def test_a_search_gives_the_passages_word_for_word_in_the_order_in_which_they_are_offered(
    assistant: Assistant, library: Library
) -> None:
    question = "Who was executed in 2010?"
    found = assistant.search(question, 20)
    with library.open() as snapshot:
        assert [one.hit for one in found] == search(snapshot, question, Search())
    for one in found:
        assert one.text == one.article.text[one.passage.start : one.passage.end] and one.text.strip()
        assert (one.hit.passage, one.hit.place.article) == (one.passage.id, one.article.id)
    assert found[:3] == assistant.search(question, 3) and len(assistant.search(question)) == 10
    assert "Rigi" in found[0].text


def test_a_search_goes_through_the_chosen_articles_alone(assistant: Assistant, library: Library) -> None:
    rows = library.list()
    for chosen in (rows[:1], rows[1:4]):
        found = assistant.search("Who was executed in 2010?", 100, frozenset(row.id for row in chosen))
        assert {one.article.id for one in found} == {row.id for row in chosen}
        assert len(found) == min(100, sum(row.passages for row in chosen))


def test_a_search_lists_as_many_as_are_asked_for_whatever_the_engines_offer_the_reader(library: Library) -> None:
    every = sum(row.passages for row in library.list())
    assert every > 8
    few = Assistant(library, replace(library.settings, search=Search(pool=2, hits=1)))
    assert len(few.search("Iran and Pakistan", min(100, every))) == min(100, every)


@pytest.mark.parametrize("limit", [0, -1, 101, 2.5, "9", True, None])
def test_a_search_lists_from_one_to_a_hundred(assistant: Assistant, limit: object) -> None:
    with pytest.raises(UsageError, match="1 to 100"):
        assistant.search("Iran", limit)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["", "  ", "?!", "the of and", "x" * 100_000])
def test_what_cannot_be_searched_for_is_refused_in_one_line(assistant: Assistant, query: str) -> None:
    with pytest.raises(UsageError) as refused:
        assistant.search(query)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("articles", [frozenset(), frozenset({"gone"}), ["gone"], "gone"])
def test_a_search_of_no_article_there_is_is_refused(assistant: Assistant, articles: object) -> None:
    with pytest.raises(UsageError):
        assistant.search("Iran", articles=articles)  # type: ignore[arg-type]


def test_what_was_found_cannot_be_made_of_parts_that_do_not_belong_together(assistant: Assistant) -> None:
    one, *others = assistant.search("Who was executed in 2010?", 20)
    other = next(found for found in others if found.article.id != one.article.id)
    for wrong in (
        {"text": one.text[:-1]},
        {"text": one.text.upper()},
        {"article": other.article},
        {"hit": other.hit},
        {"passage": other.passage},
    ):
        with pytest.raises(ValueError):
            replace(one, **wrong)
    assert isinstance(one, Found)
