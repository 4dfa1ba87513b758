"""Serving the page on one address until Ctrl-C, without a request to anywhere else."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import uvicorn

from qa.errors import ServeError
from qa.show.web.access import Access, no_address
from qa.show.web.doorman import Doorman
from qa.show.web.guard import Guard

if TYPE_CHECKING:
    import fastapi
    import gradio as gr

_LAST_WORDS = 1  # second that open connections get to end after Ctrl-C


def serve(build: Callable[[], gr.Blocks], host: str, port: int, ready: Callable[[str], None], *,
          access: Access = Access(), routers: Callable[[], Sequence[fastapi.APIRouter]] = tuple) -> None:
    """Serve the page that `build` makes on `host`:`port` until Ctrl-C, with the routes of `routers` beside it.

    The port is taken before the page is built, so that a taken one costs no wait. `ready` is called with
    the page's address once that answers; the page is built then, in a thread, and `routers` is called after it. Port
    0 takes any free port. Raises ServeError where the address cannot be had, and whatever `build` raises.
    """

    def made() -> Any:
        from qa.show.web.application import application  # takes seconds to import

        return application(build(), routers(), access)

    with listen(host, port) as listener:
        doorman = Doorman(made, failed=lambda: server.end())
        server = _Server(Guard(doorman, access), lambda: ready(address(host, listener.getsockname()[1])))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has closed everything and hands the signal on
            return
        doorman.result()


def address(host: str, port: int) -> str:
    """The address to open in a browser on this machine for a server on `host`."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on `host`:`port`. Raises ServeError that says what to change."""
    if not 0 <= port <= 65_535:
        raise ServeError(f"there is no port {port}", "give --port a number from 1 to 65535")
    try:
        family, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(where[:2], family=family)
    except UnicodeError as error:  # "a..b" is no name that could be looked up
        raise no_address(host) from error
    except OSError as error:
        raise _refusal(error, host, port) from error
    listener.setblocking(False)
    return listener


def _refusal(error: OSError, host: str, port: int) -> ServeError:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65_535 else 7860
        return ServeError(f"port {port} on {host} is in use", f"stop what uses it, or choose another: --port {other}")
    if error.errno == errno.EACCES:
        return ServeError(f"port {port} may not be used by this account", "choose one above 1023: --port 7860")
    return no_address(host)


class _Server(uvicorn.Server):
    """A server that says when it serves; uvicorn itself would only log it."""

    def __init__(self, application: Guard, ready: Callable[[], None]):
        super().__init__(uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=_LAST_WORDS,
                                        lifespan="on", server_header=False))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    def end(self) -> None:
        """As Ctrl-C does, without the signal."""
        self.should_exit = True
