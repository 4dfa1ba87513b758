"""Other people's questions: a public set -> articles, questions and a place for their index, kept beside the index.

    <index>/datasets/<format>-<hash>/
        articles/          the articles as files
        questions.jsonl    the questions in our own format
        index/             what is built of the articles

The hash is that of the set's content, so that the same set is written, and its articles are embedded, once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa.errors import DatasetError, UsageError
from qa.evaluate.datasets import articles, beir, clapnq, squad
from qa.evaluate.datasets.material import Material, bytes_of
from qa.ingest import origins

VERSION = 1  # raise by one when other articles or questions are made of the same set
FOLDER = "datasets"


@dataclass(frozen=True, slots=True)
class Format:
    """`shape`: what is given after the colon. `files`: what decides the set's content. `read`: the set itself."""

    shape: str
    files: Callable[[Path], Sequence[Path]]
    read: Callable[[Path], Material]


FORMATS = {
    "squad": Format("FILE", squad.files, squad.read),
    "clapnq": Format("DIR", clapnq.files, clapnq.read),
    "beir": Format("DIR", beir.files, beir.read),
    "articles": Format("DIR", articles.files, articles.read),
}
KNOWN = ", ".join(f"{name}:{form.shape}" for name, form in FORMATS.items())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A set made ready. `name`: format and file name, without the folders above it. `index` may not exist yet."""

    name: str
    articles: Path
    questions: Path
    index: Path


def prepare(spec: str, home: Path) -> Prepared:
    """The set `spec` ("squad:FILE", "clapnq:DIR" …), written below the index folder `home` unless it is there.

    Raises UsageError for an unknown format, a path that is not there or a folder that cannot be written, and
    DatasetError, or ArticleError, naming the place of what is wrong in the set. Then nothing is written.
    """
    name, path = _parse(spec)
    form = FORMATS[name]
    target = home / FOLDER / f"{name}-{_hash(name, path, form.files(path))}"
    try:
        if not target.is_dir():
            _keep(_checked(form.read(path), path), target)
    except OSError as error:  # shutil.Error is one
        problem = f"{target} cannot be written ({error.strerror or error})"
        raise UsageError(problem, "make room, mend its permissions or choose another --index") from error
    return Prepared(f"{name}:{path.resolve().name}", target / "articles", target / "questions.jsonl", target / "index")


def _parse(spec: str) -> tuple[str, Path]:
    name, _, given = spec.partition(":")
    if name not in FORMATS or not given:
        raise UsageError(f"no question set {spec!r}", f"give one of {KNOWN}")
    path, is_folder = Path(given).expanduser(), FORMATS[name].shape == "DIR"
    if not (path.is_dir() if is_folder else path.is_file()):
        raise UsageError(f"there is no {'folder' if is_folder else 'file'} {path}", f"give {KNOWN}")
    return name, path


def _hash(name: str, path: Path, files: Sequence[Path]) -> str:
    """Of the format, its version, and the bytes of `files` and their names below `path`; not of where that is."""
    digest = hashlib.sha256(f"{name} {VERSION}".encode())
    for file in files:
        digest.update(f"\0{file.relative_to(path)}\0".encode())
        digest.update(hashlib.sha256(bytes_of(file)).digest())
    return digest.hexdigest()[:12]


def _checked(material: Material, path: Path) -> Material:
    for things, what in ((material.files, "article"), (material.rows, "question")):
        if not things:
            raise DatasetError(f"{path} holds no {what}", "give a set that has some")
    return material


def _keep(material: Material, target: Path) -> None:
    """Writes `target`, whole or not at all; who comes second waits, and finds it there."""
    part = target.with_name(f".{target.name}.part")
    with _alone(target.parent):
        if target.is_dir():
            return
        shutil.rmtree(part, ignore_errors=True)  # of a process that was ended here
        try:
            _write(material, part)
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else is inside for this folder; the system lets go when a process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(material: Material, folder: Path) -> None:
    for name, content in material.files.items():
        file = folder / "articles" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, file)
        else:
            file.write_text(content, encoding="utf-8", newline="\n")
    if material.titles:
        (folder / "articles" / origins.NAME).write_text(_stated(material.titles), encoding="utf-8")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in material.rows.values())


def _stated(titles: Mapping[str, str]) -> str:
    """The titles as TOML, whose strings can be written as JSON's are."""
    tables = ((json.dumps(id, ensure_ascii=False), json.dumps(t, ensure_ascii=False)) for id, t in titles.items())
    return "\n".join(f"[{id}]\ntitle = {title}\n" for id, title in tables)
