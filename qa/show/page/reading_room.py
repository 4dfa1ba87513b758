"""What happens in the reading room: articles are opened, quotes and links found in them, sentences chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from qa.errors import IndexMissing, QAError, UsageError
from qa.records import Article
from qa.show.parts.links import Link, find, read_link
from qa.show.parts.marks import Mark, Read
from qa.show.parts.markup import element
from qa.show.parts.room import article_html, linked_html, notice_html, shelf_html
from qa.show.parts.said import Turn, turns_of
from qa.show.parts.talk import drawn

if TYPE_CHECKING:
    from qa import Assistant, Library

_GONE = "This quote does not stand in the articles any more; ask the question again."


class ReadingRoom:
    """Answers one click with the HTML of the room."""

    def __init__(self, assistant: Assistant, library: Library):
        self._assistant, self._library = assistant, library

    def shelf(self) -> str:
        """The list of articles."""
        try:
            return shelf_html(self._library.list())
        except IndexMissing:
            return notice_html("The articles are listed here once they have been read.")
        except QAError as error:
            return notice_html(str(error))

    def open(self, event: gr.EventData) -> str:
        """What was asked for: a quote of a turn, a link, an article of the list, or the list."""
        wanted = event._data or {}
        try:
            room = self._opened(wanted)
        except QAError as error:
            room = notice_html(str(error))
        # The browser may ask again before this comes; it says which of its wishes this is.
        return element("div", room, class_="opened", data_asked=str(wanted.get("asked", "")))

    def _opened(self, wanted: Mapping[str, Any]) -> str:
        if isinstance(wanted.get("link"), str):
            return self._linked(read_link(wanted["link"]))
        if "said" in wanted:
            return self._quote(turns_of([wanted["said"]])[0], wanted.get("turn"), wanted.get("mark"))
        if isinstance(wanted.get("article"), str):
            return article_html(self._assistant.article(wanted["article"]), choosing=bool(wanted.get("choosing")))
        return self.shelf()

    def _quote(self, turn: Turn, number: Any, index: Any) -> str:
        if type(number) is not int or number < 0 or type(index) is not int:
            return notice_html(_GONE)
        return room_of(turn, number, self._assistant.article, index) or notice_html(_GONE)

    def _linked(self, link: Link) -> str:
        """The article with the quote that `link` leads to, wherever its words stand now."""
        article = self._article_of(link)
        place = find(link, article)
        marks = (Mark(1, article.id, article.sha256, *place),) if place else ()
        return linked_html(article, marks, link.question)

    def _article_of(self, link: Link) -> Article:
        """The article by its id, or one of the same text under another: a file may have been renamed."""
        rows = self._library.list()
        renamed = next((row.id for row in rows if row.sha256.startswith(link.version)), None)
        known = next((row.id for row in rows if row.id == link.article), renamed)
        if known is None:
            raise UsageError(f"the article {link.article!r} of this link is not among the articles",
                             "it may have been deleted")
        return self._assistant.article(known)


def room_of(turn: Turn, number: int, read: Read, index: int = 0) -> str | None:
    """The article of mark `index` of the `number`-th turn, its quotes marked; None where there is no such mark."""
    marks = drawn(turn, number, read).marks
    if not 0 <= index < len(marks):
        return None
    return article_html(read(marks[index].article), marks, number, index)
