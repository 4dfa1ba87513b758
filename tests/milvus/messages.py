"""Requests to Milvus and its answers, of any method: their types, and an answer that refuses."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import message_factory
from google.protobuf.message import Message
from pymilvus.grpc_gen import common_pb2, milvus_pb2

SERVICE = milvus_pb2.DESCRIPTOR.services_by_name["MilvusService"]
PATH = f"/{SERVICE.full_name}/"  # before the name of a method


@cache
def request_of(method: str) -> type[Message]:
    return message_factory.GetMessageClass(SERVICE.methods_by_name[method].input_type)


@cache
def answer_of(method: str) -> type[Message]:
    return message_factory.GetMessageClass(SERVICE.methods_by_name[method].output_type)


def status_of(answer: Any) -> common_pb2.Status:
    """Of an answer, which is a status or holds one."""
    return answer if isinstance(answer, common_pb2.Status) else answer.status


def refusal(method: str, code: int, reason: str) -> Message:
    """The answer of `method` that says no, in the new code and the old one."""
    answer = answer_of(method)()
    status = status_of(answer)
    status.code, status.reason = code, reason
    status.error_code = common_pb2.IllegalArgument if code == 1100 else common_pb2.UnexpectedError
    return answer


def values(pairs: Any) -> dict[str, str]:
    """Of key-value pairs, the form in which a request has its parameters."""
    return {pair.key: pair.value for pair in pairs}
