"""Word search by BM25 with tantivy. The one home of tantivy.

tantivy sees analysed terms only, split at spaces: its own analysis and its query parser (which fails on
a bracket) are never used. Its BM25 has k1 = 1.2, b = 0.75 and rounds passage lengths to one byte.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import tantivy

from qa.index.analyse import terms as analyse
from qa.index.engine import Scored, best

FOLDER = "lexical"
_HEAP = 256_000_000  # bytes; one segment up to some 100,000 passages, and memory is taken as needed


class LexicalWriter:
    """Takes texts in and writes their terms to `folder`/lexical. Every method raises OSError where it cannot."""

    def __init__(self, folder: Path, heap: int = _HEAP):
        path = folder / FOLDER
        path.mkdir()
        with _as_oserror("written"):
            # One thread: the same passages give the same files in the same order.
            self._writer = tantivy.Index(_schema(), path=str(path)).writer(heap, num_threads=1)

    def add(self, passages: Sequence[str], texts: Sequence[str]) -> None:
        with _as_oserror("written"):
            for passage, text in zip(passages, texts, strict=True):
                self._writer.add_document(_document(passage, text))

    def finish(self) -> None:
        with _as_oserror("written"):
            self._writer.commit()
            self._writer.wait_merging_threads()


class Lexical:
    """BM25 over the passages' terms. Raises OSError where the folder is not one that `LexicalWriter` wrote."""

    def __init__(self, folder: Path):
        with _as_oserror("read"), _lockable(folder / FOLDER) as path:
            self._index = tantivy.Index.open(str(path))
            self._searcher = self._index.searcher()
        self._schema = self._index.schema

    def search(self, terms: Sequence[str], k: int, among: Collection[str] | None = None) -> list[Scored]:
        """`among`: the passages to look in; None: every one."""
        query, count = self._query(terms), self.count()
        if among is not None:
            query, count = self._within(query, among), min(len(among), count)
        return best(lambda limit: self._best(query, limit), k, count)

    def frequency(self, term: str) -> int:
        return self._searcher.doc_freq("terms", term)

    def count(self) -> int:
        return self._searcher.num_docs

    def _best(self, query: tantivy.Query, limit: int) -> list[Scored]:
        hits = self._searcher.search(query, limit, count=False).hits
        numbers = self._searcher.fast_field_values("passage", [address for _, address in hits])
        return [Scored(f"{number:015x}", score) for number, (score, _) in zip(numbers, hits, strict=True)]

    def _query(self, terms: Sequence[str]) -> tantivy.Query:
        """Any of `terms`; one that is asked for n times weighs n times, as in BM25 with query frequencies."""
        parts = [(tantivy.Occur.Should, self._term(term, times)) for term, times in Counter(terms).items()]
        return tantivy.Query.boolean_query(parts) if parts else tantivy.Query.empty_query()

    def _within(self, query: tantivy.Query, among: Collection[str]) -> tantivy.Query:
        """`query` in the passages `among` alone; being one of them adds nothing to a score."""
        numbers = [int(passage, 16) for passage in among]
        chosen = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "passage", numbers), 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, chosen)])

    def _term(self, term: str, times: int) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, "terms", term, index_option="freq")
        return query if times == 1 else tantivy.Query.boost_query(query, float(times))


@contextmanager
def _lockable(path: Path) -> Iterator[Path]:
    """`path`, or links to its files where nobody here may write: tantivy makes a lock file to open an index.

    What it opened stays open when the links are gone.
    """
    if all(os.access(file, os.W_OK, effective_ids=True) for file in (path, *path.glob(".*.lock"))):
        yield path
        return
    with TemporaryDirectory(prefix="qa-") as links:
        for file in path.iterdir():
            if not file.name.endswith(".lock"):
                (Path(links) / file.name).symlink_to(file)
        yield Path(links)


@contextmanager
def _as_oserror(done: str) -> Iterator[None]:
    """tantivy raises ValueError for any fault of its own, a full disk included."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"{FOLDER} cannot be {done} ({error})") from error


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("passage", fast=True, indexed=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _document(passage: str, text: str) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("passage", int(passage, 16))
    document.add_text("terms", " ".join(analyse(text)))
    return document
