"""Indexers and askers as processes, as they would be on machines of their own, with the little encoder.

python -m tests.milvus.processes index FOLDER URI PREFIX SHARE
python -m tests.milvus.processes ask FOLDER URI PREFIX         words in, article ids out, a line each
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

from qa import Assistant
from qa.errors import QAError
from qa.index.share import Share
from tests.conftest import ROOT
from tests.milvus.libraries import on_server
from tests.milvus.proxy import Proxy


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "tests.milvus.processes", *map(str, arguments)], cwd=ROOT, text=True,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def indexer(path: Path, server: Proxy, prefix: str, share: Share) -> subprocess.Popen[str]:
    """A process that ends with exit code 0 when its share of `path`/articles is indexed."""
    return start("index", path, server.uri, prefix, str(share))


def finish(indexers: Sequence[subprocess.Popen[str]]) -> None:
    """Returns when all of them are done."""
    for process in indexers:
        _, said = process.communicate(timeout=300)
        assert (process.returncode, said) == (0, "")


class Asker:
    """A process that is asked `questions`, words -> the article that they are found in, over and over."""

    def __init__(self, path: Path, server: Proxy, prefix: str, questions: dict[str, str]):
        self._questions, self._process = questions, start("ask", path, server.uri, prefix)
        self.asked, self.wrong = 0, list[str]()

    def ask(self) -> None:
        for words, article in self._questions.items():
            self._process.stdin.write(f"{words}\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline().strip()
            self.asked += 1
            if said != article:
                self.wrong.append(f"{words}: {said or self._process.stderr.read()}")

    def ask_until(self, done: threading.Event) -> None:
        while not done.is_set() and not self.wrong:
            self.ask()

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *fault: object) -> None:
        self._process.communicate()


def _index(folder: str, uri: str, prefix: str, share: str) -> None:
    on_server(Path(folder), SimpleNamespace(uri=uri), prefix).build(share=Share.parse(share))


def _ask(folder: str, uri: str, prefix: str) -> None:
    assistant = Assistant(on_server(Path(folder), SimpleNamespace(uri=uri), prefix))
    for line in sys.stdin:
        try:
            said = assistant.search(line.strip())[0].article.id
        except QAError as error:
            said = f"{type(error).__name__}: {error}"
        print(said, flush=True)


_COMMANDS: dict[str, Callable[..., None]] = {"index": _index, "ask": _ask}

if __name__ == "__main__":
    _COMMANDS[sys.argv[1]](*sys.argv[2:])
