"""What goes wrong between an index and its server: one clear line, patience that ends, and nothing half-visible."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pymilvus import MilvusClient

from qa import Assistant, Library
from qa.errors import IndexFault, IndexMismatch, IndexMissing, IndexRefused, IndexUnreachable
from qa.index.snapshot import Snapshot
from qa.records import Passage
from tests.conftest import ROOT
from tests.milvus.libraries import HASTY, SEASONS, folder_of, held, in_folder, on_server, texts, vector_of
from tests.milvus.proxy import Proxy

WRITES = ("Upsert", "Delete")
TOKEN = "root:Pa55-phrase"
MUCH = 10  # seconds that something may take on a busy machine which takes less than one


def told(error: BaseException, *words: str) -> str:
    """What a person is told: one line, with all of `words`."""
    line = str(error)
    assert isinstance(error, IndexFault) and "\n" not in line and len(line) < 300, line
    for word in words:
        assert word in line, line
    return line


def fault(job: Callable[[], object], kind: type[IndexFault], *words: str) -> IndexFault:
    with pytest.raises(kind) as raised:
        job()
    told(raised.value, *words)
    return raised.value


def asked(library: Library) -> dict[str, Callable[[], object]]:
    """Everything that asks the index something."""
    return {"state": library.state, "generation": library.generation, "open": library.open, "list": library.list,
            "holds_articles": library.holds_articles, "read": lambda: library.read("winter"),
            "removed": library.removed, "unfinished": library.unfinished, "build": library.build,
            "roll_back": library.roll_back, "search": lambda: Assistant(library).search("harbour")}


ASKED = sorted(asked(Library()))


@pytest.mark.parametrize("what", ASKED)
def test_a_server_that_is_not_there_is_told_in_one_line_whatever_is_asked(tmp_path, lite, proxy, prefix, what) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    away = proxy(lite)
    away.stop()
    library = on_server(tmp_path, away, prefix, **HASTY, token=TOKEN)  # making it asks nobody
    began = time.monotonic()
    fault(asked(library)[what], IndexUnreachable, away.uri, "unreachable", "check that it runs")
    assert time.monotonic() - began < MUCH


def test_an_index_answers_when_its_server_comes_late(tmp_path, lite, proxy, prefix) -> None:
    """Within the patience of the index nobody notices, and no library has to be made anew."""
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite)
    library, hasty = on_server(tmp_path, between, prefix), on_server(tmp_path, between, prefix, **HASTY)
    library.build()
    assert len(hasty.list()) == len(SEASONS)
    between.stop()
    fault(hasty.list, IndexUnreachable, between.uri)
    with ThreadPoolExecutor(1) as pool:
        listing = pool.submit(library.list)
        fault(hasty.list, IndexUnreachable, between.uri)
        assert not listing.done()
        between.start()
        assert {row.id for row in listing.result()} == set(SEASONS)
    assert len(hasty.list()) == len(SEASONS)


def test_patience_ends_and_the_pauses_between_attempts_grow(tmp_path, lite, proxy, prefix) -> None:
    """Within two seconds at most one pause more than 0.1, 0.2, 0.4 and 0.8 seconds fits in."""
    between = proxy(lite)
    library = on_server(tmp_path, between, prefix, patience=2.0)
    assert library.generation() is None
    between.drop()
    came, began = between.count(), time.monotonic()
    fault(library.generation, IndexUnreachable)
    assert 1 < time.monotonic() - began < 2 + MUCH
    attempts = [call.began for call in between.calls[came:] if call.method == "Connect"]
    pauses = [later - earlier for earlier, later in zip(attempts, attempts[1:], strict=False)]
    assert 2 <= len(pauses) <= 5 and max(pauses) >= 0.7


@pytest.mark.parametrize("method", ["Search", "HybridSearch", "Query"])
def test_a_server_that_is_slow_is_waited_for_and_one_that_hangs_is_not(tmp_path, lite, proxy, prefix, method) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    on_server(tmp_path, lite, prefix).build()
    between = proxy(lite)
    between.delay(method, seconds=0.3, nth=1)
    patient = Assistant(on_server(tmp_path, between, prefix))
    assert patient.search("swallows mill")[0].article.id == "spring"
    between.heal()
    hasty = Assistant(on_server(tmp_path, between, prefix, **HASTY, timeout=1.0))
    assert hasty.search("swallows mill")
    between.hang(method)
    began = time.monotonic()
    fault(lambda: hasty.search("orchard pears"), IndexUnreachable, between.uri)
    assert time.monotonic() - began < MUCH
    between.heal()
    assert hasty.search("orchard pears")[0].article.id == "autumn"


def test_a_server_killed_in_mid_search_is_told_and_later_answers(tmp_path, mortal, proxy, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(mortal)
    on_server(tmp_path, between, prefix).build()
    assistant = Assistant(on_server(tmp_path, between, prefix, patience=0.5, timeout=5.0))
    assert assistant.search("orchard pears")
    between.when("Search", "HybridSearch", do=mortal.kill, nth=1)
    fault(lambda: assistant.search("swallows mill"), IndexUnreachable, between.uri)
    between.heal()
    mortal.start()
    assert assistant.search("swallows mill")[0].article.id == "spring"


VERSIONS = ({"winter": "The harbour stayed open. No ship waited.\n", "new": "A circus came to the quay.\n"},
            {"winter": "The harbour froze again. Nobody asked why.\n", "autumn": "Plums, this time. Nobody came.\n"})


def write(articles: Path, texts: dict[str, str], gone: tuple[str, ...]) -> dict[str, str]:
    """`texts` in files, those of `gone` deleted; what the articles are then."""
    folder_of(articles, **texts)
    for id in gone:
        (articles / f"{id}.txt").unlink(missing_ok=True)
    return {path.stem: path.read_text().strip() for path in articles.iterdir()}


def seen_whole(snapshot: Snapshot, before: dict[str, str], after: dict[str, str]) -> None:
    """Every article is as it was or as it is to be, with all of its passages, and is found by each of them."""
    passages: dict[str, list[Passage]] = {}
    for passage in snapshot.passages():
        passages.setdefault(passage.article, []).append(passage)
    assert set(passages) == set(snapshot.articles())
    assert before.keys() & after.keys() <= set(passages) <= before.keys() | after.keys()
    ids = {passage.id for cut in passages.values() for passage in cut}
    for id, cut in passages.items():
        text = snapshot.article(id).text
        assert text in (before.get(id), after.get(id))
        assert len({(p.start, p.end) for p in cut}) == len(cut) and cut[-1].end == len(text)
        for passage in cut:
            hits = snapshot.engine.by_vector(vector_of(snapshot, passage), 50)
            assert hits[0].score == pytest.approx(1, abs=1e-4) and {passage.id} <= {hit.passage for hit in hits} <= ids


def interrupted(build: Callable[[], object], between: Proxy, nth: int, arrives: bool) -> bool:
    """Whether `build` was cut off from its server at its `nth` write; False: it was done before."""
    before = between.count(*WRITES)
    between.cut(*WRITES, nth=nth, arrives=arrives)
    try:
        build()
    except IndexUnreachable as error:
        told(error, between.uri)
        return True
    finally:
        between.heal()
    assert between.count(*WRITES) - before < nth
    return False


def test_a_run_cut_off_anywhere_leaves_every_article_whole_and_is_finished_by_running_it_again(
        tmp_path, lite, proxy, prefix) -> None:
    """Once for each write that a run makes, cut off there; another process looks, and the same run is done again."""
    articles = folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite)
    library = on_server(tmp_path, between, prefix, index_patience=0.0)
    watching = on_server(tmp_path / "elsewhere", lite, prefix)
    library.build()
    after = write(articles, {}, ())
    for nth in range(1, 100):
        before, after = after, write(articles, VERSIONS[nth % 2], (("autumn",), ("new",))[nth % 2])
        was_cut = interrupted(library.build, between, nth, arrives=nth % 3 == 0)
        with watching.open() as snapshot:
            seen_whole(snapshot, before, after)
        if not was_cut:
            break
        assert library.unfinished()
        library.build()
        assert library.unfinished() == [] and texts(watching) == after
    assert 5 < nth < 99
    assert held(library) == held(in_folder(tmp_path))


@pytest.mark.parametrize(("method", "arrives"), [
    ("CreateCollection", False), ("CreateCollection", True), ("CreateIndex", False), ("LoadCollection", False),
    ("Upsert", True), ("Flush", False), ("CreateAlias", False), ("CreateAlias", True)])
def test_a_first_run_cut_off_shows_nothing_and_is_finished_by_running_it_again(
        tmp_path, lite, proxy, prefix, method, arrives) -> None:
    """Cut off at the second time that it does one of the things that make an index."""
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite)
    library = on_server(tmp_path, between, prefix, index_patience=0.0)
    watching = on_server(tmp_path / "elsewhere", lite, prefix)
    between.cut(method, nth=1 if method == "CreateAlias" else 2, arrives=arrives)
    fault(library.build, IndexUnreachable, between.uri)
    between.heal()
    if not (method == "CreateAlias" and arrives):
        assert watching.generation() is None
        fault(watching.open, IndexMissing, "run `qa index")
    library.build()
    assert held(watching) == held(in_folder(tmp_path)) and library.unfinished() == []


def test_answers_that_get_lost_change_nothing(tmp_path, lite, proxy, prefix) -> None:
    """What was asked is asked again, and done twice has the outcome of once."""
    articles = folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite)
    library = on_server(tmp_path, between, prefix)
    for method in ("CreateCollection", "CreateIndex", "Upsert", "Delete", "CreateAlias"):
        between.lose(method, nth=1)
    library.build()
    write(articles, VERSIONS[0], ("summer",))
    between.heal()
    for nth in (1, 3, 5):
        between.lose("Upsert", nth=nth)
        between.lose("Delete", nth=nth)
    library.build()
    assert held(library) == held(in_folder(tmp_path)) and library.unfinished() == []


def test_a_server_killed_in_mid_insert_is_told_and_the_run_done_again_finishes(tmp_path, mortal, proxy, prefix) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(mortal)
    library = on_server(tmp_path, between, prefix, index_patience=0.5)
    library.build()
    before = write(articles, {}, ())
    after = write(articles, VERSIONS[0], ("summer",))
    between.when("Upsert", do=mortal.kill, nth=3)
    fault(library.build, IndexUnreachable, between.uri)
    between.heal()
    mortal.start()
    with library.open() as snapshot:
        seen_whole(snapshot, before, after)
    assert library.unfinished()
    library.build()
    assert held(library) == held(in_folder(tmp_path)) and library.unfinished() == []


def test_a_server_that_restarts_in_mid_insert_costs_only_time(tmp_path, mortal, proxy, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(mortal)
    library = on_server(tmp_path, between, prefix)

    def restart() -> None:
        mortal.kill()
        mortal.start()

    between.when("Upsert", do=restart, nth=4)
    library.build()
    assert held(library) == held(in_folder(tmp_path)) and library.unfinished() == []


def test_a_server_of_an_old_version_is_told_and_nothing_is_made_there(tmp_path, lite, proxy, prefix) -> None:
    folder_of(tmp_path / "articles", **SEASONS)
    old = proxy(lite, version="v2.4.9")
    library = on_server(tmp_path, old, prefix)
    for job in (library.build, library.open, library.list):
        fault(job, IndexMismatch, old.uri, "2.4.9", "2.5")
    assert not [call.method for call in old.calls if call.method.startswith(("Create", "Insert", "Upsert", "Drop"))]
    newer = proxy(lite, version="v2.6.0")
    on_server(tmp_path, newer, prefix).build()


def test_collections_of_others_are_told_and_left_as_they_are(tmp_path, lite, proxy, prefix) -> None:
    """Another program's collection by the very name that ours would have."""
    folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite)
    library = on_server(tmp_path, between, prefix)
    library.build()
    client = MilvusClient(lite.uri, dedicated=True)
    [name] = [name for name in client.list_collections() if name.startswith(prefix) and name.endswith("_passages")]
    elsewhere = prefix + "x"
    taken = name.replace(prefix, elsewhere)
    client.create_collection(taken, dimension=3)
    client.insert(taken, [{"id": 1, "vector": [1.0, 2.0, 3.0]}])
    fault(on_server(tmp_path, between, elsewhere).build, IndexMismatch, taken, "another prefix")
    assert client.query(taken, filter="id == 1", output_fields=["id"]) == [{"id": 1}]
    client.close()


@pytest.mark.parametrize(("what", "given"), [*((what, "root:wr0ng-phrase") for what in ASKED),
                                             ("state", "an-api-key-of-mine"), ("state", "")])
def test_a_token_that_is_refused_is_told_at_once_and_shown_nowhere(
        tmp_path, lite, proxy, prefix, what, given, caplog, capfd) -> None:
    caplog.set_level(logging.DEBUG)
    folder_of(tmp_path / "articles", **SEASONS)
    guarded = proxy(lite, token=TOKEN)
    library = on_server(tmp_path, guarded, prefix, token=given)
    began = time.monotonic()
    error = fault(asked(library)[what], IndexRefused, guarded.uri, "refuses the token", "QA_MILVUS_TOKEN")
    assert time.monotonic() - began < MUCH and guarded.count() <= 3  # no use in asking again
    shown = [str(error), repr(error), *traceback.format_exception(error), repr(library.settings), repr(library),
             repr(vars(library)), library.name, caplog.text, *capfd.readouterr()]
    secrets = {given, given.partition(":")[2]} - {""}
    assert not [secret for secret in secrets for text in shown if secret in text]


@pytest.mark.parametrize(("given", "words"), [("root:wr0ng-phrase", "refuses the token"),
                                              (TOKEN, "nothing is indexed")])
def test_the_terminal_shows_one_line_and_no_token(tmp_path, lite, proxy, prefix, given, words) -> None:
    """On a machine without the articles. No library below writes what it met."""
    guarded = proxy(lite, token=TOKEN)
    options = ("--articles", str(tmp_path / "articles"), "--milvus-uri", guarded.uri)
    done = subprocess.run([sys.executable, "-m", "qa", "articles", *options], cwd=ROOT, text=True, capture_output=True,
                          env=os.environ | {"QA_MILVUS_TOKEN": given, "QA_MILVUS_PREFIX": prefix})
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1), done.stderr
    assert done.stderr.startswith("qa: ") and words in done.stderr and given.partition(":")[2] not in done.stderr


def test_a_token_taken_back_in_the_middle_of_a_run_leaves_the_index_as_it_was(tmp_path, lite, proxy, prefix) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS)
    guarded = proxy(lite, token=TOKEN)
    library = on_server(tmp_path, guarded, prefix, token=TOKEN)
    library.build()
    before = write(articles, {}, ())
    after = write(articles, VERSIONS[0], ("summer",))
    guarded.when("Upsert", do=lambda: guarded.refuse("another"), nth=2)
    fault(library.build, IndexRefused)
    guarded.heal()
    with on_server(tmp_path, lite, prefix).open() as snapshot:
        seen_whole(snapshot, before, after)
    guarded.refuse(TOKEN)
    library.build()
    assert held(library) == held(in_folder(tmp_path))


def test_a_password_in_the_address_is_shown_nowhere(tmp_path, lite, proxy, prefix) -> None:
    away = proxy(lite)
    away.stop()
    library = on_server(tmp_path, away, prefix, **HASTY)
    library = on_server(tmp_path, type("At", (), {"uri": away.uri.replace("//", f"//{TOKEN}@")}), prefix, **HASTY)
    error = fault(library.list, IndexUnreachable, away.uri)
    shown = [str(error), *traceback.format_exception(error), repr(library.settings), library.name]
    assert not [text for text in shown if "Pa55" in text]
