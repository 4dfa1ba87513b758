"""An index on a server holds and finds what one in a folder does."""

from __future__ import annotations

import pytest

from qa import Assistant
from qa.errors import IndexMissing, NoArticles
from qa.index.embed import Floats
from qa.index.engine import Fusion
from qa.index.snapshot import Snapshot
from qa.settings import Split
from tests.milvus.libraries import SEASONS, answers, babble, folder_of, held, in_folder, on_server, vector_of


@pytest.fixture
def server(lite, proxy):
    return proxy(lite, serialise=True)


def test_it_holds_what_an_index_in_a_folder_holds_to_the_last_id(tmp_path, server, prefix) -> None:
    """Also an article whose text takes several rows, of words that are no English, and with a title and a date."""
    folder_of(tmp_path / "articles", **SEASONS, long=babble(5, 60, 40), foreign="Київ і Львів. Das Schloß. 東京。\n",
              titled="Title: The bridge\nDate: 2024-03-01\n\nThe bridge was closed. Nobody crossed it for a week.\n")
    library = on_server(tmp_path, server, prefix)
    library.build()
    assert library.read("long").text.isascii() and len(library.read("long").text) > 65_535
    expected = in_folder(tmp_path)
    assert held(library) == held(expected)
    with library.open() as ours, expected.open() as theirs:
        for passage in theirs.passages()[::8]:
            vector = vector_of(theirs, passage)
            assert nearest(ours, vector) == nearest(theirs, vector)


def nearest(snapshot: Snapshot, vector: Floats) -> list[tuple[str, float]]:
    return [(hit.passage, round(float(hit.score), 4)) for hit in snapshot.engine.by_vector(vector, 5)]


def test_the_same_run_again_changes_nothing_and_embeds_nothing(tmp_path, server, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    library = on_server(tmp_path, server, prefix)
    assert set(library.build().added) == set(SEASONS)
    before, generation = held(library), library.generation()
    library.encoder.given.clear()
    changes = library.build()
    assert not changes and set(changes.unchanged) == set(SEASONS)
    assert library.encoder.given == [] and held(library) == before and library.generation() == generation


def test_articles_come_change_and_go(tmp_path, server, prefix) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS)
    library = on_server(tmp_path, server, prefix)
    library.build()
    before = library.generation()
    folder_of(articles, winter="It never froze. Ships came all winter.\n", flood="The river left its bed in May.\n")
    (articles / "summer.txt").unlink()
    changes = library.build()
    assert (changes.added, changes.updated, changes.removed) == (("flood",), ("winter",), ("summer",))
    assert library.generation() != before
    assert held(library) == held(in_folder(tmp_path))
    assert answers(library)["winter"].startswith("It never froze.")


def test_another_machine_sees_it_at_once_and_never_indexes_by_itself(tmp_path, server, prefix) -> None:
    folder_of(tmp_path / "here" / "articles", **SEASONS)
    here, there = (on_server(tmp_path / where, server, prefix) for where in ("here", "there"))
    assert there.state() == "missing" and there.generation() is None
    with pytest.raises(IndexMissing, match=f"nothing is indexed under '{prefix}'.*run `qa index`"):
        there.open()
    here.build()
    assert there.state() == "current" and there.list() == here.list() and answers(there) == answers(here)
    folder_of(tmp_path / "here" / "articles", extra="One more article came on Monday.\n")
    assert here.state() == there.state() == "current"  # only `qa index` looks at the folder
    here.build()
    assert there.generation() == here.generation() and "extra" in answers(there)


def test_an_assistant_follows_the_index_from_question_to_question(tmp_path, server, prefix) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS)
    library = on_server(tmp_path, server, prefix)
    library.build()
    assistant = Assistant(on_server(tmp_path / "elsewhere", server, prefix))
    assert {found.article.id for found in assistant.search("harbour ships mayor icebreaker")} >= {"winter"}
    folder_of(articles, zeppelin="A zeppelin landed on the roof of the quarry.\n")
    library.build()
    assert assistant.search("zeppelin quarry")[0].article.id == "zeppelin"
    (articles / "zeppelin.txt").unlink()
    library.build()
    assert all(found.article.id != "zeppelin" for found in assistant.search("zeppelin quarry"))
    assistant.close()


def test_only_the_articles_chosen_are_searched(tmp_path, server, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    library = on_server(tmp_path, server, prefix)
    library.build()
    fusion = Fusion(1.0, 0.5, 60, 100, 10)
    with library.open() as ours, in_folder(tmp_path).open() as theirs:
        vector = ours.encoder.encode(["the harbour rain and ships"])[0]
        for chosen in (frozenset({"summer"}), frozenset({"winter", "spring"}), frozenset({"nothing"}), frozenset()):
            found = []
            for snapshot in (ours, theirs):
                among, engine = snapshot.passages_of(chosen), snapshot.engine
                found.append([[(hit.passage, round(hit.score, 4)) for hit in hits] for hits in (
                    engine.by_vector(vector, 9, among), engine.by_words(["harbour", "rain"], 9, among),
                    engine.hybrid(vector, ["harbour", "rain"], fusion, among))])
                assert {snapshot.passage(id).article for hits in found[-1] for id, _ in hits} <= chosen
            assert found[0] == found[1] and bool(found[0][0]) == (chosen not in ({"nothing"}, frozenset()))


def test_two_prefixes_are_two_indexes_and_other_settings_of_the_split_another_build(tmp_path, server, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    folder_of(tmp_path / "other" / "articles", other="Something else was said. Nobody heard it.\n")
    first, second = on_server(tmp_path, server, prefix), on_server(tmp_path / "other", server, f"{prefix}b")
    first.build(), second.build()
    assert set(answers(first)) == set(SEASONS) and set(answers(second)) == {"other"}
    finer = on_server(tmp_path, server, prefix, split=Split(target_tokens=12))
    finer.build()
    assert held(finer) == held(in_folder(tmp_path, Split(target_tokens=12)))
    assert set(answers(second)) == {"other"}


def test_an_empty_folder_empties_no_index(tmp_path, server, prefix) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS)
    library = on_server(tmp_path, server, prefix)
    library.build()
    for path in articles.iterdir():
        path.unlink()
    with pytest.raises(NoArticles):
        library.build()
    assert set(answers(library)) == set(SEASONS)
    assert set(library.build(allow_empty=True).removed) == set(SEASONS)
    assert library.list() == [] and not library.holds_articles()
