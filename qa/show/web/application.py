"""The web application: the page, the routes beside it, and nothing else of this machine."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.resources import files

import fastapi
import gradio as gr
from fastapi.responses import JSONResponse

from qa.errors import one_line
from qa.show.web.access import Access
from qa.show.web.api import fill

_UPLOAD_LIMIT = 1  # byte; Gradio's own upload takes no files, see also qa.show.web.guard

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Liberation Sans", "Arial", "sans-serif"]
_MONO = ["ui-monospace", "Menlo", "Consolas", "Liberation Mono", "monospace"]
_FIRST = "style.css"  # what the other style sheets stand on


def application(page: gr.Blocks, routers: Sequence[fastapi.APIRouter] = (),
                access: Access = Access()) -> fastapi.FastAPI:
    """The web application that serves `page`, its MCP server and `routers`. GET /access tells what `access` allows."""
    # No pages that document the page's own wires: they load their scripts from elsewhere.
    unlisted = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    outer = fastapi.FastAPI(**unlisted)
    outer.state.access = access  # where a router tells the page beforehand what the guard would refuse
    for router in (_access_router(access), *routers):  # before the page, which takes every address that is left
        outer.include_router(router)
    fill(page)
    logging.getLogger("mcp").setLevel(logging.ERROR)  # it warns of what a client calls wrongly, who is told anyway
    # In the head and not as `css`: Gradio puts a prefix before every selector of that, and so breaks
    # those that speak of the page as a whole or list alternatives.
    gr.mount_gradio_app(
        outer, page, path="/", footer_links=[], run_history=False, ssr_mode=False, pwa=False, mcp_server=True,
        enable_monitoring=False, app_kwargs=unlisted, allowed_paths=[], max_file_size=_UPLOAD_LIMIT, show_error=False,
        theme=gr.themes.Base(font=_SANS, font_mono=_MONO), head=styles(),
    )
    outer.routes[-1].app.add_exception_handler(TypeError, _misnamed)
    return outer


def styles() -> str:
    """The page's style sheets, the common one first and the others by name."""
    sheets = [sheet for sheet in files("qa.show.page").joinpath("assets").iterdir() if sheet.name.endswith(".css")]
    sheets.sort(key=lambda sheet: (sheet.name != _FIRST, sheet.name))
    return "\n".join(f"<style>{sheet.read_text(encoding='utf-8')}</style>" for sheet in sheets)


def _misnamed(request: fastapi.Request, error: TypeError) -> JSONResponse:
    """Where values are given by name, Gradio leaves one that has no such name, or lacks one, as a fault."""
    if "/call/v2/" not in request.url.path:
        raise error
    problem = one_line(error).partition(". ")[0]
    return JSONResponse({"problem": problem, "remedy": "docs/api.md lists what can be given"}, 422)


def _access_router(access: Access) -> fastapi.APIRouter:
    router = fastapi.APIRouter()

    @router.get("/access")
    def may() -> dict[str, bool | str]:
        return {"may_change": access.may_change, "why": access.why}

    return router
