"""Builds on a Milvus server: making one, putting it in the place of the one in use, going back.

What is asked is the build that the alias names. Another way of building (another encoder, split, ...) has another name
and fills collections of its own; when every share of it is done and it finds what the one in use finds, the alias moves
in one step. The build before stays for going back to, until the next one comes.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from qa.errors import IndexDamaged, IndexMismatch, IndexMissing, UsageError
from qa.index import analyse, content
from qa.index.embed import Encoder
from qa.index.milvus import schema
from qa.index.milvus.engine import MilvusEngine
from qa.index.milvus.records import MilvusRecords
from qa.index.milvus.schema import Names
from qa.index.milvus.server import MOST, STRONG, NotFound, Server, batches, quoted
from qa.index.recipe import Recipe
from qa.index.share import BUCKETS, Share
from qa.settings import Milvus

_DIGITS = 10  # of the hash in a build's name
_NEW = 3_600  # seconds for which a build without a sign of an indexer is left alone
_OWNER = "build"  # of the records that are about the build
_SAMPLED = 40  # sentences looked for in a new build before it is used
_NEAR = 10  # passages among which one is to be found
_SHRUNK = 0.5  # the share of the articles in use that a new build must hold: less is a folder that is not all there
_LESS = 0.1  # by which share of them fewer a new build may find than the one in use


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a build was made with; `folder` is the articles folder of the indexer that began it."""

    build: str
    built: str
    folder: str
    engine: str
    analysis: int
    encoder: str
    fingerprint: str
    dimensions: int
    ingest: Mapping[str, Any]
    split: Mapping[str, Any]
    articles: int = 0
    passages: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """An indexer's work on a share: `done` of `articles` so far; `seen` is the time of its last sign of life."""

    share: Share
    where: str
    began: str
    seen: str
    articles: int
    done: int
    refused: int = 0
    finished: bool = False

    @property
    def key(self) -> str:
        return f"run{self.share.of}x{self.share.number}"


class Builds:
    """The builds of one prefix on a server."""

    def __init__(self, server: Server, settings: Milvus):
        self.server, self._settings = server, settings

    def name(self, recipe: Recipe) -> Names:
        """Of the build that `recipe` makes: equal on every machine, and another where anything stored would differ."""
        made = [schema.NAME, analyse.VERSION, recipe.fingerprint, asdict(recipe.settings.ingest),
                asdict(recipe.settings.split), self._settings.hnsw_m, self._settings.hnsw_ef_construction]
        return Names(f"{self._settings.prefix}_{content.hashed(json.dumps(made))[:_DIGITS]}")

    def in_use(self) -> Names | None:
        """The build that is asked; None where there is none yet."""
        records = self.server.target(self._settings.prefix)
        return records and Names.of_records(records)

    def present(self) -> tuple[Manifest, str]:
        """The manifest of the build in use, and a text that changes whenever something in it does.

        One request, which is made for every question. Raises IndexMissing where there is none.
        """
        try:
            rows = self.server.query(self._settings.prefix, f'key in {quoted(["manifest", "revision"])}',
                                     ["key", "piece"])
        except NotFound:
            raise IndexMissing(f"nothing is indexed under {self._settings.prefix!r} on {self.server.address} yet",
                               "run `qa index`") from None
        found = {row["key"]: row["piece"] for row in rows}
        if "manifest" not in found:
            raise IndexDamaged(f"the build that {self._settings.prefix!r} names on {self.server.address} has no "
                               "manifest", "run `qa index` to build it again")
        return Manifest(**json.loads(found["manifest"])), found.get("revision", "")

    def manifest(self, names: Names) -> Manifest | None:
        """Of the build `names`; None where there is no such build, or it was begun and has none."""
        piece = self._piece(names, "manifest")
        return piece and Manifest(**json.loads(piece))

    def begin(self, names: Names, manifest: Callable[[], Manifest]) -> None:
        """Makes the collections of the build `names` where they are missing."""
        if self._settings.prefix in self.server.collections():
            raise IndexMismatch(f"a collection on {self.server.address} that is not qa's has the name "
                                f"{self._settings.prefix!r}", "choose another prefix")
        known = self.manifest(names)
        made = known or manifest()
        for collection, kind in ((names.records, schema.RECORDS), (names.articles, schema.ARTICLES),
                                 (names.passages, schema.passages(made.dimensions))):
            self.server.create(collection, kind)
        if known is None:
            self._write(names, "manifest", json.dumps(asdict(made)))

    def touch(self, names: Names) -> None:
        """Tells everybody who asks that something in `names` is another now."""
        self._write(names, "revision", uuid.uuid4().hex)

    def note(self, names: Names, run: Run) -> None:
        """Remembers how far a run is."""
        self._write(names, run.key, json.dumps(asdict(run)))

    def runs(self, names: Names) -> list[Run]:
        """The last run of each share, by share."""
        try:
            rows = self.server.query(names.records, f'owner in {quoted([_OWNER])}', ["key", "piece"], STRONG)
        except NotFound:
            return []
        found = [json.loads(row["piece"]) for row in rows if row["key"].startswith("run")]
        return sorted((Run(**{**run, "share": Share(*run["share"])}) for run in found), key=lambda run: run.share[::-1])

    def waits_for(self, names: Names) -> list[Share]:
        """The shares that are not done yet; none where the build is whole. All of it where nothing was begun."""
        runs = self.runs(names)
        finished = {run.share for run in runs if run.finished}
        of = sorted({run.share.of for run in runs}) or [1]
        waiting = [[Share(n, parts) for n in range(1, parts + 1) if Share(n, parts) not in finished] for parts in of]
        return min(waiting, key=len)

    def use(self, names: Names, encoder: Callable[[], Encoder]) -> None:
        """Has `names` answer from now on, checked against the build that answers now.

        Raises IndexDamaged where it does not hold what it should, or finds less; all stays as it is then.
        """
        old = self.in_use()
        if old == names:  # another indexer, done at the same time, was quicker
            return self.touch(names)
        for collection in (names.passages, names.articles, names.records):
            self.server.flush(collection)
        self._check_counts(names, old)
        self._check_finding(names, old, encoder)
        if self.in_use() != old:
            return self.use(names, encoder)
        superseded = old and self._piece(old, "previous")
        if old is not None:
            self._write(names, "previous", old.build)
            self._forget_runs(old)
        self.touch(names)
        self.server.point(self._settings.prefix, names.records)
        self._drop_others({names, old}, superseded)

    def roll_back(self) -> str:
        """Has the build before the one in use answer. Raises UsageError where there is none."""
        now = self.in_use()
        before = now and self._piece(now, "previous")
        if not before or before == now.build or not self._is_there(Names(before)):
            raise UsageError(f"there is no earlier build under {self._settings.prefix!r} on {self.server.address}",
                             "one is kept from the first change of settings on")
        self._forget_runs(now)
        self.server.point(self._settings.prefix, Names(before).records)
        self.touch(Names(before))
        return f"{before} answers now in place of {now.build}, which `qa index` with its settings takes up again"

    def _check_counts(self, names: Names, old: Names | None) -> None:
        held = self._passages_by_article(names)
        expected, before = sum(held), old and len(self._passages_by_article(old))
        if before and len(held) < _SHRUNK * before:
            raise IndexDamaged(f"the new build {names.build} holds {len(held):,} articles, the one in use {before:,}",
                               "if they are gone for good, run `qa index` with the settings of before, then with these")
        there = self.server.count(names.passages, level=STRONG)
        if there != expected:
            wrong = self._mark_wrong(names)
            meanwhile = "" if old is None else "; the build before answers meanwhile"
            raise IndexDamaged(f"the new build {names.build} holds {there:,} passages of {expected:,}",
                               f"run `qa index` again, which writes {wrong:,} articles anew{meanwhile}")

    def _mark_wrong(self, names: Names) -> int:
        """Has the next run write the articles anew that have more or fewer passages than they should; how many."""
        pages = self.server.every(names.passages, "", ["owner"])
        there = Counter(row["owner"] for page in pages for row in page)
        heads = {row["owner"]: row for page in self.server.every(names.articles, "", schema.HEAD) for row in page}
        wrong = [{**head, "wanted": "passages of it were lost", **schema.UNUSED}
                 for owner, head in heads.items() if head["passages"] != there[owner]]
        self.server.upsert(names.articles, wrong)
        for some in batches(sorted(there.keys() - heads.keys()), MOST):  # of articles that were taken out meanwhile
            self.server.delete(names.passages, f"owner in {quoted(some)}")
        return len(wrong)

    def _passages_by_article(self, names: Names) -> list[int]:
        pages = self.server.every(names.articles, 'text != ""', ["passages"])
        return [row["passages"] for page in pages for row in page]

    def _check_finding(self, names: Names, old: Names | None, encoder: Callable[[], Encoder]) -> None:
        if old is None:
            return  # what can be found at all hangs on the articles: there is nothing to compare it with
        sample = list(self._sample(names, old))
        if not sample:
            return
        new_share = self._found(names, sample, encoder)
        wanted = self._found(old, sample, encoder) - _LESS
        if new_share < wanted:
            raise IndexDamaged(f"the new build {names.build} finds {new_share:.0%} of {len(sample)} sentences that it "
                               f"holds, where at least {wanted:.0%} were expected",
                               "look at the settings and run `qa index` again; the build before answers meanwhile")

    def _sample(self, names: Names, old: Names) -> Iterator[tuple[str, int, int, str]]:
        """(article, start, end, sentence): the longest sentences of some articles that both builds hold alike."""
        records = MilvusRecords(self.server, names)
        others = MilvusRecords(self.server, old)
        for id in self._some_articles(names):
            article, other = records.article(id), others.article(id)
            if article is None or other is None or other.sha256 != article.sha256:
                continue
            plain = [s for s in article.sentences if not s.heading]
            if plain:
                longest = max(plain, key=lambda s: s.end - s.start)
                yield id, longest.start, longest.end, article.text[longest.start:longest.end]

    def _some_articles(self, names: Names) -> list[str]:
        """The ids of some articles of the build, the same each time."""
        draw, found = random.Random(names.build), set[str]()
        for _ in range(_SAMPLED):
            where = f'bucket >= {draw.randrange(BUCKETS)} and text != ""'
            found.update(row["id"] for row in self.server.query(names.articles, where, ["id"], STRONG, limit=1))
        return sorted(found)

    def _found(self, names: Names, sample: list[tuple[str, int, int, str]], encoder: Callable[[], Encoder]) -> float:
        """The share of `sample` of which a passage that overlaps it is among the nearest; by words where the build
        has vectors of another encoder."""
        records, manifest = MilvusRecords(self.server, names), self.manifest(names)
        engine, found = MilvusEngine(self.server, names, records), 0
        same = manifest is not None and manifest.fingerprint == encoder().fingerprint
        for article, start, end, sentence in sample:
            hits = engine.by_words(analyse.terms(sentence), _NEAR)
            if same:
                hits = [*hits, *engine.by_vector(encoder().encode([sentence])[0], _NEAR)]
            places = (records.passage(hit.passage) for hit in hits)
            found += any(p is not None and p.article == article and p.start < end and start < p.end for p in places)
        engine.close()
        return found / len(sample)

    def _forget_runs(self, names: Names) -> None:
        """That a share of a build was done says nothing once another one answers: the folder goes on."""
        if keys := [run.key for run in self.runs(names)]:
            self.server.delete(names.records, f"key in {quoted(keys)}")

    def _drop_others(self, kept: set[Names | None], superseded: str | None) -> None:
        """Removes the builds of this prefix but those `kept` and what indexers are filling now.

        superseded: the one that could be gone back to until now.
        """
        name = re.compile(rf"{self._settings.prefix}_[0-9a-f]{{{_DIGITS}}}_records")
        for collection in filter(name.fullmatch, self.server.collections()):
            names = Names.of_records(collection)
            is_filling = bool(self.runs(names) and self.waits_for(names))
            if names in kept or is_filling or (names.build != superseded and self._is_new(names)):
                continue
            for each in (names.records, names.articles, names.passages):  # without its records it is no build
                self.server.drop(each)

    def _is_new(self, names: Names) -> bool:
        """Whether the build was begun just now, perhaps by an indexer that has not said so yet."""
        manifest = self.manifest(names)
        return manifest is not None and (
            datetime.now().astimezone() - datetime.fromisoformat(manifest.built)).total_seconds() < _NEW

    def _is_there(self, names: Names) -> bool:
        return self.manifest(names) is not None and {names.passages, names.articles} <= set(self.server.collections())

    def _piece(self, names: Names, key: str) -> str | None:
        try:
            rows = self.server.query(names.records, f"key in {quoted([key])}", ["piece"], STRONG)
        except NotFound:
            return None
        return rows[0]["piece"] if rows else None

    def _write(self, names: Names, key: str, piece: str) -> None:
        self.server.upsert(names.records, [{"key": key, "owner": _OWNER, "version": _OWNER, "number": 0,
                                            "piece": piece, **schema.UNUSED}])
