"""A new build takes the place of the one in use in one step, when it is whole and finds what that one finds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymilvus import MilvusClient

from qa import Assistant, Library
from qa.errors import IndexDamaged, IndexMissing, UsageError
from qa.index.share import Share
from qa.settings import Split
from tests.milvus.libraries import SEASONS, Letters, answers, folder_of, held, in_folder, on_server, reports
from tests.milvus.lite import Lite

FINE, FINER, FINEST = Split(target_tokens=20), Split(target_tokens=14), Split(target_tokens=9)


@pytest.fixture
def client(lite: Lite):
    """What another program does on the same server."""
    client = MilvusClient(lite.uri, dedicated=True)
    yield client
    client.close()


@pytest.fixture
def index(tmp_path, lite: Lite, proxy, prefix) -> Callable[..., Library]:
    """index(split): the library of this test's articles, the four seasons, as it would be split by these settings."""
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite, serialise=True)
    made = lambda split=FINE, **options: on_server(tmp_path, between, prefix, split=split, **options)  # noqa: E731
    made.proxy, made.path = between, tmp_path
    return made


def lengths(library: Library) -> list[int]:
    """How many tokens the passages have: tells builds of another split apart."""
    with library.open() as snapshot:
        return [p.tokens for p in snapshot.passages()]


def builds(client: MilvusClient, prefix: str) -> set[str]:
    return {name.rpartition("_")[0] for name in client.list_collections() if name.startswith(f"{prefix}_")}


def test_the_collections_of_before_answer_until_the_new_ones_are_done(index, prefix, client) -> None:
    index().build()
    asker, old = Assistant(index()), lengths(index())
    opened = index().open()
    gate = index.proxy.hold("AlterAlias")
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(index(FINER).build)
        gate.wait()
        assert len(builds(client, prefix)) == 2
        assert lengths(index()) == lengths(index(FINER)) == old
        assert asker.search("swallows mill")[0].article.id == "spring"
        before = index().generation()
        gate.open()
        building.result()
    new = lengths(index(FINER))
    assert new != old and max(new) < max(old) and index().generation() != before
    assert held(index(FINER)) == held(in_folder(index.path, FINER))
    assert asker.search("orchard pears")[0].article.id == "autumn"
    with opened:  # whoever had it open is not disturbed
        assert [p.tokens for p in opened.passages()] == old and opened.article("winter").text
    asker.close()


def test_another_encoder_is_another_build_too(index) -> None:
    index().build()
    other = index(encoder=Letters("other", "letters-2"))
    assert other.state() == "mismatch"
    other.build()
    assert other.state() == "current" and set(answers(other)) == set(SEASONS) and index().state() == "mismatch"


def test_what_was_embedded_for_one_build_is_not_embedded_again_for_the_next(index) -> None:
    index().build()
    again = index(Split(target_tokens=21))  # every passage comes out as it was
    again.build()
    assert again.encoder.given == [] or all(text not in again.encoder.given for text in index().encoder.given)
    assert set(answers(again)) == set(SEASONS)


def test_rolling_back_is_one_command_and_so_is_going_on_again(index) -> None:
    index().build()
    old = held(index())
    index(FINER).build()
    new = held(index(FINER))
    assert "answers now in place of" in index(FINER).roll_back()
    assert held(index()) == old != new
    before = index.proxy.count("Upsert", "Delete")
    index(FINER).build()
    assert held(index(FINER)) == new
    written = [call.collection for call in index.proxy.calls if call.method in ("Upsert", "Delete")][before:]
    assert not [name for name in written if name.endswith(("_passages", "_articles"))]  # nothing is done again


def test_going_back_where_there_is_nothing_to_go_back_to(index) -> None:
    with pytest.raises(UsageError, match="no earlier build"):
        index().roll_back()
    index().build()
    with pytest.raises(UsageError, match="no earlier build"):
        index().roll_back()
    assert set(answers(index())) == set(SEASONS)


def test_of_the_builds_before_one_is_kept(index, prefix, client) -> None:
    for split in (FINE, FINER, FINEST):
        index(split).build()
    assert len(builds(client, prefix)) == 2
    index(FINEST).roll_back()
    assert held(index(FINER)) == held(in_folder(index.path, FINER))


def test_a_new_build_is_used_when_every_share_of_it_is_done(index) -> None:
    index().build()
    old = lengths(index())
    for share in ("2/3", "1/3"):
        changes = index(FINER).build(share=Share.parse(share))
        assert "waits for share" in changes.notes[-1][1] and lengths(index()) == old
    assert [unfinished.what for unfinished in index(FINER).unfinished() if "share" in unfinished.what] == ["share 3/3"]
    changes = index(FINER).build(share=Share.parse("3/3"))
    assert changes.notes == () and held(index(FINER)) == held(in_folder(index.path, FINER))
    assert index(FINER).unfinished() == []


def test_a_first_build_is_asked_when_every_share_of_it_is_done(index) -> None:
    for share in ("1/2", "2/2"):
        with pytest.raises(IndexMissing):
            index().open()
        index().build(share=Share.parse(share))
    assert held(index()) == held(in_folder(index.path, FINE))


def test_a_new_build_that_lost_passages_is_not_used_and_made_whole_by_the_next_run(index, client, prefix) -> None:
    """Passages that go before it is checked, as a disk that fails loses them."""
    index().build()
    old, before = held(index()), builds(client, prefix)

    def lose() -> None:
        [new] = builds(client, prefix) - before
        client.delete(f"{new}_passages", filter='start == 0')

    index.proxy.when("Flush", do=lose, nth=1)
    with pytest.raises(IndexDamaged, match=r"^the new build \S+ holds \d+ passages of \d+;.* answers meanwhile$"):
        index(FINER).build()
    assert held(index()) == old
    index.proxy.heal()
    index(FINER).build()
    assert held(index(FINER)) == held(in_folder(index.path, FINER))


def test_a_new_build_that_finds_less_is_not_used(index, client, prefix) -> None:
    """All passages are there, and none is found by what it says."""
    folder_of(index.path / "articles", **reports(0, 9))
    index().build()
    old, before = lengths(index()), builds(client, prefix)

    def garble() -> None:
        [new] = builds(client, prefix) - before
        rows = client.query(f"{new}_passages", filter='id != ""', output_fields=["*"])
        for row in rows:
            row.pop("sparse", None)
        client.upsert(f"{new}_passages", [{**row, "vector": [0.0] * 25 + [1.0], "terms": "zzz"} for row in rows])

    index.proxy.when("Flush", do=garble, nth=1)
    with pytest.raises(IndexDamaged, match=r"new build \S+ finds \d+% of \d+ sentences"):
        index(FINER).build()
    assert lengths(index()) == old


def test_a_new_build_of_half_a_folder_is_not_used(index) -> None:
    index().build()
    old = held(index())
    for id in ("winter", "summer", "spring"):
        (index.path / "articles" / f"{id}.txt").unlink()
    with pytest.raises(IndexDamaged, match="holds 1 articles, the one in use 4"):
        index(FINER).build()
    assert held(index()) == old
