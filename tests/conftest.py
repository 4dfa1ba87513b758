"""What every room's tests share: the shipped articles, indexed once by the real encoder and engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Assistant, Library
from tests.offline import guard
from tests.stubs import write_none

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

# Every test talks to this machine only, and so does every Python that a test starts: an interpreter
# imports the `sitecustomize` that it finds on its path.
guard()
write_none()
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests" / "guarded"), str(ROOT), os.environ.get("PYTHONPATH", "")])


# The files that take longest, first: with several tests at a time, one that begins last is waited for by nobody beside it.
_LONGEST = ("answer/test_thousand", "test_cli", "test_chat", "browser/test_report", "evaluate/test_verdict",
            "train/test_reader_fit", "test_offline", "browser/test_conversation", "browser/test_articles",
            "browser/test_guard", "show/test_serve", "browser/test_access", "browser/test_page", "test_cli_models",
            "browser/test_rating", "browser/test_whole", "test_cli_eval")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {ROOT / "tests" / f"{name}.py": number for number, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The five articles in an index of the session's own."""
    library = Library(SEEDS, tmp_path_factory.mktemp("seeds-index"))
    library.build()
    return library


@pytest.fixture(scope="session")
def assistant(library: Library) -> Iterator[Assistant]:
    assistant = Assistant(library)
    yield assistant
    assistant.close()
