"""Serves the page over FixedAssistant: `python -m tests.browser.fixed_server [EVALS]`, prints its address.

EVALS is the folder whose newest run the evaluation tab shows; without it there is nothing to show.

The corpus is the seeds and one article of hostile text; "Slow?" takes its time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from qa.evaluate.report.latest import Latest
from qa.records import Answer
from qa.show.page.chat import build_page
from qa.show.page.evaluation_tab import no_report
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


class Slow(FixedAssistant):
    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        if question.startswith("Slow"):
            time.sleep(2)
        return super().ask(question, history)


def main() -> None:
    articles = {**seeds(), HOSTILE.id: HOSTILE}
    report = Latest(Path(sys.argv[1])) if sys.argv[1:] else no_report
    serve(lambda: build_page(Slow(articles), FixedLibrary(articles)), "127.0.0.1", 0, lambda a: print(a, flush=True),
          report)


if __name__ == "__main__":
    main()
