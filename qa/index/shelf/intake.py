"""Bringing a file into the folder of what was added: whether it may come, and that it comes whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile

from qa.errors import UsageError
from qa.index.library import Library
from qa.index.shelf import uploads
from qa.index.shelf.trash import part_beside
from qa.ingest.folder import Found, renamed_by
from qa.ingest.load import shown


def check_new(target: Path, called: str, staged: Path, library: Library) -> None:
    """Raises UsageError where the file `staged`, which a person calls so, may not become `target`."""
    found = library.files()
    if problem := obstacle(target, found, library.articles):
        raise UsageError(f"{called} cannot be added: {problem}", "rename it and add it again")
    if same := uploads.twin(staged, found):
        raise UsageError(f"{called} is there already: article {same.id!r} has the same content",
                         "ask that one, or remove it first")


def obstacle(target: Path, found: Sequence[Found], articles: Path) -> str:
    """What keeps a file from becoming `target` in the folder that holds `found`; empty where nothing does."""
    name = uploads.folded(target.name)
    there = [path.name for path in target.parent.iterdir()] if target.parent.is_dir() else []
    if taken := [other for other in there if uploads.folded(other) == name]:
        return f"a file named {uploads.called(taken[0])} is there already"
    if others := renamed_by(target, found, articles):
        # An id is what links and kept answers point to; it must not change because of somebody else's file.
        return f"the article of {uploads.called(others[0].path.name)} has that name without the suffix"
    return ""


def check_folder(folder: Path) -> None:
    """Raises UsageError where the folder of what was added is something else: a link would lead out of the articles."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{shown(folder)} is no folder of its own, so nothing can be added", "move it away")


def bring(staged: Path, target: Path, called: str) -> None:
    """Copies `staged` to `target`: as open to others as files are here, whatever closed mode the staged one has."""
    check_folder(target.parent)
    part = part_beside(target)
    try:
        target.parent.mkdir(exist_ok=True)
        try:
            copyfile(staged, part)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{called} cannot be added: {shown(target.parent)} cannot be written ({error.strerror})",
                         "check its permissions and the space on its disk") from error
