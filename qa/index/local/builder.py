"""Builds the next generation: what the folder holds now, embedded where it is new, published in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from qa.errors import IndexFault, QAError, UsageError
from qa.index import analyse
from qa.index.changes import Changes, NotCleared, Wanted, nothing_readable
from qa.index.embed import Encoder
from qa.index.local import catalog
from qa.index.local import engine as embedded
from qa.index.local.catalog import Member
from qa.index.local.generations import Generations, Manifest
from qa.index.local.store import Store
from qa.index.local.sync import Synced, forget_others, sync
from qa.index.recipe import Progress, Recipe, path_of
from qa.ingest.folder import Found

_AT_ONCE = 256  # passages embedded between two commits: what a crash costs


@dataclass(frozen=True, slots=True)
class Builder:
    """One run of the indexer, which holds the indexer's lock. `encoder()` loads the model, if it must."""

    store: Store
    generations: Generations
    folder: Path
    recipe: Recipe
    encoder_name: str
    encoder: Callable[[], Encoder]
    progress: Progress

    def run(self, found: Sequence[Found], wanted: Wanted) -> Changes:
        """Makes the current generation match `found`, or the part of it that is wanted."""
        scope = wanted.scope
        self.generations.discard_parts()
        self._date_the_undated()
        current, old = self._present()
        if not wanted.allow_empty:
            self._check_scope(found, scope, old)
        chosen = self._chosen(found, scope, old)
        synced = sync(self.store, self.folder, chosen, self.recipe, self.progress)
        forget_others(self.store, {path_of(file, self.folder) for file in found})
        members = dict(sorted((self._out_of_scope(old, scope, chosen) | synced.members).items()))
        members = _dated(members, old, wanted.since)
        if not members and not wanted.allow_empty:
            raise nothing_readable(self.folder, synced.refused)
        changes = _compare(old, members, synced)
        self.store.set_meta("articles", str(self.folder))
        if changes or current is None or not self._serves(current):
            self._next_generation(members)
        self._clear_away()
        return changes

    def _clear_away(self) -> None:
        try:
            self.prune()
        except (QAError, OSError) as error:
            raise NotCleared(f"the index is up to date, but what it replaced cannot be cleared away ({error})",
                             "free some space and run `qa index` again, or deleted words stay in its files") from error

    def prune(self) -> None:
        """Removes generations that nobody uses and every trace of what only they held."""
        live = self.generations.prune()
        catalog.keep(self.store, live, set(filter(None, map(self._encoder_of, live))))

    def _encoder_of(self, number: int) -> str | None:
        try:
            return self.generations.manifest(number).fingerprint
        except IndexFault:
            return None  # a reader holds it, but nobody can open it any more

    def _present(self) -> tuple[int | None, Mapping[str, Member]]:
        """The generation in use, if it is whole, and its members; of the last one known where it is not."""
        with suppress(IndexFault):
            current = self.generations.current()
            members = catalog.members(self.store, current)
            if members or not self.generations.manifest(current).articles:
                return current, members
        return None, catalog.members(self.store, catalog.last_generation(self.store))

    def _date_the_undated(self) -> None:
        when = _now()
        with suppress(IndexFault):
            when = self.generations.manifest(self.generations.current()).built
        catalog.date_the_undated(self.store, when)

    def _check_scope(self, found: Sequence[Found], scope: Sequence[Path], old: Mapping[str, Member]) -> None:
        """Raises UsageError for a path that names no file, indexed or not: a slip of the keyboard."""
        known = [file.path for file in found] + [self.folder / member.path for member in old.values()]
        for path in scope:
            if not any(file.is_relative_to(path) for file in known):
                raise UsageError(f"{path} is neither a file to index nor one that is indexed", "check the path")

    def _chosen(self, found: Sequence[Found], scope: Sequence[Path], old: Mapping[str, Member]) -> list[Found]:
        """The files in scope, and those whose id changed because a file beside them came or went."""
        ids = {member.path: id for id, member in old.items()}
        return [file for file in found if not scope or any(file.path.is_relative_to(path) for path in scope)
                or ids.get(path_of(file, self.folder), file.id) != file.id]

    def _out_of_scope(self, old: Mapping[str, Member], scope: Sequence[Path],
                      chosen: Sequence[Found]) -> dict[str, Member]:
        looked_at = {path_of(file, self.folder) for file in chosen}
        return {id: member for id, member in old.items() if scope and member.path not in looked_at
                and not any((self.folder / member.path).is_relative_to(path) for path in scope)}

    def _serves(self, number: int) -> bool:
        """Whether generation `number` is whole and built the way this run would build it."""
        try:
            manifest = self.generations.manifest(number)
            self.generations.verify(manifest, bytes_too=True)
        except IndexFault:
            return False
        now = (self.recipe.fingerprint, analyse.VERSION, embedded.NAME, str(self.folder), *self._how().values())
        return now == (manifest.fingerprint, manifest.analysis, manifest.engine, manifest.folder,
                       manifest.ingest, manifest.split)

    def _next_generation(self, members: Mapping[str, Member]) -> None:
        number = max(0, catalog.last_generation(self.store), *self.generations.numbers()) + 1
        with self.store.transaction():
            catalog.set_members(self.store, number, members.values())
        self._embed(number)
        self.progress("writing", 0, 1)
        passages = catalog.count_passages(self.store, number)
        # Without any vector there is nothing to measure, and only the model itself can tell.
        dimensions = catalog.dimensions(self.store, self.recipe.fingerprint) or self.encoder().dimensions
        manifest = Manifest(generation=number, built=_now(),
                            folder=str(self.folder), engine=embedded.NAME, analysis=analyse.VERSION,
                            encoder=self.encoder_name, fingerprint=self.recipe.fingerprint, dimensions=dimensions,
                            **self._how(), articles=len(members), passages=passages, files={})
        rows = catalog.engine_rows(self.store, number, self.recipe.fingerprint)
        self.generations.publish(manifest, lambda folder: embedded.build(folder, dimensions, rows))
        self.progress("writing", 1, 1)

    def _embed(self, number: int) -> None:
        """Gives every text of generation `number` that has no vector yet one, and commits as it goes."""
        missing = catalog.unembedded(self.store, number, self.recipe.fingerprint)
        for start in range(0, len(missing), _AT_ONCE):
            texts = catalog.inputs(self.store, missing[start:start + _AT_ONCE])
            self.progress("embedding", start, len(missing))
            vectors = self.encoder().encode([text.text for text in texts])
            with self.store.transaction():
                catalog.put_vectors(self.store, self.recipe.fingerprint, texts, vectors)
            self.progress("embedding", start + len(texts), len(missing))

    def _how(self) -> dict[str, dict]:
        return {"ingest": asdict(self.recipe.settings.ingest), "split": asdict(self.recipe.settings.split)}


def _dated(members: Mapping[str, Member], old: Mapping[str, Member], since: Mapping[str, str]) -> dict[str, Member]:
    """`members` with the time at which each id was first indexed: now, where it is new."""
    now, known = _now(), {id: member.added for id, member in old.items()}
    return {id: member._replace(added=known.get(id) or since.get(member.path) or now)
            for id, member in members.items()}


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _compare(old: Mapping[str, Member], new: Mapping[str, Member], synced: Synced) -> Changes:
    both = [id for id in new if id in old]
    return Changes(added=tuple(id for id in new if id not in old),
                   updated=tuple(id for id in both if new[id].row != old[id].row),
                   removed=tuple(id for id in old if id not in new),
                   unchanged=tuple(id for id in both if new[id].row == old[id].row),
                   refused=tuple(synced.refused), notes=tuple(synced.notes))
