"""Haystack as its tutorials have it: an indexing pipeline (split, embed, write) and a query pipeline (embed, retrieve).

Its defaults, all left alone: DocumentSplitter with 200 words and no overlap, InMemoryDocumentStore with the dot
product (the encoder's vectors have length 1), and the 10 closest chunks. No language model is asked.
"""

from __future__ import annotations

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.preprocessors import DocumentSplitter
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply

DISTRIBUTIONS = ("haystack-ai", "sentence-transformers-haystack")


class System:
    def __init__(self, encoder: Path):
        self._documents = SentenceTransformersDocumentEmbedder(model=str(encoder), progress_bar=False)
        self._texts = SentenceTransformersTextEmbedder(model=str(encoder), progress_bar=False)
        self._documents.warm_up()
        self._texts.warm_up()

    def index(self, corpus: Corpus) -> None:
        store = InMemoryDocumentStore()
        self._query = Pipeline()
        self._query.add_component("embedder", self._texts)
        self._query.add_component("retriever", InMemoryEmbeddingRetriever(store))
        self._query.connect("embedder.embedding", "retriever.query_embedding")
        documents = [Document(content=text, meta={"article": id}) for id, text in corpus.articles.items()]
        self._indexing(store).run({"splitter": {"documents": documents}})

    def search(self, question: str) -> Reply:
        found = self._query.run({"embedder": {"text": question}})["retriever"]["documents"]
        return Reply([(hit.meta["article"], hit.content) for hit in found])

    def close(self) -> None:
        """Everything is in memory."""

    def _indexing(self, store: InMemoryDocumentStore) -> Pipeline:
        pipeline = Pipeline()
        pipeline.add_component("splitter", DocumentSplitter())
        pipeline.add_component("embedder", self._documents)
        pipeline.add_component("writer", DocumentWriter(store))
        pipeline.connect("splitter", "embedder")
        pipeline.connect("embedder", "writer")
        return pipeline
