"""What every room's tests share: the shipped articles, indexed once by the real encoder and engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Assistant, Library
from tests.offline import guard

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

# Every test talks to this machine only, and so does every Python that a test starts: an interpreter
# imports the `sitecustomize` that it finds on its path.
guard()
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests" / "guarded"), str(ROOT), os.environ.get("PYTHONPATH", "")])


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
