"""For everybody: what axe-core finds, an empty corpus, a long article."""

from __future__ import annotations

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, served
from tests.browser.fixed_server import LONG

WHY = "Why did Iran strike Pakistan?"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(fixed, open_chat, size, scheme):
    chat = open_chat(fixed, size, scheme)
    assert violations(chat.page) == []
    chat.ask(WHY)
    chat.ask("And when was Jaish al-Adl established?")
    chat.ask("Who won the cup?")
    chat.ask("Fault?")
    chat.page.locator("#turn-1 .reread").click()
    assert violations(chat.page) == []
    chat.page.click("#turn-0 .thumb.down >> nth=0")
    chat.page.wait_for_selector("#room .choice")
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    chat.page.evaluate("() => { document.dispatchEvent(new CustomEvent('qa:set')); }")
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    chat.page.evaluate("() => { document.dispatchEvent(new CustomEvent('qa:earlier')); }")
    assert violations(chat.page) == []


@pytest.fixture(scope="module")
def empty():
    with served("-m", "tests.browser.fixed_server", "empty") as address:
        yield address


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_an_empty_corpus_invites_to_add_articles(empty, open_chat, size):
    chat = open_chat(empty, size)
    assert "no articles" in chat.text(".welcome") and not chat.overflows()
    assert violations(chat.page) == []
    chat.page.click(".to-articles >> nth=0")
    assert chat.page.evaluate("document.documentElement.dataset.tab") == "articles"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_quote_of_an_article_of_thirty_thousand_words_is_found_in_it(fixed, open_chat, size):
    chat = open_chat(fixed, size)
    chat.ask("How did travellers walk 333 miles before the river bent in paragraph 333 of the long road?")
    chat.last(".from .cite").first.click()
    chat.page.wait_for_selector("mark.current")
    assert chat.in_view("mark.current") and chat.text("#room .text") == LONG.text
    assert not chat.overflows()
