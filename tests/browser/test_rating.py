"""From a bad answer to a test, in a real Chromium."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.show.fixed import seeds

WHY, WHEN = "Why did Iran strike Pakistan?", "And when was Jaish al-Adl established?"
BETTER = "001_3740f9f57058e3dc"


@pytest.fixture
def rated(fixed: str) -> str:
    """A page whose question file begins empty."""
    kept(fixed, "DELETE")
    assert kept(fixed) == []
    return fixed


def kept(address: str, method: str = "GET") -> list[list[object]]:
    """[question, history, answerable, evidence] of each case."""
    asked = urllib.request.Request(f"{address}/kept", method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10) as reply:
        return list(json.load(reply).values())


def thumb(chat, turn: int, of: str, way: str):
    return chat.page.locator(f"#turn-{turn} .thumb.{way}[data-of='{of}']")


def test_a_thumb_up_keeps_the_quote_as_evidence_and_can_be_taken_back(rated, open_chat):
    chat = open_chat(rated)
    chat.ask(WHY)
    chat.ask(WHEN)
    quote = chat.last("blockquote").nth(1).text_content()
    thumb(chat, 1, "2", "up").click()
    chat.last(".rated-note").wait_for()
    assert "evals/from-chat.jsonl" in chat.last(".rated-note").text_content()
    [[question, history, answerable, evidence]] = kept(rated)
    assert (question, history, answerable) == (WHEN, [WHY], True)
    assert [words for _, words in evidence] == [quote] and quote in seeds()[evidence[0][0]].text
    assert thumb(chat, 1, "2", "up").get_attribute("aria-pressed") == "true"
    chat.page.reload()
    chat.settle(2)
    assert thumb(chat, 1, "2", "up").get_attribute("aria-pressed") == "true"
    before = kept(rated)
    thumb(chat, 1, "1", "up").click()
    chat.page.click("#turn-1 .rated-note button")
    chat.page.wait_for_selector("#turn-1 .rated-note", state="detached")
    assert thumb(chat, 1, "1", "up").get_attribute("aria-pressed") == "false"
    assert kept(rated) == before, "what was kept earlier stays"
    thumb(chat, 1, "2", "up").click()  # of the window before the reload: its mark goes, its row stays
    chat.page.wait_for_function("document.querySelector('#turn-1 .rated-note')?.textContent.includes('stays in its')")
    assert kept(rated) == before


def test_that_none_answers_is_not_kept_where_only_some_articles_were_asked(rated, open_chat):
    chat = open_chat(rated)
    chat.page.evaluate("id => localStorage.setItem('qa.articles', JSON.stringify([id]))", BETTER)
    chat.ask("Who won the cup?")
    assert chat.last(".asked-of").text_content() == "Asked of 1 chosen article only."
    thumb(chat, 0, "answer", "up").click()
    chat.last(".rated-note").wait_for()
    assert "Ask all of them" in chat.last(".rated-note").text_content() and kept(rated) == []


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_thumb_down_asks_for_the_right_sentence_which_is_ticked_in_its_article(rated, open_chat, size):
    chat = open_chat(rated, size)
    chat.ask(WHY)
    thumb(chat, 0, "1", "down").click()
    chat.page.wait_for_selector("#room .choice")
    if size == NARROW:
        chat.page.click(".done-choosing")
    chat.page.click(".right-form .primary")
    assert "Tick a sentence" in chat.text(".form-remark") and kept(rated) == []
    if size == NARROW:  # the article is found again by the thumb of another quote
        chat.page.click(".right-form .leave")
        thumb(chat, 0, "1", "down").click()
    else:
        chat.page.click("#room .to-shelf")
        chat.page.click(f".open[data-article='{BETTER}']")
    chat.page.wait_for_selector("#room .choice")
    article = chat.page.get_attribute("#room .room", "data-article")
    sentences = chat.page.locator("#room .choice")
    words = sentences.nth(3).text_content()
    sentences.nth(3).click()
    sentences.nth(5).focus()
    chat.page.keyboard.press("Space")
    chat.page.keyboard.press("Space")
    assert chat.page.locator("#room .choice[aria-checked=true]").count() == 1
    assert chat.text(".choosing .count") == "1 ticked"
    assert not chat.overflows()
    if size == NARROW:
        chat.page.click(".done-choosing")
    assert chat.page.locator(".picked li").all_text_contents() == [words]
    assert not chat.overflows()
    chat.page.click(".right-form .primary")
    chat.page.wait_for_selector(".right-form", state="detached")
    assert kept(rated) == [[WHY, [], True, [[article, words]]]]
    chat.page.wait_for_selector("#room .choice", state="detached")
    assert thumb(chat, 0, "1", "down").get_attribute("aria-pressed") == "true"


def test_that_the_articles_do_not_say_is_kept_too(rated, open_chat):
    chat = open_chat(rated)
    chat.ask(WHY)
    thumb(chat, 0, "answer", "down").click()
    chat.page.check(".right-form [value=nothing]")
    chat.page.click(".right-form .primary")
    chat.page.wait_for_selector(".right-form", state="detached")
    assert kept(rated) == [[WHY, [], False, []]]
    chat.ask("Who won the cup?")
    thumb(chat, 1, "answer", "up").click()
    chat.last(".rated-note").wait_for()
    assert kept(rated)[1] == ["Who won the cup?", [WHY], False, []]


def test_a_reading_that_was_changed_is_kept_as_the_question(rated, open_chat):
    chat = open_chat(rated)
    chat.ask(WHY)
    chat.ask(WHEN)
    chat.last(".reread").click()
    chat.page.fill(".reread-form input", "When was Jaish al-Adl set up?")
    chat.page.keyboard.press("Enter")
    chat.page.wait_for_function("document.querySelector('#turn-1 .read-as bdi')?.textContent.startsWith('When was')")
    thumb(chat, 1, "answer", "up").click()
    chat.last(".rated-note").wait_for()
    assert [row[:2] for row in kept(rated)] == [["When was Jaish al-Adl set up?", []]]


def test_the_form_is_left_with_escape_and_gives_the_focus_back(rated, open_chat):
    chat = open_chat(rated)
    chat.ask(WHY)
    thumb(chat, 0, "1", "down").click()
    chat.page.wait_for_selector("#room .choice")
    chat.page.keyboard.press("Escape")
    assert chat.page.evaluate("document.activeElement.matches(\".thumb.down[data-of='1']\")")
    chat.page.wait_for_selector("#room .choice", state="detached")
    assert kept(rated) == []
