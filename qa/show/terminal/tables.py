"""Lists for the terminal: the articles, and what indexing changed."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from qa.show.terminal.render import visible
from qa.show.words import counted

if TYPE_CHECKING:
    from qa.index.changes import ArticleRow, Changes

_WIDE = 1_000  # columns for a pipe, where nothing needs to fit


def articles_table(rows: Sequence[ArticleRow], width: int | None) -> str:
    """The articles, one a line; cut to `width` columns, or whole where it is None."""
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "title", "source", "date"):
        table.add_column(heading, no_wrap=True, overflow="ellipsis")
    for heading in ("words", "passages"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        told = (row.id, row.title or "", row.source or "", row.date or "")
        table.add_row(*(Text(visible(cell)) for cell in told), f"{row.words:,}", f"{row.passages:,}")
    out = StringIO()
    Console(file=out, width=width or _WIDE, highlight=False, _environ={}).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def changes_text(changes: Changes) -> str:
    """What a build changed: a line for each article that is new, changed or gone, and the counts."""
    marked = (("+", changes.added), ("~", changes.updated), ("-", changes.removed))
    lines = [f"{mark} {visible(id)}" for mark, ids in marked for id in ids]
    counts = (f"{len(changes.added)} added, {len(changes.updated)} updated, {len(changes.removed)} removed, "
              f"{len(changes.unchanged)} unchanged")
    refused = f", {counted(len(changes.refused), 'file')} refused" if changes.refused else ""
    return "\n".join([*lines, counts + refused])
