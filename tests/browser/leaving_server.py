"""Serves the page over an index whose server can go away, and prints its address:

    python -m tests.browser.leaving_server ARTICLES INDEX [away | URI]

The index is a real one in the folder INDEX, made to leave by POST /leave and to come back by POST /return: whoever asks
for anything meanwhile waits for PATIENCE seconds and is told. "away": it is away from the start. URI: it is one on that
Milvus server, which whoever tests stops and starts.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import fastapi

from qa.commands.behind import PatientAssistant, WatchedLibrary, load
from qa.errors import IndexUnreachable, one_line
from qa.index.backend import Backend
from qa.index.local.library import LocalIndex
from qa.index.shelf.shelf import Shelf
from qa.settings import MILVUS, Index, Milvus, Settings
from qa.show.page.articles_tab import articles_router
from qa.show.page.chat import build_page
from qa.show.page.opening import greeting, opening_router
from qa.show.page.saving import export_router
from qa.show.web.readiness import Readiness, readiness_router
from qa.show.web.serve import serve
from tests.evaluate.bm25_reader import BM25Reader
from tests.index.by_eye import Letters

PATIENCE = 0.3
FAULT = IndexUnreachable("the index on the server at http://far:19530 is unreachable", "check that it runs")


class Leaving:
    """`index`, behind a server that answers or does not."""

    def __init__(self, index: Backend):
        self._index, self.name, self.away = index, index.name, False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._index, name)

        def request(*given: Any, **named: Any) -> Any:
            if self.away:
                time.sleep(PATIENCE)
                raise IndexUnreachable(FAULT.problem, FAULT.remedy)
            return method(*given, **named)

        return request


class LeavingLibrary(WatchedLibrary):
    """A library over `Leaving`."""

    def _choose_backend(self) -> Leaving:
        return Leaving(LocalIndex(self.index, self.articles, self._recipe, self._encoder_name(), lambda: self.encoder))


def moving(backend: Leaving) -> fastapi.APIRouter:
    router = fastapi.APIRouter()
    for path, away in (("/leave", True), ("/return", False)):
        router.post(path)(lambda away=away: setattr(backend, "away", away))
    return router


def main(articles: str, index: str, how: str = "") -> None:
    uri = how if "://" in how else ""
    settings = Settings(index=Index(engine=MILVUS), milvus=Milvus(uri=uri, patience=PATIENCE))
    # Vectors that can be worked out by eye, and a reader that loads nothing.
    library = (WatchedLibrary if uri else LeavingLibrary)(articles, index, settings, Letters())
    if how == "away":
        library._backend.away = True
    readiness = Readiness(lambda say: load(library, assistant.warm, say), lambda error: print(one_line(error)))
    assistant = PatientAssistant(library, readiness, BM25Reader())

    def page() -> Any:
        made = build_page(assistant, library)
        readiness.start()
        return made

    library.reach.fault()
    serve(page, "127.0.0.1", 0, lambda address: print(address, flush=True), routers=lambda: [
        moving(library._backend), readiness_router(readiness, library.reach), opening_router(lambda: greeting(library)),
        articles_router(library, Shelf(library)), export_router(assistant.article)])


if __name__ == "__main__":
    main(*sys.argv[1:])
