"""Where a question is typed, and the panels that stand over the page: settings and earlier chats."""

from __future__ import annotations

from qa.answer.asking import MOST_QUOTES
from qa.settings import Answering
from qa.show.parts.markup import element


def composer_html(longest: int) -> str:
    """The form for a question of at most some `longest` characters, and how it will be asked."""
    label = element("label", "Your question", class_="unseen", for_="question")
    box = element("textarea", "", id="question", rows=1, placeholder="Ask the articles a question", autocomplete="off",
                  data_longest=longest, aria_describedby="remark")
    ask = element("button", "Ask", type="submit", class_="primary ask")
    stop = element("button", "Stop", type="button", class_="primary stop", hidden=True)
    remark = element("p", "", id="remark", class_="remark", role="status")
    how = element("p", element("span", "", class_="how")
                  + element("button", "Settings", type="button", class_="plain to-settings"), class_="asking")
    return element("form", remark + element("div", label + box + ask + stop, class_="line"), id="box") + how


def dialogs_html(defaults: Answering) -> str:
    """The settings and the earlier chats; each is a dialog that the browser itself keeps the focus in."""
    return _settings(defaults) + _earlier()


def _settings(defaults: Answering) -> str:
    quotes = (element("label", "Quotes at most", for_="most-quotes")
              + element("input", "", id="most-quotes", type="number", min=1, max=MOST_QUOTES, step=1,
                        value=defaults.quotes, data_default=defaults.quotes))
    sure = (element("label", "How sure to be before answering", for_="least-sure")
            + element("input", "", id="least-sure", type="range", min=0, max=1, step=0.05, value=defaults.threshold,
                      data_default=defaults.threshold, aria_describedby="sure-means")
            + element("output", "", for_="least-sure", class_="sure-value"))
    means = element("p", "", id="sure-means", class_="means", aria_live="polite")
    which = (element("span", "Articles asked", class_="label") + element("span", "", class_="which")
             + element("button", "Choose", type="button", class_="plain to-articles"))
    rows = "".join(element("div", row, class_="row") for row in (quotes, sure)) + means + element(
        "div", which, class_="row")
    ends = element("div", element("button", "Back to the defaults", type="button", class_="plain reset")
                   + element("button", "Done", type="submit", class_="primary"), class_="ends")
    form = element("form", element("h2", "Settings", id="settings-title") + rows + ends, method="dialog")
    return element("dialog", form, id="settings", aria_labelledby="settings-title")


def _earlier() -> str:
    close = element("div", element("button", "Forget all", type="button", class_="plain forget-all")
                    + element("button", "Done", type="submit", class_="primary"), class_="ends")
    form = element("form", element("h2", "Earlier chats", id="earlier-title")
                   + element("p", "Kept in this browser alone.", class_="means")
                   + element("ul", "", class_="chats") + close, method="dialog")
    return element("dialog", form, id="earlier", aria_labelledby="earlier-title")
