"""A file -> what it says. Every file is read, or refused by name with the reason and what to do."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qa.errors import ArticleError
from qa.ingest.formats import Raw, markdown, pdf, plain, web_page, word
from qa.settings import Ingest

READERS: dict[str, Callable[[bytes, str], Raw]] = {
    ".txt": plain, ".md": markdown, ".html": web_page, ".htm": web_page, ".pdf": pdf, ".docx": word}

# What the first bytes of a file say it is, whatever it is named. (list of formats: their own specifications)
SIGNATURES = ((b"%PDF-", "a PDF"), (b"PK\x03\x04", "a ZIP archive or Office document"), (b"\x89PNG", "a PNG picture"),
              (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"), (b"\x1f\x8b", "a gzip archive"),
              (b"\xd0\xcf\x11\xe0", "an old Office document"), (b"{\\rtf", "an RTF document"),
              (b"\x7fELF", "a program"), (b"SQLite format 3", "a database"), (b"<!doctype html", "a web page"),
              (b"<html", "a web page"))
EXPECTED = {".pdf": ("a PDF",), ".docx": ("a ZIP archive or Office document",), ".html": ("a web page", None),
            ".htm": ("a web page", None)}


def shown(path: Path) -> str:
    """`path` in characters that can be printed, even where its name is not valid text."""
    return os.fsencode(path).decode("utf-8", errors="backslashreplace")


def read_file(path: Path, settings: Ingest) -> Raw:
    """What the file at `path` says, by its suffix. Raises ArticleError that names the file, the reason and a remedy."""
    name, suffix = shown(path), path.suffix.lower()
    if suffix not in READERS:
        raise ArticleError(f"{name} is not a kind of article", f"known: {', '.join(READERS)}")
    data = _contents(path, name, settings.max_file_bytes)
    _check_signature(data, name, suffix)
    raw = READERS[suffix](data, name)
    if not raw.text.strip():
        raise ArticleError(f"{name} holds no text", "remove it or fill it")
    return replace(raw, title=_line(raw.title), author=_line(raw.author), source=_line(raw.source))


def _contents(path: Path, name: str, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ArticleError(f"{name} is not a regular file", "remove it from the folder")
        if about.st_size > limit:
            raise ArticleError(f"{name} has {about.st_size / 1e6:.1f} MB, more than {limit / 1e6:g} MB",
                               "split it, or raise max_file_bytes in [ingest] of the settings")
        data = path.read_bytes()
    except OSError as error:
        raise ArticleError(f"{name} cannot be read ({error.strerror})", "check the file and its permissions") from error
    if not data.strip():
        raise ArticleError(f"{name} is empty", "remove it or fill it")
    return data


def _check_signature(data: bytes, name: str, suffix: str) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    is_a = next((what for sign, what in SIGNATURES if start.lower().startswith(sign.lower())), None)
    if is_a not in EXPECTED.get(suffix, (None,)):
        found = f"is {is_a}" if is_a else "does not begin as one"
        raise ArticleError(f"{name} is named {suffix} but {found}", "give it the suffix of what it is, or remove it")


def _line(value: str | None) -> str | None:
    """`value` as one line of storable text, or None where it is blank."""
    return " ".join((value or "").encode("utf-8", "replace").decode().split()) or None
