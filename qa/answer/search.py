"""Question -> hits: dense and word search, fused by their ranks, in all articles or in some."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.errors import UsageError
from qa.index.analyse import question_terms
from qa.index.engine import Scored
from qa.index.snapshot import Snapshot
from qa.records import Article, Hit, Passage, Place
from qa.settings import Search


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that a search found, with its words: `text` is `article.text` at the passage, or it cannot be made."""

    hit: Hit
    passage: Passage
    article: Article
    text: str

    def __post_init__(self) -> None:
        passage = self.passage
        if (self.hit.passage, self.article.id) != (passage.id, passage.article):
            raise ValueError(f"hit, passage and article of {passage.id} do not belong together")
        if self.article.text[passage.start : passage.end] != self.text:
            raise ValueError(f"the text of passage {passage.id} is not that of its place")

    @classmethod
    def of(cls, hit: Hit, snapshot: Snapshot) -> Found:
        """What `hit` found. Raises UsageError where it is of another generation."""
        passage = snapshot.passage(hit.passage)
        article = snapshot.article(passage.article)
        return cls(hit, passage, article, article.text[passage.start : passage.end])


def search(
    snapshot: Snapshot, question: str, settings: Search, among: Collection[str] | None = None
) -> list[Hit]:
    """The `settings.hits` passages that both engines together rank best, best first; `among`: as in `Engine`."""
    vector = snapshot.encoder.encode([question], question=True)[0]
    dense = snapshot.engine.by_vector(vector, settings.pool, among)
    lexical = snapshot.engine.by_words(question_terms(question), settings.pool, among)
    fused = fuse([(settings.dense_weight, dense), (settings.lexical_weight, lexical)], settings.rrf_k)
    in_dense, in_lexical = _ranked(dense), _ranked(lexical)
    return [_hit(snapshot, found, in_dense, in_lexical) for found in fused[: settings.hits]]


def passages_of(articles: frozenset[str] | None, snapshot: Snapshot) -> frozenset[str] | None:
    """The passages of `articles`; None where these are all there are. Ids of articles that are gone are ignored.

    Raises UsageError where none of them is left.
    """
    if articles is None:
        return None
    found = snapshot.passages_of(articles)
    if not found:
        named = ", ".join(repr(id) for id in sorted(articles)[:3]) + (", …" if len(articles) > 3 else "")
        problem = f"no article {named} in this index" if len(articles) == 1 else f"none of {named} is in this index"
        raise UsageError(problem, "choose articles that are; `qa articles` lists them")
    return None if len(found) == snapshot.engine.count() else found


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
