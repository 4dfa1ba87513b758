"""Raw text -> the lines that are the article, as paragraphs; what was left out is listed, line by line.

Whole lines go or stay: no word of a kept line is altered. Only the white space between lines changes, and
lines that a program broke at a fixed width are joined into the paragraphs they were.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.ingest.front import title_of
from qa.ingest.kinds import breadcrumb, kept, notice, related_heading, section_label, site_name
from qa.ingest.lines import Unit, furniture, numbered, units
from qa.records import RemovedLine, Span

HEADLINE_CHARS = 150  # a link in a list of other articles is no longer
PROSE_CHARS = 200  # a line from here on is a paragraph of prose
REPEAT_CHARS = 60  # a shorter line ("Yes.") may be meant to stand twice
TOP = 6  # lines within which a section label, a way to the page or a second title stands


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`text` is its paragraphs with one empty line between; `lines` says where each source line begins in it."""

    text: str
    paragraphs: tuple[Span, ...]
    removed: tuple[RemovedLine, ...]
    lines: tuple[tuple[int, int], ...] = ()  # (offset in text, number of the source line from 1)


Rule = Callable[[Sequence[str]], dict[int, str]]


def clean(text: str, pages: Sequence[int] = (), wrapped: bool | None = None) -> Cleaned:
    """The article in `text`. `pages`: the line (from 1) each page of a PDF starts at. `wrapped`: whether its lines
    were broken at a width (None: to be found out).

    Cleaning what was cleaned changes nothing: the rules run until none finds anything.
    """
    lines = numbered(text)
    edges = furniture(lines, pages)
    removed = [RemovedLine(n, "page header or footer", line) for n, line in lines if n in edges]
    kept_units = units([(n, line) for n, line in lines if n not in edges], wrapped)
    while found := _findings([unit.text for unit in kept_units]):
        removed += [RemovedLine(kept_units[i].lines[0][1], kind, kept_units[i].text) for i, kind in found.items()]
        kept_units = [unit for i, unit in enumerate(kept_units) if i not in found]
    return _assemble(kept_units, sorted(removed, key=lambda r: r.line))


def _assemble(paragraphs: Sequence[Unit], removed: Sequence[RemovedLine]) -> Cleaned:
    spans, marks, at = [], [], 0
    for unit in paragraphs:
        spans.append((at, at + len(unit.text)))
        marks += [(at + offset, line) for offset, line in unit.lines]
        at += len(unit.text) + 2
    return Cleaned("\n\n".join(unit.text for unit in paragraphs), tuple(spans), tuple(removed), tuple(marks))


# The rules: each says which of the lines are not the article, and of which kind they are

def _findings(texts: Sequence[str]) -> dict[int, str]:
    return next((found for rule in RULES if (found := rule(texts))), {})


def _notices(texts: Sequence[str]) -> dict[int, str]:
    found = {i: kind for i, text in enumerate(texts) if (kind := notice(text))}
    sites = {i for i, text in enumerate(texts) if site_name(text)}
    neighbours = sites | set(found)
    beside = {i for i in sites if i - 1 in neighbours or i + 1 in neighbours}
    return found | dict.fromkeys(beside, "share and subscribe")


def _ornaments(texts: Sequence[str]) -> dict[int, str]:
    return {i: "no words" for i, text in enumerate(texts) if not any(c.isalnum() for c in text)}


def _related(texts: Sequence[str]) -> dict[int, str]:
    """Headings such as "Read more at X:" with the headlines listed under them."""
    found: dict[int, str] = {}
    for i, text in enumerate(texts):
        if i not in found and related_heading(text):
            found |= dict.fromkeys(range(i, _list_end(texts, i + 1)), "related links")
    return found


def _list_end(texts: Sequence[str], first: int) -> int:
    """Where the list of headlines that begins at `first` ends. One right before prose is a heading of that prose."""
    end = first
    while end < len(texts) and _is_headline(texts[end]):
        end += 1
    before_prose = end < len(texts) and len(texts[end]) >= PROSE_CHARS
    return end - 1 if before_prose and end > first + 1 else end


def _is_headline(text: str) -> bool:
    ends = text.rstrip("\"'\u2019\u201d)").endswith((".", ":", ";", ","))
    return len(text) <= HEADLINE_CHARS and not ends and not kept(text)


def _top(texts: Sequence[str]) -> dict[int, str]:
    """Section labels and the way to the page, above the title."""
    found: dict[int, str] = {}
    for i, (text, following) in enumerate(zip(texts, [*texts[1:], ""])):
        if i - len(found) >= TOP:
            break
        if breadcrumb(text, following):
            found[i] = "navigation"
        elif section_label(text) and 0 < len(following) < PROSE_CHARS and len(found) == i:
            found[i] = "section label"
    return found


def _repeated_titles(texts: Sequence[str]) -> dict[int, str]:
    """The title where it stands again, and a line at the top that is the title and the site's name."""
    title = title_of(texts)
    if title is None:
        return {}
    first, same = texts.index(title), _same(title)
    again = {i for i, text in enumerate(texts) if i != first and _same(text) == same}
    for i, text in enumerate(texts):
        if i - len(again) >= TOP:
            break
        if any(_with_site(text, other) for other in texts[:TOP]):
            again.add(i)
    return dict.fromkeys(again, "repeated title")


def _with_site(text: str, title: str) -> bool:
    words = text.removeprefix(title).split()
    return len(title) > 10 and text.startswith(title) and 2 <= len(words) <= 7 and words[0] in set("|\u2013\u2014-")


def _repeated_paragraphs(texts: Sequence[str]) -> dict[int, str]:
    """Paragraphs word for word as before, with the short lines around them that stood around the first, too."""
    seen: dict[str, int] = {}
    found: dict[int, str] = {}
    for i, text in enumerate(texts):
        first = seen.setdefault(_same(text), i)
        if first < i and len(text) >= REPEAT_CHARS:
            found |= dict.fromkeys(_repeated_run(texts, first, i, found), "repeated paragraph")
    return found


def _repeated_run(texts: Sequence[str], first: int, again: int, found: dict[int, str]) -> set[int]:
    run = {again}
    for step in (-1, 1):
        a, b = first + step, again + step
        while 0 <= a and b < len(texts) and first < b and b not in found and a != again and \
                len(texts[b]) < REPEAT_CHARS and _same(texts[a]) == _same(texts[b]):
            run.add(b)
            a, b = a + step, b + step
    return run


def _same(text: str) -> str:
    return " ".join(text.casefold().split())


RULES: tuple[Rule, ...] = (_ornaments, _related, _notices, _top, _repeated_titles, _repeated_paragraphs)
