"""Takes the README's picture of the chat: `python -m tests.browser.picture [FILE]` (default docs/chat.png)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import QUIET, ROOT, WIDE, Chat, served
from tests.browser.test_whole import COMMAND

QUESTION = "What is Jaish al-Adl?"


def main(file: Path) -> None:
    with tempfile.TemporaryDirectory() as index, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        corpus = ("--articles", str(ROOT / "seeds"), "--index", index)
        with served(*COMMAND, "chat", "--port", "0", *corpus) as address:
            page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]}, color_scheme="light")
            chat = Chat(page, address)
            chat.ask(QUESTION)
            chat.last(".from .cite").nth(1).click()
            chat.page.wait_for_selector("[aria-current][data-mark='1']")
            chat.in_view("mark.current")
            page.mouse.move(0, 0)
            page.evaluate("document.activeElement.blur()")
            file.parent.mkdir(exist_ok=True)
            page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "chat.png")
