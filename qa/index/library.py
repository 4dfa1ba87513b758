"""The library's door: which articles there are, bringing the index up to date with their folder, opening it."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from qa.errors import (
    IndexDamaged,
    IndexFault,
    IndexMismatch,
    IndexMissing,
    IndexUnwritable,
    NoArticles,
    QAError,
    UsageError,
)
from qa.index import analyse, models, places
from qa.index.embed import Encoder, load_encoder
from qa.index.local import catalog, locks, sync
from qa.index.local import engine as embedded
from qa.index.local.builder import Builder, Changes, Wanted
from qa.index.local.catalog import ArticleRow
from qa.index.local.generations import Generations, Manifest
from qa.index.local.store import FILE, LibraryDamaged, Outdated, Store, delete
from qa.index.local.sync import Progress, Recipe
from qa.index.snapshot import Snapshot
from qa.ingest.folder import Found, scan
from qa.ingest.load import shown
from qa.ingest.origins import load_origins
from qa.records import Article, RemovedLine
from qa.settings import Settings

_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NEVER: Mapping[str, str] = MappingProxyType({})

__all__ = ["ArticleRow", "Changes", "Library"]


def _silent(stage: str, done: int, total: int) -> None:
    """Shows no progress."""


class Library:
    """A folder of articles and the index of it. Making one opens nothing and loads no model.

    articles, index: folders; see `places.choose` for what stands in for one that is left out.
    encoder: in place of the one that the settings name.
    """

    def __init__(self, articles: Path | str | None = None, index: Path | str | None = None,
                 settings: Settings | None = None, encoder: Encoder | None = None):
        self.settings = settings or Settings()
        self.articles, self.index = places.choose(*(Path(p) if p is not None else None for p in (articles, index)))
        self._generations, self._library = Generations(self.index), self.index / FILE
        self._encoder, self._loading = encoder, threading.Lock()

    @property
    def encoder(self) -> Encoder:
        """The encoder; its model is loaded at the first use. Raises UsageError where it cannot be found."""
        with self._loading:
            if self._encoder is None:
                self._encoder = load_encoder(self.settings.encoder)
            return self._encoder

    def state(self) -> str:
        """"missing", "damaged", "mismatch" (another encoder or format), "behind" the folder, or "current".

        Looks at names, sizes and times only. An articles folder that is gone leaves the index current. "behind" is
        also one that another version of qa wrote and a build brings up to date without embedding anything again.
        """
        try:
            manifest = self._generations.manifest(self._generations.current())
            self._check_fit(manifest)
            self._generations.verify(manifest, bytes_too=False)
            with self._reading() as store:
                return "behind" if self._is_behind(store, manifest) else "current"
        except IndexMissing:
            return "missing"
        except Outdated:
            return "behind"
        except IndexMismatch:
            return "mismatch"
        except IndexFault:
            return "damaged"

    def generation(self) -> int | None:
        """The number of the generation in use, None where there is none; one small file is read."""
        try:
            return self._generations.current()
        except IndexFault:
            return None

    def holds_articles(self) -> bool:
        """Whether something would be lost if the index were emptied: False only where it is known to hold nothing."""
        try:
            return self._generations.manifest(self._generations.current()).articles > 0
        except IndexMissing:
            return False
        except IndexFault:
            return True

    def files(self) -> list[Found]:
        """The folder's files, indexed or not, by id. Raises NoArticles where the folder is gone."""
        return [file for file in scan(self.articles) if not file.path.is_relative_to(self.index)]

    def make_folder(self) -> None:
        """Makes the articles folder where there is none yet.

        Raises NoArticles where it cannot be made, or where articles of it are indexed: then it is out of reach (a disk
        that is not there, say), and a new one in its place would pass for a folder from which everything was deleted.
        """
        if self.articles.is_dir() or self.holds_articles():
            return
        try:
            self.articles.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoArticles(f"there is no articles folder {shown(self.articles)} and none can be made "
                             f"({error.strerror})", "give one with --articles DIR") from error

    def build(self, paths: Sequence[Path | str] = (), progress: Progress = _silent, allow_empty: bool = False,
              since: Mapping[str, str] = _NEVER) -> Changes:
        """Makes the index match the articles folder, or only `paths` inside it; reads and embeds what is new.

        allow_empty: an index of no articles will do, and so will a folder still to be made (see `make_folder`).
        since: path -> when the article of that file was first indexed, where it was indexed before and comes back.

        Raises UsageError (a path outside the folder), NoArticles, IndexBusy, or IndexUnwritable where the disk is
        full or closed to writing; the index that was there before then answers on.
        """
        places.check_index(self.index, self.articles)
        if allow_empty:
            self.make_folder()
        found = self.files()
        wanted = Wanted(places.inside((Path(path) for path in paths), self.articles), allow_empty, since)
        try:
            self.index.mkdir(parents=True, exist_ok=True)
            with locks.indexer(self.index):
                return self._build(found, wanted, progress)
        except OSError as error:
            remedy = "check its permissions" if error.errno in _CLOSED else "free some space on that disk"
            raise IndexUnwritable(f"the index in {self.index} cannot be written ({error.strerror or error})",
                          f"{remedy} or choose another --index; what was indexed before still answers") from error

    def open(self) -> Snapshot:
        """The current generation, kept until it is closed. Raises an IndexFault that says what to run."""
        with self._held() as (manifest, held):
            self._check_fit(manifest)
            self._generations.verify(manifest, bytes_too=True)
            store = Store.reader(self._library)
            try:
                engine = embedded.Embedded(self._generations.folder(manifest.generation))
                return Snapshot(manifest, engine, store, os.dup(held), lambda: self.encoder, self._tidy)
            except OSError as error:
                store.close()
                raise IndexDamaged(f"the index in {self.index} cannot be read ({error})", "run `qa index`") from error

    def list(self) -> list[ArticleRow]:
        """The indexed articles, by id."""
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.listing(store, manifest.generation)

    def read(self, article_id: str) -> Article:
        """The article as indexed. Raises UsageError for an id that is not in the index."""
        with self._held() as (manifest, _), self._reading() as store:
            article = catalog.article(store, manifest.generation, article_id)
        if article is None:
            raise _unknown(article_id)
        return article

    def removed(self) -> dict[str, tuple[RemovedLine, ...]]:
        """Article id -> the lines of its file that cleaning left out."""
        with self._held() as (manifest, _), self._reading() as store:
            return catalog.removed(store, manifest.generation)

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...]:
        """The lines that cleaning left out of one article. Raises UsageError for an id that is not in the index."""
        with self._held() as (manifest, _), self._reading() as store:
            lines = catalog.removed_of(store, manifest.generation, article_id)
        if lines is None:
            raise _unknown(article_id)
        return lines

    def _build(self, found: list[Found], wanted: Wanted, progress: Progress) -> Changes:
        try:
            return self._run(found, wanted, progress)
        except LibraryDamaged:
            # The articles are all it takes to have it again.
            delete(self._library)
            return self._run(found, replace(wanted, scope=()), progress)

    def _run(self, found: list[Found], wanted: Wanted, progress: Progress) -> Changes:
        recipe = Recipe(self.settings, self._fingerprint(), lambda text: self.encoder.fits(text),
                        load_origins(self.articles))
        with self._writing() as store:
            return self._builder(store, recipe, progress).run(found, wanted)

    def _builder(self, store: Store, recipe: Recipe, progress: Progress = _silent) -> Builder:
        return Builder(store, self._generations, self.articles, recipe,
                       self._encoder_name(), lambda: self.encoder, progress)

    def _tidy(self) -> None:
        """After a reader let go of a generation: prunes what is superseded, its own or another's, if nobody indexes.

        Another's: whoever let go of that one may have done so when an indexer had just left it alone.
        """
        current = self.generation()
        if current is None or self._generations.numbers() == [current]:
            return
        if not os.access(self.index, os.W_OK, effective_ids=True):
            return
        try:
            with locks.indexer(self.index), self._writing() as store:
                self._builder(store, Recipe(self.settings, "", lambda text: True)).prune()
        except (QAError, OSError):
            return  # whoever indexes, mends or makes room prunes too

    def _is_behind(self, store: Store, manifest: Manifest) -> bool:
        """Whether the folder's files are not the ones last seen, or would be read another way now."""
        if not self.articles.is_dir():
            return False
        recipe = Recipe(self.settings, manifest.fingerprint, lambda text: True, load_origins(self.articles))
        found, seen = {sync.path_of(file, self.articles): file for file in self.files()}, sync.look(store)
        members = {(member.path, member.row) for member in catalog.members(store, manifest.generation).values()}
        indexed = {(name, file.article) for name, file in seen.items() if file.article is not None}
        return (found.keys() != seen.keys() or members != indexed or manifest.folder != str(self.articles)
                or not all(sync.same_at_a_glance(file, seen[name], recipe) for name, file in found.items()))

    def _check_fit(self, manifest: Manifest) -> None:
        """Raises IndexMismatch where this program or its encoder cannot search the generation."""
        if manifest.fingerprint != self._fingerprint():
            raise IndexMismatch(f"the index in {self.index} was built with encoder {manifest.encoder!r}, "
                                f"not with {self._encoder_name()!r} as it is now", "run `qa index`")
        if (manifest.analysis, manifest.engine) != (analyse.VERSION, embedded.NAME):
            raise Outdated(f"the index in {self.index} was built by another version of qa", "run `qa index`")

    def _fingerprint(self) -> str:
        """The encoder's, without loading its model."""
        return (self._encoder.fingerprint if self._encoder is not None
                else models.fingerprint(models.locate(self.settings.encoder.name)))

    def _encoder_name(self) -> str:
        return self._encoder.name if self._encoder is not None else self.settings.encoder.name

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


def _unknown(article_id: str) -> UsageError:
    return UsageError(f"no article {article_id!r} in the index", "see `qa articles` for the ids")
