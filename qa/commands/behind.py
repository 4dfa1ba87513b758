"""What `qa chat` does behind its page: brings the index up to date, loads the models, lets questions wait for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from qa.answer.asking import Asking, Progress, silent
from qa.answer.assistant import Assistant
from qa.answer.search import Found
from qa.commands.doors import ready, tell_changes
from qa.index.library import Library
from qa.records import Answer, Article
from qa.show.terminal.progress import progress_bar

if TYPE_CHECKING:
    from qa.show.web.readiness import Readiness, Say

LOADING = "loading the models"


class PatientAssistant(Assistant):
    """Asked before the models are there, it waits for them, and says so as the stage "wait"."""

    def __init__(self, library: Library, readiness: Readiness):
        super().__init__(library)
        self._readiness = readiness

    def ask(self, question: str, history: Sequence[str] = (), asking: Asking = Asking(),
            progress: Progress = silent) -> Answer:
        self._readiness.wait(progress)
        return super().ask(question, history, asking, progress)

    def search(self, query: str, limit: int = 10, articles: frozenset[str] | None = None) -> tuple[Found, ...]:
        self._readiness.wait()
        return super().search(query, limit, articles)

    def article(self, id: str) -> Article:
        if self.library.generation() is None:  # else it can be read before anything can be asked
            self._readiness.wait()
        return super().article(id)


def load(library: Library, warm: Callable[[], None], say: Say) -> None:
    """Builds the index where it is missing or behind its folder, and loads the models.

    Raises what `ready` and `warm` raise.
    """
    say("looking at the articles")
    ready(library, lambda opened: _build(opened, say))
    say(LOADING)
    warm()


def _build(library: Library, say: Say) -> None:
    with progress_bar() as bar:

        def progress(stage: str, done: int, total: int) -> None:
            bar(stage, done, total)
            say(f"{stage} {done:,} of {total:,}")

        # A folder that held articles and is empty now is more likely a disk that is not there than a wish.
        changes = library.build(progress=progress, allow_empty=not library.holds_articles())
    tell_changes(changes)
