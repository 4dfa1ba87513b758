"""From a bad answer to a test: what a person says is right is kept as a question of the evaluation's kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import fastapi
from fastapi import Body
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from qa.errors import QAError, UsageError
from qa.records import Article, Quote
from qa.show.page.saving import told
from qa.show.parts.marks import Read


class CaseKeeper(Protocol):
    """Where cases go: a question file. Evidence pairs an article's id with words of it."""

    path: str  # as a person would name it

    def keep(self, question: str, history: Sequence[str], answerable: bool,
             evidence: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """(id of the row, "added", "changed" or "there already"). Raises QAError."""

    def forget(self, id: str) -> None:
        """Takes the row out again; one that is gone already is no error."""


class _Place(BaseModel):
    article: str
    start: int
    end: int
    sha256: str


class _Case(BaseModel):
    model_config = ConfigDict(extra="ignore")
    question: str
    resolved: str | None = None
    history: list[str] = []
    answerable: bool
    evidence: list[_Place] = []


def cases_router(read: Read, keeper: CaseKeeper) -> fastapi.APIRouter:
    """POST /cases: {"question", "history", "answerable", "evidence"} -> {"id", "what", "path"}; POST /cases/forget."""
    router = fastapi.APIRouter()

    def keep(sent: dict[str, Any] = Body()) -> JSONResponse:
        def work() -> dict[str, str]:
            case = _case(sent)
            evidence = [(place.article, _words(read(place.article), place)) for place in case.evidence]
            # A reading that the person wrote stands on its own.
            question, history = (case.resolved, []) if case.resolved else (case.question, case.history)
            id, what = keeper.keep(question, history, case.answerable, evidence)
            return {"id": id, "what": what, "path": keeper.path}

        return _reply(work)

    def forget(sent: dict[str, Any] = Body()) -> JSONResponse:
        return _reply(lambda: keeper.forget(str(sent.get("id", ""))) or {})

    router.post("/cases")(keep)
    router.post("/cases/forget")(forget)
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
    """The words at `place`. Raises UsageError where the article is another now, or has no such place."""
    if article.sha256 != place.sha256:
        raise UsageError(f"the article {article.name!r} has changed meanwhile", "open it again and tick the sentence anew")
    try:
        return Quote.cut(article, place.start, place.end, probability=1).text
    except ValueError as error:
        raise UsageError("there is no such sentence", "tick the sentence in the article") from error
