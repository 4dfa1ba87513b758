"""The top of the page: its name, its three sides, and what concerns a whole conversation."""

from __future__ import annotations

from qa.show.parts.markup import element
from qa.show.words import counted

TITLE = "Ask the articles"
_TABS = (("chat", "Chat"), ("articles", "Articles"), ("evaluation", "Evaluation"))
_MENU = (("earlier", "Earlier chats"), ("export-markdown", "Save this chat as Markdown"),
         ("export-json", "Save this chat as JSON"), ("settings", "Settings"))


def masthead_html(articles: int | None) -> str:
    """The masthead of a page over that many articles; None: not known now."""
    count = "Articles" if articles is None else counted(articles, "article")
    corpus = element("p", f"{count}, quoted word for word", class_="corpus")
    return element("div", element("h1", TITLE) + corpus, class_="name") + _tabs() + _doings()


def reach_html() -> str:
    """The strip below the masthead that says when the server of the index does not answer; seen only then."""
    return element("p", "", class_="away", role="status")


def _tabs() -> str:
    buttons = (element("button", words, type="button", class_="tab", data_tab=tab,
                       aria_current="true" if tab == "chat" else None) for tab, words in _TABS)
    return element("nav", "".join(buttons), class_="tabs", aria_label="Sides of this page")


def _doings() -> str:
    items = "".join(element("button", words, type="button", class_="item", data_do=do) for do, words in _MENU)
    more = element("summary", "More", class_="outlined") + element("div", items, class_="items")
    new = element("button", f"New{element('span', ' chat', class_='spare')}", type="button",
                  class_="outlined new-chat", aria_label="New chat")
    return element("div", new + element("details", more, class_="menu"), class_="doings")
