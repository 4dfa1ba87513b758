"""One browser profile for many tests: its cache stays, everything else that a page keeps is forgotten."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

_FORGET = "() => { localStorage.clear(); return localStorage.length; }"


class Profile:
    """Windows of somebody who was never here, though the browser has the page's scripts already.

    A profile of its own costs each test a second and a half of processor time: the scripts are fetched and compiled
    anew. Here one resident document of the site keeps its process alive, and clears what the test before left there.
    """

    def __init__(self, browser: Browser, size: tuple[int, int]):
        """`size` is that of windows which a page or a test opens beside its own, in CSS pixels."""
        self._context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
        self._resident = self._context.new_page()

    def window(self, address: str, size: tuple[int, int], scheme: str) -> Page:
        """An empty window for `address`, which remembers nothing. One at a time: see `leave`."""
        assert self.windows() == [], "the windows before were not closed"
        self._move_to("{0.scheme}://{0.netloc}".format(urlsplit(address)))
        assert self._resident.evaluate(_FORGET) == 0
        self._context.clear_cookies()
        page = self._context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme)
        return page

    def windows(self) -> list[Page]:
        return [page for page in self._context.pages if page != self._resident]

    def leave(self) -> None:
        """Closes every window."""
        for page in self.windows():
            page.close()

    def _move_to(self, origin: str) -> None:
        if not self._resident.url.startswith(f"{origin}/"):
            # This waits until the page is made; a window would be shown that it is being made, and look again.
            self._context.request.get(f"{origin}/robots.txt", timeout=60_000)
            self._resident.goto(f"{origin}/robots.txt")
