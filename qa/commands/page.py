"""`qa chat`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.commands.doors import find_models, settings
from qa.errors import IndexUnwritable, QAError, UsageError, one_line
from qa.index.places import choose
from qa.settings import EMBEDDED
from qa.show.web.access import access

if TYPE_CHECKING:
    import fastapi

    from qa.records import Article

AUTH = "QA_AUTH"  # the variable that stands in for --auth


def chat(options: argparse.Namespace) -> int:
    """Serve the page; it answers at once, and what takes long is done behind it."""
    from qa.show.web.serve import serve

    chosen = settings(options)
    serving = chosen.serving
    host, port = options.host or serving.host, serving.port if options.port is None else options.port
    auth = os.environ.get(AUTH) or None if options.auth is None else options.auth
    who = access(host, auth, options.no_auth, serving.names)

    def ready(address: str) -> None:
        if who.password is None and not who.local:
            print("Everybody who reaches this machine can ask and read; nothing can be changed from there.")
        print(f"Open {address} in a browser. Ctrl-C stops.", flush=True)

    _look_at(choose(options.articles, options.index)[0], chosen.index.engine)
    with ExitStack() as opened:
        served = _Served(options, opened)
        serve(served.page, host, port, ready, access=who, routers=served.routers)
    return 0


def _look_at(articles: Path, engine: str) -> None:
    """Says before anything is served what a slip of the keyboard would do. Raises UsageError for a file."""
    if articles.exists() and not articles.is_dir():
        raise UsageError(f"{articles} is a file, not a folder of articles", "give its folder with --articles")
    if not articles.exists():
        told = "yet; it is made, for articles added on the page" if engine == EMBEDDED else (
            "here; what is on the server answers, and nothing can be added on the page")
        print(f"qa: there is no folder {articles} {told}", file=sys.stderr)


class _Served:
    """The parts of the page, made once it is served: importing them takes longer than listening."""

    def __init__(self, options: argparse.Namespace, opened: ExitStack):
        self._options, self._opened = options, opened

    def page(self) -> Any:
        """The page; the index and the models follow in a thread that this starts."""
        from qa.commands.behind import PatientAssistant, WatchedLibrary, load
        from qa.show.page.chat import build_page
        from qa.show.web.readiness import Readiness

        chosen = settings(self._options)
        find_models(chosen)
        self._library = WatchedLibrary(self._options.articles, self._options.index, chosen)
        self._library.reach.fault()  # looked for now, while the page is made
        self._readiness = Readiness(lambda say: load(self._library, self._assistant.warm, say), _complain)
        # Closed last to first: nothing loads any more when the index is let go of.
        self._assistant = self._opened.enter_context(closing(PatientAssistant(self._library, self._readiness)))
        self._opened.callback(self._readiness.stop)
        made = build_page(self._assistant, self._library, chosen)
        self._readiness.start()
        return made

    def routers(self) -> Sequence[fastapi.APIRouter]:
        """What the page's scripts ask of the server."""
        from qa.evaluate.job import page_job
        from qa.evaluate.report.latest import Latest
        from qa.index.places import home
        from qa.index.shelf.shelf import Shelf
        from qa.show.page.articles_tab import articles_router
        from qa.show.page.cases import cases_router
        from qa.show.page.evaluation_tab import evaluation_router
        from qa.show.page.opening import greeting, opening_router
        from qa.show.page.saving import export_router
        from qa.show.web.readiness import readiness_router

        evals, read = home() / "evals", self._assistant.article
        latest, shelf = Latest(evals), Shelf(self._library)
        try:
            shelf.forget_all()
        except IndexUnwritable as error:  # what answers does not depend on it
            _complain(error)
        job = self._opened.enter_context(closing(page_job(self._library, self._assistant, evals)))
        return (readiness_router(self._readiness, self._library.reach), opening_router(lambda: greeting(self._library)),
                articles_router(self._library, shelf), export_router(read),
                evaluation_router(latest, job, latest.rates), cases_router(read, _Cases(evals, read)))


@dataclass(frozen=True, slots=True)
class _Cases:
    """The question file of the chat, as the page's form wants it."""

    folder: Path
    read: Callable[[str], Article]

    @property
    def path(self) -> str:
        return f"{self.folder.name}/{self._file.name}"

    def keep(self, question: str, history: Sequence[str], answerable: bool,
             evidence: Sequence[tuple[str, str]]) -> tuple[str, Callable[[], None]]:
        from qa.evaluate.questions.dataset import Evidence
        from qa.evaluate.questions.from_chat import Case, keep, undo

        case = Case(question, tuple(history), answerable, tuple(Evidence(*pair) for pair in evidence))
        kept = keep(self._file, case, lambda id: self.read(id).text)
        return kept.what, lambda: undo(self._file, kept)

    @property
    def _file(self) -> Path:
        from qa.evaluate.runs.kept import CHAT, FILES

        return self.folder / FILES[CHAT]


def _complain(error: QAError) -> None:
    """What keeps the page from answering, said on the terminal as well; the page goes on."""
    print(f"qa: {one_line(error)}", file=sys.stderr)
