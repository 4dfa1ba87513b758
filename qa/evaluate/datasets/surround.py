"""The same articles with other text around them, so that finding the passage is not vacuous.

The combined corpus is kept in `<index>/with-distractors/`: `articles/` holds copies, the articles under
their own ids and the other ones under `distractors/`, and `index/` is its index, so that a second
evaluation embeds nothing anew. Evidence still counts only where it stands in the original article.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qa.errors import UsageError
from qa.evaluate.datasets.apart import apart

FOLDER, PREFIX = "with-distractors", "distractors"

Progress = Callable[[str, int, int], None]


def surround(library: Any, distractors: Path, progress: Progress) -> tuple[Any, dict[str, Any]]:
    """A built library of the articles of `library` and those of the folder `distractors`, and what was added.

    Raises UsageError where the folder holds no article or the articles cannot be copied whole.
    """
    from qa import Library

    if not distractors.is_dir():
        raise UsageError(f"no folder {distractors} of distractors", "give a folder of article files")
    home = library.index / FOLDER
    _copy_both(library.articles, distractors, home / "articles", library.index)
    combined = Library(home / "articles", home / "index", apart(library.settings, FOLDER), library.encoder)
    combined.build(progress=progress)
    count = _check(library, combined)
    if not count:
        raise UsageError(f"{distractors} holds no article", "give a folder of article files")
    return combined, {"folder": distractors.resolve().name, "articles": count}


def _copy_both(articles: Path, distractors: Path, target: Path, index: Path) -> None:
    """Fresh copies with the times of the originals, by which the index knows what did not change."""
    if (articles / PREFIX).exists():
        raise UsageError(f"{articles / PREFIX} stands where the distractors would go", "rename that folder")
    try:
        if target.exists():
            shutil.rmtree(target)
        for source, copy in ((articles, target), (distractors, target / PREFIX)):
            shutil.copytree(source, copy, ignore=_leaving_out(index), copy_function=_copy,
                            ignore_dangling_symlinks=True)
    except OSError as error:  # shutil.Error is one
        problem = f"the articles cannot be copied to {target} ({error.strerror or error})"
        raise UsageError(problem, "make room or mend its permissions") from error


def _copy(source: str, target: str) -> None:
    """A file that cannot be read is left out, as an index leaves it out; `_check` sees to the rest."""
    try:
        shutil.copy2(source, target)
    except PermissionError:
        Path(target).unlink(missing_ok=True)


def _leaving_out(index: Path) -> Callable[[str, list[str]], list[str]]:
    """For copytree: the index itself and links that lead back to a folder they are in."""
    def ignored(folder: str, names: list[str]) -> list[str]:
        above = {parent.resolve() for parent in (Path(folder), *Path(folder).parents)} | {index.resolve()}
        return [name for name in names if (Path(folder) / name).resolve() in above]

    return ignored


def _check(library: Any, combined: Any) -> int:
    """How many articles were added. Raises UsageError where one of `library` is not there, letter for letter."""
    rows = {row.id: row.sha256 for row in combined.list()}
    for row in library.list():
        if rows.get(row.id) != row.sha256:
            raise UsageError(f"article {row.id!r} is not the same among the distractors", "run `qa index` first")
    return sum(id.startswith(f"{PREFIX}/") for id in rows)
