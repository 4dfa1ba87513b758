"""Analysed terms as a Milvus server gets them, so that no analysis of its own changes them."""

from __future__ import annotations

from collections.abc import Iterable

from qa.index.milvus.schema import MOST_BYTES


def encoded(term: str) -> str:
    """A term of letters and digits alone that a tokenizer of any language leaves whole.

    Other scripts are written as their bytes: a server may cut Chinese into single signs, or fold Turkish letters. No
    term of plain letters looks the same: those bytes begin with c2 to f4, and "u" before them.
    """
    return term if term.isascii() and term.isalnum() else "u" + term.encode().hex()


def text(terms: Iterable[str]) -> str:
    """`terms` as one text, which ends with the last that fits into a string of the server's.

    A passage that an encoder takes in is a twentieth of that.
    """
    kept, size = [], 0
    for term in map(encoded, terms):
        size += len(term) + 1
        if size > MOST_BYTES:
            break
        kept.append(term)
    return " ".join(kept)
