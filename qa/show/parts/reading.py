"""Article -> HTML for reading beside the chat, with the quotes of one answer highlighted and numbered.

The element of class "text" holds the article's text and not one character more or less: numbers are
drawn by the style sheet from attributes, so what a reader selects and copies is what was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qa.records import Article, Span
from qa.show.parts.marks import Mark
from qa.show.parts.markup import element, escaped


def text_html(article: Article, marks: Sequence[tuple[int, Mark]] = (), turn: int = 0,
              current: int | None = None, *, choosing: bool = False) -> str:
    """The text of `article` with `marks` (index within the answer, mark) highlighted; they may overlap.

    Each mark's first piece has the id "mark-<turn>-<index>"; the `current` one is the one to look at. A negative
    `turn` is of no answer: nothing leads back to one. While `choosing`, each sentence is a box to tick.
    """
    painter = _Painter(article, marks, turn, current, choosing)
    pieces, ends = [], 0
    for number, (start, end) in enumerate(article.paragraphs, 1):
        pieces.append(painter.paint(ends, start))
        tag, kind = _kind(article, number, (start, end))
        pieces.append(element(tag, painter.paint(start, end), class_=kind, data_p=number, dir="auto"))
        ends = end
    pieces.append(painter.paint(ends, len(article.text)))
    return element("div", "".join(pieces), class_="text")


def _kind(article: Article, number: int, span: Span) -> tuple[str, str | None]:
    """The tag and class of a paragraph: the title, a section line, or plain text."""
    if article.text[span[0]:span[1]] == article.title:
        return "h2", "title"
    within = [s for s in article.sentences if s.paragraph == number]
    return ("h3", "section") if within and all(s.heading for s in within) else ("p", None)


class _Painter:
    """Cuts text wherever a mark or an exact answer begins or ends, and wraps each piece once."""

    def __init__(self, article: Article, marks: Sequence[tuple[int, Mark]], turn: int, current: int | None,
                 choosing: bool):
        self._text, self._marks, self._turn, self._current = article.text, marks, turn, current
        self._sentences = {s.start: s.end for s in article.sentences} if choosing else {}
        self._named: set[int] = set()
        self._edges = sorted({edge for _, m in marks for edge in (m.start, m.end, *(m.exact or ()))})

    def paint(self, start: int, end: int) -> str:
        """The text from `start` to `end`, within one paragraph or between two."""
        pieces, at = [], start
        for begin, stop in self._sentences.items():
            if start <= begin and stop <= end:
                pieces += [self._marked_up(at, begin), self._choice(begin, stop)]
                at = stop
        return "".join(pieces) + self._marked_up(at, end)

    def _choice(self, start: int, end: int) -> str:
        return element("span", self._marked_up(start, end), class_="choice", role="checkbox", tabindex=0,
                       aria_checked="false", data_start=start, data_end=end)

    def _marked_up(self, start: int, end: int) -> str:
        cuts = [start, *(edge for edge in self._edges if start < edge < end), end]
        return "".join(self._piece(a, b) for a, b in zip(cuts, cuts[1:], strict=False) if a < b)

    def _piece(self, start: int, end: int) -> str:
        words = escaped(self._text[start:end])
        here = [(index, mark) for index, mark in self._marks if mark.start <= start and end <= mark.end]
        if not here:
            return words
        if any(m.exact and m.exact[0] <= start and end <= m.exact[1] for _, m in here):
            words = element("b", words)
        notes = "".join(self._note(i, m) for i, m in here if m.start == start and self._turn >= 0)
        return notes + self._marked(words, here)

    def _marked(self, words: str, here: Sequence[tuple[int, Mark]]) -> str:
        """`words` inside one element for each mark; the innermost is the shortest."""
        for index, mark in sorted(here, key=lambda pair: (pair[1].end - pair[1].start, pair[0])):
            named = index in self._named
            self._named.add(index)
            kind = "closest" if mark.closest else "quoted"
            words = element("mark", words, id=None if named else f"mark-{self._turn}-{index}",
                            tabindex=None if named else -1, data_mark=index,
                            class_=f"{kind} current" if index == self._current else kind)
        return words

    def _note(self, index: int, mark: Mark) -> str:
        """The number before a quote: empty, drawn by the style sheet; leads back to the card."""
        label = f"{'Sentence' if mark.closest else 'Quote'} {mark.n}: back to the answer"
        return element("button", "", type="button", class_="note", data_n=mark.n, data_back=index, aria_label=label,
                       title="Back to the answer")


def byline(article: Article) -> str:
    """Who wrote it, where and when, as far as the file says; the address only as text or a plain web link."""
    facts = [element("bdi", escaped(fact)) for fact in (article.author, article.source, article.date) if fact]
    if article.url:
        facts.append(_address(article.url))
    return element("p", " · ".join(facts), class_="byline") if facts else ""


def _address(url: str) -> str:
    if not url.lower().startswith(("https://", "http://")):
        return element("bdi", escaped(url))
    return element("a", element("bdi", escaped(url)), href=url, rel="noreferrer noopener", target="_blank")


def has_title(article: Article) -> bool:
    """Whether the text itself shows the title, so that the page need not repeat it."""
    return any(article.text[start:end] == article.title for start, end in article.paragraphs)


def of_article(marks: Iterable[tuple[int, Mark]], article: Article) -> list[tuple[int, Mark]]:
    """The marks that stand in this version of `article`."""
    return [(i, m) for i, m in marks if m.article == article.id and m.sha256 == article.sha256]
