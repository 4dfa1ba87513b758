"""Nothing leaves the machine: not from the tests, and not from the commands a person runs."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEEDS
from tests.offline import NetworkUsed


def test_the_guard_that_every_test_runs_under_works() -> None:
    """Both of these are reserved for documentation (RFC 5737, RFC 2606): nobody is there."""
    with socket.socket() as beyond, pytest.raises(NetworkUsed):
        beyond.connect(("192.0.2.1", 80))
    with pytest.raises(NetworkUsed):
        socket.getaddrinfo("example.org", 80)


def test_the_guard_holds_in_what_a_test_starts() -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "NetworkUsed" in done.stderr


def test_the_commands_ask_no_network(tmp_path: Path) -> None:
    for command in (["index"], ["ask", "--json", "Who is Imran Khan?"], ["articles"]):
        corpus = ["--articles", str(SEEDS), "--index", str(tmp_path)]
        done = subprocess.run([sys.executable, "-m", "qa", *command, *corpus], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stderr)
