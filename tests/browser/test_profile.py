"""The profile that tests share gives each of them a browser in which nobody was before."""

from __future__ import annotations

from tests.browser.conftest import NARROW, WIDE

_LEAVE = "() => { localStorage.setItem('x', '1'); sessionStorage.setItem('x', '1'); document.cookie = 'x=1'; }"
_FOUND = "() => [localStorage.getItem('x'), sessionStorage.getItem('x'), document.cookie.includes('x=1')]"
_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"


def test_a_window_finds_nothing_that_the_one_before_left(fixed, profile):
    for size, scheme in ((WIDE, "light"), (NARROW, "dark"), (WIDE, "light")):
        window = profile.window(fixed, size, scheme)
        assert window.url == "about:blank"
        window.goto(fixed)
        assert window.evaluate(_FOUND) == [None, None, False]
        assert window.evaluate("[innerWidth, innerHeight]") == list(size)
        assert window.evaluate(_DARK) is (scheme == "dark")
        window.evaluate(_LEAVE)
        assert window.evaluate(_FOUND) == ["1", "1", True]
        profile.leave()
