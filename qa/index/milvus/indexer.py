"""One indexer's run over its share of the articles, to a build on a Milvus server.

An article is written whole, texts and passages, before its head names the new version: that is the moment from which it
is asked, and what it replaced is deleted after. Until then its head says who began with it, so that a run that died is
seen and its share is finished by running it again, on any machine.
"""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from qa.errors import ArticleError, UsageError
from qa.index import content
from qa.index.changes import Changes, Wanted, nothing_readable
from qa.index.embed import Encoder, Floats
from qa.index.milvus import schema
from qa.index.milvus.builds import Builds, Run
from qa.index.milvus.records import packed, pieces
from qa.index.milvus.rows import Head, Ready, Todo, head_row, new_head, passage_rows, record_rows, refused_head
from qa.index.milvus.schema import Names
from qa.index.milvus.server import STRONG, batches, quoted
from qa.index.recipe import Progress, Recipe, file_sha256, path_of
from qa.index.share import WHOLE, Share
from qa.ingest.folder import Found, read_article
from qa.ingest.split import passages

_PASSAGES_AT_ONCE = 256  # embedded and written between two commits: what a crash costs
_ARTICLES_AT_ONCE = 64
_KEYS_AT_ONCE = 1_000  # hashes in one filter
_MOST_WANTED = 500  # bytes
_SEALED_FROM = 1_000  # passages written, from which what was written is sealed at the end

@dataclass(slots=True)
class _Tally:
    """What a run did."""

    added: list[str]
    updated: list[str]
    refused: list[tuple[str, str]]
    notes: list[tuple[str, str]]
    passages: int = 0


class Indexer:
    """Brings a share of the build that `recipe` makes up to date. `encoder()` loads the model, if it must."""

    def __init__(self, builds: Builds, folder: Path, recipe: Recipe, encoder: Callable[[], Encoder],
                 progress: Progress):
        self._builds, self._server, self._folder = builds, builds.server, folder
        self._recipe, self._encoder, self._progress = recipe, encoder, progress

    def run(self, found: Sequence[Found], wanted: Wanted, names: Names) -> tuple[Changes, Run]:
        """Makes the share of the build `names`, which was begun, match `found`, or the part of it that is wanted.

        Raises UsageError for a path that is no file, NoArticles where nothing is left to be asked.
        """
        heads = self._heads(names, wanted.share)
        mine = [file for file in found if wanted.share.holds(file.id)]
        self._check_scope(found, wanted.scope, heads)
        chosen = _chosen(mine, wanted.scope, heads, self._folder)
        self._check_folder(names, mine, wanted, heads)
        todo, unchanged = self._compare(chosen, heads)
        tally, run = _Tally([], [], [], []), _run(wanted.share, len(todo))
        whole = not wanted.scope
        if whole:
            self._builds.note(names, run)
        self._begin(names, todo, run, wanted.since, self._dates(names, wanted.share))
        for batch in self._batches(todo, tally):
            self._write(names, batch, tally)
            run = replace(run, seen=_now(), done=run.done + len(batch))
            if whole:
                self._builds.note(names, run)
        unread = {path for path, _ in tally.refused}
        gone = self._gone(chosen, mine, wanted.scope, heads, unread)
        stay = any(head["text"] for id, head in heads.items() if id not in gone)
        if not (stay or tally.added or wanted.allow_empty):
            self._check_not_empty(found, wanted, tally)
        self._remove(names, [heads[id] for id in gone])
        self._server.upsert(names.articles, [refused_head(one) for one in todo if one.path in unread])
        if tally.passages >= _SEALED_FROM:
            for collection in (names.passages, names.articles, names.records):
                self._server.flush(collection)
        run = replace(run, seen=_now(), done=len(todo), refused=len(tally.refused), finished=True)
        if whole:
            self._builds.note(names, run)
        removed = tuple(id for id in gone if heads[id]["text"])
        return Changes(tuple(tally.added), tuple(tally.updated), removed, tuple(unchanged),
                       tuple(tally.refused), tuple(tally.notes)), run

    def _heads(self, names: Names, share: Share) -> dict[str, Head]:
        """Article id -> its row, of every article of `share` that the build knows."""
        pages = self._server.every(names.articles, _within(share), schema.HEAD)
        return {row["id"]: row for page in pages for row in page}

    def _dates(self, names: Names, share: Share) -> dict[str, str]:
        """Article id -> when it was first indexed, as the build in use has it, where that is another one."""
        old = self._builds.in_use()
        if old is None or old == names:
            return {}
        pages = self._server.every(old.articles, _within(share), ["id", "added"])
        return {row["id"]: row["added"] for page in pages for row in page}

    def _check_scope(self, found: Sequence[Found], scope: Sequence[Path], heads: Mapping[str, Head]) -> None:
        """Raises UsageError for a path that names no file, indexed or not: a slip of the keyboard."""
        known = [file.path for file in found] + [self._folder / head["path"] for head in heads.values()]
        for path in scope:
            if not any(file.is_relative_to(path) for file in known):
                raise UsageError(f"{path} is neither a file to index nor one that is indexed", "check the path")

    def _check_folder(self, names: Names, mine: Sequence[Found], wanted: Wanted, heads: Mapping[str, Head]) -> None:
        """Raises UsageError where another folder would take the place of the one that was indexed: a slip, mostly."""
        manifest = self._builds.manifest(names)
        known = [id for id, head in heads.items() if head["text"]]
        there = {file.id for file in mine}
        gone = sum(id not in there for id in known)
        if not wanted.scope and manifest and manifest.folder != str(self._folder) and gone > len(known) / 2:
            raise UsageError(f"{self._folder} lacks {gone:,} of {len(known):,} articles of this index, which is of "
                             f"{manifest.folder}", "give that folder with --articles, or this one a prefix of its own "
                             "with QA_MILVUS_PREFIX")

    def _compare(self, chosen: Sequence[Found], heads: Mapping[str, Head]) -> tuple[list[Todo], list[str]]:
        """The files to be read, and the ids of the articles that are as their files are."""
        todo, unchanged = [], []
        for done, file in enumerate(chosen, 1):
            head, sha256 = heads.get(file.id), file_sha256(file, self._recipe)
            now = Todo(file, path_of(file, self._folder), sha256, self._recipe.key(file.id), head)
            if head and head["text"] and not head["wanted"] and sha256 and (
                    (head["file"], head["recipe"], head["path"]) == (sha256, now.recipe, now.path)):
                unchanged.append(file.id)
            else:
                todo.append(now)
            self._progress("reading", done, len(chosen))
        return todo, unchanged

    def _begin(self, names: Names, todo: Sequence[Todo], run: Run, since: Mapping[str, str],
               dates: Mapping[str, str]) -> None:
        """Says in the heads of the articles to be written who writes them; what is in use stays so."""
        begun = pieces(f"begun by share {run.share} on {run.where} at {run.began}", _MOST_WANTED)[0]
        for start in range(0, len(todo), _KEYS_AT_ONCE):
            some = todo[start:start + _KEYS_AT_ONCE]
            now = self._as_they_are(names, [content.hashed(one.file.id) for one in some])
            for n, (file, path, *_) in enumerate(some, start):
                head = now.get(content.hashed(file.id))
                if head is None:
                    head = new_head(file.id, path, dates.get(file.id) or since.get(path) or run.began)
                again = bool(head["version"] or head["wanted"])
                todo[n] = todo[n]._replace(head={**head, "wanted": begun}, again=again)
            self._server.upsert(names.articles, [{**todo[n].head, **schema.UNUSED}
                                                 for n in range(start, start + len(some))])

    def _as_they_are(self, names: Names, owners: Sequence[str]) -> dict[str, Head]:
        """Owner -> its row at this moment: another indexer may have written it since this run began."""
        rows = self._server.query(names.articles, f"owner in {quoted(owners)}", schema.HEAD, STRONG)
        return {row["owner"]: row for row in rows}

    def _batches(self, todo: Sequence[Todo], tally: _Tally) -> Iterator[list[Ready]]:
        """The articles read, as many at once as are to be written at once."""
        batch: list[Ready] = []
        for done, one in enumerate(todo, 1):
            self._progress("embedding", done - 1, len(todo))
            try:
                batch.append(self._read(one))
            except ArticleError as error:
                tally.refused.append((one.path, str(error)))
            if len(batch) == _ARTICLES_AT_ONCE or sum(len(r.passages) for r in batch) >= _PASSAGES_AT_ONCE:
                yield batch
                batch = []
            self._progress("embedding", done, len(todo))
        if batch:
            yield batch

    def _read(self, todo: Todo) -> Ready:
        ingested = read_article(todo.file, self._recipe.settings.ingest, self._recipe.fits, self._recipe.origins)
        cut = passages(ingested.article, self._recipe.fits, self._recipe.settings.split)
        inputs = content.inputs(ingested.article, cut)
        hashes = [content.hashed(text) for text in inputs]
        # With the id, or two articles of the same words would share rows and one would delete the other's.
        version = content.hashed(f"{ingested.article.id}\0{content.version(ingested, cut, hashes)}")
        return Ready(todo, ingested, cut, inputs, hashes, version, packed(ingested.article, ingested.removed))

    def _write(self, names: Names, batch: Sequence[Ready], tally: _Tally) -> None:
        vectors = self._vectors(names, batch)
        self._progress("writing", 0, 1)
        self._server.upsert(names.passages, [row for ready in batch for row in passage_rows(ready, vectors)])
        self._server.upsert(names.records, [row for ready in batch for row in record_rows(ready)])
        self._server.upsert(names.articles, [head_row(ready) for ready in batch])  # from here on they are asked
        self._builds.touch(names)
        self._clear_replaced(names, batch)
        self._finish(names, batch, tally)
        self._progress("writing", 1, 1)
        for ready in batch:
            before = ready.todo.head["version"]
            if before != ready.version:
                (tally.updated if before else tally.added).append(ready.ingested.article.id)
            tally.notes.extend((ready.ingested.article.id, note) for note in ready.ingested.notes)
            tally.passages += len(ready.passages)

    def _finish(self, names: Names, batch: Sequence[Ready], tally: _Tally) -> None:
        """Says that these articles are done, and takes it back of one of which not everything is there.

        Such a one was written at the same time by another indexer, which saw other words in its file: each deletes what
        is not its own. Whoever writes the head last looks last, so one of them sees it.
        """
        self._server.upsert(names.articles, [{**head_row(ready), "wanted": ""} for ready in batch])
        owners = [ready.todo.head["owner"] for ready in batch]
        heads = self._as_they_are(names, owners)
        there = [Counter(row["version"] for page in self._server.every(
            collection, f"owner in {quoted(owners)}", ["version"]) for row in page)
            for collection in (names.passages, names.records)]
        lost = [ready for ready in batch
                if [count[ready.version] for count in there] != [len(ready.passages), len(ready.pieces)]]
        self._server.upsert(names.articles, [
            {**heads.get(ready.todo.head["owner"], head_row(ready)), "wanted": "written by two indexers at once",
             **schema.UNUSED} for ready in lost])
        note = "another indexer wrote it at the same time; run `qa index` again"
        tally.notes.extend((ready.ingested.article.id, note) for ready in lost)

    def _vectors(self, names: Names, batch: Sequence[Ready]) -> dict[str, Floats]:
        """Hash of an input -> its vector: one that some build holds already, or a new one."""
        texts = {hashed: text for ready in batch for hashed, text in zip(ready.hashes, ready.inputs, strict=True)}
        known: dict[str, Floats] = {}
        for build in self._sharing_vectors(names):
            for some in batches(sorted(texts.keys() - known.keys()), _KEYS_AT_ONCE):
                rows = self._server.query(build.passages, f"input in {quoted(some)}", ["input", "vector"])
                known.update((row["input"], row["vector"]) for row in rows)
        new = sorted(texts.keys() - known.keys())
        known.update(zip(new, self._encoder().encode([texts[hashed] for hashed in new]) if new else (), strict=True))
        return known

    def _sharing_vectors(self, names: Names) -> list[Names]:
        """The builds whose vectors are this encoder's."""
        other = self._builds.in_use()
        if other is None or other == names:
            return [names]
        manifest = self._builds.manifest(other)
        return [names, other] if manifest and manifest.fingerprint == self._recipe.fingerprint else [names]

    def _clear_replaced(self, names: Names, batch: Sequence[Ready]) -> None:
        """Deletes what earlier versions of these articles left, and earlier runs that did not finish."""
        again = [ready for ready in batch if ready.todo.again]
        if again:
            owners = quoted([ready.todo.head["owner"] for ready in again])
            versions = quoted([ready.version for ready in again])
            for collection in (names.passages, names.records):
                self._server.delete(collection, f"owner in {owners} and version not in {versions}")

    def _gone(self, chosen: Sequence[Found], mine: Sequence[Found], scope: Sequence[Path], heads: Mapping[str, Head],
              refused: set[str]) -> list[str]:
        """The ids of articles whose files are gone, or cannot be read any more."""
        there = {file.id for file in mine}
        unreadable = {file.id for file in chosen if path_of(file, self._folder) in refused}
        in_scope = (id for id, head in heads.items()
                    if not scope or any((self._folder / head["path"]).is_relative_to(path) for path in scope))
        renamed = {path_of(file, self._folder): file.id for file in chosen}
        return sorted({id for id in in_scope if id not in there} | (unreadable & heads.keys()) |
                      {id for id, head in heads.items() if renamed.get(head["path"], id) != id and id not in there})

    def _remove(self, names: Names, heads: Sequence[Head]) -> None:
        """Takes articles out: first out of sight, then their words, then their heads."""
        for some in batches(heads, _KEYS_AT_ONCE):
            owners = quoted([head["owner"] for head in some])
            now = self._as_they_are(names, [head["owner"] for head in some])
            self._server.upsert(names.articles, [{**head, "text": "", "wanted": "to be removed", **schema.UNUSED}
                                                 for head in now.values()])
            self._builds.touch(names)
            for collection in (names.passages, names.records, names.articles):
                self._server.delete(collection, f"owner in {owners}")

    def _check_not_empty(self, found: Sequence[Found], wanted: Wanted, tally: _Tally) -> None:
        if wanted.share != WHOLE and found:
            return  # another share has some
        raise nothing_readable(self._folder, tally.refused)


def _chosen(mine: Sequence[Found], scope: Sequence[Path], heads: Mapping[str, Head], folder: Path) -> list[Found]:
    """The files in scope, and those whose id changed because a file beside them came or went."""
    ids = {head["path"]: id for id, head in heads.items()}
    return [file for file in mine if not scope or any(file.path.is_relative_to(path) for path in scope)
            or ids.get(path_of(file, folder), file.id) != file.id]


def _within(share: Share) -> str:
    """A filter for the articles of `share`."""
    return f"bucket >= {share.buckets.start} and bucket < {share.buckets.stop}"


def _run(share: Share, articles: int) -> Run:
    now = _now()
    return Run(share, f"{socket.gethostname()} (process {os.getpid()})", now, now, articles, 0)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
