"""The page's evaluation side: the newest report in a frame that can touch nothing of the page, and what runs another.

Reports and runs are made elsewhere; here are their addresses, and the bar above the frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Protocol

import fastapi
from fastapi import Body
from fastapi.responses import HTMLResponse, JSONResponse

from qa.errors import QAError, one_line
from qa.show.parts.markup import element, escaped

PATH = "/evaluation"
SHIPPED = "shipped"  # the question set that is asked and shown where none is named

# Said again in the report itself; here it also holds for a window of its own. "sandbox" takes from its
# scripts what a frame's attribute takes: the page's cookies, its storage and its other addresses.
_POLICY = ("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
           "sandbox allow-scripts; frame-ancestors 'self'")
_FRESH = {"Cache-Control": "no-store"}
_STYLE = ("body { font: 1rem/1.5 system-ui, sans-serif; margin: 2.5rem 1.75rem; color-scheme: light dark; "
          "color: light-dark(#1e2227, #e5e3dd); background: light-dark(#faf9f6, #141619); }")
_THEMED = ("const theme = new URLSearchParams(location.search).get('theme');"
           "if (theme) document.documentElement.style.colorScheme = document.body.style.colorScheme = theme;"
           "addEventListener('message', ({ data }) => { if (['light', 'dark'].includes(data?.theme)) "
           "document.documentElement.style.colorScheme = document.body.style.colorScheme = data.theme; });")


class Reports(Protocol):
    """The reports of the newest runs, one for each question set."""

    def __call__(self, questions: str) -> str:
        """The page of the newest run of the set `questions`. Raises QAError."""

    def sets(self) -> Sequence[Mapping[str, Any]]:
        """The question sets that can be asked, with the run of each that is shown."""


class Jobs(Protocol):
    """The evaluation that runs, if one does."""

    def start(self, questions: str) -> None:
        """Begin with the set `questions`. Raises QAError, for one while another runs."""

    def cancel(self) -> None:
        """End it at its next question."""

    def state(self) -> Any:
        """How far it is: a dataclass of plain values."""


def panel_html() -> str:
    """The bar and the frame below it, whose address it is given when it is first looked at."""
    # No "allow-same-origin": the report's script is as far from this page as that of another site.
    frame = element("iframe", "", title="Evaluation report", sandbox="allow-scripts", data_address=PATH)
    return element("div", _bar() + frame, class_="evaluation")


def evaluation_router(report: Reports, job: Jobs, rates: Callable[[], Mapping[str, Any]]) -> fastapi.APIRouter:
    """GET PATH (the report), PATH/state and PATH/rates; POST PATH/run and PATH/cancel, which give the new state.

    What cannot be had or done is {"problem", "remedy"}, with status 404 or 409.
    """
    router = fastapi.APIRouter(prefix=PATH)

    # None is async: each may take a second, and runs beside the answering.
    @router.get("")
    def evaluation(questions: str = SHIPPED) -> HTMLResponse:
        return _report(lambda: report(questions))

    @router.get("/state")
    def state() -> JSONResponse:
        return JSONResponse({**asdict(job.state()), "sets": [*report.sets()]}, headers=_FRESH)

    @router.get("/rates")
    def how_sure() -> JSONResponse:
        try:
            return JSONResponse({**rates()}, headers=_FRESH)
        except QAError as error:
            return _refused(error, 404)

    @router.post("/run")
    def run(questions: Annotated[str, Body(embed=True)] = SHIPPED) -> JSONResponse:
        try:
            job.start(questions)
        except QAError as error:
            return _refused(error, 409)
        return JSONResponse(asdict(job.state()), headers=_FRESH)

    @router.post("/cancel")
    def cancel() -> JSONResponse:
        job.cancel()
        return JSONResponse(asdict(job.state()), headers=_FRESH)

    return router


def _report(make: Callable[[], str]) -> HTMLResponse:
    """The page that `make` makes, or the one line of the QAError that it raises."""
    try:
        page = make()
    except QAError as error:
        page = _notice(one_line(error))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY, **_FRESH})


def _refused(error: QAError, status: int) -> JSONResponse:
    return JSONResponse({"problem": error.problem, "remedy": error.remedy}, status, _FRESH)


def _notice(line: str) -> str:
    """A page with one sentence in it."""
    words = element("p", escaped(f"{line[:1].upper()}{line[1:]}."))
    head = '<meta charset="utf-8">' + element("title", "Evaluation") + element("style", _STYLE)
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{words}<script>{_THEMED}</script></body></html>'


def _bar() -> str:
    """Which run is shown, how far a new one is, and what runs or stops it; hidden until the server has said so."""
    shown = element("p", "", class_="evaluation-shown")
    track = element("div", element("span", ""), class_="evaluation-track", role="progressbar", aria_valuemin=0,
                    aria_label="The evaluation")
    # What is seen changes every second; what is said aloud, every tenth of the way.
    told = element("p", "", class_="evaluation-told", aria_hidden="true")
    spoken = element("p", "", class_="evaluation-spoken unseen", role="status", aria_live="polite")
    going = element("div", track + told, class_="evaluation-going", hidden=True)
    choice = element("label", "Questions", for_="evaluation-set") + element("select", "", id="evaluation-set")
    sets = element("div", choice, class_="evaluation-sets", hidden=True)
    takes = element("span", "", class_="evaluation-takes", id="evaluation-takes")
    run = element("button", "Run the evaluation", type="button", class_="evaluation-run", disabled=True,
                  aria_describedby="evaluation-takes")
    stop = element("button", "Stop", type="button", class_="evaluation-stop", hidden=True)
    return element("div", shown + going + element("div", sets + takes + run + stop, class_="evaluation-acts") + spoken,
                   class_="evaluation-bar", role="region", aria_label="Evaluation", hidden=True)
