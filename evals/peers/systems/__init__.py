"""One module a system. Each holds a class `System` of this form:

    DISTRIBUTIONS                 the packages whose versions are reported
    System(encoder)               loads the encoder from its folder
    .index(corpus)                makes the corpus ready to search
    .search(question) -> Reply    what a person is shown
    .close()
"""

from __future__ import annotations

from typing import NamedTuple

# module -> name in the table
SYSTEMS = {
    "peer_qa": "**qa**",
    "peer_llamaindex": "LlamaIndex",
    "peer_langchain": "LangChain",
    "peer_haystack": "Haystack",
    "peer_txtai": "txtai",
    "plain_bm25": "BM25 over paragraphs",
}
# What runs in the peers' environment; the others need only what qa needs.
PEERS = {"peer_llamaindex", "peer_langchain", "peer_haystack", "peer_txtai"}


class Reply(NamedTuple):
    """(article id, text) best first, and whether the system said that the articles do not answer."""

    shown: list[tuple[str, str]]
    declined: bool = False
