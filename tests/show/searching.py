"""FixedAssistant that can also search, and the small corpus it is asked about."""

from __future__ import annotations

from qa.answer.search import Found
from qa.records import Hit, Passage, Place
from tests.show.fixed import FixedAssistant, make_article

STORM = make_article(
    "added/storm", "The storm of Brest.\n\nThe storm reached Brest on Monday evening. The water rose by two metres.\n\n"
    "“Nobody slept,” said the harbour master. The storm left Brest on Tuesday.",
    title="The storm of Brest", source="Harbour Post", date="2024-03-05", url="https://example.org/storm",
)
BRIDGE = make_article("bridge", "The bridge over the Aulne was opened in 1951. The bridge is 250 metres long.")
CORPUS = {STORM.id: STORM, BRIDGE.id: BRIDGE}


class SearchingAssistant(FixedAssistant):
    """Its passages are the sentences, best first by the words they share with the query."""

    def search(self, query: str, limit: int = 10, articles: frozenset[str] | None = None) -> tuple[Found, ...]:
        words = set(query.lower().split())
        found = [(len(words & set(a.text[s.start:s.end].lower().rstrip(".").split())), a, s)
                 for a in self.articles.values() if articles is None or a.id in articles for s in a.sentences]
        found.sort(key=lambda one: -one[0])
        return tuple(self._found(n, a, s) for n, (shared, a, s) in enumerate(found[:limit], 1) if shared)

    def _found(self, n, article, sentence) -> Found:
        start, end = sentence.start, sentence.end
        passage = Passage(Passage.make_id(article.id, article.sha256, start, end), article.id, start, end, 10)
        return Found(Hit(passage.id, Place(article.id, start, end), 1 / n), passage, article, article.text[start:end])
