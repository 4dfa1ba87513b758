"""Names of articles: the file of each, which is its id, too."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from qa.evaluate.datasets.distractors import file_name

_MAX_BYTES = 200  # of a name in UTF-8; with number and suffix still inside the 255 of a file system
_NOT_ARTICLES = re.compile(r"README|(?:CON|PRN|AUX|NUL|COM\d|LPT\d)$", re.IGNORECASE)  # passed over, or devices


class Names:
    """Gives names, each once, so that a file's name says which article it is."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._given: Counter[str] = Counter()

    def take(self, wanted: str) -> str:
        """`wanted` as a file name without suffix that every file system takes, with a number where it is taken.

        Names that a file system may hold for the same ("Ab" and "aB") count as the same.
        """
        base = name = _safe(wanted)
        while name.casefold() in self._taken:
            self._given[base] += 1
            name = f"{base}-{self._given[base] + 1}"
        self._taken.add(name.casefold())
        return name


def _safe(wanted: str) -> str:
    name = file_name(unicodedata.normalize("NFC", wanted)).encode()[:_MAX_BYTES].decode(errors="ignore")
    return f"article-{name}" if _NOT_ARTICLES.match(name) else name
