"""Articles and passages of one build on a Milvus server: reading records back that equal those put in.

A passage counts as there when the head of its article names the very text that the passage is a part of. So what an
indexer is in the middle of writing, or has not cleared away yet, is never seen, whichever of its rows arrived.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from qa.errors import IndexDamaged, IndexMoved
from qa.index import content
from qa.index.milvus.schema import Names
from qa.index.milvus.server import MOST, SESSION, STRONG, Server, batches, quoted
from qa.records import Article, Passage, RemovedLine

PASSAGE = ("id", "owner", "article", "text", "start", "end", "tokens")
_HEAD = ("owner", "id", "text", "version", "pieces")
_ATTEMPTS = 3  # to read an article that is being replaced meanwhile
_AT_HAND = 50_000  # passages and heads kept, some 0.5 kB each
_PIECE = 60_000  # bytes of a text in one row, with room below the limit for what JSON adds


class Head(NamedTuple):
    """Which version of an article is in use; `pieces` is how many rows its record takes."""

    owner: str
    id: str
    text: str
    version: str
    pieces: int


class Choice(frozenset[str]):
    """Passage ids that are those of whole articles, which a filter names in fewer words."""

    owners: Sequence[str] = ()


class MilvusRecords:
    """The `snapshot.Records` of the build `names`. What it has seen of an article it goes on showing."""

    def __init__(self, server: Server, names: Names):
        self._server, self._names = server, names
        self._heads: dict[str, Head | None] = {}
        self._passages: dict[str, Passage] = {}
        self._changing = threading.Lock()

    def article(self, id: str) -> Article | None:
        record = self.record(id)
        return record and _restored(record, self._names)

    def removed_of(self, id: str) -> tuple[RemovedLine, ...] | None:
        """The lines that cleaning left out; None where there is no article `id`."""
        record = self.record(id)
        return record and content.removed_lines(record["removed"])

    def passage(self, id: str) -> Passage | None:
        if id not in self._passages and id.isalnum() and id.isascii():
            self.seen(self._server.query(self._names.passages, f"id in {quoted([id])}", PASSAGE))
        return self._passages.get(id)

    def articles(self) -> list[str]:
        return sorted(row["id"] for page in self._server.every(self._names.articles, 'text != ""', ["id"])
                      for row in page)

    def passages(self) -> list[Passage]:
        found = [_passage(row) for page in self._server.every(self._names.passages, "", PASSAGE)
                 for row in self.valid(page)]
        return sorted(found, key=lambda p: (p.article, p.start, p.id))

    def passage_ids(self, articles: Iterable[str]) -> frozenset[str]:
        owners = sorted(content.hashed(id) for id in articles)
        pages = self._server.every(self._names.passages, f"owner in {quoted(owners)}", ["id", "owner", "text"])
        found = Choice(row["id"] for page in (pages if owners else ()) for row in self.valid(page))
        found.owners = owners
        return found

    def seen(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of `rows`, of passages with every field of `PASSAGE`, that are there; they are kept at hand."""
        valid = self.valid(rows)
        with self._changing:
            if len(self._passages) > _AT_HAND:
                self._passages.clear()
            self._passages.update((row["id"], _passage(row)) for row in valid)
        return valid

    def valid(self, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of `rows` of passages, with owner and text, that belong to the article as it is.

        Raises IndexMoved where an article is another one now than what was seen of it before.
        """
        before = {owner: self._heads[owner] for row in rows if (owner := row["owner"]) in self._heads}
        heads = self._heads_of({row["owner"] for row in rows})
        strange = {row["owner"] for row in rows if not _belongs(row, heads[row["owner"]])}
        if known := sorted(strange & before.keys()):
            now = self._ask_heads(known)
            if any(now[owner] != before[owner] for owner in known):
                raise IndexMoved("an article was replaced while a question was being answered", "ask again")
        return [row for row in rows if _belongs(row, heads[row["owner"]])]

    def record(self, id: str) -> dict[str, Any] | None:
        """All that is held of an article, as `packed` was given it; None where there is none."""
        owner = content.hashed(id)
        relied_on = owner in self._heads  # passages of it may have been found already
        for attempt in range(_ATTEMPTS):
            if attempt and not relied_on:
                self._heads.pop(owner, None)  # it was replaced after we saw which version is in use
            head = self._heads_of({owner})[owner]
            if head is None:
                return None
            pieces = self._server.query(self._names.records, f"version in {quoted([head.version])}",
                                        ["number", "piece"], STRONG if attempt else SESSION)
            if len(pieces) == head.pieces:
                return json.loads("".join(row["piece"] for row in sorted(pieces, key=lambda row: row["number"])))
            if relied_on and self._is_replaced(head):
                raise IndexMoved(f"article {id!r} was replaced while it was being read", "ask again")
        raise IndexDamaged(f"the text of article {id!r} is not whole in {self._names.records}",
                           "run `qa index` to bring it up to date")

    def _is_replaced(self, head: Head) -> bool:
        rows = self._server.query(self._names.articles, f"owner in {quoted([head.owner])}", ["version"], STRONG)
        return [row["version"] for row in rows] != [head.version]

    def close(self) -> None:
        self._passages.clear()
        self._heads.clear()

    def _heads_of(self, owners: set[str]) -> dict[str, Head | None]:
        """Owner -> its head, None where it has none or none that is in use."""
        heads = {owner: self._heads[owner] for owner in owners if owner in self._heads}
        heads |= self._ask_heads(sorted(owners - heads.keys()))
        with self._changing:
            if len(self._heads) > _AT_HAND:
                self._heads.clear()
            self._heads.update(heads)
        return heads

    def _ask_heads(self, owners: Sequence[str]) -> dict[str, Head | None]:
        """As they are on the server. Strong: one read too early would hide its article for as long as it is kept."""
        heads: dict[str, Head | None] = dict.fromkeys(owners)
        for some in batches(owners, MOST):
            rows = self._server.query(self._names.articles, f"owner in {quoted(some)}", _HEAD, STRONG)
            heads |= {row["owner"]: _head(row) for row in rows if row["text"]}
        return heads


def packed(article: Article, removed: Sequence[RemovedLine]) -> list[str]:
    """The record of an article, as pieces that a server's strings can hold."""
    record = {"id": article.id, "text": article.text, "sha256": article.sha256, "spans": content.spans(article),
              "shown": content.shown(article), "removed": content.removed(removed)}
    return pieces(json.dumps(record, ensure_ascii=False))


def pieces(text: str, size: int = _PIECE) -> list[str]:
    """`text` cut into pieces of at most `size` bytes in UTF-8, `size` being 4 or more; no character is cut."""
    raw, cut, start = text.encode("utf-8"), [], 0
    while start < len(raw):
        end = min(start + size, len(raw))
        while end < len(raw) and raw[end] & 0xC0 == 0x80:  # inside a character
            end -= 1
        cut.append(raw[start:end].decode("utf-8"))
        start = end
    return cut


def _restored(record: Mapping[str, Any], names: Names) -> Article:
    try:
        return content.restored(record["id"], record["text"], record["spans"], record["shown"], record["sha256"])
    except (ValueError, LookupError, TypeError) as error:
        raise IndexDamaged(f"{names.records} is damaged ({error})", "run `qa index` to build it again") from error


def _belongs(row: Mapping[str, Any], head: Head | None) -> bool:
    return head is not None and head.text == row["text"]


def _passage(row: Mapping[str, Any]) -> Passage:
    return Passage(row["id"], row["article"], row["start"], row["end"], row["tokens"])


def _head(row: Mapping[str, Any]) -> Head:
    return Head(*(row[field] for field in _HEAD))
