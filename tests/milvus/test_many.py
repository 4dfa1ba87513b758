"""Several indexers and askers on one server at once, as the processes that they are on several machines."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymilvus import MilvusClient

from qa import Assistant, Library
from qa.errors import QAError
from qa.index.share import Share
from qa.settings import MILVUS, Index, Milvus, Settings, Split
from tests.conftest import ROOT
from tests.milvus.indexing import indexer
from tests.milvus.libraries import SEASONS, folder_of, held, in_folder, on_server, reports, texts
from tests.milvus.lite import Lite
from tests.milvus.proxy import Proxy

QUESTIONS = {"What did the mayor ask for?": "The mayor asked for an icebreaker.",
             "What closed the schools?": "A heat wave closed the schools."}

def everything_once(lite: Lite, prefix: str, expected: Library) -> None:
    """On the server itself: every passage of the embedded index, and no other, in one row."""
    client = MilvusClient(lite.uri, dedicated=True)
    [name] = [name for name in client.list_collections() if re.fullmatch(f"{prefix}_[^_]+_passages", name)]
    rows = Counter(row["id"] for row in client.query(name, filter='id != ""', output_fields=["id"], limit=16_384))
    with expected.open() as snapshot:
        assert rows == Counter(passage.id for passage in snapshot.passages())
    client.close()


class Asker:
    """`qa ask --jsonl` in a process, and what it answered."""

    def __init__(self, *options: str):
        self.answers: list[dict] = []
        self._process = subprocess.Popen([sys.executable, "-m", "qa", "ask", "--jsonl", *options], cwd=ROOT, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask(self) -> None:
        """Each of QUESTIONS once."""
        for question in QUESTIONS:
            self._process.stdin.write(json.dumps({"question": question}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
            assert line, self._process.stderr.read()
            self.answers.append(json.loads(line))

    def ask_until(self, done: threading.Event) -> None:
        """Again and again, with the pauses of somebody who reads."""
        while not done.wait(0.2):
            self.ask()

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *fault: object) -> None:
        _, said = self._process.communicate()
        assert fault[0] or (self._process.returncode == 0 and not said), said


def test_three_indexers_and_two_askers_at_once(tmp_path, lite, proxy, prefix, monkeypatch) -> None:
    """While two processes ask, three bring new articles, change one and take one out, all at the same time."""
    articles = folder_of(tmp_path / "articles", **SEASONS, **reports(0, 4))
    between = proxy(lite, serialise=True)
    settings = Settings(index=Index(engine=MILVUS), milvus=Milvus(uri=between.uri, prefix=prefix))
    library = Library(articles, tmp_path / "index", settings=settings)
    library.build()
    monkeypatch.setenv("QA_MILVUS_PREFIX", prefix)
    options = ("--articles", str(articles), "--milvus-uri", between.uri)
    done = threading.Event()
    with Asker(*options) as one, Asker(*options) as other, ThreadPoolExecutor(2) as pool:
        list(pool.map(Asker.ask, (one, other)))
        folder_of(articles, **reports(2, 24), **{"report-00": "Nobody met that year. The hall stayed empty.\n"})
        (articles / "report-01.txt").unlink()
        gate = between.hold("Upsert")
        indexers = [subprocess.Popen([sys.executable, "-m", "qa", "index", "--shard", f"{n}/3", *options], cwd=ROOT,
                                     text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for n in (1, 2, 3)]
        gate.wait(3)  # all of them are about to write
        asking = [pool.submit(asker.ask_until, done) for asker in (one, other)]
        between.heal()
        for process in indexers:
            _, said = process.communicate(timeout=300)
            assert process.returncode == 0, said
        done.set()
        for job in asking:
            job.result()
        list(pool.map(Asker.ask, (one, other)))
    for asker in (one, other):
        assert len(asker.answers) > 2 * len(QUESTIONS)
        assert all(best(answer) == QUESTIONS[answer["question"]] for answer in asker.answers)
    expected = Library(articles, tmp_path / "embedded", encoder=library.encoder)
    expected.build()
    assert library.unfinished() == [] and held(library) == held(expected)
    everything_once(lite, prefix, expected)


def best(answer: dict) -> str:
    return answer["quotes"][0]["text"] if "error" not in answer and answer["answered"] else json.dumps(answer)


def test_a_build_from_nothing_by_three_indexers_with_others_asking(tmp_path, lite, proxy, prefix) -> None:
    """Of settings that are new, so that the index in use answers until the last of them is done."""
    folder_of(tmp_path / "articles", **SEASONS, **reports(0, 30))
    between = proxy(lite, serialise=True)
    on_server(tmp_path, between, prefix).build()
    fine, stop, failed, asked = Split(target_tokens=30), threading.Event(), [], Counter()

    def ask() -> None:
        assistant = Assistant(on_server(tmp_path, between, prefix))
        while not stop.is_set():
            for words, id in (("swallows mill", "spring"), ("orchard pears", "autumn"), ("icebreaker", "winter")):
                try:
                    if assistant.search(words)[0].article.id != id:
                        failed.append(words)
                except QAError as error:
                    failed.append(str(error))
                asked[words] += 1
        assistant.close()

    with ThreadPoolExecutor(5) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        shares = [Share(n, 3) for n in (1, 2, 3)]
        list(pool.map(lambda share: on_server(tmp_path, between, prefix, split=fine).build(share=share), shares))
        stop.set()
        for job in asking:
            job.result()
    assert failed == [] and min(asked.values()) >= 2
    library, expected = on_server(tmp_path, between, prefix, split=fine), in_folder(tmp_path, fine)
    assert held(library) == held(expected) and library.unfinished() == []


@contextmanager
def killed_at(path: Path, between: Proxy, prefix: str, share: str, nth: int) -> Iterator[None]:
    """An indexer that is killed when its `nth` write has come to the server's door."""
    gate = between.hold("Upsert", "Delete", nth=nth)
    process = indexer(path, between, prefix, share)
    try:
        gate.wait()
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
        between.heal()
    yield


@pytest.mark.parametrize("nth", [2, 4, 6])
def test_an_indexer_that_is_killed_is_seen_and_its_share_is_finished_by_another(
        tmp_path, lite, proxy, prefix, nth) -> None:
    articles = folder_of(tmp_path / "articles", **SEASONS, **reports(0, 8))
    between = proxy(lite, serialise=True)
    library = on_server(tmp_path, between, prefix)
    library.build()
    before = texts(library)
    folder_of(articles, **reports(8, 20), winter="No ice this year. Nobody skated.\n")
    share = Share(2, 3)
    with killed_at(tmp_path, between, prefix, str(share), nth):
        now = texts(library)
        assert all(now[id] == text or id == "winter" for id, text in before.items())
        seen = {unfinished.what: unfinished.why for unfinished in library.unfinished()}
        assert f"share {share}" in seen and f"run `qa index --shard {share}` again" in seen[f"share {share}"]
        assert {id for id in reports(8, 20) if share.holds(id)} - now.keys() <= seen.keys()
    for n in (2, 1, 3):  # by whichever machine
        again = indexer(tmp_path, between, prefix, f"{n}/3")
        _, said = again.communicate(timeout=120)
        assert again.returncode == 0, said
    assert library.unfinished() == [] and held(library) == held(in_folder(tmp_path))
    everything_once(lite, prefix, in_folder(tmp_path))
