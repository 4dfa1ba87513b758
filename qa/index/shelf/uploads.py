"""A file that a person hands in -> the name it gets in the articles folder, or why it cannot be an article.

Every refusal is one line that names the file as the person called it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from qa.errors import ArticleError, UsageError
from qa.ingest.folder import Found, Ingested, is_passed_over, read_article
from qa.ingest.load import READERS, shown
from qa.settings import Ingest

_MOST = 150  # bytes of a name: file systems take 255, and a part file or a backup adds to it
_APART = "/\\\0"  # what no name of a file holds on one system or another


def called(name: str) -> str:
    """`name` for a message: one line that can be printed, and not too long for one."""
    line = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return (line if len(line) <= _MOST else line[:_MOST] + "…") or "the file"


def safe_name(name: str) -> str:
    """`name` as its file is called in the folder: readable, at most 150 bytes, with its own suffix.

    Characters that are not seen or turn the writing around are left out, as they make a name look like another one.
    Raises UsageError for a path or a name that is never indexed, ArticleError for a suffix that no reader takes.
    """
    if any(c in name for c in _APART) or name.strip() in ("", ".", ".."):
        raise UsageError(f"{called(name)} is not the name of a file", "give the name alone, without any folder")
    seen = "".join(c if c.isprintable() else "" if unicodedata.category(c) == "Cf" else " "
                   for c in unicodedata.normalize("NFC", name))
    seen = " ".join(seen.split())
    if is_passed_over(seen):
        raise UsageError(f"{called(name)} would not be indexed: hidden files, README files and articles.toml are not",
                         "give it another name")
    suffix = PurePath(seen).suffix
    if suffix.lower() not in READERS:
        raise ArticleError(f"{called(name)} is not a kind of article", f"known: {', '.join(READERS)}")
    stem = seen[:-len(suffix)].encode()[:_MOST - len(suffix)].decode(errors="ignore").rstrip()
    return stem + suffix


def folded(name: str) -> str:
    """Equal for names that some file system or some reader would take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def read(staged: Path, safe: str, name: str, settings: Ingest) -> Ingested:
    """What the file `staged` says if it is called `safe`. Raises ArticleError that calls it `name`."""
    with TemporaryDirectory(prefix="qa-") as place:
        path = Path(place) / safe  # readers go by the suffix
        path.symlink_to(staged.absolute())
        try:
            # The encoder is not asked: what fits its window decides where sentences end, not whether it is an article.
            return read_article(Found(safe, path, 0, 0), settings, lambda text: True)
        except ArticleError as error:
            raise renamed(error, path, name) from error


def renamed(error: ArticleError, path: Path, name: str) -> ArticleError:
    """`error` about the file `path`, told of `name`."""
    return ArticleError(error.problem.replace(shown(path), called(name)), error.remedy)


def twin(staged: Path, found: Iterable[Found]) -> Found | None:
    """The one of the articles `found` that has the very bytes of `staged`."""
    size, digest = staged.stat().st_size, _sha256(staged)
    for file in found:
        if not file.problem and file.size == size and file.path.suffix.lower() in READERS:
            if _sha256(file.path) == digest:
                return file
    return None


def _sha256(path: Path) -> str | None:
    """None for a file that was just taken away or may not be read."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return None
