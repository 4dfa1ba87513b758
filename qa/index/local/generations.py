"""Generations: what the engine searches, built once and never changed.

    index/CURRENT                      the number of the generation in use, replaced by an atomic rename
    index/generations/7/manifest.json  what it was built with, and the size and SHA-256 of each of its files
    index/generations/8.part/          one being built; without meaning until it is renamed and CURRENT names it

A crash at any moment leaves CURRENT naming a whole generation. One that a reader holds is never pruned.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa.errors import IndexDamaged, IndexMismatch, IndexMissing
from qa.index.local import locks

FORMAT = 1  # raise by one when what lies in a generation's folder changes
MANIFEST, CURRENT, FOLDER, PART = "manifest.json", "CURRENT", "generations", ".part"
_REBUILD = "run `qa index` to build it again"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was built with.

    `folder` is the articles folder; `files` maps a path in the generation's folder to (bytes, SHA-256).
    """

    generation: int
    built: str
    folder: str
    engine: str
    analysis: int
    encoder: str
    fingerprint: str
    dimensions: int
    ingest: Mapping[str, Any]
    split: Mapping[str, Any]
    articles: int
    passages: int
    files: Mapping[str, tuple[int, str]]
    format: int = FORMAT


class Generations:
    """The generations of one index folder. `index` need not exist."""

    def __init__(self, index: Path):
        self._index, self._folder = index, index / FOLDER

    def folder(self, number: int) -> Path:
        return self._folder / str(number)

    def current(self) -> int:
        """The number of the generation in use. Raises IndexMissing or IndexDamaged."""
        path = self._index / CURRENT
        try:
            with _readable(path):
                return int(path.read_text(encoding="ascii"))
        except (FileNotFoundError, NotADirectoryError):
            raise IndexMissing(f"nothing is indexed in {self._index} yet", "run `qa index`") from None
        except ValueError:
            raise IndexDamaged(f"{path} names no generation", _REBUILD) from None

    def manifest(self, number: int) -> Manifest:
        """Raises IndexDamaged, or IndexMismatch where another version of qa wrote it."""
        path = self.folder(number) / MANIFEST
        try:
            with _readable(path):
                record = json.loads(path.read_text(encoding="utf-8"))
            version, sha256 = record["format"], record.pop("sha256")
        except FileNotFoundError:
            raise IndexDamaged(f"{path} is missing", _REBUILD) from None
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise IndexDamaged(f"{path} is damaged", _REBUILD) from error
        if sha256 != _record_sha256(record):
            raise IndexDamaged(f"{path} is damaged", _REBUILD)
        if version != FORMAT:
            raise IndexMismatch(f"the index in {self._index} has format {version}, not {FORMAT}", _REBUILD)
        return Manifest(**record)

    def hold(self) -> tuple[int, int]:
        """The current generation's number and a descriptor that keeps it until closed. Raises an IndexFault."""
        while True:
            number = self.current()
            path = self.folder(number) / MANIFEST
            try:
                with _readable(path):
                    descriptor = locks.hold(path)
            except FileNotFoundError:
                if number == self.current():  # not pruned while we looked: gone
                    raise IndexDamaged(f"{path} is missing", _REBUILD) from None
                continue
            if descriptor is not None:
                return number, descriptor

    def verify(self, manifest: Manifest, *, bytes_too: bool) -> None:
        """Raises IndexDamaged naming a file that is missing, cut short or (`bytes_too`) altered.

        Reading every byte costs some 0.7 s per gigabyte, less than loading it: 15,000 passages take 30 ms.
        """
        for name, (size, sha256) in manifest.files.items():
            path = self.folder(manifest.generation) / name
            if not path.is_file():
                raise IndexDamaged(f"{path} is missing", _REBUILD)
            with _readable(path):
                whole = path.stat().st_size == size and (not bytes_too or _file_sha256(path) == sha256)
            if not whole:
                raise IndexDamaged(f"{path} is damaged", _REBUILD)

    def publish(self, manifest: Manifest, fill: Callable[[Path], None]) -> None:
        """Builds a generation with `fill(folder)` and makes it the current one.

        Raises OSError where it cannot be written; then the current one is as it was.
        """
        part = self._folder / f"{manifest.generation}{PART}"
        part.mkdir(parents=True)
        try:
            fill(part)
            self._seal(part, manifest)
            part.rename(self.folder(manifest.generation))
        finally:
            shutil.rmtree(part, ignore_errors=True)  # of a failed build: gives the space back
        _sync(self._folder)
        self._point_to(manifest.generation)

    def _seal(self, part: Path, manifest: Manifest) -> None:
        files = [p for p in sorted(part.rglob("*")) if p.is_file() and p.suffix != ".lock"]
        sums = {p.relative_to(part).as_posix(): (p.stat().st_size, _file_sha256(p)) for p in files}
        record, written = {**asdict(manifest), "files": sums}, part / MANIFEST
        written.write_text(json.dumps({**record, "sha256": _record_sha256(record)}, indent=1), encoding="utf-8")
        for path in files:
            path.chmod(written.stat().st_mode)  # an engine may write for its user only; an index may be shared
        for path in (*part.rglob("*"), part):
            _sync(path)

    def numbers(self) -> list[int]:
        """The generations that lie here whole, in order."""
        return sorted(int(p.name) for p in self._folder.glob("*") if p.name.isdigit())

    def prune(self) -> set[int]:
        """Removes what is half built or neither current nor held; returns the numbers that remain. For the indexer."""
        self.discard_parts()
        current = self.current()
        for number in self.numbers():
            if number != current:
                self._remove(number)
        return set(self.numbers())

    def discard_parts(self) -> None:
        """Removes what a build that ended early left. For the indexer."""
        for part in self._folder.glob(f"*{PART}"):
            shutil.rmtree(part)

    def _remove(self, number: int) -> None:
        manifest = self.folder(number) / MANIFEST
        if not manifest.is_file():
            shutil.rmtree(self.folder(number))
            return
        with locks.unheld(manifest) as free:
            if free:
                # Who waits for the lock meanwhile sees by the manifest's link count that it is gone.
                shutil.rmtree(self.folder(number))

    def _point_to(self, number: int) -> None:
        new = self._index / f"{CURRENT}{PART}"
        new.write_text(f"{number}\n", encoding="ascii")
        _sync(new)
        new.replace(self._index / CURRENT)
        _sync(self._index)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Says so where `path` is there and may not be read."""
    try:
        yield
    except PermissionError as error:
        raise IndexDamaged(f"{path} cannot be read ({error.strerror})", "check its permissions") from error


def _record_sha256(record: Mapping[str, Any]) -> str:
    """Of a manifest without its own checksum."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    """Has the disk hold `path` (a file's bytes, a folder's names) before anything names it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
