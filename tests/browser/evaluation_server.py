"""Serves the page with an evaluation that is counted by eye: `python -m tests.browser.evaluation_server EVALS [read]`.

EVALS holds the question sets and runs. Each question takes 0.15 s, and the one that a file EVALS/hold names as long as
that is there. With "read" nobody may run anything.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path

from qa.errors import UsageError
from qa.evaluate.job import page_job
from qa.evaluate.report.latest import Latest
from qa.show.page.chat import build_page
from qa.show.page.evaluation_tab import evaluation_router
from qa.show.page.opening import greeting, opening_router
from qa.show.web.access import Access
from qa.show.web.serve import serve
from tests.evaluate.corpus import Shelf, answer, quote
from tests.show.fixed import FixedAssistant, FixedLibrary, seeds


class Steady(Shelf):
    """A library whose index stays as it is."""

    def generation(self) -> int:
        return 1


class Counting:
    """Quotes the same sentence whatever is asked, in its own time; "Gone?" is a fault."""

    def __init__(self, evals: Path):
        self.hold = evals / "hold"

    def ask(self, question, history=()):
        time.sleep(0.15)
        while self.hold.exists() and self.hold.read_text() == question:
            time.sleep(0.02)
        if question == "Gone?":
            raise UsageError("the question names nothing", "say what it is about")
        return answer(question, [quote("budget", 1, probability=0.9), quote("budget", 0)], 0.9)

    def close(self) -> None:
        """Nothing is held."""


def main() -> None:
    evals, articles = Path(sys.argv[1]), seeds()
    latest = Latest(evals)
    with closing(page_job(Steady(), Counting(evals), evals)) as job:
        serve(lambda: build_page(FixedAssistant(articles), FixedLibrary(articles)), "127.0.0.1", 0,
              lambda address: print(address, flush=True), access=Access(may_change=sys.argv[2:] != ["read"]),
              routers=lambda: [evaluation_router(latest, job, latest.rates),
                                opening_router(lambda: greeting(FixedLibrary(articles)))])


if __name__ == "__main__":
    main()
