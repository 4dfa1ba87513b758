"""Question -> hits: dense and word search, fused by their ranks, in all articles or in some."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from qa.errors import UsageError
from qa.index.analyse import question_terms
from qa.index.engine import Fused, Fusion
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
    fusion = Fusion(settings.dense_weight, settings.lexical_weight, settings.rrf_k, settings.pool, settings.hits)
    found = snapshot.engine.hybrid(vector, question_terms(question), fusion, among)
    return [_hit(snapshot.passage(fused.passage), fused) for fused in found]


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


def _hit(passage: Passage, fused: Fused) -> Hit:
    place = Place(passage.article, passage.start, passage.end)
    return Hit(passage.id, place, fused.score, *fused[2:])
