"""The page's side for its articles: what there is, taking files in, taking articles out again.

Everything the browser is told is JSON, and it shows it as text only. A QAError becomes {"problem", "remedy"};
anything else is a defect of ours: one plain line to the browser, the trace to the terminal.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastapi
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from qa.errors import ArticleError, QAError, UsageError
from qa.show.parts.holdings import panel_html

if TYPE_CHECKING:
    from qa import Library
    from qa.index.shelf.shelf import Shelf
    from qa.show.web.access import Access

__all__ = ["PATH", "articles_router", "panel_html"]

PATH = "/articles"
CHANGES_AT_ONCE = 8  # files taken in or out side by side; those that wait together share one build
LOOKS_AT_ONCE = 4  # lists made side by side, in threads of their own: changes may wait for another process

_DEFECT = QAError("the program failed while doing this", "the terminal that serves this page says how")

Say = Callable[[Mapping[str, Any]], None]


class _Ids(BaseModel):
    ids: list[str]


class _Token(BaseModel):
    token: str


class _Tokens(BaseModel):
    tokens: list[str]


def articles_router(library: Library, shelf: Shelf) -> fastapi.APIRouter:
    """What the tab asks of the server, over what `library` lists and `shelf` takes in and out.

    GET  /articles           {"articles": [row], "may_change", "why_not", "max_bytes": of one file}
    POST /articles?name=     the file's bytes -> one JSON line per stage, last {"done": row} or {"problem", "remedy"}
    POST /articles/remove    {"ids"} -> {"token", "articles"};   /restore {"token"};   /forget {"tokens"}
    GET  /articles/removed   ?id= -> {"lines": [{"line", "kind", "text"}]} that cleaning left out
    """
    router, desk = fastapi.APIRouter(), _Desk(library, shelf)

    @router.get(PATH)
    async def listed(request: fastapi.Request) -> Response:
        access = getattr(request.app.state, "access", None)  # a server without guard lets everyone change things
        return await desk.answer(desk.looks, lambda: desk.listing() | _permission(access))

    @router.post(PATH)
    async def add(request: fastapi.Request, name: str = "") -> Response:
        try:
            staged = await _staged(request, name, library.settings.ingest.max_file_bytes)
        except QAError as error:
            return Response(_line(_told(error)), media_type="application/x-ndjson")
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        return StreamingResponse(desk.adding(name, staged), media_type="application/x-ndjson",
                                 headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    @router.get(f"{PATH}/removed")
    async def removed(id: str) -> Response:
        return await desk.answer(desk.looks, lambda: desk.removed(id))

    @router.post(f"{PATH}/remove")
    async def remove(wanted: _Ids) -> Response:
        return await desk.answer(desk.changes, lambda: desk.remove(wanted.ids))

    @router.post(f"{PATH}/restore")
    async def restore(wanted: _Token) -> Response:
        return await desk.answer(desk.changes, lambda: {"articles": list(shelf.restore(wanted.token))})

    @router.post(f"{PATH}/forget")
    async def forget(wanted: _Tokens) -> Response:
        return await desk.answer(desk.changes, lambda: desk.forget(wanted.tokens))

    return router


class _Desk:
    """Does what is asked in threads of its own, so that a build holds up no question."""

    def __init__(self, library: Library, shelf: Shelf):
        self._library, self._shelf = library, shelf
        self.looks = ThreadPoolExecutor(LOOKS_AT_ONCE, thread_name_prefix="articles-look")
        self.changes = ThreadPoolExecutor(CHANGES_AT_ONCE, thread_name_prefix="articles-change")

    def listing(self) -> dict[str, Any]:
        return {"articles": [self._row(row) for row in self._library.list()],
                "max_bytes": self._library.settings.ingest.max_file_bytes}

    def removed(self, id: str) -> dict[str, Any]:
        try:
            lines = self._library.removed_of(id)
        except UsageError as error:
            raise UsageError("this article is not here any more", "look at the list anew") from error
        return {"lines": [{"line": r.line, "kind": r.kind, "text": r.text} for r in lines]}

    def remove(self, ids: list[str]) -> dict[str, Any]:
        removal = self._shelf.remove(ids)
        return {"token": removal.token, "articles": list(removal.articles)}

    def forget(self, tokens: list[str]) -> dict[str, Any]:
        for token in tokens:
            self._shelf.forget(token)
        return {}

    async def answer(self, pool: Executor, work: Callable[[], dict[str, Any]]) -> Response:
        """What `work` gives as JSON; 400 where it was asked for what cannot be, 503 for other QAErrors, else 500."""
        future = asyncio.get_running_loop().run_in_executor(pool, work)
        await asyncio.wait([future])
        error = future.exception()
        status = {None: 200, UsageError: 400}.get(error and type(error), 503 if isinstance(error, QAError) else 500)
        body = future.result() if error is None else _told(error)
        return Response(_line(body), status, {"Cache-Control": "no-store"}, "application/json")

    def adding(self, name: str, staged: Path) -> AsyncIterator[str]:
        """The stages of taking `staged` in as `name`, as they come. It is begun here, and not where the first is asked
        for: so it is done, and `staged` is cleared away, also where nobody listens any more."""
        loop, lines = asyncio.get_running_loop(), asyncio.Queue[Mapping[str, Any]]()

        def say(line: Mapping[str, Any]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(lines.put_nowait, line)

        def finish(future: asyncio.Future[dict[str, Any]]) -> None:
            error = future.exception()
            lines.put_nowait({"done": future.result()} if error is None else _told(error))

        loop.run_in_executor(self.changes, self._add, name, staged, say).add_done_callback(finish)
        return _until_the_end(lines)

    def _add(self, name: str, staged: Path, say: Say) -> dict[str, Any]:
        try:
            added = self._shelf.add(name, staged, lambda stage, *counts: say(_stage(stage, *counts)))
        finally:
            staged.unlink(missing_ok=True)
        return self._row(added.article) | {"removed": len(added.removed), "notes": list(added.notes)}

    def _row(self, row: Any) -> dict[str, Any]:
        return {"id": row.id, "title": row.title, "name": row.path, "source": row.source, "date": row.date,
                "words": row.words, "passages": row.passages, "added": row.added,
                "deletable": self._shelf.may_remove(row)}


async def _until_the_end(lines: asyncio.Queue[Mapping[str, Any]]) -> AsyncIterator[str]:
    line: Mapping[str, Any] = {}
    while not line.keys() & {"done", "problem"}:
        line = await lines.get()
        yield _line(line)


def _permission(access: Access | None) -> dict[str, Any]:
    return {"may_change": access is None or access.may_change, "why_not": access.why if access else ""}


def _stage(stage: str, done: int = 0, total: int = 0) -> dict[str, Any]:
    return {"stage": stage, "at": done, "of": total}


async def _staged(request: fastapi.Request, name: str, limit: int) -> Path:
    """The body of `request` as a file in the system's folder for such. Raises ArticleError from `limit` bytes on,
    UsageError without a name, QAError where the disk takes no more, ClientDisconnect where the browser went."""
    if not name:
        raise UsageError("a file without a name cannot be taken in", "give it one")
    if int(request.headers.get("content-length") or 0) > limit:  # the server has seen to it that it is a number
        raise _too_large(name, limit)
    try:
        handle, path = tempfile.mkstemp(prefix="qa-upload-")
    except OSError as error:
        raise _no_room(name, error) from error
    staged, whole = Path(path), False
    try:
        with os.fdopen(handle, "wb") as file:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(name, limit)
                file.write(chunk)
        whole = True
    except OSError as error:
        raise _no_room(name, error) from error
    finally:
        if not whole:
            staged.unlink()
    return staged


def _too_large(name: str, limit: int) -> ArticleError:
    return ArticleError(f"{name} has more than {limit / 1e6:g} MB",
                        "split it, or raise max_file_bytes in [ingest] of the settings")


def _no_room(name: str, error: OSError) -> QAError:
    return QAError(f"{name} could not be stored ({error.strerror})", "free some space where the page is served")


def _told(error: BaseException) -> dict[str, str]:
    """What the browser is told of `error`; the trace of a defect goes to the terminal."""
    if not isinstance(error, QAError):
        traceback.print_exception(error, file=sys.stderr)
        error = _DEFECT
    return {"problem": error.problem, "remedy": error.remedy}


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value) + "\n"  # ASCII only, so that half of a surrogate pair in a name is no fault
