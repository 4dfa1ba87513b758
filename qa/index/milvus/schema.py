"""The collections of a build on a Milvus server, and the rows in them.

    <prefix>                   alias: the records of the build in use; the build's name and all else follow from it
    <build>_records            texts in pieces, the build's manifest and state, the runs of its indexers
    <build>_articles           a head per article: which version of it is in use, what a list shows of it
    <build>_passages           what is searched

A build's name is <prefix>_<hash of how it is made>, so indexers on several machines agree on it without a word. Text is
cut into pieces because a Milvus string ends at 65,535 bytes; a field `unused` is there where there is no vector to
store, because a collection must have one. Keys and filters are hashes and hexadecimal ids, never what a person wrote.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

NAME = "milvus 1"  # raise the number when a collection below changes
MOST_BYTES = 65_535  # of a string
_HASH, _ID = 64, 16
_PATH = 8_192  # bytes of an article's id: a path of at most 4,096, where bytes that are no text are written longer


class Kind(Enum):
    TEXT = "text"
    WORDS = "words"  # text of analysed terms, searched by BM25
    NUMBER = "number"
    VECTOR = "vector"
    SPARSE = "sparse"


class Field(NamedTuple):
    """`size`: bytes of a text, dimensions of a vector. `indexed`: rows are looked up by it."""

    name: str
    kind: Kind
    size: int = 0
    indexed: bool = False


class Collection(NamedTuple):
    """Its fields, the first of which is the key; `bm25` pairs a field of words with the sparse vector made of it."""

    fields: tuple[Field, ...]
    bm25: tuple[tuple[str, str], ...] = ()


_UNUSED = Field("unused", Kind.VECTOR, 2)
UNUSED = {"unused": [0.0, 1.0]}

RECORDS = Collection((
    Field("key", Kind.TEXT, 128),  # <version>x<number>, or the name of a record of the build's own
    Field("owner", Kind.TEXT, _HASH, indexed=True),  # hash of the article's id; "build" of the build's own
    Field("version", Kind.TEXT, _HASH, indexed=True),
    Field("number", Kind.NUMBER),
    Field("piece", Kind.TEXT, MOST_BYTES),
    _UNUSED,
))

ARTICLES = Collection((
    Field("owner", Kind.TEXT, _HASH),  # hash of the article's id
    Field("id", Kind.TEXT, _PATH),
    Field("bucket", Kind.NUMBER, indexed=True),  # which share it falls into
    Field("text", Kind.TEXT, _HASH),  # hash of the text in use; "": not indexed yet
    Field("version", Kind.TEXT, _HASH),  # hash of all that is held of it
    Field("pieces", Kind.NUMBER),
    Field("passages", Kind.NUMBER),
    Field("words", Kind.NUMBER),
    Field("about", Kind.TEXT, MOST_BYTES),  # JSON: title, source, date
    Field("path", Kind.TEXT, _PATH),
    Field("added", Kind.TEXT, 64),
    Field("file", Kind.TEXT, _HASH),  # hash of the file it came from
    Field("recipe", Kind.TEXT, _HASH),
    Field("wanted", Kind.TEXT, 512, indexed=True),  # who began to index it and did not finish; "": nobody
    _UNUSED,
))


HEAD = tuple(field.name for field in ARTICLES.fields if field is not _UNUSED)  # what an article's row is read with


def passages(dimensions: int) -> Collection:
    """The collection of passages with vectors [dimensions]."""
    return Collection((
        Field("id", Kind.TEXT, _ID),
        Field("owner", Kind.TEXT, _HASH, indexed=True),
        Field("article", Kind.TEXT, _PATH),
        Field("text", Kind.TEXT, _HASH),  # hash of the text that the offsets count in
        Field("version", Kind.TEXT, _HASH),
        Field("start", Kind.NUMBER),
        Field("end", Kind.NUMBER),
        Field("tokens", Kind.NUMBER),
        Field("input", Kind.TEXT, _HASH, indexed=True),  # hash of what the encoder saw
        Field("vector", Kind.VECTOR, dimensions),
        Field("terms", Kind.WORDS, MOST_BYTES),
        Field("sparse", Kind.SPARSE),
    ), (("terms", "sparse"),))


class Names(NamedTuple):
    """The collections of the build `build`."""

    build: str

    @property
    def records(self) -> str:
        return f"{self.build}_records"

    @property
    def articles(self) -> str:
        return f"{self.build}_articles"

    @property
    def passages(self) -> str:
        return f"{self.build}_passages"

    @classmethod
    def of_records(cls, collection: str) -> Names:
        """From the name of a build's records."""
        return cls(collection.removesuffix("_records"))
