"""A real Chromium, and pages in it that may talk to this machine only."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.profile import Profile

ROOT = Path(__file__).parents[2]
WIDE, NARROW = (1440, 900), (390, 844)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="package")  # while it is open, its event loop runs in this thread, where others want theirs
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("these tests drive a real browser and there is none: install it (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def profile(chromium: Browser) -> Profile:
    return Profile(chromium, WIDE)


@contextmanager
def served(*command: str) -> Iterator[str]:
    """The address that `command` prints once it serves; it is stopped afterwards."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        for line in process.stdout:
            if "http://" in line:
                yield line[line.index("http://"):].split()[0]
                return
        pytest.fail(f"{' '.join(command)} ended with {process.wait()} and served nothing")
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="package")
def fixed() -> Iterator[str]:
    """The address of a page whose answers can be computed by eye."""
    with served("-m", "tests.browser.fixed_server") as address:
        yield address


class Chat:
    """A page as a person uses it."""

    def __init__(self, page: Page, address: str):
        self.page, self.requests, self.troubles = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.goto(address)
        page.wait_for_selector(".welcome", state="attached")  # a narrow window that follows a link hides it
        page.wait_for_function("Boolean(window.qa?.ask && window.qa?.redraw)")  # the scripts of box and talk

    def type(self, question: str) -> None:
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")

    def ask(self, question: str) -> None:
        """Asks, and waits for what stands under the question."""
        before = self.page.locator(".turn").count()
        self.type(question)
        self.settle(before + 1)

    def settle(self, turns: int) -> None:
        """Waits until there are `turns` questions and none waits for its answer."""
        self.page.locator(".turn").nth(turns - 1).wait_for()
        self.page.wait_for_function("!document.querySelector('#talk .pending') && !window.qa.busy")

    def last(self, selector: str):
        return self.page.locator(".turn").last.locator(selector)

    def text(self, selector: str) -> str:
        """The text of the one element, exactly, as the page holds it."""
        return self.page.locator(selector).evaluate("element => element.textContent")

    def in_view(self, selector: str) -> bool:
        """Whether the element is fully within the window and nothing covers its beginning, once scrolling has ended."""
        self.page.wait_for_function(_STILL)
        return self.page.locator(selector).first.evaluate(_IN_VIEW)

    def overflows(self) -> list[str]:
        """What sticks out of the window or out of its own box to the side."""
        return self.page.evaluate(_OVERFLOWS)


_STILL = """() => {
  const at = [...document.querySelectorAll('.talk, .room-body')].map((e) => e.scrollTop).join();
  const still = window.lastSeen === at; window.lastSeen = at;
  return still && (window.stillFor = (window.stillFor ?? 0) + 1) > 5 ? ((window.stillFor = 0), true) : false;
}"""
_IN_VIEW = """(element) => {
  const box = element.getClientRects()[0];
  if (!box || box.top < 0 || box.left < 0 || box.bottom > innerHeight || box.right > innerWidth) return false;
  const hit = document.elementFromPoint(box.left + 2, box.top + box.height / 2);
  return element === hit || element.contains(hit) || (hit?.contains(element) ?? false);
}"""
_OVERFLOWS = """() => [document.documentElement, document.body, ...document.querySelectorAll('#masthead *, #desk *')]
  .filter((e) => !e.closest('.unseen, .sr-only, textarea') && e.getClientRects().length)
  .filter((e) => getComputedStyle(e).textOverflow !== 'ellipsis')
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
              || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'))
  .map((e) => `${e.tagName}.${e.className} ${e.scrollWidth}>${e.clientWidth}`)"""


@pytest.fixture
def open_window(chromium: Browser, profile: Profile) -> Iterator[Callable[..., Page]]:
    """Opens an empty window for an address; a second one, or one with options, is of another person's browser."""
    others: list[BrowserContext] = []

    def open_one(address: str, size: tuple[int, int] = WIDE, scheme: str = "light", **more: object) -> Page:
        if not more and not profile.windows():
            return profile.window(address, size, scheme)
        viewport = {"width": size[0], "height": size[1]}
        others.append(chromium.new_context(viewport=viewport, color_scheme=scheme, **more))
        return others[-1].new_page()

    yield open_one
    profile.leave()
    for context in others:
        context.close()


@pytest.fixture
def open_chat(open_window: Callable[..., Page]):
    """Opens `address` in a window of its own; afterwards nothing may have left this machine or gone wrong."""
    opened: list[Chat] = []

    def open_one(address: str, size: tuple[int, int] = WIDE, scheme: str = "light", **more: object) -> Chat:
        page = open_window(address, size, scheme, **more)
        page.set_default_timeout(30_000)
        opened.append(Chat(page, address))
        return opened[-1]

    yield open_one
    for chat in opened:
        chat.page.close()
        hosts = {urlsplit(url).hostname for url in chat.requests if not url.startswith(("data:", "blob:"))}
        assert hosts == {"127.0.0.1"}
        assert chat.troubles == []
