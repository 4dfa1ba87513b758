"""What the embedded engine costs: library, vectors and words of a whole generation, and questions asked of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from evals.scale.clock import Clock, Note, per_call, resident, size
from evals.scale.corpus import Text, Vectors, Writer
from qa.index.embed import Floats
from qa.index.engine import Fusion, Row
from qa.index.local import catalog, engine, lexical
from qa.index.local.catalog import Member, Unembedded
from qa.index.local.dense import FILE as DENSE
from qa.index.local.dense import DenseWriter
from qa.index.local.engine import Embedded
from qa.index.local.generations import Generations, Manifest
from qa.index.local.store import FILE as LIBRARY
from qa.index.local.store import Store
from qa.settings import Search

_ENCODER = "0" * 64  # stands for the encoder's hash: a key of the vectors' rows
_AT_ONCE = 256  # vectors a transaction, and 64 articles, as the builder has it
_KEPT = 500  # questions asked


def measure(count: int, vectors: Vectors, folder: Path, note: Note) -> None:
    """Builds a generation of `count` passages in `folder`, which is empty, and asks questions of it."""
    made = vectors.passages(count)
    asked = vectors.questions(made, min(_KEPT, count))
    store = Store.writer(folder / LIBRARY)
    terms = _fill(store, count, made, note)
    del made
    store.flush()
    note("SQLite library", size(folder / LIBRARY) / count, "bytes a passage")
    manifest = _publish(store, Generations(folder), count, note)
    clock = Clock()
    with clock.time("VACUUM, after anything was deleted"):
        store.shrink()
        store.flush()
    with clock.time("checksums of a whole generation"):
        Generations(folder).verify(manifest, bytes_too=True)
    store.close()
    clock.tell(note)
    _ask(Generations(folder).folder(1), asked, terms, note)


def _fill(store: Store, count: int, vectors: Floats, note: Note) -> list[list[str]]:
    """Puts articles and vectors into the library; returns the questions' terms."""
    clock, terms, done = Clock(), [], 0
    every = max(1, count // _KEPT)
    left = Writer().articles(count)
    while texts := list(islice(left, 64)):
        with clock.time("library: rows put in"), store.transaction():
            rows = [catalog.put_article(store, text.article, text.passages) for text in texts]
            catalog.set_members(store, 1, [Member(row, f"{text.article.article.id}.txt", "2026-01-01T00:00:00+00:00")
                                           for row, text in zip(rows, texts, strict=True)])
        terms += [question for n, question in enumerate(_questions(texts), done) if n % every == 0]
        done += sum(len(text.passages) for text in texts)
    places = catalog.unembedded(store, 1, _ENCODER)
    for start in range(0, len(places), _AT_ONCE):
        inputs = [Unembedded(place[3], "") for place in places[start:start + _AT_ONCE]]
        with clock.time("library: vectors put in"), store.transaction():
            catalog.put_vectors(store, _ENCODER, inputs, vectors[start:start + len(inputs)])
    clock.tell(note)
    return terms


def _questions(texts: Iterable[Text]) -> Iterator[list[str]]:
    return (question for text in texts for question in text.questions)


def _publish(store: Store, generations: Generations, count: int, note: Note) -> Manifest:
    """The step that every change of the articles ends with: a whole new generation."""
    rows = _Watched(catalog.engine_rows(store, 1, _ENCODER))
    manifest = Manifest(generation=1, built="", folder="", engine=engine.NAME, analysis=1, encoder="",
                        fingerprint=_ENCODER, dimensions=384, ingest={}, split={}, articles=count // 8, passages=count,
                        files={})
    before = resident()
    clock = Clock()
    with clock.time("whole generation built and published"):
        generations.publish(manifest, lambda folder: engine.build(folder, 384, rows))
    clock.tell(note)
    note("  of which reading the library", rows.seconds, "processor s")
    note("memory left behind by the build", resident() - before, "bytes")
    folder = generations.folder(1)
    note("FAISS Flat", size(folder / DENSE) / count, "bytes a passage")
    note("tantivy", size(folder / lexical.FOLDER) / count, "bytes a passage")
    note("tantivy segments", len(list((folder / lexical.FOLDER).glob("*.term"))), "")
    return generations.manifest(1)


class _Watched:
    """Rows, and the processor seconds that it takes to have them."""

    def __init__(self, rows: Iterator[Row]):
        self._rows, self.seconds = rows, 0.0

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        start = time.thread_time()
        try:
            return next(self._rows)
        finally:
            self.seconds += time.thread_time() - start


def flat(count: int, vectors: Vectors, folder: Path, note: Note) -> None:
    """Seconds to write the vectors alone; what is left of a generation's is words."""
    made, clock = vectors.passages(count), Clock()
    ids = [f"{n:015x}" for n in range(count)]
    with clock.time("  of which writing FAISS Flat"):
        writer = DenseWriter(folder, made.shape[1])
        for start in range(0, count, 4096):
            writer.add(ids[start:start + 4096], made[start:start + 4096])
        writer.finish()
    clock.tell(note)


def _ask(folder: Path, vectors: Floats, terms: Sequence[list[str]], note: Note) -> None:
    """Questions, one after the other in one thread."""
    before, clock = resident(), Clock()
    with clock.time("opening"):
        found = Embedded(folder)
    clock.tell(note)
    search = Search()
    fusion = Fusion(search.dense_weight, search.lexical_weight, search.rrf_k, search.pool, search.hits)
    every = list(zip(vectors, terms, strict=False))
    ways = {"vector search": lambda asked: found.by_vector(asked[0], fusion.pool),
            "word search": lambda asked: found.by_words(asked[1], fusion.pool),
            "one term's frequency": lambda asked: found.frequency(asked[1][0]),
            "hybrid": lambda asked: found.hybrid(*asked, fusion)}
    for what, way in ways.items():
        per_call(what, way, every, note)
    note("memory held while open and asked", resident() - before, "bytes")
    found.close()
