"""What the lines of an article say about it: its title, who wrote it and when. None where they do not."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from qa.ingest.kinds import author_note, kept, section_label

TITLE_CHARS = 150  # the longest headline of the five articles has 88, the shortest standfirst 160
QUESTION_CHARS = 100  # a headline that ends as a sentence does: "Can trust be rebuilt?"
DATELINE_CHARS = 80
NOTE_CHARS = 400  # a line about the first publication is no longer
TOP = 8  # lines from the top within which a byline or a date belongs to the article

_TERMINAL = re.compile(r"[.!?\u2026:;,\u3002\uff01\uff1f\u061f\u06d4\u0964][\"'\u2019\u201d\u00bb)\]]*$")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}$")  # "Iran Warns U.S." does not end as a sentence does
_WORD = r"[^\W\d_a-z][\w'\u2019-]*\.?"
_NAME = rf"{_WORD}(?: (?:(?:de|van|von|bin|al|der|la|el) )?{_WORD}){{1,3}}"
_BYLINE = re.compile(rf"(?i:(?:(?:written|story|reported) )?by:?|authors?:) (?P<names>{_NAME}"
                     rf"(?:(?:,? and |, | & ){_NAME})*)"
                     r"(?:\s*[|,\u00b7\u2022\u2013\u2014].*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>\d{4})"
_DATES = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    rf"\b{_MONTH} {_DAY},? {_YEAR}\b", rf"\b{_DAY} {_MONTH},? {_YEAR}\b",
    r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b"))
_DATE_LABEL = re.compile(r"(?:(?:first |originally |last )?(?:published|posted|dated?|updated)(?: on| at)?\s*[:|]?\s)",
                         re.IGNORECASE)
_AROUND_DATE = re.compile(r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?)?[\s,|at]*"
                          r"(?:T?[\d:.]+ ?(?:[ap]\.?m\.?)?)?[\sA-Z]{0,5}", re.IGNORECASE)  # a weekday, a time, a zone
_FIRST_PUBLISHED = re.compile(r"\b(?:article|story|piece|essay|column|post|it|version)\b.{0,20}"
                              r"\b(?:first|originally) (?:published|appeared)\b.*\bon\b", re.IGNORECASE)


def ends_sentence(text: str) -> bool:
    """Whether `text` ends as a sentence or a clause does: a headline does not."""
    return bool(_TERMINAL.search(text)) and not _INITIALS.search(text)


def title_of(lines: Sequence[str]) -> str | None:
    """The headline that `lines` open with, or None where they open with prose or it is unsure.

    A headline is short, starts with a capital (or a script without them), does not end as a sentence does,
    and is followed by prose. One that ends in "?" or "!" must be shorter, with a much longer line right after:
    an opening question is kept from being one by nothing else, but costs nothing as it states nothing.
    """
    above = next((i for i, line in enumerate(lines[:TOP]) if not (is_byline(line) or is_dateline(line))), 0)
    lines = lines[above:above + TOP]
    if len(lines) < 2 or not _could_head(lines[0]):
        return None
    first, following = lines[0], lines[1:]
    if not ends_sentence(first):
        return first if any(ends_sentence(line) and len(line) > len(first) / 2 for line in following) else None
    asks = first.endswith(("?", "!")) and len(first) <= QUESTION_CHARS
    return first if asks and len(following[0]) >= 2 * len(first) and ends_sentence(following[0]) else None


def _could_head(line: str) -> bool:
    letter = next((c for c in line if c.isalpha()), "")
    short = bool(letter) and not letter.islower() and len(line) <= TITLE_CHARS
    return short and not kept(line) and not section_label(line)


def author_of(lines: Sequence[str], title: str | None) -> str | None:
    """The names in a byline near the top, or in lines of their own right under `title`; else None.

    A line of its own is a name only where an author's note further down opens with one of those names:
    "The Near Future" looks no different from "Jane Mary Doe".
    """
    for line in lines[:TOP]:
        if match := _BYLINE.fullmatch(line):
            return ", ".join(re.split(r",? and |, | & ", match["names"]))
    names = [lines[number] for number in name_lines(lines, title)]
    return ", ".join(names) or None


def name_lines(lines: Sequence[str], title: str | None) -> list[int]:
    """Where the lines right under `title` that hold one author's name each stand."""
    first = lines.index(title) + 1 if title in lines[:TOP] else len(lines)
    last = first
    while last < min(len(lines), first + TOP) and re.fullmatch(_NAME, lines[last]):
        last += 1
    notes = [line for line in lines[last:] if author_note(line)] if last > first else []
    confirmed = any(note.startswith(name) for note in notes for name in lines[first:last])
    return list(range(first, last)) if confirmed else []


def is_byline(line: str) -> bool:
    """Whether `line` is "By Jane Doe" and the like."""
    return _BYLINE.fullmatch(line) is not None


def is_dateline(line: str) -> bool:
    """Whether `line` is a date and, at most, a label such as "Published:" and a time."""
    match = next(filter(None, (pattern.search(line) for pattern in _DATES)), None)
    if not match or len(line) > DATELINE_CHARS:
        return False
    around = _DATE_LABEL.sub("", line[:match.start()] + " ").strip() + line[match.end():]
    return _AROUND_DATE.fullmatch(around.strip()) is not None


def date_of(lines: Sequence[str]) -> str | None:
    """The ISO date that a dateline near the top or a line about the first publication states; else None."""
    for line in lines[:TOP]:
        stated = line.rpartition("|")[2] if is_byline(line) else line
        if is_dateline(stated.strip()):
            return _iso(stated)
    return next((_iso(line) for line in lines if len(line) <= NOTE_CHARS and _FIRST_PUBLISHED.search(line)), None)


def _iso(line: str) -> str | None:
    for match in (m for pattern in _DATES for m in pattern.finditer(line)):
        month = match["month"].lower()
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
        try:
            return datetime.date(int(match["year"]), number, int(match["day"])).isoformat()
        except ValueError:  # 31 February is no date
            continue
    return None
