"""The reading room: the list of articles, or one of them with the quotes of an answer in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from qa.records import Article
from qa.show.parts.marks import Mark
from qa.show.parts.markup import element, escaped
from qa.show.parts.reading import byline, has_title, of_article, text_html
from qa.show.words import counted, name_of

_CHANGED = "This article has changed since it was quoted, so the quote is not highlighted; ask again to find it."

_LOST = "This link led to a sentence that the article does not hold any more"

_CHOOSING = element("div", element("p", "Tick every sentence that answers on its own. ")
                    + element("span", "", class_="count", role="status")
                    + element("button", "Done", type="button", class_="primary done-choosing"), class_="choosing")


class Row(Protocol):
    """What the list says of an article."""

    id: str
    title: str | None
    source: str | None
    date: str | None
    words: int


def shelf_html(rows: Sequence[Row], most: int = 200) -> str:
    """The articles there are, each a button that opens it; at most `most` of them."""
    items = "".join(map(_spine, rows[:most]))
    more = element("p", f"and {len(rows) - most:,} more", class_="note-line") if len(rows) > most else ""
    heading = element("h2", counted(len(rows), "article"), class_="shelf-heading")
    hint = element("p", "Answers are quoted from these. Open one to read it.", class_="note-line")
    return _room("", heading + hint + element("ul", items, class_="shelf") + more)


def _spine(row: Row) -> str:
    facts = [element("bdi", escaped(fact)) for fact in (row.source, row.date) if fact]
    facts.append(counted(row.words, "word"))
    name = element("bdi", escaped(name_of(row.title, row.id)))
    return element("li", element("button", name, type="button", class_="open", data_article=row.id)
                   + element("p", " · ".join(facts), class_="byline"))


def article_html(article: Article, marks: Sequence[Mark] = (), turn: int = 0, current: int | None = None, *,
                 choosing: bool = False) -> str:
    """`article` with those of an answer's `marks` that stand in it; `current` is the one to scroll to.

    `turn` is the answer's place in the chat. Says so where the quoted version is not this one. While
    `choosing`, each sentence can be ticked.
    """
    here = of_article(enumerate(marks), article)
    gone = current is not None and current not in {index for index, _ in here}
    notice = element("p", _CHANGED, class_="notice", role="status") if gone else ""
    text = text_html(article, here, turn, current, choosing=choosing)
    bar = _name(article) + _chips(marks, article.id, turn, current)
    return _room(bar, notice + _whole(article, text), article, turn if marks else None, _CHOOSING if choosing else "")


def linked_html(article: Article, marks: Sequence[Mark], question: str) -> str:
    """`article` with the quote that a link leads to: its one mark, or none where the words are gone."""
    asked = f", an answer to: {element('bdi', escaped(question))}" if question else ""
    told = f"A link to the marked sentence{asked}" if marks else f"{escaped(_LOST)}{asked}"
    again = element("button", "Ask this", type="button", class_="plain", data_ask=question) if question else ""
    notice = element("div", element("p", f"{told}. {again}", dir="auto"), class_="linked", role="status")
    text = text_html(article, list(enumerate(marks)), -1, 0 if marks else None)
    bar = _name(article)
    return _room(bar, _whole(article, text), article, above=notice)


def _name(article: Article) -> str:
    return element("bdi", escaped(name_of(article.title, article.id)), class_="room-name")


def _whole(article: Article, text: str) -> str:
    name = escaped(name_of(article.title, article.id))
    title = "" if has_title(article) else element("h2", name, class_="title", dir="auto")
    return element("article", title + byline(article) + text)


def notice_html(words: str) -> str:
    """The room with one sentence in it."""
    return _room("", element("p", escaped(words), class_="notice", role="status"))


def _room(bar: str, body: str, article: Article | None = None, turn: int | None = None, above: str = "") -> str:
    back = element("button", "‹ Chat", type="button", class_="plain to-chat")
    shelf = "" if article is None else element("button", "All articles", type="button", class_="plain to-shelf")
    top = element("div", back + shelf + bar, class_="room-bar")
    label = "Article" if article else "Articles"
    inner = element("div", body, class_="room-body", tabindex=0, role="region", aria_label=label)
    return element("section", top + above + inner, class_="room", data_article=article and article.id,
                   data_sha256=article and article.sha256, data_turn=turn)


def _chips(marks: Sequence[Mark], article_id: str, turn: int, current: int | None) -> str:
    """A button for each quote of the answer; those in this article are filled."""
    chips = "".join(_chip(n, marks, article_id, turn, current) for n in sorted({m.n for m in marks}))
    label = element("span", "Closest:" if marks and marks[0].closest else "Quotes:", class_="chips-label")
    return element("nav", label + chips, class_="chips", aria_label="Quotes of this answer") if marks else ""


def _chip(n: int, marks: Sequence[Mark], article_id: str, turn: int, current: int | None) -> str:
    own = [(index, mark) for index, mark in enumerate(marks) if mark.n == n]
    index, mark = next((pair for pair in own if pair[1].article == article_id), own[0])
    here = mark.article == article_id
    return element("button", str(n), type="button", class_="chip here" if here else "chip",
                   data_turn=turn, data_mark=index, aria_current="true" if index == current else None,
                   aria_label=f"Quote {n}, {'in this article' if here else 'in another article'}")
