"""Serves the page over FixedAssistant: `python -m tests.browser.fixed_server [EVALS]`, prints its address.

EVALS is the folder whose newest run the evaluation tab shows; without it there is nothing to show.

The corpus is the seeds and one article of hostile text; "Slow?" takes its time. What is rated is kept in memory.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import fastapi

from qa.answer.asking import Asking, Progress, silent
from qa.records import Answer
from qa.show.page.cases import cases_router
from qa.show.page.chat import build_page
from qa.show.page.opening import greeting, opening_router
from qa.show.page.saving import export_router
from qa.show.web.serve import serve
from tests.show.fixed import FixedAssistant, FixedLibrary, make_article, seeds
from tests.show.hostile import FRAGMENTS

HOSTILE = make_article(
    "zz/hostile",
    "Hostile zebras gather.\n\n"
    + "\n\n".join(f"Zebras hostile number {n}: {fragment} stays text."
                  for n, fragment in enumerate(FRAGMENTS) if "\n" not in fragment)
    + "\n\nZebras hostile, unbroken: " + "x" * 10_000 + ".",
    title="<img src=x onerror=alert(2)> Zebras", source="<b>Source</b>", url="javascript:alert(3)",
)
LONG = make_article(
    "long", "\n\n".join(["The long road."] + [
        f"Paragraph {n} of the long road tells how travellers walked {n} miles before the river bent. "
        "They rested under the cottonwoods and counted what was left of their bread. " * 3 for n in range(1, 410)]),
    title="The long road", source="Road Gazette", date="2024-02-01")


class Slow(FixedAssistant):
    def ask(self, question: str, history: Sequence[str] = (), asking: Asking = Asking(),
            progress: Progress = silent) -> Answer:
        if question.startswith("Slow"):
            for stage in ("resolve", "search", "read"):
                progress(stage)
                time.sleep(0.7)
        return super().ask(question, history, asking, progress)


class Cases:
    """A question file in memory; GET /kept lists it and DELETE /kept empties it."""

    path = "evals/from-chat.jsonl"

    def __init__(self) -> None:
        self.rows: dict[str, list[object]] = {}

    def keep(self, question: str, history: Sequence[str], answerable: bool,
             evidence: Sequence[tuple[str, str]]) -> tuple[str, Callable[[], None]]:
        before = self.rows.get(question)
        self.rows[question] = [question, list(history), answerable, [list(pair) for pair in evidence]]
        return "changed" if before else "added", lambda: self._put_back(question, before)

    def forget(self) -> dict[str, list[object]]:
        self.rows.clear()
        return self.rows

    def _put_back(self, question: str, before: list[object] | None) -> None:
        del self.rows[question]
        if before:
            self.rows[question] = before


def routers(assistant: FixedAssistant) -> list[fastapi.APIRouter]:
    cases, kept = Cases(), fastapi.APIRouter()
    kept.get("/kept")(lambda: cases.rows)
    kept.delete("/kept")(cases.forget)
    opening = opening_router(lambda: greeting(FixedLibrary(assistant.articles)))
    return [kept, opening, export_router(assistant.article), cases_router(assistant.article, cases)]


def main() -> None:
    articles = {**seeds(), HOSTILE.id: HOSTILE, LONG.id: LONG}
    if sys.argv[1:] == ["empty"]:
        articles = {}
    assistant = Slow(articles)
    serve(lambda: build_page(assistant, FixedLibrary(articles)), "127.0.0.1", 0, lambda a: print(a, flush=True),
          routers=lambda: routers(assistant))


if __name__ == "__main__":
    main()
