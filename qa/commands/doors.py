"""The doors, opened with the options of a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import qa
from qa.errors import IndexBusy, IndexMissing, IndexUnwritable, UsageError, one_line
from qa.index.share import WHOLE, Share
from qa.settings import EMBEDDED, MILVUS, Settings, load, overlay

if TYPE_CHECKING:
    from qa import Assistant, Library
    from qa.index.changes import Changes

_MODELS = {"encoder": ("encoder", "name"), "reader": ("answering", "reader"), "reranker": ("search", "reranker")}
_OF_THE_SERVER = ("uri", "token", "database", "prefix")  # keys of [milvus] that the environment can set
SETTINGS_FILE = "qa.toml"  # read from the current folder where no --settings is given


def settings(options: argparse.Namespace) -> Settings:
    """The defaults, overlaid with the settings file, then the environment, then the options."""
    path = options.settings or (Path(SETTINGS_FILE) if Path(SETTINGS_FILE).is_file() else None)
    chosen = _with_server(load(path) if path else Settings(), options)
    for name, (group, key) in _MODELS.items():
        if value := getattr(options, name, None):  # not every command reads
            chosen = overlay(chosen, {group: {key: value}}, f"--{name}")
    return chosen


def _with_server(chosen: Settings, options: argparse.Namespace) -> Settings:
    """`chosen` with the engine and the server that environment and options name."""
    for key in _OF_THE_SERVER:
        if value := os.environ.get(variable := f"QA_MILVUS_{key.upper()}"):
            chosen = overlay(chosen, {"milvus": {key: value}}, variable)
    engine = options.engine
    if options.milvus_uri is not None:
        if engine == EMBEDDED:
            raise UsageError("--milvus-uri does not go with --engine embedded", "leave one of them out")
        engine = MILVUS
        chosen = overlay(chosen, {"milvus": {"uri": options.milvus_uri}}, "--milvus-uri")
    if engine is not None:
        chosen = overlay(chosen, {"index": {"engine": engine}}, "--engine")
    return chosen


def find_models(chosen: Settings) -> None:
    """Raises UsageError where a reader or reranker that was named is nowhere, before an index is built for it."""
    from qa.index import models

    for name, kind in ((chosen.answering.reader, models.READER), (chosen.search.reranker, models.RERANKER)):
        if name:
            models.locate(name, kind)


def library(options: argparse.Namespace) -> Library:
    """The library of the folders given, whatever state its index is in."""
    return qa.Library(options.articles, options.index, settings(options))


def assistant(options: argparse.Namespace) -> Assistant:
    """An assistant over a library that is ready."""
    find_models(settings(options))
    return qa.Assistant(ready_library(options))


def ready_library(options: argparse.Namespace) -> Library:
    """The library, its index built where it was missing or behind."""
    opened = library(options)
    ready(opened)
    return opened


def ready(opened: Library, bring: Callable[[Library], object] | None = None) -> None:
    """Builds the index where it is missing or behind its folder; one that is damaged is for `qa index`.

    An index that cannot be written now answers as it was. `bring` builds it in place of `build`. Raises IndexMissing
    where nothing is on a server yet and this machine, which may only ask, has no folder to index.
    """
    state = opened.state()
    if state not in ("missing", "behind"):
        return
    if opened.settings.index.engine == MILVUS and not opened.articles.is_dir():
        raise IndexMissing(f"nothing is indexed in {opened.name} yet, and there is no folder {opened.articles} here",
                           "run `qa index` where the articles are")
    try:
        (bring or build)(opened)
    except (IndexBusy, IndexUnwritable) as error:
        if state == "missing":
            raise
        print(f"qa: {one_line(error)}; meanwhile the index as it was answers", file=sys.stderr)


def build(opened: Library, paths: Iterable[Path] = (), share: Share = WHOLE) -> Changes:
    """Brings the index up to date; says on standard error what was refused or is worth knowing."""
    from qa.show.terminal.progress import progress_bar

    with progress_bar() as progress:
        changes = opened.build(tuple(paths), progress, share=share)
    tell_changes(changes)
    return changes


def tell_changes(changes: Changes) -> None:
    """Says on standard error what a build refused and what is worth knowing of the rest."""
    for path, why in changes.refused:
        print(f"qa: refused {path}: {' '.join(why.split())}", file=sys.stderr)
    for article, note in changes.notes:
        print(f"qa: {article}: {' '.join(note.split())}", file=sys.stderr)


def columns() -> int | None:
    """How wide a table for the terminal may be; None where output goes elsewhere."""
    return min(os.get_terminal_size().columns, 100) if sys.stdout.isatty() else None
