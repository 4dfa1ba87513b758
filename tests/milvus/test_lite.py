"""The server that the tests of the Milvus engine stand on: it keeps what it confirmed, and never outlives its test."""

from __future__ import annotations

import os
import select
import subprocess
import sys

import pytest
from pymilvus import MilvusClient

from tests.conftest import ROOT
from tests.milvus.lite import Lite
from tests.milvus.ports import Port

# A test process that starts a server, says its process, and waits to be killed.
TEST = """
import sys
from pathlib import Path
from tests.milvus.lite import Lite
print(Lite(Path(sys.argv[1])).start().pid, flush=True)
sys.stdin.read()
"""


def ended(pid: int) -> bool:
    """Returns when the process `pid`, which need not be a child, is no more."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], 30)[0])
    finally:
        os.close(watched)


def test_what_was_confirmed_is_there_after_it_was_killed_and_started_again(mortal: Lite, prefix: str) -> None:
    client = MilvusClient(mortal.uri, dedicated=True)
    client.create_collection(prefix, dimension=2)
    client.insert(prefix, [{"id": n, "vector": [n, 1.0]} for n in range(5)])
    client.close()
    before = mortal.address, mortal.pid
    mortal.kill()
    mortal.start()
    assert mortal.address == before[0] and mortal.pid != before[1]
    client = MilvusClient(mortal.uri, dedicated=True)
    client.load_collection(prefix)  # Milvus Lite forgets what was loaded
    assert [row["id"] for row in client.get(prefix, [3, 4])] == [3, 4]
    client.close()


def test_it_ends_with_the_process_that_started_it(tmp_path) -> None:
    test = subprocess.Popen([sys.executable, "-c", TEST, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            cwd=ROOT)
    pid = int(test.stdout.readline())
    test.kill()
    test.communicate()
    assert ended(pid)


def test_a_server_that_cannot_start_says_why(tmp_path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    server = Lite(tmp_path)
    with pytest.raises(AssertionError, match="data"):
        server.start()
    server.close()


# Claims a port, says which, and waits to be killed.
CLAIM = """
import sys
from tests.milvus.ports import Port
print(Port().number, flush=True)
sys.stdin.read()
"""


def test_a_port_is_of_one_test_alone_until_its_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    other = subprocess.Popen([sys.executable, "-c", CLAIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    theirs = int(other.stdout.readline())
    monkeypatch.setattr("tests.milvus.ports._numbers", lambda: iter([theirs, theirs + 1, theirs, theirs + 1]))
    assert Port().number != theirs
    other.kill()
    other.communicate()
    assert Port().number == theirs
