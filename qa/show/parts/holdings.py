"""The tab of the articles before its script has filled it: no word in it comes from an article."""

from __future__ import annotations

from qa.ingest.load import READERS
from qa.show.parts.markup import element

_COLUMNS = ("Title", "Source", "Date", "Words", "Passages", "Added")
_NO_MORE_ROOM = "</input>"  # a void element, which HTML does not close


def panel_html() -> str:
    """Every part of the tab, those that are not wanted at first hidden. The table has no row yet."""
    inside = (element("h2", "Articles", class_="unseen") + element("p", "", class_="closed", hidden=True)
              + _top() + _files() + _deleted() + _choice() + _table() + _foot() + _empty() + _fault()
              + element("p", "Reading the list", class_="loading pending") + _spoken())
    over = element("div", element("p", "Drop to add"), class_="drop", hidden=True, aria_hidden="true")
    return element("div", inside, class_="holdings") + over


def _button(text: str, class_: str, **more: str | bool) -> str:
    return element("button", text, type="button", class_=class_, **more)


def _input(**values: str | int | bool) -> str:
    return element("input", "", **values).removesuffix(_NO_MORE_ROOM)


def _top() -> str:
    find = (element("label", "Search titles, sources and file names", for_="articles-search", class_="unseen")
            + _input(type="search", id="articles-search", autocomplete="off", spellcheck="false",
                     placeholder="Search the articles"))
    add = (element("span", "or drop them anywhere here", class_="hint") + _button("Add files", "choose")
           + _input(type="file", multiple=True, hidden=True, accept=",".join(READERS), aria_label="Files to add"))
    sides = element("div", find, class_="find", hidden=True) + element("div", add, class_="add", hidden=True)
    return element("div", sides, class_="top")


def _files() -> str:
    """Files on their way, and those refused until they are dismissed."""
    head = element("h3", "", class_="tally") + _button("Dismiss all", "plain dismiss-all", hidden=True)
    return element("section", element("div", head, class_="head") + element("ul", "", class_="lines"),
                   class_="files", hidden=True, aria_label="Files being added")


def _deleted() -> str:
    head = element("p", "Deleted. Until this page is closed, it can be undone.", class_="head")
    return element("section", head + element("ul", "", class_="lines"), class_="deleted", hidden=True,
                   aria_label="Deleted articles")


def _choice() -> str:
    buttons = (_button("All", "plain", data_choose="all") + _button("Only the shown", "plain", data_choose="only")
               + _button("None of the shown", "plain", data_choose="none"))
    label = element("span", "Ask", class_="which-label", aria_hidden="true")
    which = element("div", label + buttons, class_="which", role="group", aria_label="Which articles are asked")
    line = element("p", "", class_="asked", role="status") + which
    return element("div", line, class_="choice", hidden=True) + element("p", "", class_="remark", role="status")


def _table() -> str:
    # The roles are said again: on a narrow window the rows are no table to CSS, and so would not be one to a reader.
    head = {"scope": "col", "role": "columnheader"}
    cells = (element("th", element("span", "Ask", id="articles-ask"), class_="ask", **head)
             + "".join(element("th", _button(name + element("span", "", class_="arrow", aria_hidden="true"), "sort"),
                               class_=name.lower(), data_sort=name.lower(), **head) for name in _COLUMNS)
             + element("th", element("span", "Delete", class_="unseen"), class_="delete", **head))
    caption = element("caption", "The articles, and which of them are asked", class_="unseen")
    return element("table", caption + element("thead", element("tr", cells, role="row"), role="rowgroup")
                   + element("tbody", "", role="rowgroup"), role="table", hidden=True)


def _foot() -> str:
    note = ("“In the folder”: not added on this page. Whoever keeps the articles folder can take such a file out of "
            "it, and then run “qa index”.")
    count = element("p", "", class_="count") + _button("", "more", hidden=True)
    return (element("div", count, class_="foot", hidden=True) + element("p", note, class_="footnote", hidden=True))


def _empty() -> str:
    way = element("p", "Drop files anywhere here, or choose them.", class_="way")
    inviting = (element("h3", "No articles yet") + way
                + _button("Choose files", "choose")
                + element("p", "Text, Markdown, web pages, PDF and Word", class_="hint kinds"))
    return element("div", inviting, class_="empty", hidden=True)


def _fault() -> str:
    return element("div", element("p", "", class_="why", role="alert") + _button("Try again", "again"),
                   class_="unread", hidden=True)


def _spoken() -> str:
    """What is said to those who do not see the page."""
    return (element("p", "", class_="unseen spoken-count", role="status")
            + element("p", "", class_="unseen spoken-files", role="status"))
