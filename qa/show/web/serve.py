"""Serving the page on one address until Ctrl-C, without a request to anywhere else."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from importlib.resources import files

import fastapi
import gradio as gr
import uvicorn

from qa.errors import ServeError
from qa.show.page.evaluation_tab import add_report, no_report

_UPLOAD_LIMIT = 1  # byte; the page takes no files, and Gradio's upload address cannot be taken away
_LAST_WORDS = 1  # second that open connections get to end after Ctrl-C

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Liberation Sans", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "Menlo", "Consolas", "Liberation Mono", "monospace"]


def serve(build: Callable[[], gr.Blocks], host: str, port: int, ready: Callable[[str], None],
          report: Callable[[], str] = no_report) -> None:
    """Serve the page that `build` makes on `host`:`port` until Ctrl-C.

    The port is taken before the page is built, so that a taken one costs no wait. `ready` is called
    with the page's address once the page is served. Port 0 takes any free port. `report` makes the page
    of its evaluation tab whenever that is asked for; a QAError of it is shown in its place.
    Raises ServeError where the address cannot be had.
    """
    with listen(host, port) as listener:
        server = _Server(app(build(), report), lambda: ready(address(host, listener.getsockname()[1])))
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn has closed everything and hands the signal on
            return


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
        raise _no_address(host) from error
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
    return _no_address(host)


def _no_address(host: str) -> ServeError:
    return ServeError(f"{host} is not an address of this machine", "use --host 127.0.0.1")


def app(page: gr.Blocks, report: Callable[[], str] = no_report) -> fastapi.FastAPI:
    """The web application that serves `page` and its `report`, and nothing else of this machine."""
    # No pages that document the page's own wires: they load their scripts from elsewhere.
    unlisted = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    outer = fastapi.FastAPI(**unlisted)
    add_report(outer, report)  # before the page, which takes every address that is left
    # In the head and not as `css`: Gradio puts a prefix before every selector of that, and so breaks
    # those that speak of the page as a whole or list alternatives.
    style = files("qa.show.page").joinpath("assets", "style.css").read_text(encoding="utf-8")
    return gr.mount_gradio_app(
        outer, page, path="/", footer_links=[], run_history=False, ssr_mode=False, pwa=False, mcp_server=False,
        enable_monitoring=False, app_kwargs=unlisted, allowed_paths=[], max_file_size=_UPLOAD_LIMIT, show_error=False,
        theme=gr.themes.Base(font=_SANS, font_mono=_MONO), head=f"<style>{style}</style>",
    )


class _Server(uvicorn.Server):
    """A server that says when it serves; uvicorn itself would only log it."""

    def __init__(self, application: fastapi.FastAPI, ready: Callable[[], None]):
        super().__init__(uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=_LAST_WORDS))
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
