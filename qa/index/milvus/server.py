"""Requests to a Milvus server: bounded in time, repeated while it cannot be reached. The one home of pymilvus.

Every request can be sent twice with the outcome of once (ids derive from content), so each may be repeated. What goes
wrong is one line that names the server, and never its user, password or token.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from qa.errors import IndexBusy, IndexFault, IndexMismatch, IndexRefused, IndexUnreachable, UsageError, one_line
from qa.index.embed import Floats
from qa.index.milvus.schema import Collection, Kind
from qa.settings import Milvus

if TYPE_CHECKING:
    from pymilvus import MilvusClient

MOST = 16_384  # results of one search: Milvus' own limit
STRONG, SESSION = "Strong", "Session"  # all that anybody wrote; all that this process wrote
_LEAST_VERSION = (2, 5)  # full-text search by the server's own BM25 came with it
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds between two attempts; each pause is twice the one before
_LOOKS = 20  # for a collection that another indexer is making
_PAGE = 1_000  # rows of one page of a query: a page of vectors is 1.5 MB
_BYTES_AT_ONCE = 8_000_000  # of rows in one request; a server takes 64 MB
# Milvus' own numbers (its pkg/util/merr/errors.go).
_NOT_FOUND = {100, 1600}  # collection, alias
_NOT_LOADED = {101, 106}
_BUSY = {4, 8, 1003}  # limits of requests and rates
_PASSING = {2, 11, 103, 202, 401, 503, 505, 507, 901, 905}  # parts of a server that are starting or moving
_NO_ENTRY = {1400, 1401, 1800}
_AWAY = re.compile(r"unavailable|fail(ed)? connecting|deadline|timeout|connection (refused|reset)|"
                   r"not (ready|serviceable)", re.I)
_KEPT_OUT = re.compile(r"unauthenticated|auth check failure|permission.?(denied|deny)|privilege|password", re.I)
# pymilvus pings every 10 seconds; a server with the settings of gRPC itself, as milvus-lite is, hangs up on that.
# And gRPC waits longer and longer, up to two minutes, before it looks whether a server is back.
_CHANNEL = {"grpc.keepalive_time_ms": 330_000, "grpc.keepalive_permit_without_calls": False,
            "grpc.initial_reconnect_backoff_ms": 100, "grpc.max_reconnect_backoff_ms": 1_000}
_INSTALL = "run: pip install 'cited-qa[milvus]'"

Outcome, Value = TypeVar("Outcome"), TypeVar("Value")
Rows = list[dict[str, Any]]


class NotFound(IndexFault):
    """There is no collection or alias of that name."""


class _NotLoaded(IndexFault):
    """A collection is there, and not in the server's memory."""


class Server:
    """A Milvus server. Making one connects to nothing. Safe to share by threads.

    patience: seconds for which a request is repeated while the server cannot be reached.

    Every method raises IndexUnreachable, IndexRefused (the token), IndexMismatch (a version that cannot do it),
    NotFound, IndexFault for whatever else the server says, or UsageError where pymilvus is not installed.
    """

    def __init__(self, settings: Milvus, patience: float):
        self.address, self._settings, self._patience = address(settings.uri), settings, patience
        self._client: MilvusClient | None = None
        self._connecting, self._attempts = threading.Lock(), 0
        self._failure: Exception | None = None  # of the last attempt to connect

    def patient(self, patience: float) -> Server:
        """The same server with another patience."""
        return Server(self._settings, patience)

    def search(self, collection: str, field: str, query: Floats | str, limit: int, fields: Sequence[str],
               where: str = "") -> Rows:
        """The `limit` rows nearest to a vector [dimensions], or of highest BM25 for words; each with its "distance"."""
        [hits] = self._ask("search", collection, data=[query], anns_field=field, limit=limit, filter=where,
                           output_fields=list(fields), search_params=self._parameters(query, limit),
                           consistency_level=SESSION)
        return [_row(hit) for hit in hits]

    def hybrid(self, collection: str, routes: Sequence[tuple[str, Floats | str]], k: int, pool: int, limit: int,
               fields: Sequence[str], where: str = "") -> Rows:
        """The `limit` rows of highest sum of 1 / (k + rank) over `routes`, of each its best `pool`; fused there."""
        from pymilvus import AnnSearchRequest, RRFRanker

        requests = [AnnSearchRequest(data=[query], anns_field=field, limit=pool, expr=where or None,
                                     param=self._parameters(query, pool)) for field, query in routes]
        [hits] = self._ask("hybrid_search", collection, requests, RRFRanker(k), limit=limit,
                           output_fields=list(fields), consistency_level=SESSION)
        return [_row(hit) for hit in hits]

    def query(self, collection: str, where: str, fields: Sequence[str], level: str = SESSION,
              limit: int = MOST) -> Rows:
        """At most `limit` of the rows of which `where` holds."""
        found = self._ask("query", collection, filter=where, output_fields=list(fields), limit=limit,
                          consistency_level=level)
        return [dict(row) for row in found]

    def every(self, collection: str, where: str, fields: Sequence[str]) -> Iterator[Rows]:
        """All rows of which `where` holds, page by page, by their key."""
        pages = self._ask("query_iterator", collection, filter=where, output_fields=list(fields), batch_size=_PAGE,
                          consistency_level=STRONG)
        try:
            while page := self._repeat(pages.next):
                yield [dict(row) for row in page]
        finally:
            pages.close()

    def count(self, collection: str, where: str = "", level: str = SESSION) -> int:
        """How many rows there are of which `where` holds."""
        [row] = self._ask("query", collection, filter=where, output_fields=["count(*)"], consistency_level=level)
        return int(row["count(*)"])

    def upsert(self, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Puts rows in, in the place of those with the same keys."""
        for some in _portions(rows):
            self._ask("upsert", collection, data=some)

    def delete(self, collection: str, where: str) -> None:
        self._ask("delete", collection, filter=where)

    def create(self, name: str, collection: Collection) -> None:
        """Makes and loads a collection; nothing where there is one of that name with the same fields.

        Raises IndexMismatch where its fields are others.
        """
        if not self._ask("has_collection", name):
            try:
                self._create(name, collection)
            except IndexFault:
                if not self._comes(name):  # else another indexer is quicker
                    raise
        self.check(name, collection)
        self._index_fields(name, collection)
        # Where there are several copies of it, each needs query nodes of its own.
        copies = {"replica_number": self._settings.replicas} if self._settings.replicas > 1 else {}
        self._ask("load_collection", name, **copies)

    def _comes(self, name: str) -> bool:
        """Whether there is a collection `name`, or is in a moment."""
        for _ in range(_LOOKS):
            if self._ask("has_collection", name):
                return True
            time.sleep(_FIRST_PAUSE)
        return False

    def check(self, name: str, collection: Collection) -> None:
        """Raises IndexMismatch where the collection `name` has other fields than `collection`."""
        there = {field["name"] for field in self._ask("describe_collection", name)["fields"]}
        if there != {field.name for field in collection.fields}:
            raise IndexMismatch(f"the collection {name} on {self.address} is not one of this version of qa",
                                "choose another prefix for the collections, or drop that one")

    def drop(self, name: str) -> None:
        """Removes a collection, be there none."""
        self._ask("drop_collection", name)

    def collections(self) -> list[str]:
        return list(self._ask("list_collections"))

    def target(self, alias: str) -> str | None:
        """The collection that `alias` stands for; None where there is no such alias."""
        try:
            return str(self._ask("describe_alias", alias)["collection_name"])
        except NotFound:
            return None

    def point(self, alias: str, collection: str) -> None:
        """Has `alias` stand for `collection` from now on, in one step."""
        if self.target(alias) is None:
            try:
                self._ask("create_alias", collection, alias)
                return
            except IndexFault:
                if self.target(alias) is None:  # else another indexer was quicker
                    raise
        self._ask("alter_alias", collection, alias)

    def flush(self, collection: str) -> None:
        """Seals what was written, so that it is indexed; left to the server where that takes long or is limited."""
        with suppress(IndexBusy, IndexUnreachable):
            self._once(lambda: self._connected().flush(collection, timeout=self._settings.timeout))

    def _create(self, name: str, collection: Collection) -> None:
        from pymilvus import Function, FunctionType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for field in collection.fields:
            schema.add_field(field.name, **_field(field.kind, field.size, field is collection.fields[0]))
        for words, sparse in collection.bm25:
            schema.add_function(Function(name=f"{words}_bm25", function_type=FunctionType.BM25,
                                         input_field_names=[words], output_field_names=[sparse]))
        self._ask("create_collection", name, schema=schema, consistency_level=SESSION)

    def _index_fields(self, name: str, collection: Collection) -> None:
        """Makes the indexes of a collection that are missing: whoever made it may not have come so far.

        Not along with the collection: pymilvus then waits half a second for each.
        """
        from pymilvus import MilvusClient

        wanted = {field.name: index for field in collection.fields
                  if (index := self._index(field.kind, field.indexed)) is not None}
        for field in wanted.keys() - set(self._ask("list_indexes", name)):
            one = MilvusClient.prepare_index_params()
            one.add_index(field_name=field, index_name=field, **wanted[field])
            try:
                self._ask("create_index", name, one, sync=False)
            except IndexFault:
                if field not in self._ask("list_indexes", name):  # else another indexer was quicker
                    raise

    def _index(self, kind: Kind, indexed: bool) -> dict[str, Any] | None:
        if kind is Kind.VECTOR:
            return {"index_type": "HNSW", "metric_type": "COSINE", "params": {
                "M": self._settings.hnsw_m, "efConstruction": self._settings.hnsw_ef_construction}}
        if kind is Kind.SPARSE:  # k1 and b as tantivy has them
            return {"index_type": "SPARSE_INVERTED_INDEX", "metric_type": "BM25",
                    "params": {"bm25_k1": 1.2, "bm25_b": 0.75}}
        return {"index_type": "INVERTED"} if indexed else None

    def _parameters(self, query: Floats | str, limit: int) -> dict[str, Any]:
        if isinstance(query, str):
            return {"metric_type": "BM25", "params": {}}
        return {"metric_type": "COSINE", "params": {"ef": max(self._settings.hnsw_ef, 2 * limit)}}

    def _ask(self, method: str, *arguments: Any, **named: Any) -> Any:
        """What `method` of the client returns for a collection, its first argument in most cases."""
        def request() -> Any:
            return getattr(self._connected(), method)(*arguments, timeout=self._settings.timeout, **named)

        return self._repeat(request, arguments[0] if arguments else None)

    def _repeat(self, request: Callable[[], Outcome], collection: str | None = None) -> Outcome:
        """What `request` returns, once the server answers and has `collection` in its memory."""
        until, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            try:
                return self._once(request)
            except (IndexUnreachable, IndexBusy):
                self._client = None  # a new one, should the server have come back as another
                if time.monotonic() + pause > until:
                    raise
            except _NotLoaded:  # as milvus-lite leaves it after a restart, and Milvus for a while
                if collection is None or time.monotonic() + pause > until:
                    raise
                self._load(collection)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _load(self, collection: str) -> None:
        with suppress(IndexRefused):  # who may only read waits until it is loaded
            self._once(lambda: self._connected().load_collection(collection, timeout=self._settings.timeout))

    def _once(self, request: Callable[[], Outcome]) -> Outcome:
        faults = _faults()
        try:
            return request()
        except faults as error:
            raise self._fault(error) from None  # its text may hold what the line leaves out

    def _connected(self) -> MilvusClient:
        seen = self._attempts
        with self._connecting:
            if self._client is None:
                if self._attempts != seen and self._failure is not None:
                    raise self._failure  # of whoever tried while this one waited: it is not tried by each in turn
                self._attempts += 1
                try:
                    self._client, self._failure = self._connect(), None
                except _faults() as error:
                    self._failure = error
                    raise
            return self._client

    def _connect(self) -> MilvusClient:
        from pymilvus import MilvusClient

        settings, timeout = self._settings, min(self._settings.timeout, max(self._patience, 1.0))
        client = MilvusClient(settings.uri, token=settings.token, db_name=settings.database, timeout=timeout,
                              grpc_options=_CHANNEL)
        version = client.get_server_version(timeout=timeout)
        if (found := re.match(r"v?(\d+)\.(\d+)", version)) and tuple(map(int, found.groups())) < _LEAST_VERSION:
            raise IndexMismatch(f"the server at {self.address} is Milvus {version}, which has no full-text search",
                                f"use {'.'.join(map(str, _LEAST_VERSION))} or later")
        return client

    def _fault(self, error: Exception) -> IndexFault:
        code, said, cause = _code(error), self._without_secrets(_said(error)), error.__cause__
        behind = "" if cause is None else f"{_code(cause)} {_said(cause)}"  # pymilvus says of all alike that it failed
        if code in _NOT_FOUND:
            return NotFound(f"the server at {self.address} has no such collection ({said})", "run `qa index`")
        if code in _NOT_LOADED:
            return _NotLoaded(f"a collection on the Milvus server at {self.address} is not loaded ({said})",
                              "load it there")
        if code in _NO_ENTRY or _KEPT_OUT.search(f"{code} {said} {behind}"):
            return IndexRefused(f"the Milvus server at {self.address} refuses the token",
                                "set QA_MILVUS_TOKEN to user:password or a key that may use this database")
        if code in _BUSY:
            return IndexBusy(f"the Milvus server at {self.address} has too much to do ({said})", "try again later")
        if code in _PASSING or _AWAY.search(f"{code} {said}"):
            return IndexUnreachable(f"the index on the Milvus server at {self.address} is unreachable",
                                    "check that it runs and can be reached from here; nothing is lost meanwhile")
        return IndexFault(f"the Milvus server at {self.address} cannot do it ({said})",
                          "check what [milvus] and QA_MILVUS_… say, and see that server's log")

    def _without_secrets(self, said: str) -> str:
        token = self._settings.token
        for secret in {token, token.partition(":")[2], urlsplit(self._settings.uri).password or ""} - {""}:
            said = said.replace(secret, "…")
        return said


def address(uri: str) -> str:
    """`uri` as a person may see it: scheme, host and port, and nothing that could be a password."""
    scheme, found, rest = uri.partition("://")
    return f"{scheme}://{re.split('[/?#]', rest.rpartition('@')[2])[0]}" if found else uri


def batches(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    """`values` in runs of `size`."""
    return (values[start:start + size] for start in range(0, len(values), size))


def quoted(values: Sequence[str]) -> str:
    """A list of `values` for a filter. They are hashes, ids and terms of ours: letters and digits alone."""
    if not all(value.isalnum() and value.isascii() for value in values):
        raise ValueError("only letters and digits can stand in a filter")
    return "[" + ", ".join(f'"{value}"' for value in values) + "]"


def _faults() -> tuple[type[Exception], ...]:
    """What pymilvus raises. Raises UsageError where it is not installed."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC tells the terminal of every server that hangs up
    try:
        import grpc
        from pymilvus.exceptions import MilvusException
    except ModuleNotFoundError as error:
        raise UsageError(f"the engine milvus needs {error.name}, which is not installed", _INSTALL) from error
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)  # it writes traces of what is told in one line here
    return MilvusException, grpc.RpcError


def _code(error: BaseException) -> Any:
    """Milvus' number or gRPC's status."""
    code = getattr(error, "code", None)
    return code() if callable(code) else code


def _said(error: BaseException) -> str:
    details = getattr(error, "details", None)
    said = getattr(error, "message", None) or (details() if callable(details) else None) or str(error)
    return one_line(ValueError(str(said)[:300]))


def _field(kind: Kind, size: int, primary: bool) -> dict[str, Any]:
    from pymilvus import DataType

    if kind is Kind.VECTOR:
        return {"datatype": DataType.FLOAT_VECTOR, "dim": size}
    if kind is Kind.SPARSE:
        return {"datatype": DataType.SPARSE_FLOAT_VECTOR}
    if kind is Kind.NUMBER:
        return {"datatype": DataType.INT64}
    words = {"enable_analyzer": True, "enable_match": True, "analyzer_params": {"tokenizer": "standard"}}
    return {"datatype": DataType.VARCHAR, "max_length": size, "is_primary": primary,
            **(words if kind is Kind.WORDS else {})}


def _row(hit: Mapping[str, Any]) -> dict[str, Any]:
    return {**hit["entity"], "distance": hit["distance"]}


def _portions(rows: Sequence[Mapping[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """`rows` in requests that a server takes."""
    some, size = [], 0
    for row in rows:
        weight = sum(len(value) * 4 for value in row.values() if hasattr(value, "__len__")) + 200
        if some and size + weight > _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
        some.append(dict(row))
        size += weight
    if some:
        yield some
