"""The index follows its folder: it holds what the folder holds, embeds only what is new, and reports the rest."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from qa import Library
from qa.errors import NoArticles, UsageError
from qa.index.library import Changes
from qa.settings import Ingest, Settings, Split
from tests.index.by_eye import AUTUMN, SPRING, SUMMER, WINTER, Letters, answers, folder_of, library


@pytest.fixture
def lib(tmp_path) -> Library:
    """Winter and summer, indexed."""
    folder_of(tmp_path / "articles", winter=WINTER, summer=SUMMER)
    lib = library(tmp_path)
    lib.build()
    lib.encoder.given.clear()
    return lib


def test_a_first_build_takes_the_whole_folder(tmp_path):
    folder_of(tmp_path / "articles" / "2024", winter=WINTER)
    folder_of(tmp_path / "articles", summer=SUMMER)
    lib = library(tmp_path)
    assert lib.state() == "missing" and lib.generation() is None
    assert lib.build() == Changes(added=("2024/winter", "summer"))
    assert lib.state() == "current" and lib.generation() == 1
    assert answers(lib) == {"2024/winter": WINTER.strip(), "summer": SUMMER.strip()}


def test_articles_are_listed_and_read_as_indexed(lib):
    summer, winter = lib.list()
    assert (summer.id, summer.words) == ("summer", len(SUMMER.split()))
    assert (winter.id, winter.words) == ("winter", len(WINTER.split()))
    article = lib.read("winter")
    assert article.text == WINTER.strip() and article.sha256 == winter.sha256
    with lib.open() as snapshot:
        assert snapshot.article("winter") == article
        passages = [p for p in snapshot.passages() if p.article == "winter"]
        assert len(passages) == winter.passages and [snapshot.passage(p.id) for p in passages] == passages
        assert {s for p in passages for s in snapshot.sentences(p)} == set(article.sentences)


def test_a_passage_knows_its_sentences(tmp_path):
    folder_of(tmp_path / "articles", year=WINTER + "\n" + SUMMER + "\n" + AUTUMN)
    lib = library(tmp_path, settings=Settings(split=Split(target_tokens=25, overlap_sentences=1)))
    lib.build()
    with lib.open() as snapshot:
        article, passages = snapshot.article("year"), snapshot.passages()
        assert len(passages) > 3
        for passage in passages:
            sentences = snapshot.sentences(passage)
            assert (sentences[0].start, sentences[-1].end) == (passage.start, passage.end)
            assert [s for s in article.sentences if passage.start <= s.start < passage.end] == list(sentences)


def test_what_is_not_there_is_said_so(lib):
    with lib.open() as snapshot:
        for ask in (lib.read, snapshot.article, snapshot.passage):
            with pytest.raises(UsageError, match="no (article|passage) 'spring'"):
                ask("spring")


def test_removed_lines_are_listed(tmp_path):
    notices = "Subscribe to our newsletter\n\nWe use cookies to improve your experience.\n"
    folder_of(tmp_path / "articles", winter=f"{WINTER}\n{notices}")
    lib = library(tmp_path)
    lib.build()
    lines = lib.removed()["winter"]
    assert lib.removed_of("winter") == lines
    with pytest.raises(UsageError, match="no article 'spring'"):
        lib.removed_of("spring")
    assert lines and all(line.text not in lib.read("winter").text and line.kind and line.line > 1 for line in lines)


def test_an_unchanged_folder_makes_no_generation(lib):
    assert lib.build() == Changes(unchanged=("summer", "winter"))
    assert lib.generation() == 1 and lib.encoder.given == []


def test_only_what_is_new_is_embedded(lib):
    folder_of(lib.articles, autumn=AUTUMN)
    assert lib.state() == "behind"
    assert lib.build() == Changes(added=("autumn",), unchanged=("summer", "winter"))
    assert lib.encoder.given == [AUTUMN.strip()]
    assert lib.state() == "current" and lib.generation() == 2
    assert list(answers(lib)) == ["autumn", "summer", "winter"]


def test_the_same_words_are_embedded_once(lib):
    folder_of(lib.articles, again=WINTER, new=AUTUMN, newer=AUTUMN)
    assert lib.build().added == ("again", "new", "newer")
    assert lib.encoder.given == [AUTUMN.strip()]
    with lib.open() as snapshot:
        assert snapshot.engine.count() == 5


def test_a_changed_file_is_read_again(lib):
    folder_of(lib.articles, winter=WINTER.replace("nine days", "ten days"))
    assert lib.build() == Changes(updated=("winter",), unchanged=("summer",))
    assert "ten days" in lib.read("winter").text and "nine days" not in answers(lib)["winter"]


def test_a_change_that_keeps_size_and_time_is_seen(lib):
    path = lib.articles / "winter.txt"
    before = path.stat()
    path.write_text(WINTER.replace("nine", "five"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert lib.state() == "behind"
    assert lib.build().updated == ("winter",)


def test_a_touched_file_with_the_same_bytes_changes_nothing(lib):
    os.utime(lib.articles / "winter.txt", ns=(1, 1))
    assert lib.state() == "behind"
    assert lib.build() == Changes(unchanged=("summer", "winter"))
    assert (lib.state(), lib.generation()) == ("current", 1)


def test_a_deleted_file_is_dropped(lib):
    (lib.articles / "winter.txt").unlink()
    assert lib.state() == "behind"
    assert lib.build() == Changes(removed=("winter",), unchanged=("summer",))
    assert list(answers(lib)) == ["summer"]


def test_a_renamed_file_is_another_article_with_the_same_vectors(lib):
    (lib.articles / "winter.txt").rename(lib.articles / "january.txt")
    assert lib.build() == Changes(added=("january",), removed=("winter",), unchanged=("summer",))
    assert lib.encoder.given == []


def test_files_that_differ_by_suffix_get_ids_that_tell_them_apart(lib):
    (lib.articles / "winter.md").write_text(AUTUMN, encoding="utf-8")
    changes = lib.build([lib.articles / "winter.md"])
    assert (changes.added, changes.removed) == (("winter.md", "winter.txt"), ("winter",))
    assert answers(lib)["winter.txt"] == WINTER.strip()


def test_what_articles_toml_states_counts_as_a_change(lib):
    (lib.articles / "articles.toml").write_text('[winter]\ntitle = "Ice in the harbour"\n')
    assert lib.state() == "behind"
    assert lib.build() == Changes(updated=("winter",), unchanged=("summer",))
    assert lib.read("winter").title == "Ice in the harbour"
    assert len(lib.encoder.given) == 1 and lib.encoder.given[0].startswith("Ice in the harbour\n")


@pytest.mark.parametrize("key", ["source", "author", "url", "date"])
def test_what_the_encoder_does_not_see_is_a_change_too(lib, key):
    (lib.articles / "articles.toml").write_text(f'[winter]\n{key} = "2024"\n')
    assert lib.build().updated == ("winter",) and lib.encoder.given == []
    assert getattr(lib.read("winter"), key) == "2024"


def test_other_split_settings_make_other_passages(lib):
    other = Library(lib.articles, lib.index, Settings(split=Split(target_tokens=12, overlap_sentences=0)), lib.encoder)
    assert other.state() == "behind"
    assert other.build().updated == ("summer", "winter")
    assert (other.state(), lib.state()) == ("current", "behind")
    assert [row.passages for row in other.list()] == [3, 3]
    assert lib.build().updated == ("summer", "winter") and [row.passages for row in lib.list()] == [1, 1]


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_indexed(lib):
    (lib.articles / "empty.txt").touch()
    (lib.articles / "table.xls").write_bytes(b"\0\1\2")
    folder_of(lib.articles, autumn=AUTUMN)
    changes = lib.build()
    assert changes.added == ("autumn",) and changes.unchanged == ("summer", "winter")
    assert [path for path, _ in changes.refused] == ["empty.txt", "table.xls"]
    assert all(path in reason for path, reason in changes.refused)
    assert lib.state() == "current"
    assert lib.build().refused == changes.refused  # said again, and without another generation
    assert lib.generation() == 2


def test_a_file_that_became_unreadable_loses_its_article(lib):
    (lib.articles / "winter.txt").write_bytes(b"")
    changes = lib.build()
    assert changes.removed == ("winter",) and changes.refused[0][0] == "winter.txt"
    assert list(answers(lib)) == ["summer"]


def test_a_refused_file_that_was_mended_is_indexed(lib):
    (lib.articles / "autumn.txt").touch()
    lib.build()
    folder_of(lib.articles, autumn=AUTUMN)
    assert lib.build() == Changes(added=("autumn",), unchanged=("summer", "winter"))


def test_a_file_too_large_is_refused(lib):
    lib.settings = Settings(ingest=Ingest(max_file_bytes=len(WINTER) + 20))
    folder_of(lib.articles, winter=WINTER * 2)
    changes = lib.build()
    assert changes.removed == ("winter",) and "winter.txt" in changes.refused[0][1]


# --- no articles at all --------------------------------------------------------------------------------------

@pytest.mark.parametrize("folder", ["empty", "absent", "of unreadable files"])
def test_an_index_may_start_without_articles(tmp_path, folder):
    if folder != "absent":
        (tmp_path / "articles").mkdir()
    if folder == "of unreadable files":
        (tmp_path / "articles" / "empty.txt").touch()
    lib = library(tmp_path)
    assert lib.state() == "missing" and not lib.holds_articles()
    with pytest.raises(NoArticles):
        lib.build()
    changes = lib.build(allow_empty=True)
    assert not changes and len(changes.refused) == (folder == "of unreadable files")
    assert lib.articles.is_dir() and (lib.state(), lib.generation(), lib.list()) == ("current", 1, [])
    with lib.open() as snapshot:
        assert snapshot.manifest.dimensions == lib.encoder.dimensions and snapshot.passages() == []
        assert snapshot.engine.by_vector(lib.encoder.encode(["harbour"])[0], 5) == []
        assert snapshot.engine.by_words(["harbour"], 5) == []
    assert lib.build(allow_empty=True) == changes and lib.generation() == 1
    folder_of(lib.articles, winter=WINTER)
    assert lib.state() == "behind" and lib.build().added == ("winter",)
    assert answers(lib) == {"winter": WINTER.strip()} and lib.holds_articles()


def test_the_last_article_may_go_where_that_is_asked_for(lib):
    for path in lib.articles.iterdir():
        path.unlink()
    assert lib.build(allow_empty=True) == Changes(removed=("summer", "winter"))
    assert lib.state() == "current" and lib.list() == [] and answers(lib) == {}


def test_a_part_of_the_folder_may_be_empty_where_that_is_asked_for(lib):
    """Its last file may have been dropped by a build just before the one that was to see to it."""
    (lib.articles / "added").mkdir()
    with pytest.raises(UsageError, match="neither a file to index"):
        lib.build([lib.articles / "added"])
    assert lib.build([lib.articles / "added"], allow_empty=True) == Changes(unchanged=("summer", "winter"))


@pytest.mark.parametrize("allow_empty", [False, True])
def test_a_folder_that_vanished_never_empties_an_index(lib, allow_empty):
    lib.articles.rename(lib.articles.with_name("unplugged"))
    with pytest.raises(NoArticles, match="there is no articles folder"):
        lib.build(allow_empty=allow_empty)
    assert not lib.articles.exists() and list(answers(lib)) == ["summer", "winter"]


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").touch()
    lib = Library(tmp_path / "file" / "articles", tmp_path / "index", encoder=Letters())
    with pytest.raises(NoArticles, match="none can be made .*; give one with --articles DIR"):
        lib.build(allow_empty=True)


# --- where an article came from and when ---------------------------------------------------------------------

def test_a_row_says_from_which_file_and_since_when(lib, monkeypatch):
    first = {row.id: row for row in lib.list()}
    assert first["winter"].path == "winter.txt" and first["winter"].added == first["summer"].added
    then = datetime.fromisoformat(first["winter"].added)
    assert then.tzinfo and not then.microsecond and abs((datetime.now(UTC) - then).total_seconds()) < 60
    monkeypatch.setattr("qa.index.local.builder._now", lambda: "2031-05-06T07:08:09+02:00")
    folder_of(lib.articles, winter=AUTUMN)
    folder_of(lib.articles / "deep", spring=SPRING)
    lib.build()
    now = {row.id: (row.path, row.added) for row in lib.list()}
    assert now == {"deep/spring": ("deep/spring.txt", "2031-05-06T07:08:09+02:00"),
                   "summer": ("summer.txt", first["summer"].added), "winter": ("winter.txt", first["winter"].added)}
    monkeypatch.setattr("qa.index.local.builder._now", lambda: "2032-01-01T00:00:00+02:00")
    (lib.articles / "winter.txt").unlink()
    lib.build([lib.articles / "winter.txt"])
    folder_of(lib.articles, winter=WINTER)
    lib.build([lib.articles / "winter.txt"])
    assert [row.added[:4] for row in lib.list()] == ["2031", first["summer"].added[:4], "2032"]


@pytest.mark.parametrize("spoil", ["empty the files", "delete the files", "delete the folder"])
def test_a_folder_without_articles_leaves_the_index(lib, spoil):
    for path in lib.articles.iterdir():
        path.write_bytes(b"") if spoil == "empty the files" else path.unlink()
    if spoil == "delete the folder":
        lib.articles.rmdir()
        assert lib.state() == "current"  # an index may travel without its articles
    with pytest.raises(NoArticles):
        lib.build()
    assert answers(lib) == {"summer": SUMMER.strip(), "winter": WINTER.strip()}


def test_a_build_of_some_paths_leaves_the_others(lib):
    folder_of(lib.articles / "new", autumn=AUTUMN)
    folder_of(lib.articles, winter=WINTER.replace("nine", "ten"), spring=SPRING)
    assert lib.build([lib.articles / "new"]) == Changes(added=("new/autumn",), unchanged=("summer", "winter"))
    assert lib.state() == "behind" and "nine" in lib.read("winter").text
    (lib.articles / "summer.txt").unlink()
    assert lib.build([lib.articles / "spring.txt"]).added == ("spring",)
    assert "summer" in answers(lib)
    assert lib.build(["summer.txt"]).removed == ("summer",)
    assert lib.build().updated == ("winter",)


def test_a_path_that_is_not_of_the_folder_is_refused(lib, tmp_path):
    outside = folder_of(tmp_path / "elsewhere", autumn=AUTUMN)
    with pytest.raises(UsageError, match="not in the articles folder"):
        lib.build([outside])
    with pytest.raises(UsageError, match="neither a file to index"):
        lib.build([lib.articles / "wintr.txt"])
    assert lib.generation() == 1


def test_an_index_inside_its_articles_is_no_article(tmp_path):
    folder_of(tmp_path, winter=WINTER)
    lib = Library(tmp_path, tmp_path / "index", encoder=Letters())
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "about.md").write_text(SUMMER)
    assert lib.build() == Changes(added=("winter",))
    assert lib.build() == Changes(unchanged=("winter",)) and lib.state() == "current"


def test_progress_tells_reading_embedding_and_writing(tmp_path):
    folder_of(tmp_path / "articles", winter=WINTER, summer=SUMMER)
    told = []
    library(tmp_path).build(progress=lambda *step: told.append(step))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["reading", "embedding", "writing"]
    for stage in stages:
        steps = [(done, total) for name, done, total in told if name == stage]
        assert steps == sorted(steps) and steps[-1][0] == steps[-1][1] > 0


def test_an_index_knows_its_articles_folder(lib):
    assert Library(index=lib.index, encoder=lib.encoder).articles == lib.articles
    (lib.index / "CURRENT").write_text("?")
    assert Library(index=lib.index, encoder=lib.encoder).articles == lib.articles


def test_other_articles_get_an_index_of_their_own(tmp_path, monkeypatch):
    one, two = Library(tmp_path / "a" / "news"), Library(tmp_path / "b" / "news")
    assert one.index != two.index != Library().index
    assert one.index.parent == two.index.parent == Library().index / "corpora"
    assert one.index.name.startswith("news-") and Library(tmp_path / "a" / ".." / "a" / "news").index == one.index
    assert Library().articles.name == "seeds" and Library().index.name == "index"


def test_threads_may_share_a_snapshot(lib):
    with lib.open() as snapshot:
        passages = snapshot.passages()
        look = lambda p: (snapshot.passage(p.id), snapshot.article(p.article), snapshot.sentences(p))  # noqa: E731
        expected = [look(p) for p in passages]
        with ThreadPoolExecutor(8) as pool:
            for _ in range(50):
                snapshot.article.cache_clear()
                assert list(pool.map(look, passages)) == expected


@pytest.mark.parametrize("seed", range(3))
def test_step_by_step_is_the_same_as_from_scratch(tmp_path, seed):
    """Whatever a folder goes through, its index equals one built of what it holds in the end."""
    rng, texts = random.Random(seed), [WINTER, SUMMER, AUTUMN, "", WINTER + "\n" + SUMMER, AUTUMN * 3]
    folder = folder_of(tmp_path / "articles", anchor="This one stays as it is. Nobody edits it.\n")
    lib = library(tmp_path)
    for step in range(12):
        for _ in range(rng.randint(1, 3)):
            name, text = f"{rng.choice('abcd')}", rng.choice(texts)
            (folder / f"{name}.txt").unlink(missing_ok=True)
            if rng.random() < 0.7:
                folder_of(folder, **{name: text})
        lib.build()
        if step % 4 == 3:
            fresh = Library(folder, tmp_path / f"fresh{step}", encoder=Letters())
            fresh.build()
            assert answers(lib) == answers(fresh)
            assert [replace(row, added="") for row in lib.list()] == [replace(row, added="") for row in fresh.list()]
            with lib.open() as one, fresh.open() as other:
                assert one.passages() == other.passages()
                query = one.encoder.encode(["harbour pears"])[0]
                assert one.engine.by_vector(query, 50) == other.engine.by_vector(query, 50)
                assert one.engine.by_words(["harbour", "pear"], 50) == other.engine.by_words(["harbour", "pear"], 50)
