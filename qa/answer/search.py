"""Question -> hits: dense and word search, fused by their ranks."""

from __future__ import annotations

from collections.abc import Sequence

from qa.index.analyse import question_terms
from qa.index.engine import Scored
from qa.index.snapshot import Snapshot
from qa.records import Hit, Place
from qa.settings import Search


def search(snapshot: Snapshot, question: str, settings: Search) -> list[Hit]:
    """The `settings.hits` passages that both engines together rank best, best first."""
    vector = snapshot.encoder.encode([question], question=True)[0]
    dense = snapshot.engine.by_vector(vector, settings.pool)
    lexical = snapshot.engine.by_words(question_terms(question), settings.pool)
    fused = fuse([(settings.dense_weight, dense), (settings.lexical_weight, lexical)], settings.rrf_k)
    in_dense, in_lexical = _ranked(dense), _ranked(lexical)
    return [_hit(snapshot, found, in_dense, in_lexical) for found in fused[: settings.hits]]


def fuse(rankings: Sequence[tuple[float, Sequence[Scored]]], k: int) -> list[Scored]:
    """Weighted reciprocal rank fusion: the sum over rankings of weight / (k + rank), ranks from 1.

    Source: Cormack, Clarke and Buettcher, SIGIR 2009 (k = 60). Ties go by passage id.
    """
    scores: dict[str, float] = {}
    for weight, ranking in rankings:
        for rank, hit in enumerate(ranking, 1):
            scores[hit.passage] = scores.get(hit.passage, 0.0) + weight / (k + rank)
    return [Scored(p, s) for p, s in sorted(scores.items(), key=lambda item: (-item[1], item[0]))]


_Ranked = dict[str, tuple[int, float]]


def _ranked(ranking: Sequence[Scored]) -> _Ranked:
    return {hit.passage: (rank, hit.score) for rank, hit in enumerate(ranking, 1)}


def _hit(snapshot: Snapshot, found: Scored, dense: _Ranked, lexical: _Ranked) -> Hit:
    passage = snapshot.passage(found.passage)
    dense_rank, dense_score = dense.get(found.passage, (None, None))
    lexical_rank, lexical_score = lexical.get(found.passage, (None, None))
    return Hit(
        passage=found.passage,
        place=Place(passage.article, passage.start, passage.end),
        fused_score=found.score,
        dense_rank=dense_rank,
        dense_score=dense_score,
        lexical_rank=lexical_rank,
        lexical_score=lexical_score,
    )
