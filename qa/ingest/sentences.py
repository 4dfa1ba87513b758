"""Paragraphs -> sentences, as offsets.

sentencex finds the boundaries and rules of kind mend what it gets wrong. It was compared with pysbd 0.3.4 and
syntok 1.4.4 on the five articles and 20 hard cases (abbreviations, initials, curly quotes, ellipses, stray stops):

              hard cases right   the five articles   205 kB of news sentences
    sentencex      15 of 20            1.3 ms                  5 ms
    pysbd          15 of 20          117   ms             58,000 ms   (quadratic)
    syntok         14 of 20           36   ms                580 ms

Only sentencex tells "He went to the U.S. | Then he left" from "the U.S. Navy". Its errors are few, and of a kind:
"anti-U. | S. sentiment", a stray "." by itself, "no. The" taken for a number, "p.m. | Monday". With the rules below
it gets all 20, and the further ones of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from sentencex import get_sentence_boundaries

from qa.ingest.front import ends_sentence, name_lines
from qa.ingest.kinds import kept
from qa.records import Sentence, Span

HEADING_CHARS = 120  # characters; the longest section line of news we saw has 60, titles are known by themselves
HEADINGS_RUNNING = 2  # section lines over the same prose: "Why We Wrote This", "A story focused on"
WINDOW = 10_000  # characters given to sentencex at once: its time grows with the square where no quote closes
TAIL = 40  # characters before a boundary that the rules look at

_STARTERS = (r"(?:The|He|She|It|They|We|You|In|But|And|An?|This|That|These|On|At|His|Her|Its|Their|If|As|When|"
             r"While|For|There)\b")
# Where a sentence ends though sentencex goes on. The white space after it is part of the match.
_SPLIT = re.compile(
    r"\b[Nn]o\.\s+(?=[\"\u201c\u2018]?[A-Z])"  # "He said no. The talks ended": the number's "No." precedes a digit
    r"|\.[\u2019'\u201d\"]{2,}\s+(?=[\"\u201c\u2018(]?[A-Z])"  # .’” The
    r"|(?:\u2026|\.\.\.)[\u2019'\u201d\")]*\s+(?=[\"\u201c\u2018]?[A-Z][a-z])"  # It was over… No one spoke.
    r"|(?:^|(?<=\s))[(\[][^()\[\]]{1,500}[.!?][)\]]\s+(?=[A-Z])"  # (He said so.) Then
    rf"|\b(?:etc|Inc|Corp|Ltd|Co|Jr|Sr|al|Ph\.D|[ap]\.m)\.\s+(?={_STARTERS})")
_SPEECH = r"(?:said|says|asked|asks|added|adds|replied|wrote|writes|told|shouted|cried|wondered|demanded)"
# Where sentencex ends a sentence that goes on: what stands before the boundary, and after it.
_JOIN = tuple((re.compile(before), re.compile(after)) for before, after in (
    (r"\b[A-Z]\.$", r"[A-Z]\."),  # anti-U. | S. sentiment
    (r"\b[ap]\.m\.\s*$", r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4}T\b|GMT|UTC|ET\b|PT\b"),
    (r"\b(?:approx|tsp|tbsp|viz)\.\s*$", r"\S"),  # cooking time approx. | 15 min.
    (r"[?!][\u201d\u2019\"']\s*$", rf"(?:[A-Z][\w.\u2019'-]*\s+){{1,4}}{_SPEECH}\b"),  # “Why?” | Mr. Khan asked.
))
_NUMBER = re.compile(r"\W*(?:\d{1,3}|[A-Za-z])[.)]\s*")  # the "1." of a list item
_LOWER_NAME = re.compile(r"\W*(?:[a-z][A-Z]|[a-z]{1,3}[-\u2019'][A-Z])")  # iPhone, al-Adl: these begin sentences


def sentences(text: str, paragraphs: Sequence[Span], max_chars: int = 2_000,
              title: str | None = None) -> tuple[Sentence, ...]:
    """The sentences of `text` in order: every letter of every paragraph is in exactly one.

    One of more than `max_chars` characters is cut between words into pieces that are not `whole`. The title and
    every section line is one sentence and a `heading`.
    """
    lines = [text[start:end] for start, end in paragraphs]
    headings = _headings(lines, title)
    found: list[Sentence] = []
    for number, (start, end) in enumerate(paragraphs, 1):
        line = lines[number - 1]
        if number - 1 in headings:
            whole = Sentence(start, end, number, heading=True)
            found.extend([whole] if end - start <= max_chars else _pieces(text, whole, max_chars))
        else:
            for s, e in _boundaries(line):
                found.extend(_pieces(text, Sentence(start + s, start + e, number), max_chars))
    return tuple(found)


def _headings(lines: Sequence[str], title: str | None) -> set[int]:
    """Where the title stands and the section lines: short lines that do not end as sentences do, one or two of them
    over prose. More in a row are a list, and lines that say who wrote the article state something, too."""
    others = {i for i, line in enumerate(lines) if line == title} | set(name_lines(lines, title))
    short = [i not in others and len(line) <= HEADING_CHARS and not ends_sentence(line) and not kept(line)
             for i, line in enumerate(lines)]
    found = {i for i in others if lines[i] == title}
    for is_short, group in groupby(range(len(lines)), key=short.__getitem__):
        run = list(group)
        if is_short and len(run) <= HEADINGS_RUNNING and run[-1] + 1 < len(lines):
            found |= set(run)
    return found


def _boundaries(paragraph: str) -> Iterator[Span]:
    """The spans of the sentences of `paragraph`, without white space around them."""
    starts = _mended(paragraph, _starts(paragraph))
    for start, end in zip(starts, [*starts[1:], len(paragraph)]):
        yield _strip(paragraph, start, end)


def _starts(paragraph: str) -> list[int]:
    """Where sentencex and `_SPLIT` begin a sentence, found window by window."""
    found, at = {0}, 0
    while at < len(paragraph):
        window = paragraph[at:at + WINDOW]
        more = [b["start_index"] for b in get_sentence_boundaries("en",
                                                                  window)] + [m.end() for m in _SPLIT.finditer(window)]
        # What stands at a window's end is looked at again with what follows, from the start of its last sentence.
        sure = len(window) - (2 * TAIL if at + len(window) < len(paragraph) else 0)
        inner = sorted({i for i in more if 0 < i < sure})
        found |= {at + i for i in inner}
        at += inner[-1] if inner and sure < len(window) else len(window)
    return sorted(found)


def _mended(paragraph: str, starts: list[int]) -> list[int]:
    """`starts` without those amid a sentence. The first is always kept."""
    capitals = _first_letter(paragraph[:TAIL]).isupper()
    kept_starts = starts[:1]
    for start, end in zip(starts[1:], [*starts[2:], len(paragraph)]):
        if not _goes_on(paragraph, kept_starts[-1], start, end, capitals):
            kept_starts.append(start)
    return kept_starts


def _goes_on(paragraph: str, before: int, start: int, end: int, capitals: bool) -> bool:
    """Whether what begins at `start` belongs to the sentence from `before`: it has no words, it has no capital where
    the paragraph uses them, that sentence is a mere number, or a pair of `_JOIN` matches."""
    if not _wordy(paragraph, start, end) or not _wordy(paragraph, before, start) or \
            (start - before <= TAIL and _NUMBER.fullmatch(paragraph, before, start)):
        return True
    if capitals and _first_letter(paragraph[start:start + TAIL]).islower() and not _LOWER_NAME.match(paragraph, start):
        return True
    tail = paragraph[max(before, start - TAIL):start]
    return any(b.search(tail) and a.match(paragraph, start) for b, a in _JOIN)


def _wordy(text: str, start: int, end: int) -> bool:
    return any(c.isalnum() for c in text[start:end])


def _first_letter(text: str) -> str:
    return next((c for c in text if c.isalnum()), "")


def _pieces(text: str, sentence: Sentence, limit: int) -> Iterator[Sentence]:
    """`sentence`, or pieces of at most `limit` characters cut between words, or amid an endless word."""
    start, end, whole = sentence.start, sentence.end, sentence.end - sentence.start <= limit
    while start < end:
        stop = end if end - start <= limit else _last_gap(text, start, start + max(1, limit))
        s, e = _strip(text, start, stop)
        if s < e:
            yield Sentence(s, e, sentence.paragraph, whole, sentence.heading)
        start = stop


def _last_gap(text: str, start: int, stop: int) -> int:
    return next((i for i in range(stop, start, -1) if text[i].isspace()), stop)


def _strip(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


def halves(text: str, start: int, end: int) -> list[Span]:
    """Two parts of a span, cut at the gap between words nearest its middle, or in the middle where it has none."""
    middle, inner = (start + end) // 2, range(start + 1, end)
    gap = next((i for reach in range((end - start) // 2) for i in (middle - reach, middle + reach)
                if i in inner and text[i].isspace()), middle)
    return [_strip(text, start, gap), _strip(text, gap, end)]
