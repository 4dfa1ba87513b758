"""The way out of a conversation: as a file to keep."""

from __future__ import annotations

import json
from typing import Any

import fastapi
from fastapi import Body
from fastapi.responses import JSONResponse

from qa.errors import IndexFault, QAError
from qa.show.parts.export import to_json, to_markdown
from qa.show.parts.marks import Read
from qa.show.parts.said import turns_of

_FORMS = {"markdown": ("chat.md", "text/markdown"), "json": ("chat.json", "application/json")}


def export_router(read: Read) -> fastapi.APIRouter:
    """POST /export/markdown and /export/json: {"turns", "address"} -> {"name", "type", "text"}."""
    router = fastapi.APIRouter()

    def export(form: str, sent: dict[str, Any] = Body()) -> JSONResponse:
        if form not in _FORMS:
            return told(QAError(f"there is no form {form!r}", f"save as {' or '.join(_FORMS)}"))
        try:
            turns = turns_of(sent.get("turns"))
            if form == "markdown":
                text = to_markdown(turns, read, str(sent.get("address", "")))
            else:
                text = json.dumps(to_json(turns, read), ensure_ascii=False, indent=1)
        except QAError as error:
            return told(error)
        name, kind = _FORMS[form]
        text = text.encode("utf-8", "replace").decode("utf-8")  # JSON can spell half a character
        return JSONResponse({"name": name, "type": kind, "text": text})

    router.post("/export/{form}")(export)
    return router


def told(error: QAError) -> JSONResponse:
    """`error` for the page's scripts: {"problem", "remedy"}; 503 where the index cannot serve, else 422."""
    status = 503 if isinstance(error, IndexFault) else 422
    return JSONResponse({"problem": error.problem, "remedy": error.remedy}, status)
