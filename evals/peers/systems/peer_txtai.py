"""txtai as its notebooks on chunks and on documents have it: paragraphs under their article's id, one Embeddings.

txtai has no splitter of its own; a row is what it is given. Its notebooks cut text with a pipeline, here Segmentation
by paragraphs (empty lines). Defaults left alone: a FAISS index, and the 3 closest rows; `content=True` keeps the
texts, which are shown. No language model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from txtai import Embeddings
from txtai.pipeline import Segmentation

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply

DISTRIBUTIONS = ("txtai", "faiss-cpu")


class System:
    def __init__(self, encoder: Path):
        self._embeddings = Embeddings(path=str(encoder), content=True)

    def index(self, corpus: Corpus) -> None:
        self._embeddings.index(self._rows(corpus))

    def search(self, question: str) -> Reply:
        return Reply([(hit["id"], hit["text"]) for hit in self._embeddings.search(question)])

    def close(self) -> None:
        self._embeddings.close()

    def _rows(self, corpus: Corpus) -> Iterator[tuple[str, str]]:
        paragraphs = Segmentation(paragraphs=True)
        for id, text in corpus.articles.items():
            yield from ((id, paragraph) for paragraph in paragraphs(text))
