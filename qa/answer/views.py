"""Hits -> passages as the reader sees them. Vectors are kept for the passages and sentences met lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from qa.answer.features import PassageView
from qa.answer.pieces import PassageInput, cut_out
from qa.index.analyse import terms
from qa.index.embed import TokenVectors
from qa.index.snapshot import Snapshot
from qa.records import Hit, Sentence

Halves = NDArray[np.float16]
Value = TypeVar("Value")

_KEPT = 2_000  # passages; about 120 kB each in float16, 240 MB in all, and 100 ms of encoding saved for each ten
_SENTENCES = 20  # sentences kept for each passage kept; under 1 kB each


class Viewer:
    """Makes views; encodes only what it has not met lately. Safe to share by threads."""

    def __init__(self, kept: int = _KEPT):
        self._tokens: _Kept[TokenVectors] = _Kept(kept)
        self._alone: _Kept[Halves] = _Kept(kept * _SENTENCES)

    def views(self, hits: Sequence[Hit], snapshot: Snapshot) -> list[PassageView]:
        """One view a hit, in order."""
        encoder, passages = snapshot.encoder, [_Read.of(hit, snapshot) for hit in hits]
        tokens = self._tokens.get(
            encoder.fingerprint,
            [passage.encoder_input for passage in passages],
            lambda texts: [_half(found) for found in encoder.tokens(texts)],
        )
        alone = self._alone.get(
            encoder.fingerprint,
            [text for passage in passages for text in passage.texts],
            lambda texts: list(encoder.encode(texts).astype(np.float16)),
        )
        vectors, scores = iter(alone), _scores(hits)
        return [
            _view(passage, found, np.stack([next(vectors) for _ in passage.texts]), score)
            for passage, found, score in zip(passages, tokens, scores, strict=True)
        ]


class _Kept(Generic[Value]):
    """Text -> what an encoder made of it, for the texts asked for last."""

    def __init__(self, most: int):
        self._most, self._lock = most, threading.Lock()
        self._values: OrderedDict[tuple[str, str], Value] = OrderedDict()

    def get(self, encoder: str, texts: Sequence[str], make: Callable[[list[str]], list[Value]]) -> list[Value]:
        """A value for each text, in order; `make` is called once for those not kept. `encoder`: whose values."""
        keys = [(encoder, text) for text in texts]
        with self._lock:
            found = {key: self._values[key] for key in keys if key in self._values}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            found.update(zip(missing, make([text for _, text in missing]), strict=True))
        with self._lock:
            for key in keys:
                self._values[key] = found[key]
                self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return [found[key] for key in keys]


def _half(found: TokenVectors) -> TokenVectors:
    return TokenVectors(found.vectors.astype(np.float16), found.spans)


@dataclass(frozen=True, slots=True)
class _Read:
    """A hit's passage, put together once: its end in its article, its sentences, what either model sees of it."""

    end: int
    sentences: tuple[Sentence, ...]
    texts: tuple[str, ...]
    input: PassageInput
    encoder_input: str

    @classmethod
    def of(cls, hit: Hit, snapshot: Snapshot) -> _Read:
        sentences = snapshot.sentences(snapshot.passage(hit.passage))
        found = cut_out(hit.place, snapshot.article(hit.place.article), sentences)
        texts = tuple(found.text[start:end] for start, end in found.sentences)
        return cls(hit.place.end, sentences, texts, found, found.titled)


def _scores(hits: Sequence[Hit]) -> list[tuple[float, float, int]]:
    """What the search said of each hit, as `PassageView.scores` wants it.

    The rank is the one that the hits come in: the fusion's, or that of a reranker where there is one.
    """
    strongest = max((hit.lexical_score or 0.0 for hit in hits), default=0.0) or 1.0
    return [(h.dense_score or 0.0, (h.lexical_score or 0.0) / strongest, rank) for rank, h in enumerate(hits, 1)]


def _view(passage: _Read, tokens: TokenVectors, alone: Halves, scores: tuple[float, float, int]) -> PassageView:
    # The title before the passage shifts the word pieces; its own come to stand before the passage and count for none.
    shift = passage.end - len(passage.encoder_input)
    return PassageView(
        input=passage.input,
        sentences=passage.sentences,
        texts=passage.texts,
        tokens=TokenVectors(tokens.vectors.astype(np.float32), [(a + shift, b + shift) for a, b in tokens.spans]),
        alone=alone.astype(np.float32),
        context=frozenset(terms(passage.input.title)),
        scores=scores,
    )
