"""qa itself, as installed and with its own settings, through its two Python doors.

It does more than its peers while it indexes: it reads and cleans the files, and writes the index to the disk. What is
shown is the quotes, or, where it declines, the closest sentences that it shows as just that.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from evals.peers.corpus import Corpus
from evals.peers.systems import Reply
from qa import Assistant, Library
from qa.errors import UsageError

DISTRIBUTIONS = ("cited-qa", "sentence-transformers", "torch")


class System:
    def __init__(self, encoder: Path):
        self._folder = TemporaryDirectory(prefix="qa-peers-")
        self._encoder = Library(index=self._folder.name).encoder

    def index(self, corpus: Corpus) -> None:
        library = Library(corpus.folder, self._folder.name, encoder=self._encoder)
        library.build()
        self._assistant = Assistant(library)
        self._assistant.warm()

    def search(self, question: str) -> Reply:
        try:
            answer = self._assistant.ask(question)
        except UsageError:  # it names nothing to look for: said, and nothing shown
            return Reply([], declined=True)
        shown = answer.quotes or answer.closest
        return Reply([(quote.article, quote.text) for quote in shown], declined=not answer.answered)

    def close(self) -> None:
        self._assistant.close()
        self._folder.cleanup()
