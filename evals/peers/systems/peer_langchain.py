"""LangChain as its semantic search tutorial has it: recursive splitter, in-memory vector store, similarity search.

The tutorial's splitter takes 1,000 characters with an overlap of 200; the class's own default of 4,000 would be far
longer than the encoder's window and do LangChain no favour. Defaults left alone: the splitter's separators,
InMemoryVectorStore with cosine, and the 4 closest chunks. No language model is asked.
"""

from __future__ import annotations

from pathlib import Path

from langchain_core.documents import Document
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply

DISTRIBUTIONS = ("langchain-core", "langchain-huggingface", "langchain-text-splitters")


class System:
    def __init__(self, encoder: Path):
        self._encoder = HuggingFaceEmbeddings(model_name=str(encoder))

    def index(self, corpus: Corpus) -> None:
        documents = [Document(page_content=text, metadata={"source": id}) for id, text in corpus.articles.items()]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
        self._store = InMemoryVectorStore(self._encoder)
        self._store.add_documents(documents=splitter.split_documents(documents))

    def search(self, question: str) -> Reply:
        found = self._store.similarity_search(question)
        return Reply([(hit.metadata["source"], hit.page_content) for hit in found])

    def close(self) -> None:
        """Everything is in memory."""
