"""Hits -> passages as the reader sees them. Word-piece vectors are kept for the passages met lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from qa.answer.features import PassageView
from qa.index.analyse import terms
from qa.index.embed import Encoder, TokenVectors
from qa.index.snapshot import Snapshot
from qa.ingest.split import passage_input
from qa.records import Hit

_KEPT = 2_000  # passages; about 120 kB each in float16, 240 MB in all, and 100 ms of encoding saved for each ten


class Viewer:
    """Makes views; encodes only passages it has not met lately. Safe to share by threads."""

    def __init__(self, kept: int = _KEPT):
        self._kept, self._lock = kept, threading.Lock()
        self._vectors: OrderedDict[tuple[str, str], TokenVectors] = OrderedDict()

    def views(self, hits: Sequence[Hit], snapshot: Snapshot) -> list[PassageView]:
        """One view a hit, in order."""
        tokens = self._tokens([_encoder_input(hit, snapshot) for hit in hits], snapshot.encoder)
        strongest = max((hit.lexical_score or 0.0 for hit in hits), default=0.0) or 1.0
        return [_view(hit, rank, found, strongest, snapshot)
                for rank, (hit, found) in enumerate(zip(hits, tokens, strict=True), 1)]

    def _tokens(self, texts: list[str], encoder: Encoder) -> list[TokenVectors]:
        keys = [(encoder.fingerprint, text) for text in texts]
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        fresh = zip(missing, encoder.tokens([text for _, text in missing]), strict=True) if missing else ()
        for key, (vectors, spans) in fresh:
            found[key] = TokenVectors(vectors.astype(np.float16), spans)
        self._keep(keys, found)
        return [found[key] for key in keys]

    def _keep(self, keys: list[tuple[str, str]], found: dict[tuple[str, str], TokenVectors]) -> None:
        with self._lock:
            for key in keys:
                self._vectors[key] = found[key]
                self._vectors.move_to_end(key)
            while len(self._vectors) > self._kept:
                self._vectors.popitem(last=False)


def _encoder_input(hit: Hit, snapshot: Snapshot) -> str:
    article = snapshot.article(hit.place.article)
    return passage_input(article.title, article.text[hit.place.start:hit.place.end])


def _view(hit: Hit, rank: int, tokens: TokenVectors, strongest: float, snapshot: Snapshot) -> PassageView:
    article = snapshot.article(hit.place.article)
    sentences = snapshot.sentences(snapshot.passage(hit.passage))
    text = article.text[hit.place.start:hit.place.end]
    # The title before the passage shifts the word pieces; its own come to stand before the passage and count for none.
    shift = hit.place.start - (len(passage_input(article.title, text)) - len(text))
    spans = [(a + shift, b + shift) for a, b in tokens.spans]
    return PassageView(
        sentences=sentences, texts=tuple(article.text[s.start:s.end] for s in sentences),
        tokens=TokenVectors(tokens.vectors.astype(np.float32), spans), context=frozenset(terms(article.title or "")),
        scores=(hit.dense_score or 0.0, (hit.lexical_score or 0.0) / strongest, rank))
