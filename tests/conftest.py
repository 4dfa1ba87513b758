"""What every room's tests share: the shipped articles, indexed once by the real encoder and engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa import Assistant, Library

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"


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
