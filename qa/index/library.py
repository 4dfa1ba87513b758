"""The library's door: which articles there are, bringing the index up to date with their folder, opening it."""

from __future__ import annotations

import errno
import threading
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from qa.errors import IndexUnwritable, NoArticles, UsageError
from qa.index import models, places
from qa.index.backend import Backend
from qa.index.changes import ArticleRow, Changes, Unfinished, Wanted
from qa.index.embed import Encoder, load_encoder
from qa.index.recipe import Progress, Recipe
from qa.index.share import WHOLE, Share
from qa.index.snapshot import Snapshot
from qa.ingest.folder import Found, scan
from qa.ingest.load import shown
from qa.ingest.origins import load_origins
from qa.records import Article, RemovedLine
from qa.settings import MILVUS, Settings

_CLOSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NEVER: Mapping[str, str] = MappingProxyType({})

__all__ = ["ArticleRow", "Changes", "Library"]


def _silent(stage: str, done: int, total: int) -> None:
    """Shows no progress."""


class Library:
    """A folder of articles and the index of it. Making one opens nothing and loads no model.

    articles, index: folders; see `places.choose` for what stands in for one that is left out.
    encoder: in place of the one that the settings name. Where the index is kept, `settings.index.engine` says.
    """

    def __init__(self, articles: Path | str | None = None, index: Path | str | None = None,
                 settings: Settings | None = None, encoder: Encoder | None = None):
        self.settings = settings or Settings()
        self.articles, self.index = places.choose(*(Path(p) if p is not None else None for p in (articles, index)))
        self._encoder, self._loading = encoder, threading.Lock()
        self._backend = self._choose_backend()

    @property
    def encoder(self) -> Encoder:
        """The encoder; its model is loaded at the first use. Raises UsageError where it cannot be found."""
        with self._loading:
            if self._encoder is None:
                self._encoder = load_encoder(self.settings.encoder)
            return self._encoder

    @property
    def name(self) -> str:
        """Where the index is, for people."""
        return self._backend.name

    def state(self) -> str:
        """"missing", "damaged", "mismatch" (another encoder or format), "behind" the folder, or "current".

        Looks at names, sizes and times only. An articles folder that is gone leaves the index current. "behind" is
        also one that another version of qa wrote and a build brings up to date without embedding anything again.
        An index on a server is never "behind", as only `qa index` looks at the folder then; it may be "building", by
        indexers that are not done with the first build.
        """
        return self._backend.state(lambda: self.files() if self.articles.is_dir() else None)

    def generation(self) -> Hashable | None:
        """Tells the state of the index in use from every other; None where there is none. Cheap."""
        return self._backend.generation()

    def holds_articles(self) -> bool:
        """Whether something would be lost if the index were emptied: False only where it is known to hold nothing."""
        return self._backend.holds_articles()

    def files(self) -> list[Found]:
        """The folder's files, indexed or not, by id. Raises NoArticles where the folder is gone."""
        return [file for file in scan(self.articles) if not file.path.is_relative_to(self.index)]

    def make_folder(self) -> None:
        """Makes the articles folder where there is none yet.

        Raises NoArticles where it cannot be made, or where articles of it are indexed: then it is out of reach (a disk
        that is not there, say), and a new one in its place would pass for a folder from which everything was deleted.
        """
        if self.articles.is_dir() or self.holds_articles():
            return
        try:
            self.articles.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NoArticles(f"there is no articles folder {shown(self.articles)} and none can be made "
                             f"({error.strerror})", "give one with --articles DIR") from error

    def build(self, paths: Sequence[Path | str] = (), progress: Progress = _silent, allow_empty: bool = False,
              since: Mapping[str, str] = _NEVER, share: Share = WHOLE) -> Changes:
        """Makes the index match the articles folder, or only `paths` inside it; reads and embeds what is new.

        allow_empty: an index of no articles will do, and so will a folder still to be made (see `make_folder`).
        since: path -> when the article of that file was first indexed, where it was indexed before and comes back.
        share: do only this share of the articles, while other indexers do the others.

        Raises UsageError (a path outside the folder), NoArticles, IndexBusy, or IndexUnwritable where the disk is
        full or closed to writing; the index that was there before then answers on.
        """
        places.check_index(self.index, self.articles)
        if allow_empty:
            self.make_folder()
        found = self.files()
        wanted = Wanted(places.inside((Path(path) for path in paths), self.articles), allow_empty, since, share)
        try:
            return self._backend.build(found, wanted, progress)
        except OSError as error:
            remedy = "check its permissions" if error.errno in _CLOSED else "free some space on that disk"
            raise IndexUnwritable(f"the index in {self.name} cannot be written ({error.strerror or error})",
                                  f"{remedy} or choose another --index; what was indexed before still answers"
                                  ) from error

    def open(self) -> Snapshot:
        """The state in use, kept until it is closed. Raises an IndexFault that says what to run."""
        return self._backend.open()

    def list(self) -> list[ArticleRow]:
        """The indexed articles, by id."""
        return self._backend.list()

    def read(self, article_id: str) -> Article:
        """The article as indexed. Raises UsageError for an id that is not in the index."""
        article = self._backend.read(article_id)
        if article is None:
            raise _unknown(article_id)
        return article

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        """Article id -> the lines of its file that cleaning left out."""
        return self._backend.removed()

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...]:
        """The lines that cleaning left out of one article. Raises UsageError for an id that is not in the index."""
        lines = self._backend.removed_of(article_id)
        if lines is None:
            raise _unknown(article_id)
        return lines

    def unfinished(self) -> list[Unfinished]:
        """What is still to be indexed: of the folder, or of the share of another indexer."""
        return self._backend.unfinished(self.files() if self.articles.is_dir() else [])

    def roll_back(self) -> str:
        """Makes the build before the present one answer again, and says so. Raises UsageError where there is none."""
        return self._backend.roll_back()

    def _choose_backend(self) -> Backend:
        if self.settings.index.engine == MILVUS:
            from qa.index.milvus.library import MilvusIndex

            return MilvusIndex(self.settings.milvus, self.articles, self._recipe, self._encoder_name(),
                               lambda: self.encoder)
        from qa.index.local.library import LocalIndex

        return LocalIndex(self.index, self.articles, self._recipe, self._encoder_name(), lambda: self.encoder)

    def _recipe(self, fingerprint: str | None) -> Recipe:
        """How files are read; `fingerprint`: of the encoder that is to be thought of, None for the one at hand."""
        if fingerprint is None:
            fingerprint = self._fingerprint()
        return Recipe(self.settings, fingerprint, lambda text: self.encoder.fits(text), load_origins(self.articles))

    def _fingerprint(self) -> str:
        """The encoder's, without loading its model."""
        return (self._encoder.fingerprint if self._encoder is not None
                else models.fingerprint(models.locate(self.settings.encoder.name)))

    def _encoder_name(self) -> str:
        return self._encoder.name if self._encoder is not None else self.settings.encoder.name


def _unknown(article_id: str) -> UsageError:
    return UsageError(f"no article {article_id!r} in the index", "see `qa articles` for the ids")
