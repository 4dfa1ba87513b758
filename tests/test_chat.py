"""`qa chat` itself: who may reach it, how soon it answers, what it says of what goes wrong behind it, its documents."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from qa import Library
from qa.cli import main
from tests.conftest import ROOT
from tests.test_cli import on, one_line, qa

PASSWORD = "ada:lovelace"
DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


class Chat:
    """A page that `qa chat` serves."""

    def __init__(self, *arguments: str | Path, **variables: str):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "qa", "chat", "--port", "0", *map(str, arguments)], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **variables})
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if found := re.search(r"http://[\w.:]+", line):
                self.address = found[0]
                return
        raise AssertionError(self.process.communicate()[1])

    def get(self, path: str, **more: object) -> httpx.Response:
        return httpx.get(self.address + path, timeout=60, **more)

    def ask(self, question: str) -> httpx.Response:
        return httpx.post(f"{self.address}/gradio_api/run/ask", json={"data": [question]}, timeout=120)

    def settled(self) -> dict[str, object]:
        """What /ready says once nothing loads any more."""
        for _ in range(600):
            state = self.get("/ready").json()
            if state["ready"] or state["problem"]:
                return state
            time.sleep(0.1)
        raise AssertionError(state)

    def interrupt(self) -> tuple[int, str]:
        """Ctrl-C; exit code and what stands on standard error."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30), self.process.communicate()[1]


@contextmanager
def chat(*arguments: str | Path, **variables: str) -> Iterator[Chat]:
    served = Chat(*arguments, **variables)
    try:
        yield served
    finally:
        served.process.kill()
        served.process.communicate()


@pytest.mark.parametrize("arguments, says", [
    (["--host", "0.0.0.0"], "on 0.0.0.0 others can reach the page; give --auth USER:PASSWORD (or set QA_AUTH)"),
    (["--host", "::"], "or --no-auth"),
    (["--auth", "ada"], "not of the form USER:PASSWORD"),
    (["--auth", ""], "not of the form USER:PASSWORD"),
    (["--auth", PASSWORD, "--no-auth"], "not allowed with argument --auth"),
    (["--host", "0.0.0.0", "--auth", "secret\n"], "not of the form USER:PASSWORD"),
])
def test_who_may_reach_it_has_to_be_said_and_said_well(library: Library, arguments: list[str], says: str) -> None:
    line = one_line(qa("chat", *arguments, *on(library)), 2)
    assert says in line and "lovelace" not in line and "secret" not in line


def test_the_variable_is_checked_as_the_option_is(library: Library) -> None:
    done = subprocess.run([sys.executable, "-m", "qa", "chat", *map(str, on(library))], cwd=ROOT, capture_output=True,
                          text=True, env={**os.environ, "QA_AUTH": "hush"})
    assert done.returncode == 2 and "USER:PASSWORD" in done.stderr and "hush" not in done.stderr


def test_the_address_answers_at_once_and_the_models_follow(library: Library) -> None:
    begun = time.monotonic()
    with chat(*on(library)) as served:
        assert "Starting…" in served.get("/", headers={"Accept": "text/html"}).text
        assert time.monotonic() - begun < 5  # 0.2 s on a quiet machine; the page takes longer in any case
        question = served.get("/access")  # waits for the page, not for the models
        assert question.json() == {"may_change": True, "why": ""}
        asked = served.ask("What is Jaish al-Adl?")
        assert json.loads(asked.json()["data"][0])["answered"]  # it waited for them
        assert served.settled() == {"ready": True, "stage": "ready", "problem": None, "reachable": None}
        assert served.interrupt() == (0, "")


def test_the_option_is_stronger_than_the_variable_and_neither_is_shown(library: Library) -> None:
    with chat("--auth", PASSWORD, *on(library), QA_AUTH="bob:x") as served:
        pairs = ("bob", "x"), ("ada", "lovelace")
        assert [served.get("/access", auth=pair).status_code for pair in pairs] == [401, 200]
        assert "lovelace" not in served.said
    with chat(*on(library), QA_AUTH=PASSWORD) as served:
        assert [served.get("/access", auth=pair).status_code for pair in (None, ("ada", "lovelace"))] == [401, 200]
    with chat("--no-auth", *on(library), QA_AUTH=PASSWORD) as served:
        assert served.get("/access").json()["may_change"]


def test_open_to_everybody_it_can_be_asked_and_not_changed(library: Library) -> None:
    with chat("--host", "0.0.0.0", "--no-auth", *on(library)) as served:
        assert "can ask and read; nothing can be changed" in served.said
        may = served.get("/access").json()
        assert may["may_change"] is False and "--no-auth" in may["why"]
        for path in ("/articles?name=a.txt", "/articles/remove", "/evaluation/run", "/cases"):
            refused = httpx.post(served.address + path, content=b"{}")
            assert refused.status_code == 403 and refused.json()["problem"] == may["why"], path
        assert served.get("/articles").json()["may_change"] is False


def test_a_folder_that_is_not_there_yet_is_a_page_without_articles_and_said_to_be_made(tmp_path: Path) -> None:
    with chat("--articles", tmp_path / "mistyped", "--index", tmp_path / "index") as served:
        assert served.settled()["ready"] is True
        assert served.get("/articles").json()["articles"] == []
        asked = served.ask("What is Jaish al-Adl?")
        assert json.loads(asked.json()["data"][0])["reason"] == "There are no articles to ask yet."
        code, said = served.interrupt()
        assert code == 0 and said.startswith(f"qa: there is no folder {tmp_path / 'mistyped'} yet; it is made")


def test_a_folder_that_lost_all_its_files_does_not_empty_the_index(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("The tide at Saint-Malo rises by twelve metres.\n")
    Library(folder, tmp_path / "index").build()
    (folder / "a.txt").rename(tmp_path / "a.txt")
    with chat("--articles", folder, "--index", tmp_path / "index") as served:
        assert "the index stays as it was" in served.settled()["problem"]
        assert [row["id"] for row in served.get("/articles").json()["articles"]] == ["a"]


def test_what_goes_wrong_behind_the_page_is_said_on_both_sides_and_the_page_goes_on(tmp_path: Path) -> None:
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    (folder / "a.txt").write_text("The tide at Saint-Malo rises by twelve metres.\n")
    Library(folder, index).build()
    manifest = next(index.glob("generations/*/manifest.json"))
    manifest.write_text(manifest.read_text()[:40])
    with chat("--articles", folder, "--index", index) as served:
        assert "run `qa index`" in served.settled()["problem"]
        assert served.get("/").status_code == 200
        asked = served.ask("How far?")
        assert asked.status_code == 500 and "run `qa index`" in asked.json()["error"]
        assert main(["index", "--articles", str(folder), "--index", str(index)]) == 0
        asked = served.ask("How far does the tide rise?")
        assert asked.status_code == 200 and served.settled()["ready"]
        code, said = served.interrupt()
        assert code == 0 and "qa index" in said and "Traceback" not in said


def test_a_model_that_is_nowhere_ends_it_with_its_name(library: Library, tmp_path: Path) -> None:
    line = one_line(qa("chat", "--port", "0", "--reader", tmp_path / "nowhere", *on(library)), 2)
    assert "nowhere" in line


def test_a_taken_port_costs_no_wait(library: Library) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        begun = time.monotonic()
        line = one_line(qa("chat", "--port", str(taken.getsockname()[1]), *on(library)), 1)
        assert "is in use" in line and time.monotonic() - begun < 5


def blocks(language: str) -> list[str]:
    """The pieces of code in docs/api.md, as a reader would paste them."""
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def test_every_command_of_the_document_works_as_it_stands(library: Library, tmp_path: Path) -> None:
    with chat("--articles", ROOT / "seeds", "--index", library.index, QA_AUTH=PASSWORD) as closed, \
            chat("--articles", ROOT / "seeds", "--index", library.index) as served:
        served.settled()
        for language, command in (("sh", ["bash", "-euo", "pipefail", "-c"]), ("python", [sys.executable, "-c"])):
            for code in blocks(language):
                address = (closed if "QA_AUTH" in code else served).address
                done = subprocess.run([*command, code.replace("http://127.0.0.1:7860", address)], capture_output=True,
                                      text=True, env={**os.environ, "QA_AUTH": PASSWORD}, timeout=120)
                assert done.returncode == 0 and len(done.stdout) > 100, (code, done.stdout, done.stderr)
                assert '"problem"' not in done.stdout and "event: error" not in done.stdout, (code, done.stdout)
        assert len(blocks("sh")) == 3 and len(blocks("python")) == 3
    for configuration in blocks("json"):
        assert "/gradio_api/mcp/" in configuration and json.loads(configuration)


def test_a_file_in_the_place_of_a_folder_is_said_before_anything_is_served(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    line = one_line(qa("chat", "--articles", str(tmp_path / "notes.txt"), "--index", str(tmp_path / "index")), 2)
    assert "notes.txt is a file, not a folder of articles; give its folder" in line
