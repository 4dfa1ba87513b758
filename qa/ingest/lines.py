"""Lines -> paragraphs: each line is one, except where a program broke the text at a fixed width."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.ingest.front import ends_sentence

LINE_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Everything str.isspace() knows, and marks that show nothing; one set, so that stripping twice changes nothing.
BLANK = ("\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "
         "\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
         "\u2028\u2029\u202f\u205f\u3000\u200b\u200e\u200f\u2060\ufeff")
WIDTHS = (30, 140)  # characters; lines that were broken at a width are this long: columns to landscape pages
PAGE_NUMBER = re.compile(r"(page )?[-\u2013 ]*#[-\u2013 ]*((of|/) ?#)?", re.IGNORECASE)  # digits stand as "#"
ROOM = 0.85  # share of that width from which a line counts as full; letters of a PDF differ in width


@dataclass(frozen=True, slots=True)
class Unit:
    """A line of the source, or the lines of one paragraph joined."""

    text: str
    lines: tuple[tuple[int, int], ...]  # (offset in this text, source line)


Numbered = tuple[int, str]


def numbered(text: str) -> list[Numbered]:
    """The lines of `text`, stripped, with their numbers from 1."""
    return [(n, line.strip(BLANK)) for n, line in enumerate(LINE_BREAKS.sub("\n", text).split("\n"), 1)]


def units(lines: Sequence[Numbered], wrapped: bool | None) -> list[Unit]:
    """The paragraphs that `lines` make. `wrapped`: whether they were broken at a width (None: to be found out)."""
    blocks = list(_blocks(lines))
    width = None if wrapped is False else _width(blocks, bool(wrapped))
    return [unit for block in blocks for unit in _paragraphs(block, width)]


def _blocks(lines: Sequence[Numbered]) -> Iterator[list[Numbered]]:
    """Runs of lines without an empty one between."""
    block: list[Numbered] = []
    for number, line in (*lines, (0, "")):
        if line:
            block.append((number, line))
        elif block:
            yield block
            block = []


def _width(blocks: Sequence[Sequence[Numbered]], wrapped: bool) -> int | None:
    """The width at which a program broke the lines of this text, or None where each line is a paragraph.

    The sign of it: many a line stops amid a sentence and the next goes on without a capital.
    """
    lengths = sorted(len(line) for block in blocks for _, line in block)
    pairs = [(a, b) for block in blocks for (_, a), (_, b) in zip(block, block[1:])]
    broken = sum(_goes_on(a, b) for a, b in pairs)
    width = lengths[len(lengths) * 9 // 10] if lengths else 0
    if not WIDTHS[0] <= width <= WIDTHS[1] or not pairs or lengths[-1] > 2 * WIDTHS[1]:
        return None
    return width if wrapped or (broken >= 3 and broken >= 0.4 * len(pairs)) else None


def _goes_on(line: str, following: str) -> bool:
    return not ends_sentence(line) and not following[0].isupper() and following[0].isalpha()


def _paragraphs(block: Sequence[Numbered], width: int | None) -> Iterator[Unit]:
    """The paragraphs in a run of lines: each line where `width` is None, else lines that filled it, joined."""
    text, lines = block[0][1], [(0, block[0][0])]
    for (_, before), (number, line) in zip(block, block[1:]):
        full = width and len(before) + 1 + len(line.split()[0]) > ROOM * width
        if full or (width and _goes_on(before, line)):
            # A word broken at its hyphen is joined without a gap; the hyphen stays, as it may belong to the word.
            text += "" if re.search(r"\w-$", before) and line[0].islower() else " "
            lines.append((len(text), number))
            text += line
        else:
            yield Unit(text, tuple(lines))
            text, lines = line, [(0, number)]
    yield Unit(text, tuple(lines))


def furniture(lines: Sequence[Numbered], pages: Sequence[int]) -> set[int]:
    """The lines at the edge of pages that are page numbers, or the same on most of three or more pages."""
    starts = (*pages, len(lines) + 1)
    spans = [[(n, line) for n, line in lines[a - 1:b - 1] if line] for a, b in zip(starts, starts[1:])]
    found: set[int] = set()
    for edge in (0, -1):
        edges = [(page[edge][0], re.sub(r"\d+", "#", page[edge][1])) for page in spans if len(page) > 1]
        often = {shape for shape, n in Counter(shape for _, shape in edges).items() if n >= 3 and n > len(pages) / 2}
        found |= {n for n, shape in edges if shape in often or PAGE_NUMBER.fullmatch(shape)}
    return found
