"""What stands behind the library's door: where articles, passages and vectors are kept, and how they are searched.

Two of them: `local` (files of one machine) and `milvus` (a server for any number of machines).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Protocol

from qa.index.changes import ArticleRow, Changes, Unfinished, Wanted
from qa.index.recipe import Progress
from qa.index.snapshot import Snapshot
from qa.ingest.folder import Found
from qa.records import Article, RemovedLine


class Backend(Protocol):
    """One index. Making one opens nothing. Every method raises an IndexFault where the index cannot serve."""

    name: str  # what a person is told: a folder, or a server and the index's name on it

    def state(self, found: Callable[[], Sequence[Found] | None]) -> str:
        """"missing", "damaged", "mismatch", "behind" the folder's files, or "current"; see `Library.state`.

        found(): those files, where it wants to look at them; None: there is no folder.
        """

    def generation(self) -> Hashable | None:
        """Tells the state in use from every other; None where nothing is built. Cheap: asked before every question."""

    def holds_articles(self) -> bool:
        """Whether something would be lost if the index were emptied: False only where it is known to hold nothing."""

    def build(self, found: Sequence[Found], wanted: Wanted, progress: Progress) -> Changes:
        """Makes the index match `found`, or the part of it that is wanted; see `Library.build`."""

    def open(self) -> Snapshot:
        """The state in use, for answering."""

    def list(self) -> list[ArticleRow]:
        """The indexed articles, by id."""

    def read(self, article_id: str) -> Article | None:
        """The article as indexed; None for an id that is not in the index."""

    def removed(self) -> Mapping[str, tuple[RemovedLine, ...]]:
        """Article id -> the lines of its file that cleaning left out."""

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...] | None:
        """The same of one article; None for an id that is not in the index."""

    def unfinished(self, found: Sequence[Found]) -> list[Unfinished]:
        """What of `found`, or of the runs of other machines, is still to be indexed."""

    def roll_back(self) -> str:
        """Makes the build before the present one answer again; returns words for people. Raises UsageError."""
