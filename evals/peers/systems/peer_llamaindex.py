"""LlamaIndex as its starter tutorial has it: `VectorStoreIndex.from_documents`, then its retriever.

Its defaults, all left alone: SentenceSplitter with chunks of 1024 cl100k tokens and an overlap of 200, the in-memory
SimpleVectorStore, cosine, and the 2 closest chunks. No language model is asked, so what is shown is the chunks that
it would be given. A chunk is longer than the encoder's 256 word pieces; the rest of it is not in its vector.
"""

from __future__ import annotations

from pathlib import Path

from llama_index.core import Document, VectorStoreIndex
from llama_index.embeddings.huggingface import HuggingFaceEmbedding

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply

DISTRIBUTIONS = ("llama-index-core", "llama-index-embeddings-huggingface")


class System:
    def __init__(self, encoder: Path):
        self._encoder = HuggingFaceEmbedding(model_name=str(encoder))

    def index(self, corpus: Corpus) -> None:
        documents = [Document(id_=id, text=text) for id, text in corpus.articles.items()]
        index = VectorStoreIndex.from_documents(documents, embed_model=self._encoder)
        self._retriever = index.as_retriever()

    def search(self, question: str) -> Reply:
        found = self._retriever.retrieve(question)
        return Reply([(hit.node.ref_doc_id, hit.node.get_content()) for hit in found])

    def close(self) -> None:
        """Everything is in memory."""
