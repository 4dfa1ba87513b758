"""The reading room shows an article's text, exactly, and marks exactly the quotes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from qa.records import Article
from qa.show.parts.marks import Mark
from qa.show.parts.reading import byline, text_html
from qa.show.parts.room import article_html, notice_html, shelf_html
from tests.show.fixed import Row, make_article, seeds
from tests.show.hostile import texts
from tests.show.parsed import Parsed

SHOWN = {"div", "p", "h2", "h3", "mark", "b", "button"}


def mark(article: Article, n: int, start: int, end: int, **more: object) -> Mark:
    return Mark(n, article.id, article.sha256, start, end, **more)


@st.composite
def marked(draw: st.DrawFn) -> tuple[Article, list[Mark]]:
    """A hostile article and up to four marks in it that may overlap, nest, touch and cross paragraphs."""
    article = make_article("a", draw(texts()))
    place = st.integers(0, len(article.text))
    spans = draw(st.lists(st.tuples(place, place).filter(lambda s: s[0] < s[1]), max_size=4))
    exact = draw(st.booleans())
    return article, [mark(article, n, s, e, exact=(s, (s + e + 1) // 2) if exact else None)
                     for n, (s, e) in enumerate(spans, 1)]


def shown(text: str) -> str:
    """What a page can say of `text`: HTML has no NUL."""
    return text.replace("\x00", "\ufffd")


@given(marked())
def test_the_text_shown_is_the_text_of_the_article(case):
    article, marks = case
    for choosing in (False, True):
        page = Parsed(text_html(article, list(enumerate(marks)), choosing=choosing))
        assert page.text == shown(article.text)
        assert page.tags <= SHOWN | ({"span"} if choosing else set())


@given(marked())
def test_each_sentence_can_be_chosen_whole(case):
    article, marks = case
    page = Parsed(text_html(article, list(enumerate(marks)), choosing=True))
    assert page.of_class("choice") == [shown(article.text[s.start:s.end]) for s in article.sentences]
    assert Parsed(text_html(article, list(enumerate(marks)))).of_class("choice") == []


@given(marked())
def test_what_is_marked_is_exactly_each_quote(case):
    article, marks = case
    page = Parsed(text_html(article, list(enumerate(marks))))
    for index, m in enumerate(marks):
        pieces = page.inside(lambda tag, a, i=index: tag == "mark" and a["data-mark"] == str(i))
        assert "".join(pieces) == shown(article.text[m.start:m.end])
    bold = "".join(page.inside(lambda tag, _: tag == "b"))
    inside = {at for m in marks if m.exact for at in range(*m.exact)}
    assert bold == shown("".join(article.text[at] for at in sorted(inside)))


@given(marked())
def test_every_mark_can_be_found_and_led_back_from(case):
    article, marks = case
    page = Parsed(text_html(article, list(enumerate(marks)), turn=7))
    ids = [a["id"] for _, a, _ in page.elements if "id" in a]
    assert sorted(ids) == sorted(f"mark-7-{index}" for index in range(len(marks)))
    notes = [a for tag, a, _ in page.elements if tag == "button"]
    assert sorted(int(a["data-n"]) for a in notes) == [m.n for m in marks]
    assert all(f"Quote {a['data-n']}:" in a["aria-label"] for a in notes)


def test_overlapping_quotes_are_told_apart():
    article = make_article("a", "One two three four.")
    page = Parsed(text_html(article, [(0, mark(article, 1, 0, 13)), (1, mark(article, 2, 4, 19))], current=1))
    marks = [(a["data-mark"], "".join(inner)) for tag, a, inner in page.elements if tag == "mark"]
    assert marks == [("0", "One "), ("1", "two three"), ("0", "two three"), ("1", " four.")]
    assert page.of_class("current") == ["two three", " four."]


def test_paragraphs_carry_the_numbers_that_citations_name():
    article = seeds()["000_c50d7e2c24e6fad1"]
    page = Parsed(text_html(article))
    numbered = [(a["data-p"], "".join(inner)) for _, a, inner in page.elements if "data-p" in a]
    assert numbered == [(str(n), article.text[s:e]) for n, (s, e) in enumerate(article.paragraphs, 1)]


def test_a_title_that_the_text_shows_is_not_shown_twice():
    titled = make_article("a", "A title\n\nSome words.", title="A title")
    assert Parsed(article_html(titled)).of_class("title") == ["A title"]
    untitled = make_article("b", "Some words.", title="Another")
    assert Parsed(article_html(untitled)).of_class("title") == ["Another"]
    assert Parsed(article_html(make_article("folder/c", "Some words."))).of_class("title") == ["c"]


def test_a_changed_article_says_so_and_highlights_nothing():
    article = make_article("a", "Some words here.")
    stale = replace(mark(article, 1, 0, 4), sha256="0" * 64)
    page = Parsed(article_html(article, [stale], turn=0, current=0))
    assert "mark" not in page.tags
    assert "changed since it was quoted" in page.of_class("notice")[0]
    assert not Parsed(article_html(article, [mark(article, 1, 0, 4)], turn=0, current=0)).of_class("notice")


def test_each_quote_of_the_answer_has_a_chip_and_those_here_are_told_apart():
    here, there = make_article("a", "Some words."), make_article("b", "Other words.")
    marks = [mark(here, 1, 0, 4), mark(there, 2, 0, 5), mark(there, 3, 6, 11), mark(here, 3, 5, 10, first=False)]
    page = Parsed(article_html(here, marks, turn=2, current=0))
    chips = [(a["data-mark"], "".join(inner), "here" in a["class"], a.get("aria-current"))
             for _, a, inner in page.elements if "chip" in (a.get("class") or "").split()]
    assert chips == [("0", "1", True, "true"), ("1", "2", False, None), ("3", "3", True, None)]


def test_closest_sentences_are_not_marked_as_quotes():
    article = make_article("a", "Some words.")
    page = Parsed(article_html(article, [mark(article, 1, 0, 4, closest=True)], turn=0, current=0))
    assert page.of_class("closest") == ["Some"]
    assert not page.of_class("quoted")
    assert page.of_class("chips-label") == ["Closest:"]


def test_only_web_addresses_become_links():
    safe = make_article("a", "x", url="https://example.org/a?b=1&c=2", source="S", date="2024-01-18", author="A")
    page = Parsed(byline(safe))
    assert page.text == "A · S · 2024-01-18 · https://example.org/a?b=1&c=2"
    assert [a["href"] for tag, a, _ in page.elements if tag == "a"] == ["https://example.org/a?b=1&c=2"]
    assert "a" not in Parsed(byline(replace(safe, url="javascript:alert(1)"))).tags
    assert byline(make_article("a", "x")) == ""


@given(texts(), texts())
def test_the_list_of_articles_shows_names_as_text(title, id):
    page = Parsed(shelf_html([Row(id, title, "<b>S</b>", None, 1)]))
    assert page.of_class("open") == [shown(title)]
    assert [a["data-article"] for _, a, _ in page.elements if "open" in (a.get("class") or "")] == [shown(id)]
    assert "b" not in page.tags and "script" not in page.tags
    assert page.of_class("byline") == ["<b>S</b> · 1 word"]


def test_a_long_list_says_how_many_more_there_are():
    rows = [Row(f"a{n}", None, None, None, 2_000) for n in range(1_203)]
    page = Parsed(shelf_html(rows))
    assert len(page.of_class("open")) == 200
    assert "1,203 articles" in page.text and "and 1,003 more" in page.text and "2,000 words" in page.text


def test_a_notice_is_text():
    assert Parsed(notice_html("<b>")).of_class("notice") == ["<b>"]
