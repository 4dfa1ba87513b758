"""Takes the pictures of docs/page.md and the README: `python -m tests.browser.picture [FOLDER]` (default docs)."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import NARROW, QUIET, ROOT, WIDE, Chat, served
from tests.browser.test_whole import COMMAND

_COLOURS = 192  # of a picture's palette; letters keep their edges and a picture its 300 kB


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        articles, index = Path(made) / "articles", Path(made) / "index"
        shutil.copytree(ROOT / "seeds", articles)
        with served(*COMMAND, "chat", "--port", "0", "--articles", str(articles), "--index", str(index)) as address:
            for name, (size, scheme, steps) in _VIEWS.items():
                _take(browser, address, folder / f"{name}.png", size, scheme, steps)
        browser.close()


def _take(browser: Browser, address: str, file: Path, size: tuple[int, int], scheme: str,
          steps: Callable[[Chat], None]) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    chat = Chat(context.new_page(), address)
    chat.page.wait_for_selector(".example", timeout=60_000)
    steps(chat)
    chat.page.mouse.move(0, 0)
    chat.page.wait_for_timeout(1_000)
    file.parent.mkdir(exist_ok=True)
    chat.page.screenshot(path=file)
    with Image.open(file) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(file, optimize=True)
    context.close()


def _answered(chat: Chat) -> None:
    chat.ask("What is Jaish al-Adl?")
    chat.last(".from .cite").nth(0).click()
    chat.page.wait_for_selector("mark.current")
    _unfocused(chat.page)


def _follow_up(chat: Chat) -> None:
    chat.ask("What is Jaish al-Adl?")
    chat.ask("When was it established?")
    chat.last(".widen").first.click()
    _unfocused(chat.page)


def _declined(chat: Chat) -> None:
    chat.ask("How much did the price of oil rise?")
    _unfocused(chat.page)


def _choosing(chat: Chat) -> None:
    chat.ask("When was Jaish al-Adl set up?")
    chat.page.locator(".thumb.down").first.click()
    sentence = chat.page.locator("#room .choice", has_text="2012").first
    sentence.scroll_into_view_if_needed()
    sentence.click()


def _settings(chat: Chat) -> None:
    chat.page.click(".to-settings")
    chat.page.wait_for_function("document.querySelector('#sure-means').textContent.includes('100')")


def _articles(chat: Chat) -> None:
    chat.page.click(".tab[data-tab=articles]")
    chat.page.set_input_files("#articles input[type=file]", [
        {"name": "harbour notes.md", "mimeType": "text/markdown", "buffer": _NOTES},
        {"name": "picture.png", "mimeType": "image/png", "buffer": b"\x89PNG"}])
    chat.page.wait_for_timeout(6_000)


def _evaluation(chat: Chat) -> None:
    chat.page.click(".tab[data-tab=evaluation]")
    chat.page.frame_locator("#report iframe").locator("h2").first.wait_for()


def _unfocused(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


_NOTES = ("# The harbour at low tide\n\nBy A. Reader\n\n" + "The harbour was dredged in 1911 and again in 1954. "
          "Ships of up to forty metres can enter at high tide.\n\nShare this article\n").encode()
_VIEWS: dict[str, tuple[tuple[int, int], str, Callable[[Chat], None]]] = {
    "welcome": (WIDE, "light", lambda chat: None),
    "chat": (WIDE, "light", _answered),
    "follow-up": (WIDE, "dark", _follow_up),
    "declined": (WIDE, "light", _declined),
    "rating": (WIDE, "light", _choosing),
    "settings": (WIDE, "light", _settings),
    "narrow": (NARROW, "light", _follow_up),
    "articles": (WIDE, "light", _articles),
    "evaluation": (WIDE, "light", _evaluation),
}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
