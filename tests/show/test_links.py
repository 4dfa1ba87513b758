"""Links lead to the same words, also in another version of their article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.records import Quote
from qa.show.parts.links import find, link_to, read_link, stands_at
from tests.show.fixed import make_article
from tests.show.hostile import texts

TEXT = "The dam held. The river rose.\n\nThe dam held. Nobody slept."


def quote(text: str = TEXT, n: int = 1, id: str = "a") -> Quote:
    """The `n`-th sentence (from 0) of an article of that text."""
    article = make_article(id, text)
    sentence = article.sentences[n]
    return Quote.cut(article, sentence.start, sentence.end, probability=0.5)


@given(texts(), st.text(), st.text(min_size=1))
def test_a_link_finds_its_words_whatever_they_are(text, question, id):
    article = make_article(id, text)
    if not article.sentences:
        return
    cut = Quote.cut(article, article.sentences[0].start, article.sentences[0].end, probability=0.5)
    address = link_to(cut, question)
    assert address.isascii() and not set(address) & set(' "<>\n')
    link = read_link(address)
    assert find(link, article) == (cut.start, cut.end)
    assert (link.article, link.question) == tuple(w.encode("utf-8", "replace").decode() for w in (id, question))


def test_in_another_version_the_words_are_found_where_they_stand_now():
    link = read_link(link_to(quote()))
    changed = make_article("a", "A new first paragraph.\n\n" + TEXT)
    start, end = find(link, changed)
    assert changed.text[start:end] == "The river rose." and start != link.start
    assert find(link, make_article("a", "The river fell.")) is None


def test_of_equal_sentences_the_nearest_is_meant():
    second = quote(n=2)
    moved = make_article("a", "New.\n\n" + TEXT)
    start, _ = find(read_link(link_to(second)), moved)
    assert start == moved.text.rindex("The dam held.")
    assert stands_at(moved, second.start, second.text) == moved.text.rindex("The dam held.")
    assert stands_at(moved, 0, "The dam held.") == moved.text.index("The dam held.")


@pytest.mark.parametrize("start, words", [(0, ""), (0, "rose.\n\nThe"), (3, "Nobody said"), (99, "x")])
def test_words_that_stand_in_no_paragraph_stand_nowhere(start, words):
    assert stands_at(make_article("a", TEXT), start, words) is None


@pytest.mark.parametrize("fragment", ["", "#", "#read=a", "#read=a&at=5-2&v=0&says=0", "#read=a&at=x-y&v=0&says=0",
                                      "#read=a&at=-1-2&v=0&says=0", "#" + "&".join(f"k{n}=1" for n in range(50))])
def test_what_is_no_link_is_refused_in_words(fragment):
    with pytest.raises(UsageError, match="leads to no quote; copy it again"):
        read_link(fragment)
