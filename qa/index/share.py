"""How several indexers divide the articles among them."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from qa.errors import UsageError

BUCKETS = 1 << 16  # every article falls into one; a share is a run of them
MOST_SHARES = 1024


class Share(NamedTuple):
    """Part `number` of `of`, from 1: what one of several indexers does. Every article belongs to exactly one."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Share:
        """From "2/3". Raises UsageError."""
        number, _, of = text.partition("/")
        if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in (number, of)) or not (
                1 <= int(number) <= int(of) <= MOST_SHARES):
            raise UsageError(f"{text!r} is no share of the articles",
                             f"give one such as 2/3, the second of three; {MOST_SHARES:,} at most")
        return cls(int(number), int(of))

    @property
    def buckets(self) -> range:
        """The buckets of this share; those of all shares together are every bucket once."""
        return range((self.number - 1) * BUCKETS // self.of, self.number * BUCKETS // self.of)

    def holds(self, article: str) -> bool:
        """Whether the article `article` is one of this share."""
        return bucket(article) in self.buckets

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


WHOLE = Share(1, 1)


def bucket(article: str) -> int:
    """0 to BUCKETS - 1, the same on every machine."""
    return int(hashlib.sha256(article.encode()).hexdigest()[:4], 16)
