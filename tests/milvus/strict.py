"""What a Milvus server refuses and Milvus Lite does not, and what it understands that Milvus Lite does not.

Each rule is one of Milvus' proxy or root coordinator (2.5 and 2.6), in its words. A rule returns (code, reason) where
the request is refused. `ask(method, request)` puts a question of the rule's own to the server behind.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message
from pymilvus.grpc_gen import milvus_pb2, schema_pb2

from tests.milvus.messages import answer_of, refusal, request_of, status_of, values

LONGEST = 65_535  # bytes of a string
MOST = 16_384  # results of one search or query
LARGEST = 64 * 2**20  # bytes of one request
_INVALID, _UNEXPECTED, _NO_ALIAS = 1100, 65535, 1600
_NO_NUMBERS = {"index_type", "metric_type", "params", "search_params"}
_VECTORS = {schema_pb2.BinaryVector, schema_pb2.FloatVector, schema_pb2.Float16Vector, schema_pb2.BFloat16Vector,
            schema_pb2.SparseFloatVector, schema_pb2.Int8Vector}

Ask = Callable[[str, Message], Any]
Refusal = tuple[int, str]


def refused(method: str, request: bytes, ask: Ask) -> Message | None:
    """The answer of a Milvus that does not take `request`; None where it does."""
    if method not in _RULES:
        return None
    for no in _RULES[method](request_of(method).FromString(request), ask):
        return refusal(method, *no)
    return None


def understood(method: str, request: bytes) -> bytes:
    """`request` with the numbers of an index where Milvus Lite looks for them; Milvus looks beside the others too."""
    if method != "CreateIndex":
        return request
    asked = milvus_pb2.CreateIndexRequest.FromString(request)
    numbers = {key: json.loads(value) for key, value in values(asked.extra_params).items() if key not in _NO_NUMBERS}
    if numbers:
        asked.extra_params.add(key="params", value=json.dumps(numbers))
    return asked.SerializeToString()


def in_its_words(method: str, answer: bytes) -> bytes:
    """What a Milvus would have answered where Milvus Lite says that there is no such alias."""
    if method not in ("DescribeAlias", "AlterAlias"):
        return answer
    said = answer_of(method).FromString(answer)
    if "alias" in (status := status_of(said)).reason and status.code == 100:
        status.code, status.reason = _NO_ALIAS, f"alias not found: {status.reason}"
    return said.SerializeToString()


def _invalid(reason: str) -> Refusal:
    return _INVALID, f"{reason}: invalid parameter"


def _create(request: Any, ask: Ask) -> Iterator[Refusal]:
    if not re.fullmatch(r"[A-Za-z_][\w$]{0,254}", name := request.collection_name, re.ASCII):
        yield _invalid(f"Invalid collection name: {name}")
    schema = schema_pb2.CollectionSchema.FromString(request.schema)
    if not any(field.data_type in _VECTORS for field in schema.fields):
        yield _invalid("schema does not contain vector field")
    for field in schema.fields:
        length = values(field.type_params).get("max_length", "")
        if field.data_type == schema_pb2.VarChar and not 0 < int(length or 0) <= LONGEST:
            yield _invalid(f"the maximum length specified for the field({field.name}) should be in (0, {LONGEST}], "
                           f"but got {length} instead")


def _fields(request: Any, ask: Ask) -> dict[str, Any]:
    """Name -> field, of the collection that `request` is about."""
    described = ask("DescribeCollection", milvus_pb2.DescribeCollectionRequest(
        db_name=request.db_name, collection_name=request.collection_name))
    return {field.name: field for field in described.schema.fields}


def _load(request: Any, ask: Ask) -> Iterator[Refusal]:
    described = ask("DescribeIndex", milvus_pb2.DescribeIndexRequest(
        db_name=request.db_name, collection_name=request.collection_name))
    indexed = {index.field_name for index in described.index_descriptions}
    bare = [name for name, field in _fields(request, ask).items()
            if field.data_type in _VECTORS and name not in indexed]
    if bare:
        yield _UNEXPECTED, f"there is no vector index on field: [{' '.join(bare)}], please create index firstly"


def _write(request: Any, ask: Ask) -> Iterator[Refusal]:
    fields = _fields(request, ask)
    for column in request.fields_data:
        if (field := fields.get(column.field_name)) is None or field.data_type != schema_pb2.VarChar:
            continue
        strings = column.scalars.string_data.data
        most = int(values(field.type_params)["max_length"])
        for row, string in enumerate(strings):
            if (length := len(string.encode())) > most:
                yield _invalid(f"length of varchar field {field.name} exceeds max length, row number: {row}, "
                               f"length: {length}, max length: {most}")
        if field.is_primary_key and max(Counter(strings).values(), default=0) > 1:
            yield _invalid("duplicate primary keys are not allowed in the same batch")


def _drop(request: Any, ask: Ask) -> Iterator[Refusal]:
    name, where = request.collection_name, {"db_name": request.db_name}
    if not status_of(ask("DescribeAlias", milvus_pb2.DescribeAliasRequest(alias=name, **where))).code:
        yield _UNEXPECTED, f"cannot drop the collection via alias = {name}"
    if aliases := list(ask("ListAliases", milvus_pb2.ListAliasesRequest(collection_name=name, **where)).aliases):
        yield _UNEXPECTED, (f"unable to drop the collection [{name}] because it has associated aliases {aliases}, "
                            "please remove all aliases before dropping the collection")


def _search(request: Any, ask: Ask) -> Iterator[Refusal]:
    asked = values(request.search_params)
    top = int(asked.get("topk", 0)) + int(asked.get("offset", 0))
    if not 1 <= top <= MOST:
        yield _UNEXPECTED, f"topk [{top}] is invalid, it should be in range [1, {MOST}], but got {top}"


def _hybrid(request: Any, ask: Ask) -> Iterator[Refusal]:
    for one in request.requests:
        yield from _search(one, ask)
    top = int(json.loads(values(request.rank_params).get("limit", "0")))
    if not 1 <= top <= MOST:
        yield _UNEXPECTED, f"limit [{top}] is invalid, it should be in range [1, {MOST}], but got {top}"


def _query(request: Any, ask: Ask) -> Iterator[Refusal]:
    asked = values(request.query_params)
    if "limit" not in asked:
        if not request.expr and "count(*)" not in request.output_fields:
            yield _invalid("empty expression should be used with limit")
        return
    window = int(asked["limit"]) + int(asked.get("offset", 0))
    if not 1 <= window <= MOST:
        yield _INVALID, (f"invalid max query result window, (offset+limit) should be in range [1, {MOST}], "
                         f"but got {window}")


_RULES: dict[str, Callable[[Any, Ask], Iterator[Refusal]]] = {
    "CreateCollection": _create, "Insert": _write, "Upsert": _write, "DropCollection": _drop, "Search": _search,
    "HybridSearch": _hybrid, "Query": _query, "LoadCollection": _load,
}
