"""A corpus and an assistant small enough to compute by eye: real articles, real quotes, no index.

Paragraphs are the lines of a file, sentences end where a full stop is followed by a space, and the
sentences that share most words of four letters or more with the question are its quotes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.answer.asking import Asking, Progress, silent
from qa.errors import QAError, UsageError
from qa.records import Answer, Article, Place, Quote, Sentence

SEEDS = Path(__file__).parents[2] / "seeds"


@dataclass(frozen=True)
class Row:
    id: str
    title: str | None
    source: str | None
    date: str | None
    words: int
    sha256: str = ""


def make_article(id: str, text: str, **facts: str | None) -> Article:
    """An article whose paragraphs are the lines of `text` that say something."""
    paragraphs = tuple(m.span() for m in re.finditer(r"\S[^\n]*", text))
    sentences = tuple(
        Sentence(start + m.start(), start + m.end(), number)
        for number, (start, end) in enumerate(paragraphs, 1)
        for m in re.finditer(r"\S.*?(?:[.?!]”?(?= )|$)", text[start:end])
    )
    return Article(id, text, paragraphs, sentences, **facts)


def seeds() -> dict[str, Article]:
    """The five seed articles as their files are, uncleaned, by id."""
    return {path.stem: _seed(path) for path in sorted(SEEDS.glob("*.txt"))}


def _seed(path: Path) -> Article:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    title = lines[0] if len(lines[0]) < 100 else None
    if title in lines[1:]:
        lines.remove(title)
    return make_article(path.stem, "\n\n".join(lines), title=title)


class FixedAssistant:
    """Answers by shared words; declines where fewer than two are shared."""

    def __init__(self, articles: dict[str, Article]):
        self.articles = articles
        self.histories: list[list[str]] = []
        self.askings: list[Asking] = []

    def article(self, id: str) -> Article:
        if id not in self.articles:
            raise UsageError(f"no article {id!r} in the index", "see `qa articles` for the ids")
        return self.articles[id]

    def ask(self, question: str, history: Sequence[str] = (), asking: Asking = Asking(),
            progress: Progress = silent) -> Answer:
        if len(question) > 2_000:
            raise UsageError(f"the question has {len(question):,} characters", "ask in at most 2,000")
        if question == "Fault?":
            raise QAError("the index is damaged", "run qa index")
        if question == "Bug?":
            raise RuntimeError("a mistake of ours")
        self.histories.append(list(history))
        self.askings.append(asking)
        for stage in ("resolve", "search", "read"):
            progress(stage)
        resolved = f"{question} ({history[-1]})" if question.startswith("And ") and history else question
        return self._answer(question, asking.resolved or resolved, asking)

    def _answer(self, question: str, resolved: str, asking: Asking) -> Answer:
        words = set(re.findall(r"\w{4,}", resolved.lower()))
        ranked = sorted(
            ((len(words & set(re.findall(r"\w{4,}", a.text[s.start:s.end].lower()))), a, s)
             for a in self.articles.values() for s in a.sentences
             if asking.articles is None or a.id in asking.articles), key=lambda row: -row[0])
        best = [self._quote(shared, a, s) for shared, a, s in ranked[:asking.quotes or 5]]
        answered = ranked[0][0] >= 2 and best[0].probability >= (asking.threshold or 0)
        return Answer(question, resolved, answered, best[0].probability, tuple(best) if answered else (),
                      () if answered else tuple(best[:3]), None if answered else "no sentence comes close enough",
                      {"resolve": 0.0, "search": 0.01, "read": 0.02, "total": 0.03})

    def _quote(self, shared: int, article: Article, s: Sentence) -> Quote:
        words = article.text[s.start:s.end]
        first = re.search(r"\w{6,}", words)
        others = [Place(a.id, o.start, o.end) for a in self.articles.values() if a.id != article.id
                  for o in a.sentences if a.text[o.start:o.end][:40] == words[:40]]
        return Quote.cut(article, s.start, s.end, probability=min(0.97, 0.1 + 0.25 * shared),
                         highlight=first.span() if first else None, also_in=tuple(others))


class FixedLibrary:
    """The list of what FixedAssistant reads."""

    def __init__(self, articles: dict[str, Article]):
        self.articles = articles

    def list(self) -> list[Row]:
        return [Row(a.id, a.title, a.source, a.date, len(a.text.split()), a.sha256) for a in self.articles.values()]
