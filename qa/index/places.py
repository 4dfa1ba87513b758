"""Which folders a library stands on when the person names one, both or none of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import qa
from qa.errors import IndexFault, IndexMissing, UsageError
from qa.index.local.generations import Generations
from qa.index.local.store import FILE, Store


def home() -> Path:
    """The checkout that holds the package, where there is one with seeds/; else the current folder."""
    checkout = Path(qa.__file__).resolve().parents[1]
    return checkout if (checkout / "seeds").is_dir() else Path.cwd()


def default_index(articles: Path) -> Path:
    """Where the index of `articles` lies: index/ for seeds/, a folder of its own below it for any other."""
    base = home()
    if articles == base / "seeds":
        return base / "index"
    digest = hashlib.sha256(str(articles).encode("utf-8", "surrogateescape")).hexdigest()[:6]
    name = re.sub(r"[^\w.-]+", "-", articles.name) or "articles"
    return base / "index" / "corpora" / f"{name}-{digest}"


def choose(articles: Path | None, index: Path | None) -> tuple[Path, Path]:
    """(articles folder, index folder), absolute. An index alone brings the folder it was built from."""
    if articles is not None:
        articles = articles.expanduser().resolve()
        return articles, index.expanduser().resolve() if index is not None else default_index(articles)
    if index is not None:
        index = index.expanduser().resolve()
        return _recorded(index) or home() / "seeds", index
    return home() / "seeds", home() / "index"


def check_index(index: Path, articles: Path) -> None:
    """Raises UsageError where `index` cannot be a folder, or holds `articles`: what lies in an index is no article."""
    if articles.is_relative_to(index):
        raise UsageError(f"the articles folder {articles} lies inside the index folder {index}",
                         "choose another --index")
    for path in (index, *index.parents):
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file, not a folder for an index", "choose another --index")


def inside(paths: Iterable[Path], articles: Path) -> list[Path]:
    """`paths` made absolute. Raises UsageError for one outside the articles folder.

    A relative path is looked for in the current folder, then in the articles folder.
    """
    found = []
    for path in paths:
        path = path.expanduser()
        absolute = path.absolute() if path.is_absolute() or path.exists() else articles / path
        # Folders are resolved, the last part is not: a file may be a link to somewhere else.
        absolute = absolute.parent.resolve() / absolute.name
        if not absolute.is_relative_to(articles):
            raise UsageError(f"{path} is not in the articles folder {articles}",
                             "put it there, or name its folder with --articles")
        found.append(absolute)
    return found


def _recorded(index: Path) -> Path | None:
    """The articles folder that `index` was built from; None where nothing was built. Raises IndexDamaged."""
    generations = Generations(index)
    try:
        return Path(generations.manifest(generations.current()).folder)
    except IndexMissing:
        return None
    except IndexFault:
        return _recorded_in_library(index / FILE)


def _recorded_in_library(path: Path) -> Path | None:
    store = Store.reader(path)
    try:
        recorded = store.get_meta("articles")
    finally:
        store.close()
    return Path(recorded) if recorded else None
