"""A Milvus engine over given passages, on a server of its own behind the proxy: what the suite of all engines asks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from qa.index import analyse, content
from qa.index.engine import Engine, Row
from qa.index.milvus import schema, words
from qa.index.milvus.engine import MilvusEngine
from qa.index.milvus.records import MilvusRecords
from qa.index.milvus.schema import Names
from qa.index.milvus.server import Server
from qa.settings import Milvus
from tests.milvus.lite import Lite
from tests.milvus.proxy import Proxy

_ARTICLE = "article"


@contextmanager
def on_milvus(folder: Path, positive: bool) -> Iterator[Callable[[Sequence[Row], int], Engine]]:
    """make(rows, dimensions): an engine of them. positive: BM25 distances have the sign that Milvus gives them."""
    numbers = itertools.count(1)
    with Lite(folder) as lite, Proxy(lite.address, serialise=True, positive=positive) as proxy:
        settings = Milvus(uri=proxy.uri)
        yield lambda rows, dimensions: _engine(settings, f"suite{next(numbers)}", rows, dimensions)


def _engine(settings: Milvus, build: str, rows: Sequence[Row], dimensions: int) -> Engine:
    server, names, owner = Server(settings, settings.index_patience), Names(build), content.hashed(_ARTICLE)
    for collection, kind in ((names.records, schema.RECORDS), (names.articles, schema.ARTICLES),
                             (names.passages, schema.passages(dimensions))):
        server.create(collection, kind)
    server.upsert(names.articles, [{
        "owner": owner, "id": _ARTICLE, "bucket": 0, "text": "text", "version": "1", "pieces": 0, "passages": len(rows),
        "words": 0, "about": "{}", "path": "", "added": "", "file": "", "recipe": "", "wanted": "", **schema.UNUSED}])
    server.upsert(names.passages, [{
        "id": row.passage, "owner": owner, "article": _ARTICLE, "text": "text", "version": "1", "start": 0, "end": 1,
        "tokens": 1, "input": row.passage, "vector": np.asarray(row.vector, np.float32).tolist(),
        "terms": words.text(analyse.terms(row.text))} for row in rows])
    server.flush(names.passages)
    return MilvusEngine(server, names, MilvusRecords(server, names))
