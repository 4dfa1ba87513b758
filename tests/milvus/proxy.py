"""Between the tests and Milvus Lite: a gRPC proxy that is as strict as Milvus, and as unkind as a network."""

from __future__ import annotations

import base64
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from google.protobuf.message import Message
from pymilvus.grpc_gen import milvus_pb2

from tests.milvus import strict
from tests.milvus.messages import PATH, answer_of, request_of, values
from tests.milvus.ports import Port

_WRITES = ("Insert", "Upsert", "Delete", "Create", "Drop", "Alter", "Rename", "Truncate", "Flush", "Load", "Release")
_PATIENCE = 60.0  # seconds for something to come that must come

Action = Callable[[grpc.ServicerContext], None]


@dataclass(slots=True)
class Call:
    """A request that came: what was asked of which collection, when (monotonic seconds), and how it ended."""

    method: str
    request: bytes = field(repr=False)
    began: float
    ended: float = math.inf
    code: grpc.StatusCode | None = None  # None until it has ended

    @property
    def collection(self) -> str:
        """Its collection, or of a request about an alias, that alias; empty where it is about neither."""
        asked: Any = request_of(self.method).FromString(self.request)
        return getattr(asked, "collection_name", "") or getattr(asked, "alias", "")


class Gate:
    """Holds the calls that come to it until it is opened, or for so many seconds. Who gives up meanwhile is gone."""

    def __init__(self, seconds: float | None = None) -> None:
        self._seconds, self._came, self._open = seconds, 0, False
        self._changed = threading.Condition()

    def wait(self, calls: int = 1) -> None:
        """Returns when so many calls have come to it."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._came >= calls, _PATIENCE), f"{self._came} calls came"

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def __call__(self, context: grpc.ServicerContext) -> None:
        gone = threading.Event()

        def leave() -> None:
            gone.set()
            with self._changed:
                self._changed.notify_all()

        with self._changed:
            self._came += 1
            self._changed.notify_all()
        waits = context.add_callback(leave)
        with self._changed:
            self._changed.wait_for(lambda: self._open or gone.is_set() or not waits, self._seconds)
        if gone.is_set() or not waits:
            context.abort(grpc.StatusCode.CANCELLED, "gone")


@dataclass(slots=True)
class _Fault:
    methods: tuple[str, ...]  # none: all
    nth: int | None  # of the calls of these methods since the fault is there, from 1; None: each of them
    before: Action | None  # it is passed on
    after: Action | None  # the answer has come
    seen: int = 0

    def meets(self, method: str) -> bool:
        """Whether the call of `method` that has come is one of those it is about."""
        if self.methods and method not in self.methods:
            return False
        self.seen += 1
        return self.nth in (None, self.seen)


class Proxy:
    """In front of the Milvus server at `behind`, "host:port".

    token: without it, requests are refused as Milvus does. serialise: writes reach the server one at a time.
    positive: BM25 distances as Milvus gives them, not with the sign of Milvus Lite. version: what the server calls
    itself. strict: what Milvus refuses is refused, and what it understands is put so that Milvus Lite does.

    `calls` are those that came, in order. Faults begin when they are called for and end with `heal`.
    """

    def __init__(self, behind: str, *, token: str | None = None, serialise: bool = False, positive: bool = True,
                 version: str | None = None, strict: bool = True):
        self._token, self._positive, self._version, self._strict = token, positive, version, strict
        self._writing = threading.Lock() if serialise else None
        self._port = Port()
        self.address = f"127.0.0.1:{self._port.number}"
        self.uri = f"http://{self.address}"
        self.calls: list[Call] = []
        self._faults: list[_Fault] = []
        self._gates: list[Gate] = []
        self._changed = threading.Condition()
        self._behind, self._channels = behind, [grpc.insecure_channel(behind, _LARGE)]
        self._server: grpc.Server | None = None
        self.start()

    def start(self) -> None:
        """Listens, again on the same port."""
        self._server = grpc.server(ThreadPoolExecutor(32, "proxy"), [_Anything(self._pass)], options=[
            ("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", strict.LARGEST),
            ("grpc.max_send_message_length", -1)])
        self._server.add_insecure_port(self.address)
        self._server.start()

    def stop(self) -> None:
        """Listens no more, and ends every connection and call."""
        if self._server is not None:
            stopped = self._server.stop(None)
            self.heal()
            stopped.wait()
            self._server = None

    def close(self) -> None:
        self.stop()
        for channel in self._channels:
            channel.close()
        self._port.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def refuse(self, token: str) -> None:
        """From now on only `token` will do."""
        self._token = token

    def drop(self, *methods: str, nth: int | None = None) -> None:
        """They do not reach the server."""
        self._add(methods, nth, before=_away)

    def lose(self, *methods: str, nth: int | None = None) -> None:
        """The server does as asked, and the answer does not come back."""
        self._add(methods, nth, after=_away)

    def cut(self, *methods: str, nth: int = 1, arrives: bool = False) -> None:
        """From the `nth` of them on nothing reaches the server; arrives: but for that call itself."""
        def away(context: grpc.ServicerContext) -> NoReturn:
            self.drop()
            _away(context)

        self._add(methods, nth, **{"after" if arrives else "before": away})

    def delay(self, *methods: str, seconds: float, nth: int | None = None) -> None:
        """They reach the server so much later."""
        self._add(methods, nth, before=self._gate(Gate(seconds)))

    def hang(self, *methods: str, nth: int | None = None) -> None:
        """They never reach the server, and nothing says so."""
        self.hold(*methods, nth=nth)
        self.drop(*methods, nth=nth)

    def hold(self, *methods: str, nth: int | None = None) -> Gate:
        """They wait at the gate that is returned until it is opened, or `heal`."""
        gate = self._gate(Gate())
        self._add(methods, nth, before=gate)
        return gate

    def when(self, *methods: str, do: Callable[[], object], nth: int | None = None) -> None:
        """Does something before they reach the server."""
        self._add(methods, nth, before=lambda context: do())

    def heal(self) -> None:
        """No more faults; what waits goes on."""
        with self._changed:
            self._faults.clear()
        while self._gates:
            self._gates.pop().open()

    def count(self, *methods: str) -> int:
        """How many calls of `methods` came; of none: of all."""
        return sum(not methods or call.method in methods for call in self.calls)

    def wait(self, method: str, calls: int = 1) -> None:
        """Returns when so many calls of `method` have come since the proxy is there."""
        with self._changed:
            came = self._changed.wait_for(lambda: self.count(method) >= calls, _PATIENCE)
        assert came, f"{self.count(method)} calls of {method} came, not {calls}"

    def _gate(self, gate: Gate) -> Gate:
        self._gates.append(gate)
        return gate

    def _add(self, methods: tuple[str, ...], nth: int | None, before: Action | None = None,
             after: Action | None = None) -> None:
        with self._changed:
            self._faults.append(_Fault(methods, nth, before, after))

    def _pass(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        call, faults = self._note(method, request)
        try:
            self._admit(context)
            for fault in faults:
                if fault.before:
                    fault.before(context)
            with self._turn(method):
                answer = self._answer(method, request, context)
            for fault in faults:
                if fault.after:
                    fault.after(context)
            call.code = grpc.StatusCode.OK
            return answer
        finally:
            call.code, call.ended = call.code or context.code(), time.monotonic()

    def _note(self, method: str, request: bytes) -> tuple[Call, list[_Fault]]:
        with self._changed:
            self.calls.append(Call(method, request, time.monotonic()))
            self._changed.notify_all()
            return self.calls[-1], [fault for fault in self._faults if fault.meets(method)]

    def _admit(self, context: grpc.ServicerContext) -> None:
        """Ends the call where its token is not the one wanted, in the words of Milvus' authentication interceptor."""
        if self._token is None:
            return
        given = dict(context.invocation_metadata()).get("authorization")
        if given is None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "missing authorization in header")
        try:
            token = base64.b64decode(given, validate=True).decode()
        except ValueError:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "invalid token format")
        if token != self._token:
            what = "username and password are" if ":" in token else "api key is"
            context.abort(grpc.StatusCode.UNAUTHENTICATED, f"auth check failure, please check {what} correct")

    @contextmanager
    def _turn(self, method: str) -> Iterator[None]:
        if self._writing is None or not method.startswith(_WRITES):
            yield
            return
        with self._writing:
            yield

    def _answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        if self._strict and (no := strict.refused(method, request, lambda *asked: self._ask(context, *asked))):
            return no.SerializeToString()
        answer = self._forward(method, strict.understood(method, request) if self._strict else request, context)
        if self._positive and method == "Search" and _is_bm25(request):
            answer = _turned(answer)
        if self._version is not None and method in ("GetVersion", "Connect"):
            answer = _renamed(method, answer, self._version)
        return strict.in_its_words(method, answer) if self._strict else answer

    def _ask(self, context: grpc.ServicerContext, method: str, request: Message) -> Message:
        return answer_of(method).FromString(self._forward(method, request.SerializeToString(), context))

    def _forward(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        """Ends the call as the server behind ends it."""
        channel = self._channels[-1]
        try:
            return channel.unary_unary(PATH + method)(request, timeout=_left(context), metadata=_kept(context))
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE and channel is self._channels[-1]:
                # A new one tries the server at once; this one would wait, and not see that it is there again.
                self._channels.append(grpc.insecure_channel(self._behind, _LARGE))
            context.abort(error.code(), error.details())


class _Anything(grpc.GenericRpcHandler):
    """Takes any method; what is asked and answered stays bytes."""

    def __init__(self, answer: Callable[[str, bytes, grpc.ServicerContext], bytes]):
        self._answer = answer

    def service(self, call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        method = call.method.rpartition("/")[2]
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._answer(method, request, context))


_LARGE = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
          ("grpc.use_local_subchannel_pool", 1)]  # of every channel its own attempts to connect


def _away(context: grpc.ServicerContext) -> NoReturn:
    context.abort(grpc.StatusCode.UNAVAILABLE, "connection reset by peer")


def _left(context: grpc.ServicerContext) -> float | None:
    """Seconds that whoever asked still waits; None: for ever."""
    left = context.time_remaining()
    return None if left is None or left > 1e6 else left


def _kept(context: grpc.ServicerContext) -> list[tuple[str, str]]:
    return [(key, value) for key, value in context.invocation_metadata()
            if key != "user-agent" and not key.startswith("grpc-")]


def _is_bm25(request: bytes) -> bool:
    return values(milvus_pb2.SearchRequest.FromString(request).search_params).get("metric_type") == "BM25"


def _turned(answer: bytes) -> bytes:
    """A search's answer with the other sign of every score."""
    found = milvus_pb2.SearchResults.FromString(answer)
    found.results.scores[:] = [-score for score in found.results.scores]
    return found.SerializeToString()


def _renamed(method: str, answer: bytes, version: str) -> bytes:
    said: Any = answer_of(method).FromString(answer)
    if method == "GetVersion":
        said.version = version
    else:
        said.server_info.build_tags = version
    return said.SerializeToString()


def overlaps(calls: list[Call]) -> int:
    """How many pairs of `calls` were under way at the same moment."""
    return sum(a.began < b.ended and b.began < a.ended for a, b in itertools.combinations(calls, 2))
