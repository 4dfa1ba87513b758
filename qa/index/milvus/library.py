"""The index on a Milvus server: any number of machines answer from it, and index into it, at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from qa.errors import IndexMismatch, IndexMissing, NoArticles, UsageError
from qa.index import analyse
from qa.index.changes import ArticleRow, Changes, Unfinished, Wanted
from qa.index.embed import Encoder
from qa.index.milvus import schema
from qa.index.milvus.builds import Builds, Manifest
from qa.index.milvus.engine import MilvusEngine
from qa.index.milvus.indexer import Indexer
from qa.index.milvus.records import MilvusRecords
from qa.index.milvus.schema import Names
from qa.index.milvus.server import STRONG, Server
from qa.index.recipe import Progress, Recipe, file_sha256
from qa.index.snapshot import Snapshot
from qa.ingest.folder import Found
from qa.records import Article, RemovedLine
from qa.settings import Milvus

_SCHEMES = ("http", "https", "tcp", "unix")


class MilvusIndex:
    """A `Backend` on the server that `settings` names. Raises UsageError where they name none that could be asked.

    recipe(fingerprint): how files are read; `fingerprint` is the encoder's, None for the one at hand.
    """

    def __init__(self, settings: Milvus, articles: Path, recipe: Callable[[str | None], Recipe], encoder_name: str,
                 encoder: Callable[[], Encoder]):
        _check(settings)
        self._articles, self._recipe, self._encoder_name, self._encoder = articles, recipe, encoder_name, encoder
        self._server = Server(settings, settings.patience)
        self._builds = Builds(self._server, settings)
        self._writing = Builds(self._server.patient(settings.index_patience), settings)
        self.name = f"{settings.prefix} on {self._server.address}"

    def state(self, found: Callable[[], Sequence[Found] | None]) -> str:
        """"missing", "building" (by indexers that are not done with the first build), "mismatch" or "current".

        Never "behind": only `qa index` looks at the folder, which other machines may not see.
        """
        try:
            self._check_fit(self._builds.present()[0])
            return "current"
        except IndexMissing:
            return "building" if self._builds.runs(self._builds.name(self._recipe(None))) else "missing"
        except IndexMismatch:
            return "mismatch"

    def generation(self) -> Hashable | None:
        try:
            manifest, revision = self._builds.present()
        except IndexMissing:
            return None
        return manifest.build, revision

    def holds_articles(self) -> bool:
        names = self._builds.in_use()
        return names is not None and bool(
            self._server.query(names.articles, 'text != ""', ["owner"], STRONG, limit=1))

    def build(self, found: Sequence[Found], wanted: Wanted, progress: Progress) -> Changes:
        if not found and not wanted.allow_empty and not self.holds_articles():
            raise NoArticles(f"{self._articles} holds no file that could be an article",
                             "put .txt, .md, .html, .pdf or .docx files there")
        recipe, in_use = self._recipe(None), self._writing.in_use()
        names = self._writing.name(recipe)
        self._writing.begin(names, lambda: self._manifest(names, recipe))
        if in_use != names:
            wanted = replace(wanted, scope=())  # a new build is of all articles
        indexer = Indexer(self._writing, self._articles, recipe, self._encoder, progress)
        changes, _ = indexer.run(found, wanted, names)
        if in_use == names:
            return changes
        if waiting := self._writing.waits_for(names):
            shares = ", ".join(map(str, waiting[:5])) + (f" and {len(waiting) - 5} more" if len(waiting) > 5 else "")
            until = "until then the build before answers" if in_use else "nothing can be asked until then"
            return replace(changes, notes=(*changes.notes, (names.build, f"waits for share {shares}; {until}")))
        self._writing.use(names, self._encoder)
        return changes

    def open(self) -> Snapshot:
        manifest, revision = self._present()
        self._check_fit(manifest)
        names = Names(manifest.build)
        records = MilvusRecords(self._server, names)
        engine = MilvusEngine(self._server, names, records)

        def counted() -> Manifest:
            articles = self._server.count(names.articles, 'text != ""')
            return replace(manifest, articles=articles, passages=engine.count())

        return Snapshot((manifest.build, revision), counted, engine, records, self._encoder)

    def list(self) -> list[ArticleRow]:
        names = self._names()
        fields = ["id", "about", "words", "passages", "text", "path", "added"]
        rows = (row for page in self._server.every(names.articles, 'text != ""', fields) for row in page)
        return sorted((_listed(row) for row in rows), key=lambda row: row.id)

    def read(self, article_id: str) -> Article | None:
        return MilvusRecords(self._server, self._names()).article(article_id)

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        records = MilvusRecords(self._server, self._names())
        return {id: records.removed_of(id) or () for id in records.articles()}

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...] | None:
        return MilvusRecords(self._server, self._names()).removed_of(article_id)

    def unfinished(self, found: Sequence[Found]) -> list[Unfinished]:
        recipe = self._recipe(None)
        names = self._builds.name(recipe)
        if self._builds.manifest(names) is None:
            return [Unfinished(file.id, "not indexed yet") for file in found]
        runs = self._builds.runs(names)
        shares = [Unfinished(f"share {run.share}", f"begun on {run.where} at {run.began}, last heard of at {run.seen}, "
                             f"{run.done:,} of {run.articles:,} articles; run `qa index --shard {run.share}` again")
                  for run in runs if not run.finished]
        begun = {run.share for run in runs}
        if self._builds.in_use() != names:
            shares += [Unfinished(f"share {share}", f"not begun; run `qa index --shard {share}`")
                       for share in self._builds.waits_for(names) if share not in begun]
        return [*shares, *self._unfinished_articles(names, found, recipe)]

    def roll_back(self) -> str:
        return self._writing.roll_back()

    def _unfinished_articles(self, names: Names, found: Sequence[Found], recipe: Recipe) -> list[Unfinished]:
        pages = self._server.every(names.articles, "", ["id", "file", "recipe", "wanted", "text"])
        heads = {row["id"]: row for page in pages for row in page}
        why = {id: row["wanted"] for id, row in heads.items() if row["wanted"]}
        for file in found:
            head = heads.get(file.id)
            if head is None:
                why[file.id] = "not indexed yet"
            elif (head["file"], head["recipe"]) != (file_sha256(file, recipe), recipe.key(file.id)):
                why.setdefault(file.id, "changed since it was indexed")
        return [Unfinished(id, why[id]) for id in sorted(why)]

    def _manifest(self, names: Names, recipe: Recipe) -> Manifest:
        settings = recipe.settings
        return Manifest(names.build, datetime.now().astimezone().isoformat(timespec="seconds"), str(self._articles),
                        schema.NAME, analyse.VERSION, self._encoder_name, recipe.fingerprint,
                        self._encoder().dimensions, asdict(settings.ingest), asdict(settings.split))

    def _names(self) -> Names:
        return Names(self._present()[0].build)

    def _present(self) -> tuple[Manifest, str]:
        """As `Builds.present`; where a first build is not done yet, says what it waits for."""
        try:
            return self._builds.present()
        except IndexMissing:
            names = self._builds.name(self._recipe(None))
            waiting = self._builds.waits_for(names) if self._builds.runs(names) else []
            if not waiting:
                raise
            raise IndexMissing(f"the first build of {self.name} waits for share {', '.join(map(str, waiting[:5]))}",
                               f"run `qa index --shard {waiting[0]}`") from None

    def _check_fit(self, manifest: Manifest) -> None:
        """Raises IndexMismatch where this program or its encoder cannot search the build."""
        if manifest.fingerprint != self._recipe(None).fingerprint:
            raise IndexMismatch(f"the index {self.name} was built with encoder {manifest.encoder!r}, "
                                f"not with {self._encoder_name!r} as it is now", "run `qa index`")
        if (manifest.analysis, manifest.engine) != (analyse.VERSION, schema.NAME):
            raise IndexMismatch(f"the index {self.name} was built by another version of qa", "run `qa index`")


def _check(settings: Milvus) -> None:
    if not settings.uri:
        raise UsageError("the engine milvus needs the address of a server", "give one with --milvus-uri http://HOST:19530")
    if not _is_address(settings.uri):
        # Not repeated here: it may hold a password, where nobody can tell.
        raise UsageError("what --milvus-uri or the settings give is no address of a Milvus server",
                         "give one such as http://HOST:19530, or a file name ending in .db for Milvus Lite; in a "
                         "password write @ : / ? # as %40 %3A %2F %3F %23, or set QA_MILVUS_TOKEN instead")
    if not (settings.prefix.isascii() and settings.prefix.isidentifier() and len(settings.prefix) <= 100):
        raise UsageError(f"the prefix {settings.prefix!r} cannot begin the name of a collection",
                         "use letters, digits and _, no digit first, 100 at most")
    if not settings.token.isprintable():
        raise UsageError("the token holds something that is no text", "set QA_MILVUS_TOKEN anew")
    if not settings.database.isascii():
        raise UsageError(f"{settings.database!r} is no name of a database", "use letters, digits and _")


def _is_address(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        there = parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0
        if set("?#") & set(uri) or "@" in parts.path:  # of a password that is not written as an address wants it
            return False
        return uri.endswith(".db") or (parts.scheme in _SCHEMES and bool(there))
    except ValueError:  # of a port that is none, or half an IPv6 address
        return False


def _listed(row: Mapping[str, object]) -> ArticleRow:
    about = json.loads(row["about"])
    return ArticleRow(row["id"], about.get("title"), about.get("source"), about.get("date"), row["words"],
                      row["passages"], row["text"], row["path"], row["added"])
