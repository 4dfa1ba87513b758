"""The articles folder -> article rows: reads what changed, keeps what did not, reports what cannot be read.

A file counts as unchanged when its size and times are those of the last look, or its bytes are; when it
would be read the same way (settings, the reading code, the encoder's window, what articles.toml states
of it); and when it has the same id. Nothing here touches a generation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NamedTuple

from qa.errors import ArticleError
from qa.index.local import catalog
from qa.index.local.catalog import Member
from qa.index.local.store import Store
from qa.index.recipe import Progress, Recipe, file_sha256, path_of
from qa.ingest.folder import Found, read_article
from qa.ingest.split import passages

_AT_ONCE = 64  # files a transaction


class Seen(NamedTuple):
    """A file as the last look found it: an article row, or the problem that kept it from becoming one."""

    id: str
    stamp: str
    sha256: str
    recipe: str
    article: int | None
    problem: str | None


class Synced(NamedTuple):
    """What the files looked at have become; `refused` and `notes` pair a path or id with words."""

    members: dict[str, Member]
    refused: list[tuple[str, str]]
    notes: list[tuple[str, str]]


def sync(store: Store, folder: Path, found: Sequence[Found], recipe: Recipe, progress: Progress) -> Synced:
    """Brings the rows of the files `found` in `folder` up to date; members of no generation yet."""
    seen, result = look(store), Synced({}, [], [])
    for start in range(0, len(found), _AT_ONCE):
        with store.transaction():
            for done, file in enumerate(found[start:start + _AT_ONCE], start + 1):
                name = path_of(file, folder)
                now = _up_to_date(store, name, file, seen.get(name), recipe) or _read(store, name, file, recipe, result)
                if now.article is not None:
                    result.members[file.id] = Member(now.article, name)
                else:
                    result.refused.append((name, now.problem or "cannot be read"))
                progress("reading", done, len(found))
    return result


def forget_others(store: Store, names: Collection[str]) -> None:
    """Drops what was seen of files that are not in the folder any more."""
    gone = [(name,) for (name,) in store.ask("SELECT path FROM files") if name not in names]
    store.tell_many("DELETE FROM files WHERE path = ?", gone)


def look(store: Store) -> dict[str, Seen]:
    """Path -> what the last look saw."""
    rows = store.ask("SELECT path, id, stamp, sha256, recipe, article, problem FROM files")
    return {path: Seen(*rest) for path, *rest in rows}


def same_at_a_glance(file: Found, seen: Seen | None, recipe: Recipe) -> bool:
    """Whether nothing speaks for reading `file` again, without opening it."""
    return (seen is not None and seen.stamp == stamp(file) and seen.id == file.id
            and seen.recipe == recipe.key(file.id))


def stamp(file: Found) -> str:
    """Size and times. The time of the last status change too: `touch -r` and `cp -p` cannot hide from it."""
    try:
        changed = file.path.lstat().st_ctime_ns
    except OSError:
        changed = 0
    return f"{file.size} {file.mtime_ns} {changed} {file.problem}"


def _up_to_date(store: Store, name: str, file: Found, seen: Seen | None, recipe: Recipe) -> Seen | None:
    """What was seen of `file` where that still holds, else None."""
    if seen is None or same_at_a_glance(file, seen, recipe):
        return seen
    if seen.article is None or (seen.id, seen.recipe) != (file.id, recipe.key(file.id)):
        return None
    if seen.sha256 != file_sha256(file, recipe):
        return None
    return _remember(store, name, seen._replace(stamp=stamp(file)))


def _read(store: Store, name: str, file: Found, recipe: Recipe, result: Synced) -> Seen:
    sha256, row, problem = file_sha256(file, recipe), None, None
    try:
        ingested = read_article(file, recipe.settings.ingest, recipe.fits, recipe.origins)
    except ArticleError as error:
        problem = str(error)
    else:
        row = catalog.put_article(store, ingested, passages(ingested.article, recipe.fits, recipe.settings.split))
        result.notes.extend((file.id, note) for note in ingested.notes)
    return _remember(store, name, Seen(file.id, stamp(file), sha256, recipe.key(file.id), row, problem))


def _remember(store: Store, name: str, seen: Seen) -> Seen:
    store.tell("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", name, *seen)
    return seen
