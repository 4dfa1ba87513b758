"""The doors, opened with the options of a command."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import qa
from qa.errors import IndexBusy, IndexUnwritable, one_line
from qa.settings import Settings, load, overlay

if TYPE_CHECKING:
    from qa import Assistant, Library
    from qa.index.changes import Changes

_MODELS = {"encoder": ("encoder", "name"), "reader": ("answering", "reader"), "reranker": ("search", "reranker")}
SETTINGS_FILE = "qa.toml"  # read from the current folder where no --settings is given


def settings(options: argparse.Namespace) -> Settings:
    """The defaults, overlaid with the settings file and the options."""
    path = options.settings or (Path(SETTINGS_FILE) if Path(SETTINGS_FILE).is_file() else None)
    chosen = load(path) if path else Settings()
    for name, (group, key) in _MODELS.items():
        if value := getattr(options, name, None):  # not every command reads
            chosen = overlay(chosen, {group: {key: value}}, f"--{name}")
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

    An index that cannot be written now answers as it was. `bring` builds it in place of `build`.
    """
    state = opened.state()
    if state not in ("missing", "behind"):
        return
    try:
        (bring or build)(opened)
    except (IndexBusy, IndexUnwritable) as error:
        if state == "missing":
            raise
        print(f"qa: {one_line(error)}; meanwhile the index as it was answers", file=sys.stderr)


def build(opened: Library, paths: Iterable[Path] = ()) -> Changes:
    """Brings the index up to date; says on standard error what was refused or is worth knowing."""
    from qa.show.terminal.progress import progress_bar

    with progress_bar() as progress:
        changes = opened.build(tuple(paths), progress)
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
