"""`qa chat` as a person gets it: the shipped articles, the real index and reader, a real Chromium."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.browser.conftest import ROOT, served

COMMAND = ("-c", "import sys; from qa.cli import main; sys.exit(main())")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> tuple[str, ...]:
    return "--articles", str(ROOT / "seeds"), "--index", str(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def real(corpus) -> Iterator[str]:
    """The address that `qa chat` prints; there is no index before, so it is built first."""
    with served(*COMMAND, "chat", "--port", "0", *corpus) as address:
        yield address


def text_of(article: str, corpus: tuple[str, ...]) -> str:
    done = subprocess.run([sys.executable, *COMMAND, "articles", "--text", article, *corpus], cwd=ROOT,
                          capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def test_ask_read_cite_follow_up_and_be_told_when_there_is_no_answer(real, corpus, open_chat):
    chat = open_chat(real)
    chat.page.wait_for_function("document.querySelectorAll('.open').length === 5")  # read behind the page
    chat.ask("What is Jaish al-Adl?")
    cards = chat.last(".quote").count()
    assert cards >= 1 and chat.last(".verdict").count() == 0
    for card in range(cards):
        quote = chat.last("blockquote").nth(card).text_content()
        chat.last(".from .cite").nth(card).click()
        chat.page.wait_for_function(
            "q => [...document.querySelectorAll('mark.current')].map(m => m.textContent).join('') === q", arg=quote)
        assert chat.in_view("mark.current")
        assert quote in chat.text("#room .text")
    article = chat.page.locator("#room .room").get_attribute("data-article")
    assert chat.text("#room .text") == text_of(article, corpus)

    chat.ask("When was it established?")
    assert "Jaish al-Adl" in chat.last(".read-as").text_content()
    assert any("2012" in words for words in chat.last("blockquote").all_text_contents())

    chat.ask("Which recipe for butter chicken won the cooking contest in Sydney?")
    assert chat.last(".verdict").text_content() == "The articles do not answer this."
    assert chat.last(".declined p").nth(1).text_content().strip()
    assert chat.last(".figure").count() >= 1


def test_every_example_of_the_welcome_gets_an_answer_or_a_plain_declining(real, open_chat):
    chat = open_chat(real)
    chat.page.wait_for_selector(".example")
    examples = chat.page.locator(".example").all_text_contents()
    assert len(examples) == 5
    for question in examples:
        chat.ask(question)
        assert chat.last(".fault").count() == 0
        assert chat.last(".quotes .quote").count() >= 1


def test_a_second_server_on_the_same_port_says_what_to_do(real, corpus):
    port = real.rsplit(":", 1)[1]
    done = subprocess.run([sys.executable, *COMMAND, "chat", "--port", port, *corpus], cwd=ROOT, capture_output=True,
                          text=True)
    assert done.returncode != 0
    assert done.stdout == "" and "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith(f"qa: port {port} on 127.0.0.1 is in use; ")
