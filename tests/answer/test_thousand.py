"""Over a thousand questions of all sorts, every quote is word for word what stands at its offsets."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from qa import Assistant, Library
from qa.answer.resolve import telling_words
from qa.records import Quote
from tests.conftest import ROOT

COUNT = 1_050  # a few of them name nothing and are refused
HOSTILE = [
    "a",
    "?" * 50 + "x",
    "١٢٣ ٤",
    "naïve café — “où”?",
    "x" * 2_000,
    "\u202eedoc",
    "<script>alert(1)</script>",
    "$$x^2$$",
    "who\x00said",
    "👩‍👩‍👧 family?",
    "\ud800 alone",
    "SELECT * FROM articles; --",
    "iran " * 300,
    "𝕴𝖗𝖆𝖓",
]


def questions(library: Library) -> list[str]:
    """Hand-written ones, sentences of the articles, words of them at random, and hostile ones."""
    rng = random.Random(1)
    rows = (ROOT / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    articles = [library.read(row.id) for row in library.list()]
    sentences = [a.text[s.start : s.end] for a in articles for s in a.sentences]
    words = " ".join(sentences).split()
    asked = [*HOSTILE, *(json.loads(row)["question"] for row in rows), *sentences]
    return asked + [" ".join(rng.sample(words, rng.randint(1, 12))) + "?" for _ in range(COUNT - len(asked))]


def check(quote: Quote, library: Library) -> None:
    article = library.read(quote.article)
    assert article.text[quote.start : quote.end] == quote.text and article.sha256 == quote.article_sha256
    start, end = article.paragraphs[quote.paragraph - 1]
    assert start <= quote.start < quote.end <= end
    if quote.highlight:
        assert quote.text[slice(*quote.highlight)].strip()
    for place in quote.also_in:
        assert library.read(place.article).text[place.start : place.end].strip()


@pytest.fixture
def brief(library: Library) -> Iterator[Assistant]:
    """The assistant as it ships, but for the number of passages it reads: one of twenty takes a sixth of the time."""
    settings = replace(library.settings, search=replace(library.settings.search, hits=1))
    with closing(Assistant(library, settings)) as assistant:
        yield assistant


def test_every_quote_of_a_thousand_questions(assistant: Assistant, brief: Assistant, library: Library) -> None:
    asked = questions(library)
    assert len(asked) >= COUNT
    seen = 0
    for number, question in enumerate(filter(telling_words, asked)):
        answer = (assistant if number % 50 == 0 else brief).ask(question)
        shown = answer.quotes or answer.closest
        assert 1 <= len(shown) <= 5 and len({(q.article, q.start) for q in shown}) == len(shown)
        seen += len(shown)
        for quote in shown:
            check(quote, library)
    assert seen > 1_000
