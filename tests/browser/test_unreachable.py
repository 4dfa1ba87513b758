"""The index's server goes away and comes back: the page says so, and goes on by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

import httpx
import pytest

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, Chat, served
from tests.conftest import SEEDS
from tests.milvus.lite import Lite

FIRST, SECOND = "What is Jaish al-Adl?", "How many people did Pakistan's air strikes kill?"
FAULT = "The index on the server at http://far:19530 is unreachable."
BANNER = "Index unreachable: its server does not answer. This page keeps trying, and goes on by itself."
_STRIP = "document.querySelector('#reach .away').getBoundingClientRect()"
_ABOVE = f"""() => ['#desk', '#articles', '#report'].map((side) => document.querySelector(side))
  .filter((side) => side.getClientRects().length)
  .map((side) => [Math.round({_STRIP}.bottom), Math.round(side.getBoundingClientRect().top)])"""

_MARGIN = """(strip) => {
  const words = document.createRange(), box = strip.getBoundingClientRect();
  words.selectNodeContents(strip);
  const { top, bottom } = words.getBoundingClientRect();
  return Math.min(top - box.top, box.bottom - bottom);
}"""


class Server:
    """A page whose index's server leaves and returns as it is told."""

    def __init__(self, address: str):
        self.address = address

    def leave(self) -> None:
        httpx.post(f"{self.address}/leave").raise_for_status()

    def come_back(self) -> None:
        httpx.post(f"{self.address}/return").raise_for_status()


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., object]:
    """Serves the seeds, indexed once."""
    index = tmp_path_factory.mktemp("index")

    @contextmanager
    def one(*more: str) -> Iterator[Server]:
        with served("-m", "tests.browser.leaving_server", str(SEEDS), str(index), *more) as address:
            yield Server(address)

    return one


@pytest.fixture(scope="module")
def running(start) -> Iterator[Server]:
    with start() as server:
        yield server


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server all tests share, there at the beginning of each."""
    running.come_back()
    for _ in range(100):
        if httpx.get(f"{running.address}/ready").json() == {
                "ready": True, "stage": "ready", "problem": None, "reachable": True}:
            break
    yield running
    running.come_back()


def wait_for_banner(chat: Chat) -> None:
    chat.page.wait_for_function("document.documentElement.hasAttribute('data-away')")
    assert chat.text("#reach .away") == BANNER
    assert chat.in_view("#reach .away") and chat.page.locator("#reach [role=status]").count() == 1


def wait_until_back(chat: Chat) -> None:
    chat.page.wait_for_function("!document.documentElement.hasAttribute('data-away')")
    assert chat.text("#reach .away") == "The index can be reached again."  # for those who hear the page
    box = chat.page.locator("#reach .away").bounding_box()
    assert box["width"] <= 1 and box["height"] <= 1  # and for nobody else
    assert chat.page.evaluate(_ABOVE.replace(f"{_STRIP}.bottom", "0"))[0][1] in (60, 92)  # right below the masthead


def test_it_is_said_while_people_chat_and_all_goes_on_by_itself(server, open_chat):
    chat = open_chat(server.address)
    chat.page.evaluate("window.never_reloaded = true")
    chat.ask(FIRST)
    quotes = chat.last("blockquote").all_text_contents()
    server.leave()
    wait_for_banner(chat)

    chat.ask(SECOND)
    fault = chat.last(".fault")
    assert fault.locator("p").all_text_contents() == ["This could not be looked up", FAULT, "Check that it runs."]
    assert chat.page.locator("#turn-0 blockquote").all_text_contents() == quotes, "what was said stays"
    chat.page.click("#turn-0 .from .cite >> nth=0")  # and can be read
    chat.page.wait_for_selector("mark.current")
    assert chat.page.locator(".how").text_content().startswith("Asking all articles")

    server.come_back()
    wait_until_back(chat)
    chat.last(".retry").click()
    chat.settle(2)
    assert chat.last(".fault").count() == 0 and chat.last("blockquote").count() >= 1
    assert chat.page.evaluate("window.never_reloaded")


def test_a_page_that_is_opened_meanwhile_says_so_and_fills_by_itself(server, open_chat):
    server.leave()
    chat = open_chat(server.address)
    wait_for_banner(chat)
    chat.page.wait_for_function("document.querySelector('.welcome')?.textContent.includes('out of reach')")
    chat.page.wait_for_function("document.querySelector('.corpus').textContent === 'Articles, quoted word for word'")
    chat.page.click(".tab[data-tab=articles]")
    chat.page.wait_for_function("document.querySelector('#articles .why').textContent.includes('unreachable')")
    wait_for_banner(chat)
    server.come_back()
    wait_until_back(chat)
    chat.page.wait_for_selector("#articles tbody tr >> nth=4")
    chat.page.click(".tab[data-tab=chat]")
    chat.page.wait_for_selector(".example >> nth=4")
    chat.page.wait_for_function("document.querySelector('.corpus').textContent === '5 articles, quoted word for word'")
    chat.page.wait_for_selector("#room .open >> nth=4")
    chat.ask(FIRST)
    assert chat.last("blockquote").count() >= 1


def test_away_from_the_start_the_page_is_served_and_loads_once_it_can(server, start, open_chat):
    chat = open_chat(server.address)
    chat.ask(FIRST)
    words = chat.last("blockquote").all_text_contents()
    kept = chat.page.evaluate("localStorage.getItem('qa.chats')")
    with start("away") as other:
        chat = open_chat(other.address)
        wait_for_banner(chat)
        chat.page.wait_for_function("document.querySelector('.how').textContent === 'Waiting for the index…'")
        # A conversation from before, which nothing of this server's life could draw.
        chat.page.evaluate("(kept) => { localStorage.setItem('qa.chats', kept); sessionStorage.clear(); }", kept)
        chat.page.reload()
        chat.last(".unshown").wait_for()
        assert "This answer is kept, and cannot be shown now" in chat.last(".unshown").text_content()
        assert chat.page.locator("blockquote").count() == 0
        chat.ask(SECOND)  # tried at once, and no fault of the question
        assert FAULT in chat.last(".fault").text_content() and chat.page.locator(".unshown").count() == 1
        assert json.loads(chat.page.locator(".talk").get_attribute("data-turns"))[0]["answer"]["quotes"]

        other.come_back()  # nobody asks anything
        wait_until_back(chat)
        chat.page.wait_for_function("document.querySelectorAll('#turn-0 blockquote').length > 0")
        assert chat.page.locator("#turn-0 blockquote").all_text_contents() == words
        chat.last(".retry").click()
        chat.settle(2)
        assert chat.last("blockquote").count() >= 1


def test_the_strip_fits_the_page_on_every_side_of_it(server, open_chat):
    server.leave()
    for size, scheme in product((WIDE, NARROW), ("light", "dark")):
        chat = open_chat(server.address, size, scheme)
        chat.ask(FIRST)
        wait_for_banner(chat)
        for tab in ("articles", "evaluation", "chat"):
            chat.page.click(f".tab[data-tab={tab}]")
            assert chat.in_view("#reach .away") and not chat.overflows()
            [[bottom, top]] = chat.page.evaluate(_ABOVE)
            assert bottom == top, "nothing lies below the strip, and nothing between"
            assert chat.page.locator("#reach .away").evaluate(_MARGIN) >= 4, "all its words are seen, with some air"
        assert violations(chat.page) == []


def test_a_real_server_that_is_killed_and_started_again(start, open_chat, tmp_path):
    with Lite(tmp_path) as lite, start(lite.uri) as page:
        chat = open_chat(page.address)
        chat.page.wait_for_selector(".example >> nth=4")
        chat.ask(FIRST)
        quotes = chat.last("blockquote").all_text_contents()
        lite.kill()
        wait_for_banner(chat)
        chat.ask(SECOND)
        assert f"{lite.uri} is unreachable" in chat.last(".fault").text_content()
        assert chat.page.locator("#turn-0 blockquote").all_text_contents() == quotes
        lite.start()
        wait_until_back(chat)
        chat.last(".retry").click()
        chat.settle(2)
        assert chat.last("blockquote").count() >= 1
