"""What a person adds to the articles folder and takes out of it while others ask.

    <articles>/added/<name>    every file that was handed in; only these can be taken out again

The folder stays the whole corpus: a file is an article because it lies there. A crash after a file was moved and before
it was indexed therefore loses nothing, as the next build finds the folder as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from qa.errors import ArticleError, IndexBusy, UsageError, one_line
from qa.index.changes import ArticleRow, Changes, NotCleared
from qa.index.library import Library
from qa.index.shelf import intake, uploads
from qa.index.shelf.builds import Builds, Order, Tell
from qa.index.shelf.trash import FOLDER, Trash, delete_parts
from qa.ingest.folder import Ingested
from qa.records import RemovedLine
from qa.settings import MILVUS

ADDED = "added"
_NEVER: Mapping[str, str] = MappingProxyType({})
_PATIENCE = 30.0  # seconds to wait for another process that indexes
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0  # seconds between two attempts; each pause is twice the one before

__all__ = ["Added", "ArticleRow", "Removal", "Shelf"]


@dataclass(frozen=True, slots=True)
class Added:
    """An article that can be asked now; the lines that cleaning left out, and what is worth knowing of its reading."""

    article: ArticleRow
    removed: tuple[RemovedLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """The ids of the articles that were removed; `token` puts their files back or deletes them for good."""

    token: str
    articles: tuple[str, ...]


class Built(NamedTuple):
    """What a build left: the indexed articles and the refused files by path, and what could not be cleared away."""

    rows: Mapping[str, ArticleRow]
    refused: Mapping[str, str]
    notes: tuple[str, ...]


def _silent(stage: str) -> None:
    """Shows no progress."""


class Shelf:
    """Adds files to a library's folder and removes them. Safe to share by threads.

    patience: seconds to wait where another process is indexing; then IndexBusy.
    """

    def __init__(self, library: Library, patience: float = _PATIENCE):
        self._library, self._patience = library, patience
        self._folder, self._trash = library.articles / ADDED, Trash(library.index / FOLDER)
        self._builds: Builds[Built] = Builds(self._build)
        self._since: dict[str, dict[str, str]] = {}  # token -> path -> when its article was first indexed

    def add(self, name: str, staged: Path, progress: Tell = _silent) -> Added:
        """Makes an article of the file at `staged`, which a person calls `name`; returns when it can be asked.

        progress(stage): "reading", "waiting" (another process is indexing), "embedding", "writing". `staged` is gone
        afterwards, however it ends. Raises UsageError or ArticleError in one line that says `name` (nothing is left
        behind), NoArticles where the folder is out of reach, and what `Library.build` raises (nothing either).
        """
        try:
            return self._add(name, staged, progress)
        finally:
            with suppress(OSError):
                staged.unlink(missing_ok=True)

    def remove(self, ids: Iterable[str]) -> Removal:
        """Takes articles that were added here out of folder and index; their files are kept until `forget`.

        Raises UsageError for one that is unknown or lies elsewhere; then all of them stay, as they do where the build
        fails.
        """
        ids = tuple(dict.fromkeys(ids))
        with self._builds.turn(_names(row.path for row in self._removable(ids))):
            rows = self._removable(ids)  # again: who came before may have removed one
            token = self._trash.take([PurePosixPath(row.path).name for row in rows], self._folder)
            undo = partial(self._put_all_back, token)
            batch = self._builds.order(_order([row.path for row in rows], undo))
            self._since[token] = {row.path: row.added for row in rows}
        batch.follow(_silent)
        return Removal(token, tuple(row.id for row in rows))

    def restore(self, token: str) -> tuple[str, ...]:
        """Puts the files of a removal back; returns the ids of their articles.

        Raises UsageError for an unknown token, and where another file has come in the place of one; the others are
        back then, and the same token still stands for what is left.
        """
        batch = None
        with self._builds.turn(_names(file.name for file in self._trash.held(token))):
            back, stay = self._parted(self._trash.held(token))
            paths = [f"{ADDED}/{file.name}" for file in back]
            if back:
                self._trash.put_back(token, [file.name for file in back], self._folder)
                undo = partial(self._trash.take_again, token, [file.name for file in back], self._folder)
                batch = self._builds.order(_order(paths, undo, self._since.get(token, {})))
        rows = batch.follow(_silent).rows if batch else {}
        if stay:
            raise _in_the_way(stay, back)
        self.forget(token)
        return tuple(rows[path].id for path in paths if path in rows)

    def forget(self, token: str) -> None:
        """Deletes the files of a removal for good. One that is unknown is gone already."""
        with self._builds.turn():
            self._since.pop(token, None)
            self._trash.forget(token)

    def forget_all(self) -> None:
        """Deletes for good what earlier servers of this index kept for an undo, and what a crash left half copied."""
        with self._builds.turn():
            self._since.clear()
            self._trash.forget_all()
            if not self._folder.is_symlink():
                delete_parts(self._folder)

    def may_remove(self, row: ArticleRow) -> bool:
        """Whether the article's file lies where files are added, and not beyond a link that leads out of there."""
        return PurePosixPath(row.path).parent == PurePosixPath(ADDED) and not self._folder.is_symlink()

    def _add(self, name: str, staged: Path, progress: Tell) -> Added:
        safe, called = uploads.safe_name(name), uploads.called(name)
        progress("reading")
        ingested = uploads.read(staged, safe, name, self._library.settings.ingest)
        target, path = self._folder / safe, f"{ADDED}/{safe}"
        with self._builds.turn(_names([path])):
            self._library.make_folder()
            intake.check_new(target, called, staged, self._library)
            intake.bring(staged, target, called)
            batch = self._builds.order(_order([path], partial(target.unlink, missing_ok=True)))
        built = batch.follow(_but_first("reading", progress))
        return self._added(built, path, name, ingested)

    def _added(self, built: Built, path: str, name: str, ingested: Ingested) -> Added:
        if path in built.rows:
            return Added(built.rows[path], ingested.removed, ingested.notes + built.notes)
        called, target = uploads.called(name), self._library.articles / path
        if path not in built.refused:
            raise UsageError(f"{called} was taken away again while it was being added", "add it once more")
        # It was read before, so this is a file that changed meanwhile, or an encoder that takes nothing of it.
        with self._builds.turn(_names([path])):
            target.unlink(missing_ok=True)
        problem, _, remedy = built.refused[path].partition("; ")
        raise uploads.renamed(ArticleError(problem, remedy), target, name)

    def _parted(self, files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
        """Those of `files` that can go back into the folder, and those in whose place another one has come."""
        if not files:
            return [], []
        self._library.make_folder()
        intake.check_folder(self._folder)
        found = self._library.files()
        stay = [file for file in files if intake.obstacle(self._folder / file.name, found, self._library.articles)]
        return [file for file in files if file not in stay], stay

    def _put_all_back(self, token: str) -> None:
        self._trash.put_back(token, [file.name for file in self._trash.held(token)], self._folder)
        self._trash.forget(token)
        self._since.pop(token, None)

    def _removable(self, ids: Sequence[str]) -> list[ArticleRow]:
        if not ids:
            raise UsageError("no article was chosen", "choose one that was added here")
        known = {row.id: row for row in self._library.list()}
        for id in ids:
            if id not in known:
                raise UsageError(f"no article {id!r} in the index", "it may have been removed already")
            if not self.may_remove(known[id]):
                raise UsageError(f"article {id!r} was not added here: its file is "
                                 f"{self._library.articles / known[id].path}", "remove it from that folder")
        return [known[id] for id in ids]

    def _build(self, tell: Tell, orders: Sequence[Order]) -> Built:
        """Brings the index up to date with what was added; with the whole folder where there is no index yet.

        Other files wait for whoever indexes them: one upload must not set off the reading of a large folder, nor the
        dropping of one that is out of reach.
        """
        since = {path: when for order in orders for path, when in order.since.items()}
        paths = self._scope(orders) if self._library.generation() is not None else []
        build = partial(self._library.build, paths, lambda stage, done, total: tell(stage), True, since)
        refused, notes = {}, ()
        try:
            refused = dict(self._patiently(build, tell).refused)
        except NotCleared as error:
            notes = (one_line(error),)
        return Built({row.path: row for row in self._library.list()}, refused, notes)

    def _scope(self, orders: Sequence[Order]) -> list[Path]:
        """All that was ever added, which finds what a crash left; on a server just what the orders are about.

        There the pages of other machines add too, and what they added lies in no folder of this one.
        """
        if self._library.settings.index.engine == MILVUS:
            return [self._library.articles / path for order in orders for path in order.paths]
        return [self._folder]

    def _patiently(self, build: Callable[[], Changes], tell: Tell) -> Changes:
        until, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                return build()
            except IndexBusy:
                if time.monotonic() + pause > until:
                    raise
                tell("waiting")
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)


def _order(paths: Sequence[str], undo: Callable[[], None], since: Mapping[str, str] = _NEVER) -> Order:
    return Order(_names(paths), undo, tuple(paths), since)


def _names(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(uploads.folded(PurePosixPath(path).name) for path in paths)


def _but_first(stage: str, progress: Tell) -> Tell:
    """`progress`, without saying `stage` again where it comes first."""
    told = [stage]

    def tell(now: str) -> None:
        if now != told[-1]:
            progress(now)
        told.append(now)

    return tell


def _in_the_way(stay: Sequence[Path], back: Sequence[Path]) -> UsageError:
    listed = ", ".join(uploads.called(file.name) for file in stay)
    rest = " (the others are back)" if back else ""
    return UsageError(f"{listed} cannot be put back: a file of that name was added meanwhile{rest}",
                      "remove that one, then undo again")
