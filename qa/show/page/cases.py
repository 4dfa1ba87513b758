"""From a bad answer to a test: what a person says is right is kept as a question of the evaluation's kind."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import fastapi
from fastapi import Body
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from qa.errors import QAError, UsageError
from qa.records import Article
from qa.show.page.saving import told
from qa.show.parts.links import stands_at
from qa.show.parts.marks import Read

_MOST_UNDOINGS = 1_000  # kept in memory


class CaseKeeper(Protocol):
    """Where cases go: a question file. Evidence pairs an article's id with words of it."""

    path: str  # as a person would name it

    def keep(self, question: str, history: Sequence[str], answerable: bool,
             evidence: Sequence[tuple[str, str]]) -> tuple[str, Callable[[], None]]:
        """What was done ("added", "changed" or "there already"), and what undoes it. Raises QAError."""


class _Place(BaseModel):
    article: str
    start: int
    text: str


class _Case(BaseModel):
    model_config = ConfigDict(extra="ignore")
    question: str
    resolved: str | None = None
    history: list[str] = []
    answerable: bool
    evidence: list[_Place] = []


def cases_router(read: Read, keeper: CaseKeeper) -> fastapi.APIRouter:
    """POST /cases: {"question", "history", "answerable", "evidence"} -> {"what", "path", "undo"}.

    POST /cases/undo: {"undo"}. It is known until the server ends, or a thousand cases later.
    """
    router, undoings = fastapi.APIRouter(), OrderedDict[str, Callable[[], None]]()

    def keep(sent: dict[str, Any] = Body()) -> JSONResponse:
        def work() -> dict[str, str]:
            case = _case(sent)
            evidence = [(place.article, _words(read(place.article), place)) for place in case.evidence]
            # A reading that the person wrote stands on its own.
            question, history = (case.resolved, []) if case.resolved else (case.question, case.history)
            what, undoing = keeper.keep(question, history, case.answerable, evidence)
            token = secrets.token_hex(8)
            undoings[token] = undoing
            while len(undoings) > _MOST_UNDOINGS:
                undoings.popitem(last=False)
            return {"what": what, "path": keeper.path, "undo": token}

        return _reply(work)

    def undo(sent: dict[str, Any] = Body()) -> JSONResponse:
        undoing = undoings.get(str(sent.get("undo")))
        if undoing is None:
            return told(UsageError("this can no longer be undone here", f"see {keeper.path}"))
        return _reply(lambda: undoing() or {})

    router.post("/cases")(keep)
    router.post("/cases/undo")(undo)
    return router


def _reply(work: Callable[[], dict[str, str]]) -> JSONResponse:
    try:
        return JSONResponse(work())
    except QAError as error:
        return told(error)


def _case(sent: dict[str, Any]) -> _Case:
    try:
        return _Case.model_validate(sent)
    except ValidationError as error:
        raise UsageError("this case cannot be read", "rate the answer again") from error


def _words(article: Article, place: _Place) -> str:
    """The words at `place`, or where they stand now. Raises UsageError where they do not stand in the article."""
    start = stands_at(article, place.start, place.text)
    if start is None:
        raise UsageError(f"the article {article.name!r} does not hold this sentence any more",
                         "ask again, and rate what is shown then")
    return article.text[start:start + len(place.text)]
