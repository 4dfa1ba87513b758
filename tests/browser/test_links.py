"""Links to a quote, copying, and the paragraph around it, in a real Chromium."""

from __future__ import annotations

from tests.browser.conftest import NARROW

WHY = "Why did Iran strike Pakistan?"
MARKED = "q => [...document.querySelectorAll('mark.current')].map(m => m.textContent).join('') === q"


def test_a_copied_link_opens_the_same_sentence_elsewhere(fixed, open_chat):
    chat = open_chat(fixed, permissions=["clipboard-read", "clipboard-write"])
    chat.ask(WHY)
    quote = chat.last("blockquote").nth(1).text_content()
    chat.last(".copy-link").nth(1).click()
    link = chat.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{fixed}/#read=")
    for size in ({}, {"size": NARROW}):
        other = open_chat(link, **size)
        other.page.wait_for_function(MARKED, arg=quote)
        assert other.in_view("mark.current") and WHY in other.text("#room .linked") and other.in_view("#room .linked p")
    other.page.click("#room [data-ask]")
    other.settle(1)
    assert other.last(".question").text_content() == WHY


def test_a_link_opens_in_a_page_that_is_already_in_use(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    link = chat.last(".from .cite").nth(1).get_attribute("href")
    quote = chat.last("blockquote").nth(1).text_content()
    chat.ask("Who won the cup?")
    chat.page.evaluate("link => { location.hash = link; }", link)
    chat.page.wait_for_function(MARKED, arg=quote)
    chat.page.reload()
    chat.settle(2)
    chat.page.wait_for_function(MARKED, arg=quote)


def test_a_link_that_leads_nowhere_says_so(fixed, open_chat):
    chat = open_chat(f"{fixed}/#read=gone&at=1-5&v=000000000000&says=000000000000")
    chat.page.wait_for_selector("#room .notice")
    assert "not among the articles" in chat.text("#room .notice")
    chat.page.evaluate("() => { location.hash = '#read=long&at=1-5&v=000000000000&says=000000000000'; }")
    chat.page.wait_for_selector("#room .linked")
    assert "does not hold any more" in chat.text("#room .linked") and chat.page.locator("#room mark").count() == 0


def test_a_quote_is_copied_with_its_citation_and_widened_to_its_paragraph(fixed, open_chat):
    chat = open_chat(fixed, permissions=["clipboard-read", "clipboard-write"])
    chat.ask(WHY)
    card = chat.last(".quote:has(.widen)").first
    quote = card.locator("blockquote").text_content()
    card.locator(".copy").click()
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert " ".join(quote.split()) in copied and card.locator(".from bdi").text_content() in copied
    assert ", paragraph " in copied
    card.locator(".widen").click()
    paragraph = card.locator(".paragraph")
    assert paragraph.is_visible() and not card.locator("blockquote").is_visible()
    assert quote in paragraph.text_content() and paragraph.locator("mark").text_content() == quote
    card.locator(".widen").click()
    assert card.locator("blockquote").is_visible() and not paragraph.is_visible()
