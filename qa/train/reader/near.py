"""The product's own engines over training windows: where hard passages come from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.index.analyse import question_terms
from qa.index.lexical import FOLDER, Lexical, LexicalWriter
from qa.train.reader.corpus import Corpus, Question, Window


class WordSearch:
    """BM25 over every window of a corpus, kept in `folder`."""

    def __init__(self, corpus: Corpus, folder: Path, found: int = 8):
        self._windows = [w for windows in corpus.windows.values() for w in windows]
        self._found = found
        if not (folder / FOLDER).is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            writer = LexicalWriter(folder)
            ids = [f"{n:015x}" for n in range(len(self._windows))]
            writer.add(ids, [f"{w.title}\n{w.text}" for w in self._windows])
            writer.finish()
        self._engine = Lexical(folder)

    def near(self, question: Question) -> Sequence[Window]:
        hits = self._engine.search(question_terms(question.text), self._found)
        return [self._windows[int(hit.passage, 16)] for hit in hits]
