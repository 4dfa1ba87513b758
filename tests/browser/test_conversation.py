"""A conversation in a real Chromium: kept, changed, stopped, asked again, saved to a file."""

from __future__ import annotations

import json

import pytest

from tests.browser.conftest import NARROW, WIDE, served
from tests.show.fixed import seeds

WHY, WHEN = "Why did Iran strike Pakistan?", "And when was Jaish al-Adl established?"
SLOW = "Slow question about Pakistan and Iran?"


def questions(chat) -> list[str]:
    return chat.page.locator(".turn .question").all_text_contents()


def reload(chat, turns: int) -> None:
    chat.page.reload()
    chat.settle(turns)


def menu(chat, item: str) -> None:
    chat.page.click(".menu summary")
    chat.page.click(f"[data-do={item}]")


def test_a_reload_brings_the_conversation_back_with_its_citations(fixed, open_chat):
    chat = open_chat(fixed)
    for question in (WHY, WHEN, "Who won the cup?"):
        chat.ask(question)
    before = chat.page.locator(".turn").all_text_contents()
    reload(chat, 3)
    assert chat.page.locator(".turn").all_text_contents() == before
    quote = chat.page.locator("#turn-0 blockquote").nth(1).text_content()
    chat.page.click("#turn-0 .quote:nth-child(2) .from .cite")
    chat.page.wait_for_function(
        "q => [...document.querySelectorAll('mark.current')].map(m => m.textContent).join('') === q", arg=quote)
    chat.ask("And what did Pakistan do to Iran?")  # its history came back too
    assert chat.last(".read-as").count() == 1


def test_a_question_that_waited_when_the_page_closed_can_be_asked_again(fixed, open_chat):
    chat = open_chat(fixed)
    chat.type(SLOW)
    chat.page.wait_for_selector("#talk .pending")
    reload(chat, 1)
    assert "Stopped" in chat.last(".stopped").text_content()
    chat.last(".retry").click()
    chat.settle(1)
    assert chat.last(".quote").count() == 5 and questions(chat) == [SLOW]


def test_stop_ends_a_question_and_the_next_one_is_answered(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.type(SLOW)
    for _ in range(2):
        chat.page.click(".stop")
        chat.last(".stopped").wait_for()
        chat.page.wait_for_timeout(2_500)
        assert chat.last(".stopped").count() == 1, "the answer came all the same, or a fault was said of it"
        chat.last(".retry").click()
        chat.page.wait_for_selector("#turn-1 .pending")
    chat.page.click(".stop")
    chat.last(".stopped").wait_for()
    chat.ask(WHEN)
    assert questions(chat) == [WHY, SLOW, WHEN]
    assert WHY in chat.last(".read-as bdi").text_content(), "what was stopped is no history"


def test_a_slow_question_says_what_is_being_done(fixed, open_chat):
    chat = open_chat(fixed)
    chat.type(SLOW)
    for stage in ("Reading the question", "Searching the articles", "Reading the best passages"):
        chat.page.wait_for_function("s => document.querySelector('#talk .pending')?.textContent === s", arg=stage)
    chat.settle(1)


def test_an_edited_question_takes_the_place_of_what_came_after(fixed, open_chat):
    chat = open_chat(fixed)
    for question in (WHY, WHEN, "Who won the cup?"):
        chat.ask(question)
    chat.page.click("#turn-1 .edit")
    assert chat.page.input_value("#question") == WHEN
    assert chat.page.locator(".turn.edited").count() == 2
    chat.page.keyboard.press("Escape")
    assert chat.page.locator(".turn.edited").count() == 0 and chat.page.input_value("#question") == ""
    chat.page.click("#turn-1 .edit")
    chat.type("What is Jaish al-Adl?")
    chat.settle(2)
    assert questions(chat) == [WHY, "What is Jaish al-Adl?"]


def test_how_a_follow_up_is_read_can_be_changed(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.ask(WHEN)
    chat.last(".reread").click()
    assert chat.page.input_value(".reread-form input") == f"{WHEN} ({WHY})"
    chat.page.keyboard.press("Escape")
    assert chat.last(".read-as").is_visible() and chat.page.locator(".reread-form").count() == 0
    chat.last(".reread").click()
    chat.page.fill(".reread-form input", "When was Jaish al-Adl set up?")
    chat.page.keyboard.press("Enter")
    chat.page.wait_for_function("document.querySelector('#turn-1 .read-as bdi')?.textContent.startsWith('When was')")
    assert chat.last(".read-as bdi").text_content() == "When was Jaish al-Adl set up?"
    assert questions(chat) == [WHY, WHEN]


def test_earlier_chats_are_kept_and_can_be_opened_and_forgotten(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.page.click(".new-chat")
    chat.page.wait_for_selector(".welcome")
    chat.ask("Who won the cup?")
    menu(chat, "earlier")
    assert chat.page.locator(".chats .chat").all_text_contents() == ["Who won the cup?", WHY]
    chat.page.click(".chats li:nth-child(2) .chat")
    chat.page.wait_for_function("q => document.querySelector('.question')?.textContent === q", arg=WHY)
    assert chat.last(".quote").count() == 5
    menu(chat, "earlier")
    chat.page.click(".chats li:nth-child(2) .forget")
    assert chat.page.locator(".chats .chat").count() == 1
    chat.page.click(".forget-all")
    assert "none yet" in chat.text("#earlier .means")
    chat.page.click("#earlier [type=submit]")
    chat.page.wait_for_selector(".welcome")
    chat.page.reload()
    chat.page.wait_for_selector(".welcome")
    assert questions(chat) == []


def test_two_windows_of_one_chat_part_ways_and_lose_nothing(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    other = chat.page.context.new_page()
    other.goto(fixed)
    other.wait_for_selector(".turn")
    chat.ask("What is Jaish al-Adl?")
    other.fill("#question", "Who won the cup?")
    other.press("#question", "Enter")
    other.wait_for_selector("#turn-1 .declined")
    kept = chat.page.evaluate("window.qa.chats().map((chat) => chat.turns.map((turn) => turn.question))")
    assert sorted(kept) == [[WHY, "What is Jaish al-Adl?"], [WHY, "Who won the cup?"]]


def test_a_chat_is_saved_as_markdown_with_footnotes_and_as_json(fixed, open_chat):
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.ask("Who won the cup?")
    quote = chat.page.locator("#turn-0 blockquote").first.text_content()
    with chat.page.expect_download() as saved:
        menu(chat, "export-markdown")
    text = saved.value.path().read_text(encoding="utf-8")
    assert saved.value.suggested_filename == "chat.md"
    assert f"## {WHY}" in text and "[^1]: " in text and "The articles do not answer this." in text
    assert quote.split(".")[0][:20] in text.replace("**", "") and f"<{fixed}/#read=" in text
    with chat.page.expect_download() as saved:
        menu(chat, "export-json")
    told = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert told["turns"][0]["answer"]["quotes"][0]["text"] == quote
    assert told["turns"][1]["answer"]["answered"] is False


def test_the_settings_are_used_and_kept(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.click(".to-settings")
    chat.page.fill("#most-quotes", "2")
    chat.page.locator("#least-sure").evaluate(
        "(e) => { e.value = 0.9; e.dispatchEvent(new Event('input', { bubbles: true })); }")
    assert "evaluation" in chat.text("#sure-means")
    chat.page.click("#settings [type=submit]")
    assert chat.text(".how") == "Asking all articles, 2 quotes at most, answering from 0.90 on."
    chat.ask(WHY)
    assert chat.last(".declined").count() == 1 and chat.last(".quote").count() == 2
    chat.page.reload()
    chat.settle(1)
    assert "2 quotes at most" in chat.text(".how")
    chat.page.click(".to-settings")
    chat.page.click(".reset")
    chat.page.click("#settings [type=submit]")
    chat.last(".retry").click()
    chat.page.wait_for_selector(".turn .summary")
    assert chat.last(".quote").count() == 5


def test_one_setting_leaves_the_other_as_it_is(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.evaluate("document.querySelector('#least-sure').dataset.default = '0.33'")  # between two of its steps
    chat.page.click(".to-settings")
    chat.page.fill("#most-quotes", "2")
    assert chat.page.evaluate("window.qa.settings()") == {"quotes": 2, "threshold": None}


def test_what_is_chosen_in_one_window_is_said_in_the_other(fixed, open_chat):
    chat = open_chat(fixed)
    other = chat.page.context.new_page()
    other.goto(fixed)
    other.wait_for_selector(".welcome")
    other.evaluate("localStorage.setItem('qa.articles', JSON.stringify(['001_3740f9f57058e3dc']))")
    chat.page.wait_for_function("document.querySelector('.how').textContent === 'Asking 1 chosen article.'")
    other.evaluate("localStorage.setItem('qa.settings', JSON.stringify({quotes: 2}))")
    chat.page.wait_for_function("document.querySelector('.how').textContent.endsWith(', 2 quotes at most.')")


def test_only_the_chosen_articles_are_asked(fixed, open_chat):
    chat = open_chat(fixed)
    chosen = "001_3740f9f57058e3dc"
    chat.page.evaluate("id => { localStorage.setItem('qa.articles', JSON.stringify([id]));"
                       " document.dispatchEvent(new CustomEvent('qa:asked', { detail: { articles: [id] } })); }",
                       chosen)
    assert chat.text(".how") == "Asking 1 chosen article."
    chat.ask(WHY)
    quotes = chat.last("blockquote").all_text_contents()
    assert quotes and all(quote in seeds()[chosen].text for quote in quotes)


def test_storage_that_is_damaged_or_full_stops_nobody(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.evaluate("localStorage.setItem('qa.chats', '{not JSON'); localStorage.setItem('qa.settings', '7')")
    chat.page.reload()
    chat.page.wait_for_selector(".welcome")
    chat.ask(WHY)
    chat.page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('full'); }; }")
    chat.ask(WHEN)
    assert questions(chat) == [WHY, WHEN]


def test_chats_of_another_version_are_named_and_stop_nobody(fixed, open_chat):
    chat = open_chat(fixed)
    chat.page.evaluate("localStorage.setItem('qa.chats', JSON.stringify([{id: 'a', turns: [{ask: 7}]}]))")
    chat.page.reload()
    chat.page.wait_for_selector("#talk .fault")
    assert "start a new chat" in chat.text("#talk .fault").lower()
    chat.page.click(".new-chat")
    chat.page.wait_for_selector(".welcome")
    chat.ask(WHY)
    assert questions(chat) == [WHY]


def test_what_a_browser_kept_is_not_taken_for_an_articles_words(fixed, open_chat):
    """A kept quote whose words do not stand in its article is not shown as one."""
    chat = open_chat(fixed)
    chat.ask(WHY)
    chat.page.evaluate("""() => {
      const chats = JSON.parse(localStorage.getItem('qa.chats'));
      const quotes = chats[0].turns[0].answer.quotes;
      quotes[0].text = 'Zebras rule the waves, said nobody at all.';
      quotes.splice(1);
      localStorage.setItem('qa.chats', JSON.stringify(chats));
    }""")
    chat.page.reload()
    chat.page.wait_for_selector(".lost")
    assert "Zebras rule" not in chat.text("#talk") and chat.page.locator("blockquote").count() == 0


@pytest.mark.parametrize("size, scheme", [(WIDE, "light"), (NARROW, "dark")])
def test_fifty_quotes_of_history_look_right(fixed, open_chat, size, scheme):
    chat = open_chat(fixed, size, scheme)
    for n in range(10):
        chat.ask(f"Why did Iran strike Pakistan, number {n}?")
    assert chat.page.locator(".quote").count() == 50
    assert not chat.overflows() and chat.in_view("#turn-9 .question")
    reload(chat, 10)
    assert chat.page.locator(".quote").count() == 50 and chat.in_view("#turn-9 .question")


def test_when_the_server_is_gone_the_question_comes_back_and_the_page_says_so(open_chat):
    with served("-m", "tests.browser.fixed_server") as address:
        chat = open_chat(address)
        chat.ask(WHY)
    chat.type("What is Jaish al-Adl?")
    chat.page.wait_for_function("document.querySelector('#remark').textContent.includes('does not answer')")
    assert chat.page.input_value("#question") == "What is Jaish al-Adl?"
    assert chat.page.locator("#composer .ask").is_visible()
    assert questions(chat) == [WHY]
