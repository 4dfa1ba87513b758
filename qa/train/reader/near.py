"""The product's own search over training windows: where hard passages come from."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from qa.index.analyse import question_terms
from qa.index.embed import Encoder, Floats
from qa.index.engine import fuse
from qa.index.local.dense import Dense, DenseWriter
from qa.index.local.lexical import Lexical, LexicalWriter
from qa.ingest.split import passage_input
from qa.settings import Search
from qa.train.reader.corpus import Corpus, Question, Window

_QUESTIONS = "questions.npy"
_AT_ONCE = 2_048  # texts encoded between two lines of progress
_POOL = 20  # windows that each engine offers to the fusion
Progress = Callable[[str, int, int], None]


class HybridSearch:
    """Cosine and BM25 over every window of a corpus, fused by rank as the assistant's search does it.

    Kept in `folder`, the questions' vectors too, so that a draw encodes nothing and a stopped run begins at once.
    `name`: of the corpus and the encoder.
    """

    def __init__(
        self, corpus: Corpus, folder: Path, encoder: Encoder, found: int = 8, progress: Progress = lambda *_: None
    ):
        self._windows = [w for windows in corpus.windows.values() for w in windows]
        self._found, self._settings = found, Search()
        self.name = _digest(corpus, encoder)
        folder = folder / f"search-{self.name}"
        if not folder.is_dir():
            _write(folder, corpus, self._windows, encoder, progress)
        self._words, self._vectors = Lexical(folder), Dense(folder)
        self._asked = np.load(folder / _QUESTIONS, mmap_mode="r")
        self._row = {q.id: n for n, q in enumerate(corpus.questions)}

    def near(self, question: Question) -> Sequence[Window]:
        vector = np.asarray(self._asked[self._row[question.id]], dtype=np.float32)
        rankings = [
            (self._settings.dense_weight, self._vectors.search(vector, _POOL)),
            (self._settings.lexical_weight, self._words.search(question_terms(question.text), _POOL)),
        ]
        found = fuse(rankings, self._settings.rrf_k)[: self._found]
        return [self._windows[int(hit.passage, 16)] for hit in found]


def _write(
    folder: Path, corpus: Corpus, windows: Sequence[Window], encoder: Encoder, progress: Progress
) -> None:
    """Makes the index beside `folder` and gives it its name last: what was interrupted is never taken for whole."""
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    ids = [f"{n:015x}" for n in range(len(windows))]
    words, vectors = LexicalWriter(part), DenseWriter(part, encoder.dimensions)
    words.add(ids, [f"{w.title}\n{w.text}" for w in windows])
    texts = [passage_input(w.title, w.text) for w in windows]
    vectors.add(ids, _encode(encoder, texts, False, partial(progress, "encoding passages")))
    words.finish(), vectors.finish()
    asked = _encode(encoder, [q.text for q in corpus.questions], True, partial(progress, "encoding questions"))
    np.save(part / _QUESTIONS, asked.astype(np.float16))
    part.rename(folder)


def _digest(corpus: Corpus, encoder: Encoder) -> str:
    """Of the encoder, every window and every question, in order: another corpus is another index."""
    digest = hashlib.sha256(encoder.fingerprint.encode())
    for windows in corpus.windows.values():
        for window in windows:
            digest.update(f"{window.title}\0{window.text}\0".encode())
    for question in corpus.questions:
        digest.update(f"{question.id}\0{question.text}\0".encode())
    return digest.hexdigest()[:16]


def _encode(
    encoder: Encoder, texts: Sequence[str], question: bool, progress: Callable[[int, int], None]
) -> Floats:
    parts = []
    for start in range(0, len(texts), _AT_ONCE):
        parts.append(encoder.encode(texts[start : start + _AT_ONCE], question=question))
        progress(min(start + _AT_ONCE, len(texts)), len(texts))
    return np.concatenate(parts)
