"""The index of one machine: a library in SQLite, and generations of engine files derived from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from qa.errors import (
    IndexDamaged,
    IndexFault,
    IndexMismatch,
    IndexMissing,
    QAError,
    UsageError,
)
from qa.index import analyse
from qa.index.changes import ArticleRow, Changes, Unfinished, Wanted
from qa.index.embed import Encoder
from qa.index.local import catalog, locks, sync
from qa.index.local import engine as embedded
from qa.index.local.builder import Builder
from qa.index.local.catalog import Records
from qa.index.local.generations import Generations, Manifest
from qa.index.local.store import FILE, LibraryDamaged, Outdated, Store, delete
from qa.index.recipe import Progress, Recipe, path_of
from qa.index.share import WHOLE
from qa.index.snapshot import Snapshot
from qa.ingest.folder import Found
from qa.records import Article, RemovedLine

_MILVUS = "index with --engine milvus, which is made for several machines"


class LocalIndex:
    """A `Backend` in the folder `index`.

    recipe(fingerprint): how files are read; `fingerprint` is the encoder's, None for the one at hand.
    """

    def __init__(self, index: Path, articles: Path, recipe: Callable[[str | None], Recipe], encoder_name: str,
                 encoder: Callable[[], Encoder]):
        self.name, self._index, self._articles = str(index), index, articles
        self._recipe, self._encoder_name, self._encoder = recipe, encoder_name, encoder
        self._generations, self._library = Generations(index), index / FILE

    def state(self, found: Callable[[], Sequence[Found] | None]) -> str:
        try:
            manifest = self._generations.manifest(self._generations.current())
            self._check_fit(manifest)
            self._generations.verify(manifest, bytes_too=False)
            with self._reading() as store:
                files = found()
                return "behind" if files is not None and self._is_behind(store, manifest, files) else "current"
        except IndexMissing:
            return "missing"
        except Outdated:
            return "behind"
        except IndexMismatch:
            return "mismatch"
        except IndexFault:
            return "damaged"

    def generation(self) -> int | None:
        try:
            return self._generations.current()
        except IndexFault:
            return None

    def holds_articles(self) -> bool:
        try:
            return self._generations.manifest(self._generations.current()).articles > 0
        except IndexMissing:
            return False
        except IndexFault:
            return True

    def build(self, found: Sequence[Found], wanted: Wanted, progress: Progress) -> Changes:
        """Raises OSError where the disk is full or closed to writing."""
        if wanted.share != WHOLE:
            raise UsageError(f"share {wanted.share} of an index in a folder cannot be built: it has one indexer",
                             f"leave --shard out, or {_MILVUS}")
        self._index.mkdir(parents=True, exist_ok=True)
        with locks.indexer(self._index):
            try:
                return self._run(found, wanted, progress)
            except LibraryDamaged:
                # The articles are all it takes to have it again.
                delete(self._library)
                return self._run(found, replace(wanted, scope=()), progress)

    def open(self) -> Snapshot:
        with self._held() as (manifest, held):
            self._check_fit(manifest)
            self._generations.verify(manifest, bytes_too=True)
            store, number = Store.reader(self._library), manifest.generation
            try:
                engine = embedded.Embedded(self._generations.folder(number))
                kept = os.dup(held)
            except OSError as error:
                store.close()
                raise IndexDamaged(f"the index in {self._index} cannot be read ({error})", "run `qa index`") from error

        def closed() -> None:
            os.close(kept)
            self._tidy()

        def is_removed() -> bool:
            # As pruning never does: a new index in its place may count from 1 again.
            return os.fstat(kept).st_nlink == 0

        return Snapshot(number, lambda: manifest, engine, Records(store, number), self._encoder, closed, is_removed)

    def list(self) -> list[ArticleRow]:
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.listing(store, manifest.generation)

    def read(self, article_id: str) -> Article | None:
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.article(store, manifest.generation, article_id)

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.removed(store, manifest.generation)

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...] | None:
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.removed_of(store, manifest.generation, article_id)

    def unfinished(self, found: Sequence[Found]) -> list[Unfinished]:
        try:
            with self._held() as (manifest, _), self._reading() as store:
                seen, recipe = sync.look(store), self._recipe(manifest.fingerprint)
        except IndexMissing:
            seen, recipe = {}, self._recipe("")
        return [Unfinished(file.id, "not indexed yet" if known is None else "changed since it was indexed")
                for file in found
                if not sync.same_at_a_glance(file, known := seen.get(path_of(file, self._articles)), recipe)]

    def roll_back(self) -> str:
        raise UsageError(f"the index in {self._index} keeps no earlier build",
                         f"change the settings back and run `qa index`, or {_MILVUS}")

    def _run(self, found: Sequence[Found], wanted: Wanted, progress: Progress) -> Changes:
        with self._writing() as store:
            return self._builder(store, self._recipe(None), progress).run(found, wanted)

    def _builder(self, store: Store, recipe: Recipe, progress: Progress) -> Builder:
        return Builder(store, self._generations, self._articles, recipe, self._encoder_name, self._encoder, progress)

    def _tidy(self) -> None:
        """After a reader let go of a generation: prunes what is superseded, its own or another's, if nobody indexes.

        Another's: whoever let go of that one may have done so when an indexer had just left it alone.
        """
        current = self.generation()
        if current is None or self._generations.numbers() == [current]:
            return
        if not os.access(self._index, os.W_OK, effective_ids=True):
            return
        try:
            with locks.indexer(self._index), self._writing() as store:
                self._builder(store, self._recipe(""), lambda stage, done, total: None).prune()
        except (QAError, OSError):
            return  # whoever indexes, mends or makes room prunes too

    def _is_behind(self, store: Store, manifest: Manifest, files: Sequence[Found]) -> bool:
        """Whether the folder's files are not the ones last seen, or would be read another way now."""
        recipe = self._recipe(manifest.fingerprint)
        found, seen = {path_of(file, self._articles): file for file in files}, sync.look(store)
        members = {(member.path, member.row) for member in catalog.members(store, manifest.generation).values()}
        indexed = {(name, file.article) for name, file in seen.items() if file.article is not None}
        return (found.keys() != seen.keys() or members != indexed or manifest.folder != str(self._articles)
                or not all(sync.same_at_a_glance(file, seen[name], recipe) for name, file in found.items()))

    def _check_fit(self, manifest: Manifest) -> None:
        """Raises IndexMismatch where this program or its encoder cannot search the generation."""
        if manifest.fingerprint != self._recipe(None).fingerprint:
            raise IndexMismatch(f"the index in {self._index} was built with encoder {manifest.encoder!r}, "
                                f"not with {self._encoder_name!r} as it is now", "run `qa index`")
        if (manifest.analysis, manifest.engine) != (analyse.VERSION, embedded.NAME):
            raise Outdated(f"the index in {self._index} was built by another version of qa", "run `qa index`")

    @contextmanager
    def _held(self) -> Iterator[tuple[Manifest, int]]:
        """The current generation's manifest and the descriptor that keeps it from being pruned meanwhile."""
        number, held = self._generations.hold()
        try:
            yield self._generations.manifest(number), held
        finally:
            os.close(held)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        store = Store.reader(self._library)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def _writing(self) -> Iterator[Store]:
        store = Store.writer(self._library)
        try:
            yield store
        finally:
            store.close()
