"""Articles and passages in the library's tables: putting records in, and getting equal records out.

An article's version is the hash of everything the index holds of it. Equal content is one row however
often it is read, and a row never changes, so an old generation can always show its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from qa.errors import IndexDamaged
from qa.index import content
from qa.index.changes import ArticleRow
from qa.index.embed import Floats
from qa.index.engine import Row
from qa.index.local.store import Store
from qa.ingest.folder import Ingested
from qa.ingest.split import passage_input
from qa.records import Article, Passage, RemovedLine

_ARTICLE = "a.id, a.text, a.spans, a.title, a.source, a.date, a.url, a.author, a.sha256"
_PASSAGE = 'p.id, a.id, p.start, p."end", p.tokens'


class Member(NamedTuple):
    """An article row of a generation and the file it came from (path below the articles folder).

    `added` is when its id was first indexed; empty until the builder has looked that up.
    """

    row: int
    path: str
    added: str = ""


class Unembedded(NamedTuple):
    """A passage text that has no vector yet: the hash and the text that the encoder is to see."""

    input: str
    text: str


def put_article(store: Store, ingested: Ingested, passages: Sequence[Passage]) -> int:
    """The row of this article as it is now; a new one only where no row holds the same."""
    article = ingested.article
    inputs = [content.hashed(text) for text in content.inputs(article, passages)]
    version = content.version(ingested, passages, inputs)
    known = store.ask("SELECT row FROM articles WHERE id = ? AND version = ?", article.id, version)
    if known:
        return known[0][0]
    row = store.tell("INSERT INTO articles VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", article.id, version,
                     article.sha256, *content.shown(article), article.text, len(article.text.split()),
                     content.spans(article), content.removed(ingested.removed))
    store.tell_many("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                    [(row, p.id, p.start, p.end, p.tokens, text) for p, text in zip(passages, inputs, strict=True)])
    return row


def members(store: Store, generation: int) -> dict[str, Member]:
    """Article id -> Member of `generation`, by id."""
    rows = store.ask("SELECT a.id, m.article, m.path, m.added FROM members m JOIN articles a ON a.row = m.article "
                     "WHERE m.generation = ? ORDER BY a.id", generation)
    return {id: Member(*member) for id, *member in rows}


def set_members(store: Store, generation: int, chosen: Iterable[Member]) -> None:
    store.tell_many("INSERT INTO members VALUES (?, ?, ?, ?)", [(generation, *member) for member in chosen])


def date_the_undated(store: Store, when: str) -> None:
    """Gives the members that a library without dates held the date `when`: they were there by then."""
    store.tell("UPDATE members SET added = ? WHERE added = ''", when)


def last_generation(store: Store) -> int:
    """The highest generation that has members, whole or not; 0 where there is none."""
    return store.ask("SELECT COALESCE(MAX(generation), 0) FROM members")[0][0]


def count_passages(store: Store, generation: int) -> int:
    return store.ask("SELECT COUNT(*) FROM members m JOIN passages p ON p.article = m.article WHERE m.generation = ?",
                     generation)[0][0]


def dimensions(store: Store, encoder: str) -> int | None:
    """How long the stored vectors of `encoder` are; None where there is none."""
    rows = store.ask("SELECT LENGTH(vector) FROM vectors WHERE encoder = ? LIMIT 1", encoder)
    return rows[0][0] // 4 if rows else None


def listing(store: Store, generation: int) -> list[ArticleRow]:
    rows = store.ask("SELECT a.id, a.title, a.source, a.date, a.words, (SELECT COUNT(*) FROM passages p WHERE "
                     "p.article = a.row), a.sha256, m.path, m.added FROM members m "
                     "JOIN articles a ON a.row = m.article WHERE m.generation = ? ORDER BY a.id", generation)
    return [ArticleRow(*row) for row in rows]


def article(store: Store, generation: int, id: str) -> Article | None:
    """The article `id` of `generation`. Raises IndexDamaged where its text is not the one that was indexed."""
    rows = store.ask(f"SELECT {_ARTICLE} FROM members m JOIN articles a ON a.row = m.article "
                     "WHERE m.generation = ? AND a.id = ?", generation, id)
    return _article(store, *rows[0]) if rows else None


def removed(store: Store, generation: int) -> dict[str, tuple[RemovedLine, ...]]:
    rows = store.ask("SELECT a.id, a.removed FROM members m JOIN articles a ON a.row = m.article "
                     "WHERE m.generation = ? ORDER BY a.id", generation)
    return {id: content.removed_lines(lines) for id, lines in rows}


def removed_of(store: Store, generation: int, id: str) -> tuple[RemovedLine, ...] | None:
    """The lines that cleaning left out of one article; None where `generation` has none of that id."""
    rows = store.ask("SELECT a.removed FROM members m JOIN articles a ON a.row = m.article "
                     "WHERE m.generation = ? AND a.id = ?", generation, id)
    return content.removed_lines(rows[0][0]) if rows else None


def passage(store: Store, generation: int, id: str) -> Passage | None:
    rows = store.ask(f"SELECT {_PASSAGE} FROM passages p JOIN members m ON m.article = p.article "
                     "JOIN articles a ON a.row = p.article WHERE p.id = ? AND m.generation = ?", id, generation)
    return Passage(*rows[0]) if rows else None


def passages(store: Store, generation: int) -> list[Passage]:
    """Every passage of `generation`, by article and place."""
    rows = store.ask(f"SELECT {_PASSAGE} FROM members m JOIN passages p ON p.article = m.article "
                     "JOIN articles a ON a.row = m.article WHERE m.generation = ? "
                     "ORDER BY a.id, p.start, p.id", generation)
    return [Passage(*row) for row in rows]


def passage_ids(store: Store, generation: int, articles: Iterable[str]) -> frozenset[str]:
    """The ids of the passages that `articles` have in `generation`."""
    rows = store.ask("SELECT p.id FROM members m JOIN articles a ON a.row = m.article "
                     "JOIN passages p ON p.article = a.row "
                     "WHERE m.generation = ? AND a.id IN (SELECT value FROM json_each(?))",
                     generation, json.dumps(list(articles)))
    return frozenset(id for id, in rows)


def unembedded(store: Store, generation: int, encoder: str) -> list[tuple[int, int, int, str]]:
    """(article row, start, end, input hash), once per distinct text of `generation` that `encoder` has no vector of."""
    rows = store.ask('SELECT p.article, p.start, p."end", p.input FROM members m '
                     "JOIN passages p ON p.article = m.article "
                     "WHERE m.generation = ? AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.encoder = ? "
                     "AND v.input = p.input) ORDER BY p.article, p.start", generation, encoder)
    return list({row[3]: row for row in rows}.values())


def inputs(store: Store, places: Sequence[tuple[int, int, int, str]]) -> list[Unembedded]:
    """What the encoder is to see at each of `places`."""
    found, texts = [], {}
    for row, start, end, hashed in places:
        if row not in texts:
            texts = {row: store.ask("SELECT title, text FROM articles WHERE row = ?", row)[0]}
        title, text = texts[row]
        found.append(Unembedded(hashed, passage_input(title, text[start:end])))
    return found


def put_vectors(store: Store, encoder: str, texts: Sequence[Unembedded], vectors: Floats) -> None:
    store.tell_many("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    [(encoder, text.input, np.asarray(vector, dtype="<f4").tobytes())
                     for text, vector in zip(texts, vectors, strict=True)])


def engine_rows(store: Store, generation: int, encoder: str) -> Iterator[Row]:
    """Every passage of `generation` as an engine takes it in, by article and place."""
    for id, member in members(store, generation).items():
        [(title, text)] = store.ask("SELECT title, text FROM articles WHERE row = ?", member.row)
        for passage_id, start, end, vector in store.ask(
                'SELECT p.id, p.start, p."end", v.vector FROM passages p JOIN vectors v ON v.input = p.input '
                "WHERE p.article = ? AND v.encoder = ? ORDER BY p.start, p.id", member.row, encoder):
            yield Row(passage_id, np.frombuffer(vector, dtype="<f4"), passage_input(title, text[start:end]))


class Records:
    """The `snapshot.Records` of one generation. Closing it closes `store`."""

    def __init__(self, store: Store, generation: int):
        self._store, self._generation = store, generation

    def article(self, id: str) -> Article | None:
        return article(self._store, self._generation, id)

    def passage(self, id: str) -> Passage | None:
        return passage(self._store, self._generation, id)

    def articles(self) -> list[str]:
        return list(members(self._store, self._generation))

    def passages(self) -> list[Passage]:
        return passages(self._store, self._generation)

    def passage_ids(self, articles: Iterable[str]) -> frozenset[str]:
        return passage_ids(self._store, self._generation, articles)

    def close(self) -> None:
        self._store.close()


def keep(store: Store, generations: set[int], encoders: set[str]) -> None:
    """Drops whatever none of `generations` needs, so that no trace of it is left in the file."""
    live, known = json.dumps(sorted(generations)), json.dumps(sorted(encoders))
    with store.transaction():
        gone = store.tell_many("DELETE FROM members WHERE generation NOT IN "
                               "(SELECT value FROM json_each(?))", [(live,)])
        gone += store.tell_many("DELETE FROM articles WHERE NOT EXISTS "
                                "(SELECT 1 FROM members m WHERE m.article = row)", [()])
        gone += store.tell_many("DELETE FROM vectors WHERE encoder NOT IN "
                                "(SELECT value FROM json_each(?))", [(known,)])
        if gone:
            store.tell("DELETE FROM vectors WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.input = vectors.input)")
            store.set_meta("shrunk", "no")  # so that a crash or a full disk now is made up for next time
    if store.get_meta("shrunk") == "no":
        store.shrink()
        store.set_meta("shrunk", "yes")
    store.flush()


def _article(store: Store, *values: str) -> Article:
    id, text, spans, *shown, sha256 = values
    try:
        return content.restored(id, text, spans, shown, sha256)
    except (ValueError, LookupError, TypeError) as error:
        raise IndexDamaged(f"{store.path} is damaged ({error})", "run `qa index` to build it again") from error
