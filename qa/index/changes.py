"""What is asked of a build, what it changed, and the list of articles it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qa.errors import NoArticles, QAError
from qa.index.share import WHOLE, Share


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An indexed article in a list. `words` are runs of non-space characters of its cleaned text.

    `path` is its file below the articles folder; `added` the local time, ISO to the second with its offset from UTC,
    at which this id was first indexed.
    """

    id: str
    title: str | None
    source: str | None
    date: str | None
    words: int
    passages: int
    sha256: str
    path: str
    added: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a build changed: article ids by what became of them, and the files that could not be read.

    `refused` pairs a path below the articles folder with the reason; `notes` an article id with what
    reading it had to say (another charset, say).
    """

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        """Whether the set of articles or their content is another one now."""
        return bool(self.added or self.updated or self.removed)


class NotCleared(QAError):
    """The index is up to date, but what it replaced is still on the disk; the next build tries again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a run is asked for.

    scope: the part of the folder to look at; all of it where that is empty.
    allow_empty: an index without any article will do.
    since: path below the folder -> when its article was first indexed, for those that come back from the trash.
    share: which of the articles are this indexer's to do.
    """

    scope: Sequence[Path] = ()
    allow_empty: bool = False
    since: Mapping[str, str] = field(default_factory=dict)
    share: Share = WHOLE


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Something that is still to be indexed: an article (by id) or the share of an indexer, and why it is not yet."""

    what: str
    why: str


def nothing_readable(folder: Path, refused: Sequence[tuple[str, str]]) -> NoArticles:
    """What to raise where no file of `folder` became an article; `refused` as in `Changes`."""
    reasons = "; ".join(reason for _, reason in refused[:3])
    more = f"; and {len(refused) - 3} more" if len(refused) > 3 else ""
    return NoArticles(f"no file in {folder} can be read as an article ({reasons or 'it holds none'}{more})",
                      "put .txt, .md, .html, .pdf or .docx files there; the index stays as it was")
