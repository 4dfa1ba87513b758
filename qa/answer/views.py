"""Hits -> passages as the reader sees them. Vectors are kept for the passages and sentences met lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from qa.answer.features import PassageView
from qa.index.analyse import terms
from qa.index.embed import TokenVectors
from qa.index.snapshot import Snapshot
from qa.ingest.split import passage_input
from qa.records import Hit

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
        encoder = snapshot.encoder
        tokens = self._tokens.get(
            encoder.fingerprint,
            [_encoder_input(hit, snapshot) for hit in hits],
            lambda texts: [_half(found) for found in encoder.tokens(texts)],
        )
        sentences = [_sentences(hit, snapshot) for hit in hits]
        alone = iter(
            self._alone.get(
                encoder.fingerprint,
                [text for texts in sentences for text in texts],
                lambda texts: list(encoder.encode(texts).astype(np.float16)),
            )
        )
        strongest = max((hit.lexical_score or 0.0 for hit in hits), default=0.0) or 1.0
        return [
            _view(
                hit,
                snapshot,
                texts,
                found,
                np.stack([next(alone) for _ in texts]),
                (hit.dense_score or 0.0, (hit.lexical_score or 0.0) / strongest, rank),
            )
            for rank, (hit, texts, found) in enumerate(zip(hits, sentences, tokens, strict=True), 1)
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


def _encoder_input(hit: Hit, snapshot: Snapshot) -> str:
    article = snapshot.article(hit.place.article)
    return passage_input(article.title, article.text[hit.place.start : hit.place.end])


def _sentences(hit: Hit, snapshot: Snapshot) -> tuple[str, ...]:
    text = snapshot.article(hit.place.article).text
    return tuple(text[s.start : s.end] for s in snapshot.sentences(snapshot.passage(hit.passage)))


def _view(
    hit: Hit,
    snapshot: Snapshot,
    texts: tuple[str, ...],
    tokens: TokenVectors,
    alone: Halves,
    scores: tuple[float, float, int],
) -> PassageView:
    article = snapshot.article(hit.place.article)
    # The title before the passage shifts the word pieces; its own come to stand before the passage and count for none.
    shift = hit.place.end - len(_encoder_input(hit, snapshot))
    spans = [(a + shift, b + shift) for a, b in tokens.spans]
    return PassageView(
        sentences=snapshot.sentences(snapshot.passage(hit.passage)),
        texts=texts,
        tokens=TokenVectors(tokens.vectors.astype(np.float32), spans),
        alone=alone.astype(np.float32),
        context=frozenset(terms(article.title or "")),
        scores=scores,
    )
