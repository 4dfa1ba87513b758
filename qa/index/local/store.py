"""The library's rows in SQLite: the one truth that every generation is derived from.

    articles   one row per version of an article; `version` is the hash of all that is shown or searched of it
    passages   of an article row; `input` is the hash of the text the encoder sees
    vectors    one per distinct `input` and encoder fingerprint (float32, little endian)
    members    which article rows a generation consists of, from which file each came and when its id was first indexed
    files      what the last look at the folder saw, so that an unchanged file is not read again

Everything sqlite3 raises is turned into a QAError here.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qa.errors import IndexBusy, IndexDamaged, IndexMismatch, QAError

FILE = "library.sqlite"
SCHEMA = 2  # raise by one with every change below, and say in _UPGRADES how an older library becomes one of these
_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE articles(row INTEGER PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL, sha256 TEXT NOT NULL,
    title TEXT, source TEXT, date TEXT, url TEXT, author TEXT, text TEXT NOT NULL, words INTEGER NOT NULL,
    spans TEXT NOT NULL, removed TEXT NOT NULL, UNIQUE(id, version));
CREATE TABLE passages(article INTEGER NOT NULL REFERENCES articles(row) ON DELETE CASCADE, id TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, tokens INTEGER NOT NULL, input TEXT NOT NULL,
    PRIMARY KEY(article, id)) WITHOUT ROWID;
CREATE INDEX passages_by_id ON passages(id);
CREATE INDEX passages_by_input ON passages(input);
CREATE TABLE vectors(encoder TEXT NOT NULL, input TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY(encoder, input));
CREATE TABLE members(generation INTEGER NOT NULL, article INTEGER NOT NULL REFERENCES articles(row), path TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT '', PRIMARY KEY(generation, article)) WITHOUT ROWID;
CREATE INDEX members_by_article ON members(article);
CREATE TABLE files(path TEXT PRIMARY KEY, id TEXT NOT NULL, stamp TEXT NOT NULL, sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL, article INTEGER REFERENCES articles(row) ON DELETE CASCADE, problem TEXT) WITHOUT ROWID;
CREATE INDEX files_by_article ON files(article);
"""
# From each older version to the next; one that is not named is read anew from the articles.
_UPGRADES = {1: "ALTER TABLE members ADD COLUMN added TEXT NOT NULL DEFAULT '';"}
_WAIT = 10  # seconds for another connection's short write
_REBUILD = "run `qa index` to build it again from the articles"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class LibraryDamaged(IndexDamaged):
    """The library file itself cannot be used; only the articles can bring it back."""


class Outdated(IndexMismatch):
    """Another version of qa wrote the index; a build brings it up to date without embedding anything again."""


class Store:
    """A connection to the library file, shared by threads one statement at a time. Use `reader` or `writer`."""

    def __init__(self, path: Path, connection: sqlite3.Connection):
        self.path, self._connection, self._lock = path, connection, threading.RLock()

    @classmethod
    def reader(cls, path: Path) -> Store:
        """For looking only. Raises LibraryDamaged, or IndexMismatch where another version of qa wrote it.

        That is a Outdated where `writer` would bring it up to date.
        """
        with _translated(path):
            store = cls(path, _connect_reading(path))
        with _closing_on_fault(store):
            version = store.ask("PRAGMA user_version")[0][0]
            if version in _UPGRADES:
                raise Outdated(f"{path} was written by an older version of qa", "run `qa index`")
            if version != SCHEMA:
                raise IndexMismatch(f"{path} was written by another version of qa", _REBUILD)
        return store

    @classmethod
    def writer(cls, path: Path) -> Store:
        """For the one indexer; makes the tables in a new file and brings those of an older one up to date.

        Raises LibraryDamaged where it is not ours.
        """
        with _translated(path):
            store = cls(path, _connect(f"file:{_quoted(path)}?mode=rwc"))
        with _closing_on_fault(store):
            store._set_up()
        return store

    def ask(self, sql: str, *values: Any) -> list[tuple]:
        """The rows of a query."""
        with self._lock, _translated(self.path):
            return self._connection.execute(sql, values).fetchall()

    def tell(self, sql: str, *values: Any) -> int:
        """Runs a statement that changes rows; returns the number of the row it put in last."""
        with self._lock, _translated(self.path):
            return self._connection.execute(sql, values).lastrowid or 0

    def tell_many(self, sql: str, rows: Iterable[tuple]) -> int:
        """Runs a statement for each of `rows`; returns how many rows it changed."""
        with self._lock, _translated(self.path):
            return self._connection.executemany(sql, rows).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is told inside, or nothing of it."""
        with self._lock:
            self.tell("BEGIN IMMEDIATE")
            try:
                yield
                self.tell("COMMIT")
            finally:
                if self._connection.in_transaction:  # something was raised before the commit, or by it
                    self._connection.rollback()

    def get_meta(self, key: str) -> str | None:
        rows = self.ask("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        self.tell("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def shrink(self) -> None:
        """Leaves no deleted byte in the file or its free pages; `flush` sees to its write-ahead log."""
        self.tell("VACUUM")

    def flush(self) -> None:
        """Moves the write-ahead log into the file and empties it."""
        self.ask("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock, _translated(self.path):
            self._connection.close()

    def _set_up(self) -> None:
        version = self.ask("PRAGMA user_version")[0][0]
        has_tables = bool(self.ask("SELECT 1 FROM sqlite_master LIMIT 1"))
        if version not in (0, SCHEMA, *_UPGRADES) or (version == 0) == has_tables:
            raise LibraryDamaged(f"{self.path} was written by another version of qa", _REBUILD)
        self.ask("PRAGMA journal_mode = WAL")
        # Deleted words must be gone, not only unlinked; and CURRENT must never name rows that a power cut took.
        for pragma in ("secure_delete = ON", "synchronous = FULL", "foreign_keys = ON"):
            self.ask(f"PRAGMA {pragma}")
        if version != SCHEMA:
            steps = _TABLES if version == 0 else "".join(_UPGRADES[older] for older in range(version, SCHEMA))
            with self.transaction():
                for statement in filter(str.strip, steps.split(";")):
                    self.tell(statement)
                self.tell(f"PRAGMA user_version = {SCHEMA}")


def delete(path: Path) -> None:
    """Removes the library file with its log, so that a new one can be made."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_WAIT, isolation_level=None, check_same_thread=False)


def _connect_reading(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise LibraryDamaged(f"{path} is missing", _REBUILD)
    connection = _connect(f"file:{_quoted(path)}?mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
    except sqlite3.DatabaseError as error:
        connection.close()
        if not isinstance(error, sqlite3.OperationalError) or _code(error) in _BUSY:
            raise  # damaged, or written to just now
        # A folder nobody here may write to cannot hold the log's index; then nobody changes the file either.
        connection = _connect(f"file:{_quoted(path)}?mode=ro&immutable=1")
    return connection


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; 0 where the error is Python's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


@contextmanager
def _closing_on_fault(store: Store) -> Iterator[None]:
    try:
        yield
    except QAError:
        store.close()
        raise


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = _code(error)
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise LibraryDamaged(f"{path} is damaged ({error})", _REBUILD) from error
        if code in _BUSY:
            raise IndexBusy(f"another process is writing to {path}", "try again when it is done") from error
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise QAError(f"{path} cannot be written ({error})",
                          "free some space on that disk; what was indexed before still answers") from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise QAError(f"{path} cannot be opened ({error})",
                          "check its permissions, or choose another --index") from error
        raise
