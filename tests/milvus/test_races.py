"""What several indexers and askers of one index do to each other at the worst moments."""

from __future__ import annotations

import json

import pytest
from pymilvus import MilvusClient

from qa import Assistant
from qa.errors import IndexMismatch, IndexMissing, IndexMoved, UsageError
from qa.index.milvus.server import Server
from qa.index.share import Share
from qa.settings import Split
from tests.milvus.libraries import SEASONS, SPRING, folder_of, in_folder, on_server, reports, texts

FINE, FINER = Split(target_tokens=30), Split(target_tokens=20)


@pytest.fixture
def server(lite, proxy):
    return proxy(lite, serialise=True)


@pytest.fixture
def index(tmp_path, server, prefix):
    """index(**options): the library over the seasons, each time a new one as of another machine."""
    folder_of(tmp_path / "articles", **SEASONS)
    return lambda **options: on_server(tmp_path, server, prefix, **options)


def test_a_share_that_was_done_before_another_build_answered_is_not_done(index, tmp_path) -> None:
    """Back to earlier settings, a third of the articles must not take the place of all."""
    index().build()
    index(split=FINE).build()
    folder_of(tmp_path / "articles", **reports(0, 6))
    index(split=FINE).build()
    changes = index().build(share=Share(1, 3))
    assert "waits for share 2/3, 3/3" in changes.notes[-1][1]
    assert len(texts(index())) == 10 and index().generation()[0] == index(split=FINE).generation()[0]
    for number in (2, 3):
        index().build(share=Share(number, 3))
    assert set(texts(index())) == set(texts(in_folder(tmp_path)))


def test_two_runs_of_one_new_build_leave_the_one_before_to_go_back_to(index, monkeypatch) -> None:
    index().build()
    before = index().generation()[0]
    point, other = Server.point, [index(split=FINE)]

    def meanwhile(self, alias, collection) -> None:
        if other:
            other.pop().build()
        point(self, alias, collection)

    monkeypatch.setattr(Server, "point", meanwhile)
    index(split=FINE).build()
    assert before in index().roll_back() and index().generation()[0] == before


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_file_changed_while_it_is_indexed_twice_is_seen_and_mended(index, tmp_path, monkeypatch, nth) -> None:
    """Another indexer, that sees other words in it, does all its work before the `nth` write of heads of this one."""
    index().build()
    mine, other = SPRING + "\nThe inn opened in May.\n", SPRING + "\nThe inn opened in June, they say now.\n"
    upsert, writes = Server.upsert, iter(range(1, 100))
    folder_of(tmp_path / "articles", spring=mine)

    def meanwhile(self, collection, rows) -> None:
        if collection.endswith("_articles") and monkeypatch is not None and next(writes) == nth:
            folder_of(tmp_path / "articles", spring=other)
            with monkeypatch.context() as alone:
                alone.setattr(Server, "upsert", upsert)
                index().build()
            folder_of(tmp_path / "articles", spring=mine)
        upsert(self, collection, rows)

    with monkeypatch.context() as both:
        both.setattr(Server, "upsert", meanwhile)
        index().build()
    if index().unfinished():
        index().build()
    assert index().unfinished() == [] and texts(index())["spring"] == mine.strip()
    with index().open() as snapshot:
        assert {passage.article for passage in snapshot.passages()} == set(SEASONS)
        assert snapshot.engine.count() == len(snapshot.passages())


def test_a_question_under_way_when_its_article_is_replaced_is_asked_anew(index, tmp_path) -> None:
    index().build()
    with index().open() as snapshot:
        assert snapshot.engine.by_words(["swallow"], 1)
        folder_of(tmp_path / "articles", spring=SPRING + "\nThe swallows came back.\n")
        index().build()
        with pytest.raises(IndexMoved, match="replaced while a question was being answered; ask again"):
            snapshot.engine.by_words(["swallow"], 1)
    assistant, under_way = Assistant(index()), [None]
    generation = assistant.library.generation

    def once_too_early():
        found = generation()
        if under_way:  # replaced after this question looked which state is in use
            under_way.clear()
            folder_of(tmp_path / "articles", spring=SPRING + "\nThe swallows left again.\n")
            index().build()
        return found

    assistant.search("swallows mill")
    assistant.library.generation = once_too_early
    found = assistant.search("swallows mill")
    assert found[0].hit.place.article == "spring" and "left again" in found[0].text
    assistant.close()


def test_a_file_that_cannot_be_read_is_refused_each_time_and_not_incomplete(index, tmp_path) -> None:
    (tmp_path / "articles" / "bad.pdf").write_bytes(b"%PDF-1.4 no more")
    for _ in range(3):
        assert [path for path, _ in index().build().refused] == ["bad.pdf"]
        assert index().unfinished() == [] and set(texts(index())) == set(SEASONS)
    (tmp_path / "articles" / "winter.txt").unlink()
    (tmp_path / "articles" / "winter.pdf").write_bytes(b"%PDF-1.4 no more")
    assert index().build().removed == ("winter",) and index().unfinished() == []


TITLES = {"script": "\u672c" * 9_000, "quotes": '"' * 30_000, "control": "\x01" * 20_000}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_of_any_length_and_script_is_indexed(index, tmp_path, title) -> None:
    stated = json.dumps(title, ensure_ascii=False)
    origins = f"[spring]\ntitle = {stated}\nsource = {stated}\n"
    (tmp_path / "articles" / "articles.toml").write_text(origins, encoding="utf-8")
    index().build()
    [row] = [row for row in index().list() if row.id == "spring"]
    assert row.title and index().read("spring").title.startswith(row.title)


def test_another_folder_does_not_take_the_place_of_the_one_that_was_indexed(index, tmp_path, server, prefix) -> None:
    index().build()
    folder_of(tmp_path / "other" / "articles", **reports(0, 2))
    with pytest.raises(UsageError, match=r"lacks 4 of 4 articles of this index, which is of .*; give that folder with"):
        on_server(tmp_path / "other", server, prefix).build()
    assert set(texts(index())) == set(SEASONS) and index().unfinished() == []
    folder_of(tmp_path / "copy" / "articles", **SEASONS)  # the same articles on another machine are welcome
    assert len(on_server(tmp_path / "copy", server, prefix).build().unchanged) == 4


def test_a_first_build_of_articles_that_are_nearly_alike_is_used(tmp_path, server, prefix) -> None:
    folder_of(tmp_path / "articles", **{f"day-{n}": f"The council met on day {n} of the year.\n" for n in range(40)})
    library = on_server(tmp_path, server, prefix)
    library.build()
    assert len(library.list()) == 40


def test_a_first_build_that_is_not_done_says_what_it_waits_for(index) -> None:
    index().build(share=Share(2, 3))
    assert index().state() == "building"
    with pytest.raises(IndexMissing, match="waits for share 1/3, 3/3; run `qa index --shard 1/3`"):
        index().open()


def test_a_collection_of_somebody_else_with_the_name_of_the_prefix_is_told_before_anything_is_done(
        index, prefix, lite) -> None:
    client = MilvusClient(lite.uri, dedicated=True)
    client.create_collection(prefix, dimension=2)
    library = index()
    with pytest.raises(IndexMismatch, match="not qa's has the name .*; choose another prefix"):
        library.build()
    assert library.encoder.given == []
    client.drop_collection(prefix)
    client.close()
