"""The page's second side: the latest evaluation, drawn elsewhere, in a frame that can touch nothing of the page."""

from __future__ import annotations

from collections.abc import Callable

import fastapi
from fastapi.responses import HTMLResponse

from qa.errors import QAError, one_line
from qa.show.parts.markup import element, escaped

PATH = "/evaluation"

# Said again in the report itself; here it also holds for a window of its own. "sandbox" takes from its
# scripts what a frame's attribute takes: the page's cookies, its storage and its other addresses.
_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
           "sandbox allow-scripts; frame-ancestors 'self'")
_STYLE = ("body { font: 1rem/1.5 system-ui, sans-serif; margin: 2.5rem 1.75rem; color-scheme: light dark; "
          "color: light-dark(#1e2227, #e5e3dd); background: light-dark(#faf9f6, #141619); }")
_THEMED = ("const theme = new URLSearchParams(location.search).get('theme');"
           "if (theme) document.documentElement.style.colorScheme = document.body.style.colorScheme = theme;")


def no_report() -> str:
    """In place of a report where whoever serves the page has none to give."""
    raise QAError("there is no evaluation to show here", "run `qa eval`")


def tabs_html() -> str:
    """The way between the chat and the evaluation."""
    chat = element("button", "Chat", type="button", class_="tab", data_tab="chat", aria_current="true")
    evaluation = element("button", "Evaluation", type="button", class_="tab", data_tab="evaluation")
    return element("nav", chat + evaluation, class_="tabs", aria_label="Chat or evaluation")


def panel_html() -> str:
    """Where the evaluation stands; its address is given to the frame when it is first looked at."""
    # No "allow-same-origin": the report's script is as far from this page as that of another site.
    return element("iframe", "", title="Evaluation", sandbox="allow-scripts", data_address=PATH)


def add_report(application: fastapi.FastAPI, report: Callable[[], str]) -> None:
    """Let `application` give what `report` makes, or the one line of the QAError that it raises, at PATH."""

    def evaluation() -> HTMLResponse:  # not async: it may take a second, and runs beside the answering
        try:
            page = report()
        except QAError as error:
            page = _notice(one_line(error))
        return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})

    application.get(PATH)(evaluation)


def _notice(line: str) -> str:
    """A page with one sentence in it."""
    words = element("p", escaped(f"{line[:1].upper()}{line[1:]}."))
    head = '<meta charset="utf-8">' + element("title", "Evaluation") + element("style", _STYLE)
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{words}<script>{_THEMED}</script></body></html>'
