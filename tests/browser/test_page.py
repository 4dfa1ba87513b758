"""The page in a real Chromium, over answers that can be computed by eye."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.browser.fixed_server import HOSTILE
from tests.show.fixed import seeds

WHY = "Why did Iran strike Pakistan?"


def test_a_question_is_answered_with_quotes_and_the_article_of_the_first_beside_them(fixed, open_chat):
    chat = open_chat(fixed)
    assert chat.page.title() == "Ask the articles"
    chat.ask(WHY)
    quote = chat.last("blockquote").first.text_content()
    assert any(quote in article.text for article in seeds().values())
    assert chat.text("mark.current >> nth=0") in quote
    assert chat.in_view("mark.current") and chat.in_view(".turn .question")


def test_a_citation_opens_its_sentence_in_its_article(fixed, open_chat):
    chat = open_chat(fixed, (1440, 420))  # so low that the sentences are out of view until scrolled to
    chat.ask(WHY)
    for card in range(chat.last(".quote").count()):
        quote = chat.last(".quote blockquote").nth(card).text_content()
        chat.last(".quote .from .cite").nth(card).click()
        chat.page.wait_for_function(
            "q => [...document.querySelectorAll('mark.current')].map(m => m.textContent).join('') === q", arg=quote)
        assert chat.in_view("mark.current")
        title = chat.last(".quote .from bdi").nth(card).text_content()
        assert chat.text(".room-name") == title
        assert chat.text("#talk .quote.shown blockquote") == quote


def test_other_places_of_the_same_words_can_be_opened_too(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask("What did Relations between Pakistan and neighboring Iran reach?")
    link = chat.last(".also .cite").first
    link.click()
    chat.page.wait_for_function("name => document.querySelector('.room-name')?.textContent === name",
                                arg=link.locator("bdi").text_content())
    assert chat.in_view("mark.current")


def test_the_keyboard_is_enough(fixed, open_chat):
    chat = open_chat(fixed)
    # The box has the focus from the start, which is when Gradio has mounted it: a moment after the welcome stands.
    chat.page.wait_for_function("document.activeElement.matches('#question')")
    chat.page.keyboard.type(WHY)
    chat.page.keyboard.press("Enter")
    chat.settle(1)
    for _ in range(40):
        chat.page.keyboard.press("Shift+Tab")
        if chat.page.evaluate("document.activeElement.matches('.quote:nth-child(2) .cite')"):
            break
    chat.page.keyboard.press("Enter")
    chat.page.wait_for_function("document.activeElement.matches('mark.current')")
    chat.page.keyboard.press("Shift+Tab")
    assert chat.page.evaluate("document.activeElement.matches('.note')")
    chat.page.keyboard.press("Enter")
    chat.page.wait_for_function("document.activeElement.matches('.quote:nth-child(2) .cite')")


def test_a_follow_up_is_read_with_the_earlier_questions(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.ask("And when was Jaish al-Adl established?")
    assert chat.last(".read-as bdi").text_content() == f"And when was Jaish al-Adl established? ({WHY})"
    assert chat.page.locator(".turn").count() == 2


def test_a_question_without_an_answer_is_declined_plainly(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.ask("Who won the cup?")
    assert chat.last(".verdict").text_content() == "The articles do not answer this."
    assert "which are not an answer" in chat.last(".closest-heading").text_content()
    assert chat.page.locator("#room mark.quoted").count() == 0, "the article of the answer before is put away"
    chat.last(".cite").first.click()
    chat.page.wait_for_selector("mark.closest.current")
    assert chat.page.locator("mark.quoted").count() == 0


@pytest.mark.parametrize("question, said", [
    ("Fault?", "The index is damaged."), ("x" * 3_000, "The question has 3,000 characters."),
    ("Bug?", "The program failed while answering."),
])
def test_a_fault_is_never_taken_for_a_declining(fixed, open_chat, question, said):
    chat = open_chat(fixed)
    chat.ask(question)
    chat.last(".fault").wait_for()
    assert said in chat.last(".fault").text_content()
    assert "do not answer" not in chat.text(".talk")
    chat.ask(WHY)
    assert chat.last(".quote").count() == 5
    assert chat.last(".read-as").count() == 0


def test_an_empty_question_is_not_asked(fixed, open_chat):
    chat = open_chat(fixed)
    chat.type("   ")
    chat.page.wait_for_function("document.querySelector('#remark').textContent")
    assert chat.page.locator(".turn").count() == 0
    chat.ask(WHY)
    assert chat.text("#remark") == ""


def test_examples_ask_themselves(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.click(".example >> nth=0")
    chat.settle(1)
    assert chat.last(".question").text_content() == WHY


def test_a_question_shows_at_once_and_a_new_chat_forgets_it(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.type("Slow question about Pakistan and Iran?")
    chat.page.wait_for_selector("#talk .pending", timeout=1_500)
    chat.page.click(".new-chat")
    chat.page.wait_for_selector(".welcome")
    chat.page.wait_for_timeout(3_000)
    assert chat.page.locator(".turn").count() == 0, "an answer of the chat before came late"
    chat.ask("And what did Pakistan do to Iran?")
    assert chat.last(".read-as").count() == 0, "no history is left"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_hostile_text_stays_text(fixed, open_chat, size):
    chat = open_chat(fixed, size)
    chat.ask("Hostile zebras <img src=x onerror=alert(1)> ![x](http://203.0.113.1/x.png) $$x$$ number?")
    assert chat.text(".room-name") == HOSTILE.title
    assert chat.text(".text") == HOSTILE.text
    assert chat.text(".turn .question").startswith("Hostile zebras <img src=x")
    assert chat.page.locator("#desk :is(img, script, .katex, [onerror])").count() == 0
    assert chat.page.locator("#room a").count() == 0
    assert not chat.overflows()
    chat.ask("Hostile zebras unbroken?")
    assert "x" * 10_000 in chat.last("blockquote").first.text_content()
    assert not chat.overflows()
    chat.last(".cite").first.click()
    chat.page.wait_for_selector("mark.current")
    assert not chat.overflows()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW, (320, 600)], ids=["wide", "narrow", "smallest"])
def test_nothing_is_cut_or_sticks_out(fixed, open_chat, size, scheme):
    chat = open_chat(fixed, size, scheme)
    assert not chat.overflows()
    for question in (WHY, "And when was Jaish al-Adl established?", "Who won the cup?", "Fault?", "q" * 400):
        chat.ask(question)
        assert not chat.overflows(), question
    chat.page.locator(".quotes .cite").first.click()
    chat.page.wait_for_selector("mark.current")
    assert chat.in_view("mark.current") and not chat.overflows()
    paper, ink = chat.page.evaluate("['backgroundColor', 'color'].map(p => getComputedStyle(document.body)[p])")
    assert (_light(paper) > _light(ink)) is (scheme == "light")


def _light(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_on_a_narrow_window_chat_and_article_take_turns(fixed, open_chat):
    chat = open_chat(fixed, NARROW)
    chat.ask(WHY)
    assert not chat.page.locator("#room").is_visible()
    chat.last(".cite").nth(1).click()
    chat.page.wait_for_selector("mark.current")
    assert chat.in_view("mark.current") and not chat.page.locator("#left").is_visible()
    chat.page.click(".to-chat")
    assert chat.page.locator("#left").is_visible()
    chat.page.click(".new-chat")
    chat.page.wait_for_selector(".welcome")
    assert chat.page.locator("#box").is_visible()


def test_the_articles_can_be_read_without_a_question(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.click(".open >> nth=0")
    chat.page.wait_for_selector("#room .text")
    assert chat.text(".text") == seeds()["000_c50d7e2c24e6fad1"].text
    chat.page.click("#room .to-shelf")
    chat.page.wait_for_selector(".shelf")
    assert chat.page.locator(".open").count() == 7


def test_two_people_do_not_see_each_other(fixed, open_chat):
    one, two = open_chat(fixed), open_chat(fixed)
    one.ask(WHY)
    two.ask("Who won the cup?")
    assert one.page.locator(".turn").count() == two.page.locator(".turn").count() == 1
