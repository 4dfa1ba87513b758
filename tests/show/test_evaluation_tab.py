"""The addresses of the evaluation: what they give, what they refuse, and in which words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import fastapi
import pytest
from fastapi.testclient import TestClient

from qa.errors import DatasetError, UsageError
from qa.show.page.evaluation_tab import PATH, evaluation_router, panel_html
from tests.show.parsed import Parsed

SETS = [{"questions": "shipped", "count": 8, "seconds": 4.0, "run": "baseline.jsonl", "baseline": True}]


@dataclass(frozen=True)
class State:
    running: bool = False
    stage: str = ""
    problem: str | None = None


@dataclass
class Job:
    """Begins and ends as it is told."""

    now: State = State()
    begun: list[str] = field(default_factory=list)

    def start(self, questions: str) -> None:
        if self.now.running:
            raise UsageError("an evaluation is running already", "wait")
        self.begun.append(questions)
        self.now = replace(self.now, running=True, stage="starting")

    def cancel(self) -> None:
        self.now = replace(self.now, stage="stopping")

    def state(self) -> State:
        return self.now


class Reports:
    """Says which set it is asked for."""

    asked = 0

    def __call__(self, questions: str) -> str:
        self.asked += 1
        if questions == "broken":
            raise DatasetError("run <b>x</b>\nis not a run", "run `qa eval`")
        return f"<p>report of {questions}</p>"

    def sets(self) -> list[dict[str, Any]]:
        return SETS


class Page:
    def __init__(self, rates=lambda: {"n": 8, "rates": []}):
        self.job, self.reports = Job(), Reports()
        application = fastapi.FastAPI()
        application.include_router(evaluation_router(self.reports, self.job, rates))
        self.client = TestClient(application)

    def get(self, path: str = "") -> Any:
        return self.client.get(PATH + path)

    def post(self, path: str, **told: Any) -> Any:
        return self.client.post(PATH + path, **told)


@pytest.fixture
def page() -> Page:
    return Page()


def test_the_report_is_a_page_of_its_own_that_may_touch_and_fetch_nothing(page: Page) -> None:
    assert page.reports.asked == 0  # nothing is made before it is asked for
    served = page.get()
    assert (served.status_code, served.text) == (200, "<p>report of shipped</p>")
    policy = served.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy and "sandbox allow-scripts" in policy and "frame-ancestors 'self'" in policy
    assert served.headers["cache-control"] == "no-store" and page.get("?questions=chat&theme=dark").text.count("chat")


def test_a_report_that_cannot_be_made_is_one_plain_line(page: Page) -> None:
    served = page.get("?questions=broken")
    assert served.status_code == 200 and "Traceback" not in served.text
    assert "<p>Run &lt;b&gt;x&lt;/b&gt; is not a run; run `qa eval`.</p>" in served.text
    assert "sandbox" in served.headers["content-security-policy"]


def test_it_is_started_once_watched_and_stopped(page: Page) -> None:
    assert page.get("/state").json() == {"running": False, "stage": "", "problem": None, "sets": SETS}
    assert page.post("/run").json() == {"running": True, "stage": "starting", "problem": None}
    again = page.post("/run", json={"questions": "chat"})
    assert again.status_code == 409
    assert again.json() == {"problem": "an evaluation is running already", "remedy": "wait"}
    assert page.post("/cancel").json()["stage"] == "stopping" == page.get("/state").json()["stage"]
    assert page.job.begun == ["shipped"]
    for path in ("/state", "/rates"):
        assert page.get(path).headers["cache-control"] == "no-store"


def test_the_set_that_was_chosen_is_asked(page: Page) -> None:
    page.post("/run", json={"questions": "chat"})
    assert page.job.begun == ["chat"]


@pytest.mark.parametrize("sent", [
    {"json": {"questions": 7}}, {"json": []}, {"content": b"{", "headers": {"Content-Type": "application/json"}},
])
def test_what_is_no_choice_starts_nothing(page: Page, sent: dict[str, Any]) -> None:
    assert page.post("/run", **sent).status_code == 422 and page.job.begun == []


@pytest.mark.parametrize("path, method", [("/run", "get"), ("/cancel", "get"), ("/state", "post"), ("", "post")])
def test_looking_starts_and_stops_nothing(page: Page, path: str, method: str) -> None:
    assert getattr(page, method)(path).status_code == 405 and page.job.now == State()


def test_the_rates_or_why_there_are_none(page: Page) -> None:
    assert page.get("/rates").json() == {"n": 8, "rates": []}

    def none() -> dict[str, Any]:
        raise DatasetError("nothing has been evaluated yet", "run `qa eval`")

    refused = Page(none).get("/rates")
    assert refused.status_code == 404
    assert refused.json() == {"problem": "nothing has been evaluated yet", "remedy": "run `qa eval`"}


def test_the_panel_has_names_for_those_who_do_not_see_it() -> None:
    html = panel_html()
    assert Parsed(html).elements  # and each of them is closed
    assert 'sandbox="allow-scripts"' in html and "allow-same-origin" not in html and 'title="Evaluation report"' in html
    assert 'role="progressbar"' in html and 'aria-live="polite"' in html and " src=" not in html
