"""Answer -> text for a terminal.

Words of articles stand in quotation marks after a number in brackets; everything else is the
program's. An article is text of unknown origin, so what would steer a terminal is made visible.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from io import StringIO
from typing import IO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from qa.records import Answer, Quote
from qa.show.words import NOT_AN_ANSWER, NOT_ANSWERED, chance, name_of, other_places, summary, sure, where

# C0 and C1 controls (escape sequences) and the marks that reorder text (Unicode TR 9; "Trojan Source").
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def use_colour(stream: IO[str]) -> bool:
    """Whether to colour what goes to `stream`: only a terminal, and never against NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def visible(text: str) -> str:
    """`text` on one line, as long as before: spaces for line breaks and tabs, a stand-in for each control."""
    return _STEERING.sub(lambda found: " " if found[0] in "\t\n\r\v\f" else _stand_in(ord(found[0])), text)


def _stand_in(code: int) -> str:
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def to_text(answer: Answer, colour: bool = False, names: Mapping[str, str] | None = None,
            width: int | None = None) -> str:
    """The answer for a terminal, ending in a line break.

    `names` gives titles by article id, for places that a quote lists by id alone. Lines are wrapped
    to `width` columns, or not at all, so that quotes stay whole in a pipe.
    """
    page = _Page(colour, width)
    if answer.resolved_question != answer.question:
        page.line(Text.assemble(("Read as: ", "dim"), (visible(answer.resolved_question), "italic")))
        page.gap()
    if answer.answered:
        _write_quotes(page, answer.quotes, names or {}, "[{}]")
        page.line(Text(f"{summary(answer.quotes, answer.seconds.get('total'))}. {chance(answer.probability)}", "dim"))
    else:
        _write_declined(page, answer, names or {})
    return page.text()


def _write_declined(page: _Page, answer: Answer, names: Mapping[str, str]) -> None:
    page.line(Text(NOT_ANSWERED, "bold"))
    page.line(Text(visible(answer.reason or "")))
    page.line(Text(chance(answer.probability), "dim"))
    if answer.closest:
        page.gap()
        page.line(Text(f"{NOT_AN_ANSWER}:", "dim"))
        _write_quotes(page, answer.closest, names, "({})")


def _write_quotes(page: _Page, quotes: tuple[Quote, ...], names: Mapping[str, str], numbering: str) -> None:
    for n, quote in enumerate(quotes, 1):
        page.line(Text.assemble((numbering.format(n), "bold cyan"), " ", _quoted(quote)))
        source = f"— {visible(name_of(quote.title, quote.article))}, {where(quote)} · {sure(quote.probability)}"
        page.line(Text(source, "dim"), indent=4)
        others = [visible(names.get(p.article) or name_of(None, p.article)) for p in other_places(quote)]
        if others:
            page.line(Text(f"also in: {'; '.join(others)}", "dim"), indent=4)
        page.gap()


def _quoted(quote: Quote) -> Text:
    words = Text(visible(quote.text))
    if quote.highlight:
        words.stylize("bold", *quote.highlight)
    return Text.assemble("“", words, "”")


class _Page:
    """Lines of styled text, collected as a string."""

    def __init__(self, colour: bool, width: int | None):
        self._out = StringIO()
        self._wrapped = width is not None
        # The environment is not asked again: the caller has decided on colour and width.
        self._console = Console(file=self._out, force_terminal=colour, color_system="standard" if colour else None,
                                no_color=not colour, width=width or 80, highlight=False, emoji=False, markup=False,
                                legacy_windows=False, _environ={})

    def line(self, text: Text, indent: int = 0) -> None:
        if self._wrapped:
            self._console.print(Padding(text, (0, 0, 0, indent), expand=False))
        else:
            self._console.print(Text(" " * indent) + text, soft_wrap=True)

    def gap(self) -> None:
        self._out.write("\n")

    def text(self) -> str:
        """What was written, without the spaces that wrapping leaves at the ends of lines."""
        return "\n".join(line.rstrip(" ") for line in self._out.getvalue().rstrip("\n").split("\n")) + "\n"
