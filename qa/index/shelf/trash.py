"""Files taken out of the articles folder, kept until they are put back or deleted for good.

    index/removed/<token>/<name>    a folder for each removal; the token cannot be guessed: who has it may undo

It lies in the index folder: in the articles folder a file would be an article again for the next one to look.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from qa.errors import IndexUnwritable, QAError, UsageError

FOLDER = "removed"
_TOKEN = re.compile(r"[0-9a-f]{32}")
_PART = ".qa-{}.part"  # hidden, so that nobody indexes half a file


class Trash:
    """The removals of one index. Its caller sees to it that one thread at a time changes it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def take(self, names: Iterable[str], folder: Path) -> str:
        """Moves files of `folder` in; returns the token. One that is gone already is left out.

        Raises UsageError where one cannot be moved; then all are where they were.
        """
        token = secrets.token_hex(16)
        try:
            (self._folder / token).mkdir(parents=True)
            _move_all([name for name in names if os.path.lexists(folder / name)], folder, self._folder / token)
        except OSError as error:
            with suppress(OSError):  # not `forget`: a file that cannot go back either must not be deleted
                (self._folder / token).rmdir()
            raise UsageError(f"{error.filename or self._folder} cannot be moved away ({error.strerror})",
                             "check the permissions of the folder it lies in") from error
        return token

    def held(self, token: str) -> list[Path]:
        """The files of a removal. Raises UsageError for a token that stands for none."""
        # A token comes from outside: it must never lead to any other folder.
        if not _TOKEN.fullmatch(token) or not (self._folder / token).is_dir():
            raise UsageError("what was removed cannot be put back any more", "add its file again")
        return sorted((self._folder / token).iterdir())

    def put_back(self, token: str, names: Iterable[str], folder: Path) -> None:
        """Moves files of a removal into `folder`. Raises QAError where one cannot be moved; then all stay here."""
        names = tuple(names)
        if not names:  # what was to be removed was gone already, perhaps with its whole folder
            return
        try:
            folder.mkdir(exist_ok=True)
            _move_all(names, self._folder / token, folder)
        except OSError as error:
            raise QAError(f"what was removed cannot be put back into {folder} ({error.strerror})",
                          f"check its permissions; it is kept in {self._folder / token}") from error

    def take_again(self, token: str, names: Iterable[str], folder: Path) -> None:
        """Undoes `put_back`. Raises OSError."""
        (self._folder / token).mkdir(parents=True, exist_ok=True)
        _move_all(names, folder, self._folder / token)

    def forget(self, token: str) -> None:
        """Deletes a removal for good; one that is gone already is no fault. Raises IndexUnwritable."""
        if _TOKEN.fullmatch(token):
            self._remove(self._folder / token)

    def forget_all(self) -> None:
        """Deletes every removal for good. Raises IndexUnwritable."""
        self._remove(self._folder)

    def _remove(self, folder: Path) -> None:
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise IndexUnwritable(f"{error.filename or folder} cannot be deleted ({error.strerror})",
                                  "check its permissions") from error


def part_beside(target: Path) -> Path:
    """Where to write what is to become `target` once it is whole."""
    return target.with_name(_PART.format(secrets.token_hex(8)))


def delete_parts(folder: Path) -> None:
    """Deletes what a crash left half written in `folder`."""
    for part in folder.glob(_PART.format("*")):
        part.unlink(missing_ok=True)


def _move_all(names: Iterable[str], source: Path, target: Path) -> None:
    """Moves files from folder to folder. Raises OSError; then all are where they were."""
    with ExitStack() as undo:
        for name in names:
            _move(source / name, target / name)
            undo.callback(_move, target / name, source / name)
        undo.pop_all()


def _move(source: Path, target: Path) -> None:
    """Moves a file; a link itself, not what it leads to. Raises FileExistsError rather than replace one.

    Between two disks it is copied under a hidden name first, so that it is never seen in part.
    """
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    try:
        source.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = part_beside(target)
        try:
            shutil.copy2(source, part, follow_symlinks=False)
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        source.unlink()
