"""Several indexers and askers on one server at once, as the processes that they are on several machines."""

from __future__ import annotations

import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pymilvus import MilvusClient

from qa import Assistant, Library
from qa.errors import QAError
from qa.index.share import Share
from qa.settings import Split
from tests.milvus.libraries import SEASONS, folder_of, held, in_folder, on_server, reports, texts
from tests.milvus.lite import Lite
from tests.milvus.processes import Asker, finish, indexer
from tests.milvus.proxy import Proxy

SHARES = [Share(n, 3) for n in (1, 2, 3)]
QUESTIONS = {"swallows in the old mill": "spring", "icebreaker harbour": "winter", "orchard pears": "autumn"}


def everything_once(lite: Lite, prefix: str, expected: Library) -> None:
    """On the server itself: every passage of the embedded index, and no other, in one row."""
    client = MilvusClient(lite.uri, dedicated=True)
    [name] = [name for name in client.list_collections() if re.fullmatch(f"{prefix}_[^_]+_passages", name)]
    rows = Counter(row["id"] for row in client.query(name, filter='id != ""', output_fields=["id"], limit=16_384))
    with expected.open() as snapshot:
        assert rows == Counter(passage.id for passage in snapshot.passages())
    client.close()


def test_three_indexers_and_two_askers_at_once(tmp_path, lite, proxy, prefix) -> None:
    """While two processes ask, three bring new articles, change some that are asked for, and take one out."""
    articles = folder_of(tmp_path / "articles", **SEASONS, **reports(0, 4))
    between = proxy(lite, serialise=True)
    library = on_server(tmp_path, between, prefix)
    library.build()
    done = threading.Event()
    with Asker(tmp_path, between, prefix, QUESTIONS) as one, Asker(tmp_path, between, prefix, QUESTIONS) as other, \
            ThreadPoolExecutor(2) as pool:
        folder_of(articles, **reports(2, 24), winter=f"{SEASONS['winter']}Nobody skated.\n",
                  autumn=f"Nobody had hoped for it. {SEASONS['autumn']}", spring=SEASONS["spring"] * 2)
        (articles / "report-01.txt").unlink()
        gate = between.hold("Upsert")
        indexers = [indexer(tmp_path, between, prefix, share) for share in SHARES]
        gate.wait(3)  # all of them are about to write
        asking = [pool.submit(asker.ask_until, done) for asker in (one, other)]
        before = between.count("HybridSearch")
        between.heal()
        finish(indexers)
        assert between.count("HybridSearch") > before
        done.set()
        for asker, job in zip((one, other), asking, strict=True):
            job.result()
            asker.ask()
            assert asker.wrong == [] and asker.asked > len(QUESTIONS)
    assert library.unfinished() == [] and held(library) == held(in_folder(tmp_path))
    everything_once(lite, prefix, in_folder(tmp_path))


def test_a_new_build_by_three_indexers_while_others_ask(tmp_path, lite, proxy, prefix) -> None:
    """Of settings that are new, so that the index in use answers until the last of them is done."""
    folder_of(tmp_path / "articles", **SEASONS, **reports(0, 12))
    between = proxy(lite, serialise=True)
    on_server(tmp_path, between, prefix).build()
    fine, done, wrong, asked = Split(target_tokens=30), threading.Event(), [], Counter()

    def ask() -> None:
        assistant = Assistant(on_server(tmp_path, between, prefix))
        while not done.is_set() or asked.total() < 20:
            for words, id in QUESTIONS.items():
                try:
                    if assistant.search(words)[0].article.id != id:
                        wrong.append(words)
                except QAError as error:
                    wrong.append(str(error))
                asked[done.is_set()] += 1
        assistant.close()

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        list(pool.map(lambda share: on_server(tmp_path, between, prefix, split=fine).build(share=share), SHARES))
        done.set()
        for job in asking:
            job.result()
    assert wrong == [] and asked[False] >= 2
    library = on_server(tmp_path, between, prefix, split=fine)
    assert held(library) == held(in_folder(tmp_path, fine)) and library.unfinished() == []


def test_two_indexers_of_the_same_share_do_no_harm(tmp_path, lite, proxy, prefix) -> None:
    """By mistake, say: both are about to write the same articles at the same moment."""
    articles = folder_of(tmp_path / "articles", **SEASONS)
    between = proxy(lite, serialise=True)
    on_server(tmp_path, between, prefix).build()
    folder_of(articles, **reports(0, 6), winter="No ice this year. Nobody skated.\n")
    (articles / "summer.txt").unlink()
    gate = between.hold("Upsert")
    libraries = [on_server(tmp_path, between, prefix) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        building = [pool.submit(library.build) for library in libraries]
        gate.wait(2)
        gate.open()
        for job in building:
            job.result()
    libraries[0].build()
    assert libraries[0].unfinished() == [] and held(libraries[0]) == held(in_folder(tmp_path))
    everything_once(lite, prefix, in_folder(tmp_path))


@contextmanager
def killed_at(path: Path, between: Proxy, prefix: str, share: Share, nth: int) -> Iterator[None]:
    """Inside it, an indexer has been killed when its `nth` write had come to the server's door."""
    gate = between.hold("Upsert", "Delete", nth=nth)
    process = indexer(path, between, prefix, share)
    try:
        gate.wait()
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        between.heal()
    yield


def test_an_indexer_that_is_killed_is_seen_and_its_share_is_finished_by_another(tmp_path, lite, proxy, prefix) -> None:
    """As it is about to make the first of its articles visible; test_faults cuts one off everywhere else."""
    articles = folder_of(tmp_path / "articles", **SEASONS, **reports(0, 8))
    between = proxy(lite, serialise=True)
    library = on_server(tmp_path, between, prefix)
    library.build()
    before = texts(library)
    folder_of(articles, **reports(8, 20), winter="No ice this year. Nobody skated.\n")
    share = SHARES[1]
    with killed_at(tmp_path, between, prefix, share, nth=5):
        now = texts(library)
        assert all(now[id] == text or id == "winter" for id, text in before.items())
        seen = {u.what: u.why for u in library.unfinished()}
        assert f"run `qa index --shard {share}` again" in seen[f"share {share}"]
        elsewhere = {u.what: u.why for u in on_server(tmp_path / "nothing", lite, prefix).unfinished()}
        for id in filter(share.holds, reports(8, 20)):
            assert id not in now and id in seen and f"begun by share {share}" in elsewhere[id]
    for share in SHARES:  # by whichever machine
        on_server(tmp_path, between, prefix).build(share=share)
    assert library.unfinished() == [] and held(library) == held(in_folder(tmp_path))
    everything_once(lite, prefix, in_folder(tmp_path))
