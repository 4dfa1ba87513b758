"""What a page shows before anything is asked, fetched anew by each: the page itself is made once, when it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import fastapi

from qa.errors import IndexUnreachable, QAError
from qa.show.parts.talk import away_html, welcome_html

if TYPE_CHECKING:
    from qa import Library


def greeting(library: Library) -> str:
    """The greeting over the articles of `library`."""
    try:
        return welcome_html({row.id for row in library.list()})
    except IndexUnreachable:
        return away_html()
    except QAError:  # not read yet; what is wrong is said to whoever asks
        return welcome_html(None)


def opening_router(welcome: Callable[[], str]) -> fastapi.APIRouter:
    """GET /welcome -> {"html"}: the greeting, over the articles as they are now."""
    router = fastapi.APIRouter()

    @router.get("/welcome")
    def greet() -> dict[str, str]:
        return {"html": welcome()}

    return router
