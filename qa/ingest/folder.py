"""A folder -> the files in it -> articles."""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from qa.errors import ArticleError, NoArticles
from qa.ingest import origins as stated
from qa.ingest.clean import Cleaned, clean
from qa.ingest.formats import Raw
from qa.ingest.front import author_of, date_of, title_of
from qa.ingest.load import READERS, read_file, shown
from qa.ingest.origins import Origin
from qa.ingest.sentences import sentences
from qa.ingest.split import fit_sentences
from qa.records import Article, RemovedLine, Span
from qa.settings import Ingest

NO_ORIGINS: Mapping[str, Origin] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Found:
    """A file of the folder: its article's id, its size in bytes and when it was changed.

    `problem` says why it cannot be opened at all; `read_article` raises it.
    """

    id: str
    path: Path
    size: int
    mtime_ns: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ingested:
    """An article with the lines that cleaning left out of it and notes on how its file was read."""

    article: Article
    removed: tuple[RemovedLine, ...]
    notes: tuple[str, ...]


def scan(folder: Path) -> list[Found]:
    """The files below `folder`, by id: those that can be articles and those to be refused, but not hidden files,
    articles.toml and README files. Links are followed; one that leads back up is refused.

    An id is the path without suffix, or with it where two would be the same. Raises NoArticles where there is no
    such folder.
    """
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.X_OK):
        raise NoArticles(f"there is no articles folder {shown(folder)} that can be read",
                         "give one with --articles DIR")
    files = [_found(path, folder) for path in _walk(folder, folder.resolve(), frozenset())]
    return sorted(_with_ids(files), key=lambda found: found.id)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of that name is no part of the articles: hidden, a README, or articles.toml."""
    return name.startswith((".", "README")) or name == stated.NAME


def renamed_by(newcomer: Path, found: Sequence[Found], folder: Path) -> list[Found]:
    """Those of `found` in `folder` whose id would be another one if the file `newcomer` were there too."""
    there = [replace(file, id=file.path.relative_to(folder).as_posix()) for file in found]
    coming = Found(newcomer.relative_to(folder).as_posix(), newcomer, 0, 0)
    ids = {file.path: file.id for file in _with_ids([*there, coming])}
    return [file for file in found if not file.problem and ids[file.path] != file.id]


def _walk(folder: Path, root: Path, above: frozenset[Path]) -> Iterator[Path]:
    """Files below `folder`, and folders that are not entered. `above`: the real folders this one is in."""
    inside = above | {folder.resolve()}
    for entry in sorted(folder.iterdir()):
        if is_passed_over(entry.name):
            continue
        if entry.is_dir() and os.access(entry, os.R_OK | os.X_OK) and not _leads_back(entry, root, inside):
            yield from _walk(entry, root, inside)
        else:
            yield entry


def _leads_back(entry: Path, root: Path, inside: frozenset[Path]) -> bool:
    """Whether `entry` is a link to a folder that is read anyway, or to one it is in."""
    target = entry.resolve()
    return entry.is_symlink() and (target in inside or target.is_relative_to(root) or root.is_relative_to(target))


def _found(path: Path, folder: Path) -> Found:
    id, name = path.relative_to(folder).as_posix(), shown(path)
    if any(not c.isprintable() for c in id):  # lone surrogates stand for bytes that are no text
        return Found(name, path, 0, 0, f"{name} has a name that is not readable text; rename it")
    try:
        about = path.stat()
    except OSError as error:
        return Found(id, path, 0, 0, f"{name} cannot be read ({error.strerror}); mend or remove the link")
    if stat.S_ISDIR(about.st_mode):
        link = path.is_symlink() and os.access(path, os.R_OK | os.X_OK)
        reason = "is a link that leads back into the articles folder" if link else "is a folder that cannot be entered"
        return Found(id, path, 0, about.st_mtime_ns, f"{name} {reason}; remove it or change its permissions")
    if not stat.S_ISREG(about.st_mode):  # a pipe would be waited on for ever by whoever opened it
        return Found(id, path, 0, about.st_mtime_ns, f"{name} is not a regular file; remove it from the folder")
    return Found(id, path, about.st_size, about.st_mtime_ns)


def _with_ids(files: list[Found]) -> Iterator[Found]:
    """`files` with the suffix taken off their ids, except where that would give one id twice."""
    short = {f.id: f.id[:-len(f.path.suffix)] for f in files if not f.problem and f.path.suffix.lower() in READERS}
    while clashes := {id for id, count in Counter(short.get(f.id, f.id) for f in files).items() if count > 1}:
        short = {id: brief for id, brief in short.items() if brief not in clashes}
    return (replace(f, id=short.get(f.id, f.id)) for f in files)


def read_article(found: Found, settings: Ingest, fits: Callable[[str], bool],
                 origins: Mapping[str, Origin] = NO_ORIGINS) -> Ingested:
    """The article in the file `found`. What `origins` states about it wins over the file's own words.

    `fits` says whether a text fits the encoder's window. Raises ArticleError that names the file.
    """
    if found.problem:
        problem, _, remedy = found.problem.partition("; ")
        raise ArticleError(problem, remedy)
    raw = read_file(found.path, settings)
    cleaned = clean(raw.text, raw.pages, raw.wrapped)
    if not cleaned.paragraphs:
        raise ArticleError(f"{shown(found.path)} holds nothing but notices and navigation", "remove it or save it anew")
    origin = _origin(origins.get(found.id, Origin()), raw, cleaned)
    spans = sentences(cleaned.text, cleaned.paragraphs, settings.max_sentence_chars, origin.title)
    article = Article(id=found.id, text=cleaned.text, paragraphs=cleaned.paragraphs,
                      sentences=fit_sentences(spans, cleaned.text, origin.title, fits), title=origin.title,
                      source=origin.source, date=origin.date, url=origin.url, author=origin.author,
                      pages=_pages(cleaned, raw.pages))
    return Ingested(article, cleaned.removed, raw.notes)


def _origin(given: Origin, raw: Raw, cleaned: Cleaned) -> Origin:
    """Title, author and the rest: what articles.toml gives, else the file's metadata, else its lines."""
    lines = [cleaned.text[start:end] for start, end in cleaned.paragraphs]
    own_title = raw.title or title_of(lines)
    return Origin(title=given.title or own_title, source=given.source or raw.source,
                  date=given.date or raw.date or date_of(lines), url=given.url or raw.url,
                  author=given.author or raw.author or author_of(lines, own_title))


def _pages(cleaned: Cleaned, starts: tuple[int, ...]) -> tuple[Span, ...]:
    """The span of each page in the cleaned text, empty for a page without words."""
    numbers = [line for _, line in cleaned.lines]
    offsets = [*(offset for offset, _ in cleaned.lines), len(cleaned.text)]
    begins = [offsets[bisect_left(numbers, start)] for start in starts]
    return tuple(zip(begins, [*begins[1:], len(cleaned.text)]))
