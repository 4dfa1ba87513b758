"""What a browser would show of a piece of HTML: its text, and the text within chosen elements."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

Attributes = dict[str, str | None]


class Parsed(HTMLParser):
    """The elements of `html`, each with its attributes and the text inside it, in document order."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, Attributes, list[str]]] = []
        self._open: list[tuple[str, Attributes, list[str]]] = []
        self.feed(html)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        entry = (tag, dict(attrs), [])
        self.elements.append(entry)
        self._open.append(entry)

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1][0] == tag, f"</{tag}> closes {self._open[-1:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, _, inner in self._open:
            inner.append(data)

    def inside(self, wanted: Callable[[str, Attributes], bool]) -> list[str]:
        """The text of each element that is `wanted`."""
        return ["".join(inner) for tag, attributes, inner in self.elements if wanted(tag, attributes)]

    def of_class(self, name: str) -> list[str]:
        return self.inside(lambda _, attributes: name in (attributes.get("class") or "").split())

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _, _ in self.elements}
