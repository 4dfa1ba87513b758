"""The address answers at once; the page behind it is made meanwhile.

Importing what draws the page takes seconds. Until it is there a browser gets a page that says so and then opens the
real one; everybody else's requests wait.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Doorman:
    """An ASGI application that becomes the one that `build` makes, in a thread, once the server has started.

    `failed` is called where `build` raises; `result` then raises the same.
    """

    def __init__(self, build: Callable[[], Any], failed: Callable[[], None]):
        self._build, self._failed = build, failed
        self._made: asyncio.Future[Any] | None = None
        self._ended = asyncio.Event()
        self._work: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if not self._made.done():
            if early := _early(scope):
                await _answer(*early, send)
                return
            await asyncio.wait([self._made])
        await self._made.result()(scope, receive, send)

    def result(self) -> None:
        """Raises what kept the page from being made."""
        if self._work is not None and self._work.done() and not self._work.cancelled():
            self._work.result()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # "lifespan.startup"
        self._made = asyncio.get_running_loop().create_future()
        self._work = asyncio.create_task(self._run())
        await send({"type": "lifespan.startup.complete"})
        await receive()  # "lifespan.shutdown"
        self._ended.set()
        if not self._made.done():
            self._work.cancel()
        await asyncio.wait([self._work])
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self) -> None:
        """Makes the application and keeps it alive until the server ends."""
        try:
            application = await asyncio.to_thread(self._build)
            async with application.router.lifespan_context(application):
                self._made.set_result(application)
                await self._ended.wait()
        finally:
            if not self._made.done():
                self._made.set_result(_gone)
                self._failed()


def _early(scope: Scope) -> tuple[str, bytes] | None:
    """Media type and body of what is answered before the page is there; None: the request waits."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    if scope["path"] == "/ready":
        told = {"ready": False, "stage": "starting", "problem": None, "reachable": None}
        return "application/json", json.dumps(told).encode()
    wants = b"".join(value for key, value in scope["headers"] if key == b"accept")
    if scope["path"] == "/" and b"text/html" in wants:
        return "text/html; charset=utf-8", files("qa.show.web").joinpath("starting.html").read_bytes()
    return None


async def _gone(scope: Scope, receive: Receive, send: Send) -> None:
    """For whoever waited for a page that could not be made."""
    if scope["type"] == "http":
        await _answer("text/plain; charset=utf-8", b"The program has ended; its terminal says why.", send, 503)


async def _answer(kind: str, body: bytes, send: Send, status: int = 200) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
