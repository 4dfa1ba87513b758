"""The articles of a library, each read once, as evidence and quotes are looked up in them."""

from __future__ import annotations

import hashlib
from typing import Any

from qa.records import Article


class Articles:
    """The articles of `library`, the door `Library`."""

    def __init__(self, library: Any):
        self._library, self._read = library, {}
        self._known = {row.id: row.sha256 for row in library.list()}
        self._removed = library.removed()

    def text(self, id: str) -> str | None:
        """The cleaned text of article `id`, None where the corpus has none of that id."""
        return self.article(id).text if id in self._known else None

    def digest(self) -> str:
        """SHA-256 over every article's id and that of its text: another corpus has another."""
        listed = "".join(f"{id}\0{sha256}\n" for id, sha256 in sorted(self._known.items()))
        return hashlib.sha256(listed.encode("utf-8", "surrogatepass")).hexdigest()

    def removed(self, id: str) -> str:
        """The lines that cleaning left out of its file, in order, a line each."""
        return "\n".join(line.text for line in self._removed.get(id, ()))

    def article(self, id: str) -> Article:
        """Article `id` of the corpus. Raises what `Library.read` raises for an id that it lacks."""
        if id not in self._read:
            self._read[id] = self._library.read(id)
        return self._read[id]
