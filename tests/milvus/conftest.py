"""What the tests of the Milvus engine share: a server, and proxies in front of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.milvus.lite import Lite
from tests.milvus.proxy import Proxy

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lite]:
    """A server of the session's own, for tests that leave it running; each writes below its own `prefix`."""
    with Lite(tmp_path_factory.mktemp("lite")) as server:
        yield server


@pytest.fixture(scope="session")
def _mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lite]:
    with Lite(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@pytest.fixture
def mortal(_mortal: Lite) -> Iterator[Lite]:
    """A server to be killed and started again, which no other test uses meanwhile."""
    yield _mortal
    if not _mortal.runs:
        _mortal.start()


@pytest.fixture
def prefix() -> str:
    """Of the names of collections: no other test of this session has it."""
    return f"test{next(_NUMBERS)}"


@pytest.fixture
def proxy() -> Iterator[Callable[..., Proxy]]:
    """proxy(server, ...): a `Proxy` in front of it, closed with the test."""
    with ExitStack() as opened:
        yield lambda server, **options: opened.enter_context(Proxy(server.address, **options))
