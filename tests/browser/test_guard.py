"""The guard in a real browser: the page works behind it, and nothing of another site gets in or out."""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Error, Page

from tests.browser.conftest import ROOT

BOX, QUESTION = "#composer textarea", "When did the storm reach Brest?"
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_BLOCKED = """async (url) => {
  const seen = [];
  document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
  const font = new FontFace("other", `url(${url}/font.woff2)`);
  const parts = [["img", "src"], ["script", "src"], ["iframe", "src"], ["video", "src"], ["object", "data"]];
  for (const [name, key] of parts) document.body.append(Object.assign(document.createElement(name), { [key]: url }));
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: url });
  document.head.append(link);
  await Promise.allSettled([font.load(), fetch(url), new Promise((done) => setTimeout(done, 300))]);
  navigator.sendBeacon(url, "x");
  await new Promise((done) => setTimeout(done, 300));
  return [...new Set(seen)].sort();
}"""
_FROM_ELSEWHERE = """async (page) => {
  const tries = [["GET", "/config", "cors"], ["POST", "/gradio_api/run/ask", "cors"],
                 ["POST", "/articles/remove", "no-cors"]];
  return Promise.all(tries.map(([method, path, mode]) => fetch(page + path,
    { method, mode, credentials: "include", body: method === "POST" ? "{}" : undefined })
    .then((answer) => answer.type, () => "refused")));
}"""


@contextmanager
def small(*arguments: str) -> Iterator[str]:
    """The address of tests.show.small_server."""
    process = subprocess.Popen([sys.executable, "-m", "tests.show.small_server", *arguments], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[str]:
    """The address of one without a password, for the tests that change nothing there."""
    with small() as address:
        yield address


@contextmanager
def another_site() -> Iterator[tuple[str, list[str]]]:
    """The address of another site on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *words: object) -> None:
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def window(chromium: Browser, **more: object) -> Iterator[tuple[Page, list[str]]]:
    """A window, and what went wrong in it."""
    context = chromium.new_context(**more)
    context.set_default_timeout(30_000)
    page, troubles = context.new_page(), []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: said.type == "error" and troubles.append(f"{said.text} {said.location.get('url')}"))
    yield page, troubles
    context.close()


def ask(page: Page) -> None:
    page.wait_for_selector(BOX)
    page.wait_for_function("Boolean(window.qa?.ask && window.qa?.redraw)")
    page.fill(BOX, QUESTION)
    page.press(BOX, "Enter")
    page.wait_for_selector(".turn blockquote")


def test_something_is_painted_at_once_and_becomes_the_page_by_itself(chromium):
    with small() as address, window(chromium) as (page, troubles):
        page.goto(address)
        assert page.locator("[role=status]").text_content() == "Starting…"
        page.wait_for_function(_PAINTED)
        assert page.evaluate(_PAINTED) < 5_000  # 0.4 s on a quiet machine; here other tests run beside
        page.wait_for_selector(BOX)
        assert page.evaluate("history.length") == 2  # the page is no step on the way back, beside about:blank
        assert troubles == []


def test_the_page_works_behind_a_password(chromium):
    credentials = {"username": "ada", "password": "lovelace"}
    with small("ada:lovelace") as address:
        with window(chromium, http_credentials=credentials) as (page, troubles):
            page.goto(address)
            ask(page)
            assert [trouble for trouble in troubles if "401" not in trouble] == []  # the browser tries without first
        with window(chromium) as (page, _), pytest.raises(Error, match="ERR_INVALID_AUTH_CREDENTIALS"):
            page.goto(address)  # a window without a screen cannot ask a person for it


def test_nothing_of_another_site_is_loaded_and_nothing_goes_there(chromium, open_to_all):
    with another_site() as (site, asked), window(chromium) as (page, troubles):
        page.goto(open_to_all)
        ask(page)
        assert troubles == []  # the policy forbids the page nothing that it needs
        assert page.evaluate(_BLOCKED, site) == [
            "connect-src", "font-src", "frame-src", "img-src", "media-src", "object-src", "script-src-elem",
            "style-src-elem"]
        assert asked == []


def test_another_sites_page_can_read_and_change_nothing(chromium, open_to_all):
    address = open_to_all
    with another_site() as (site, _), window(chromium) as (page, _):
        page.goto(site)
        assert page.evaluate(_FROM_ELSEWHERE, address) == ["refused", "refused", "refused"]
        page.set_content(f'<iframe src="{address}"></iframe><a href="{address}">there</a>')
        page.wait_for_timeout(500)
        assert all(frame.url != f"{address}/" or not frame.query_selector("h1") for frame in page.frames[1:])
        page.click("a")  # a link from another site is how one comes here
        page.wait_for_selector(BOX)


@pytest.mark.parametrize("path", ["/", "/gradio_api/mcp/"])
def test_each_page_asks_this_machine_only(chromium, open_to_all, path):
    address = open_to_all
    with window(chromium) as (page, troubles):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + path)
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)
        assert {url.split("/")[2] for url in asked if url.startswith("http")} == {address.split("/")[2]}
        assert troubles == []
