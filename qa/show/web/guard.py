"""What every request passes before anything answers it, and what every response carries.

An ASGI middleware around the whole application, the page's own events and the MCP server included. It refuses

- a host name that is not this page's (DNS rebinding),
- what another site's page sends (cross-site request forgery), and every answer to its scripts,
- whoever does not know the password, where there is one,
- changes, where the page is open to others without one,
- those of Gradio's addresses that nothing here uses.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from qa.show.web.access import Access
from qa.show.web.tries import Tries

__all__ = ["Access", "Guard"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

TOOLS = ("ask", "search", "read")  # the functions that are offered to other programs
_READING = {"GET", "HEAD", "OPTIONS"}
_CHANGED = re.compile(r"/(articles|evaluation|cases)(/|$)")

# What the page, the documented API and the MCP server use of Gradio's addresses. The others would write files, run
# ffmpeg, fetch from elsewhere or tell about the machine, and nothing here needs them.
_NAMES = "|".join(TOOLS)
_OPEN = re.compile(
    r"/gradio_api/(info|app_id|startup-events|theme\.css|heartbeat/[^/]+|queue/(join|data)|cancel|reset"
    rf"|run/({_NAMES}|predict)|call/(v2/)?({_NAMES})(/[0-9a-f]+)?|mcp)/?"
)
_GRADIO = re.compile(r"/(gradio_api|login|logout|monitoring|pwa_icon)(/|$)")

# Everything from this origin. Gradio's page is built by scripts within it ('unsafe-inline') and turns the scripts of
# its parts into functions ('unsafe-eval').
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_CARRIED = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"SAMEORIGIN",
    b"cross-origin-resource-policy": b"same-origin",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is not answered: its status, what is wrong, and what to do."""

    status: int
    problem: str
    remedy: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Guard:
    """`application` behind `access`. `clock` gives seconds and only runs forward."""

    def __init__(self, application: Application, access: Access, clock: Callable[[], float] = time.monotonic):
        self._application, self._access, self._clock = application, access, clock
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._application(scope, receive, _carrying(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the client reads 403
        else:
            await _refuse(refusal, scope, _carrying(send))

    def _refusal(self, scope: Scope) -> Refusal | None:
        headers = _headers(scope)
        return (self._by_host(headers) or _by_origin(scope, headers) or self._by_password(scope, headers)
                or self._by_change(scope) or _by_address(scope))

    def _by_host(self, headers: Mapping[str, str]) -> Refusal | None:
        host = headers.get("host", "")
        if self._access.accepts(host):
            return None
        remedy = ("open it as localhost or 127.0.0.1" if self._access.local
                  else "open it by its address in figures, such as 192.168.1.5")
        return Refusal(403, f"this page is not called {_shown(host)}",
                       f'{remedy}, or name it in qa.toml: [serving] names = "NAME"')

    def _by_password(self, scope: Scope, headers: Mapping[str, str]) -> Refusal | None:
        given = headers.get("authorization")
        if self._access.password is None:
            return None
        if given is None:
            return _asking("a name and a password are needed")
        client, now = (scope.get("client") or ("",))[0], self._clock()
        if wait := self._tries.wait(client, now):
            return Refusal(429, "too many wrong passwords from your address",
                           f"wait {math.ceil(wait)} s and try again", {"retry-after": str(math.ceil(wait))})
        if _is_right(given, self._access):
            self._tries.right(client)
            return None
        self._tries.wrong(client, now)
        return _asking("this name and password are not the right ones")

    def _by_change(self, scope: Scope) -> Refusal | None:
        if self._access.may_change or scope.get("method") in _READING or not _CHANGED.match(scope["path"]):
            return None
        return Refusal(403, self._access.why, "start `qa chat` with --auth USER:PASSWORD to change things here")


def _by_origin(scope: Scope, headers: Mapping[str, str]) -> Refusal | None:
    """Refuses what another site's page makes a browser send; a link to here from there is no such thing.

    Every method: an answer to a script of another site is as good as the page's words on that site.
    """
    origin, host = headers.get("origin"), headers.get("host", "")
    elsewhere = origin is not None and origin.partition("://")[2].lower() != host.lower()
    followed = scope.get("method") in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
    if elsewhere or (headers.get("sec-fetch-site") in ("cross-site", "same-site") and not followed):
        return Refusal(403, "another site's page asked for this", "use the page itself, or a program of your own")
    return None


def _by_address(scope: Scope) -> Refusal | None:
    path = scope["path"]
    if _GRADIO.match(path) and not _OPEN.fullmatch(path):
        return Refusal(404, "there is nothing at this address", "docs/api.md lists the addresses for programs")
    return None


def _asking(problem: str) -> Refusal:
    # UTF-8 by RFC 7617; browsers would take Latin-1 for a name with an umlaut.
    return Refusal(401, problem, "give those that `qa chat` was started with",
                   {"www-authenticate": 'Basic realm="qa", charset="UTF-8"'})


def _is_right(given: str, access: Access) -> bool:
    """Whether an Authorization header holds the name and the password; takes as long for every wrong one."""
    scheme, _, value = given.partition(" ")
    try:
        shown = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        shown = b""
    wanted = f"{access.user}:{access.password}".encode()
    return hmac.compare_digest(shown, wanted) and scheme.lower() == "basic"


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by lower-case name; one that came twice holds both, with a comma, and so matches nothing."""
    found: dict[str, str] = {}
    for key, value in scope["headers"]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def _carrying(send: Send) -> Send:
    """`send`, adding to a response's beginning the headers of `_CARRIED` that it lacks."""

    async def carry(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            there = {key.lower() for key, _ in headers}
            message["headers"] = headers + [(key, value) for key, value in _CARRIED.items() if key not in there]
        await send(message)

    return carry


async def _refuse(refusal: Refusal, scope: Scope, send: Send) -> None:
    """Answers in words: as a line to a browser's window, as JSON to all others."""
    if "text/html" in _headers(scope).get("accept", ""):
        kind, body = "text/plain; charset=utf-8", f"{refusal.problem}; {refusal.remedy}."
        body = body[:1].upper() + body[1:]
    else:
        kind, body = "application/json", json.dumps({"problem": refusal.problem, "remedy": refusal.remedy})
    headers = {"content-type": kind, "cache-control": "no-store", **refusal.headers}
    await send({"type": "http.response.start", "status": refusal.status,
                "headers": [(key.encode(), value.encode()) for key, value in headers.items()]})
    await send({"type": "http.response.body", "body": body.encode()})


def _shown(host: str) -> str:
    """A name that a request brought, short and in plain letters."""
    return ascii(host[:60])
