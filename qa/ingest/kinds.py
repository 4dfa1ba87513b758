"""What kind of line a line is: a notice of the page around the article, a link to other articles, a label, or
something said about the article, which stays.

Where a rule cannot be sure, the line stays: a stray button costs a reader less than a lost sentence.
"""

from __future__ import annotations

import re

from qa.ingest.notices import SITES, sentence_kind

NOTICE_CHARS = 600  # a longer line is prose, whatever it says
LINK_CHARS = 220  # "Read more: " and a headline
HEADING_CHARS = 80  # a longer line heads no list and labels no section
LABEL_WORDS = 4
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " ", "\u202f": " "})
_HEADS = (r"(also )?(read|see)( (more|also|next|this))?|more|related|recommended|you (may|might) also like|"
          r"most (popular|read|viewed|shared)|"
          r"(most|popular|trending|top|latest|more|related|recommended) (\w+ )?(read|viewed|shared|stories|story|"
          r"articles?|posts?|news|coverage|content|links|topics|reading)|don't miss|editors?'?s? picks?|"
          r"in case you missed it|what to read next|up next|trending( now)?|recommended for you")
_RELATED_HEAD = re.compile(rf"({_HEADS})( (at|on|from|in|about|by|for) [\w .&'-]{{1,40}})?")
_SURE_HEAD = re.compile(r"read (also|next)|also read|related\b.*|see also|recommended for you|you (may|might) "
                        r"also like|what to read next|more (from|on)\b.*|(most|popular|top|latest|trending)\b.*|"
                        r"in case you missed it|editors?'?s? picks?|don't miss|recommended (\w+ )?(stories|"
                        r"articles|reading)")
_RELATED_LINK = re.compile(r"[\W_]*((also |must )?read (more|also)|also read|must read|see also|"
                           r"related(?: (story|article|news|coverage|post))?|recommended)"
                           r"\s*[:|\u2013\u2014>]\s*\S.{3,160}", re.IGNORECASE)
_READ_MORE = re.compile(r"(read|see|click for) (the )?(more (at|on|from|about)\b.{1,80}|full (story|article|"
                        r"report)( (at|on|from|here)\b.{0,80})?)")
_STEP = r"(?i:(?:article|post|story|page|entry|stories|entries)s?)"
_PREVIOUS_NEXT = re.compile(
    rf"[\W_]*(?:(?:[Pp]revious|[Nn]ext|[Pp]rev|[Oo]lder|[Nn]ewer|PREVIOUS|NEXT) ?{_STEP}"
    r"(?:$|[\W_]*$|(?=[A-Z\"'\u2018\u201c\u2190-\u21ff\u00ab\u00bb])\S.{0,200}|"
    r"(?:\s*[:|\u2013\u2014\u2190-\u21ff\u00ab\u00bb>]|\s-\s).{0,200}|"
    r"\s(?=[A-Z0-9\"'\u2018\u201c]).{0,200}(?<![.,;])))")
_ARROWS = re.compile(r"[\s\u2190-\u21ff\u00ab\u00bb<>\u2039\u203a|]*(previous|prev|next|older posts|newer posts)"
                     r"([\s\u2190-\u21ff\u00ab\u00bb<>\u2039\u203a|]+(previous|prev|next|older posts|newer posts))?"
                     r"[\s\u2190-\u21ff\u00ab\u00bb<>\u2039\u203a|]*", re.IGNORECASE)

_SECTIONS = frozenset("""news world politics political opinion opinions editorial editorials op-ed analysis commentary
    comment feature features business economy markets finance tech technology science health environment climate culture
    arts books style lifestyle travel food sport sports education national international local global us u.s uk asia
    africa europe americas america pacific middle east south north west central latin breaking latest top stories
    headlines exclusive video podcast podcasts photos interview interviews explainer explainers explained insight
    insights report reports blog blogs article articles perspective perspectives views review reviews magazine special
    defense defence security society religion law crime entertainment media home and &""".split())
_KEPT = re.compile(
    r"(disclaimer|acknowledge?ments?|(editor'?s'? )?note|corrections?|clarification|authors?|about the authors?|"
    r"sources?|photo|credit)\s*:|(by|written by|posted by|reporting by|with (inputs|reporting|files) from)\b|"
    r".*\b(first|originally|previously) (published|appeared|posted)\b|.*\bare those of the authors?\b|"
    r".*\b(posted|written|edited|translated) by\b", re.IGNORECASE)
_NAME = r"[^\W\d_a-z][\w.'\u2019-]*(?: (?:(?:de|van|von|bin|al|der|la|el) )?[^\W\d_a-z][\w.'\u2019-]*){1,4}"
_AUTHOR_NOTE = re.compile(rf"{_NAME}(?:,? (?:is|was|are|writes|reports|works|teaches|serves|covers)\b|, (?:a|an|the) )")


def _plain(text: str) -> str:
    """`text` in lower case with straight quotes and single spaces, without bullets and end punctuation."""
    words = " ".join(text.translate(_STRAIGHT).lower().split())
    return words.strip(" .!?:;\u2026\u2022\u00b7|\u2190\u2191\u2192\u2193\u00bb\u00ab<>\u203a\u2039-\u2013\u2014#")


def notice(line: str) -> str | None:
    """The kind of notice that every sentence of `line` is (that of the first), or None for anything else."""
    if len(line) > NOTICE_CHARS:
        return None
    if _PREVIOUS_NEXT.fullmatch(line) or _ARROWS.fullmatch(line):
        return "previous and next"
    if related_link(line):
        return "related links"
    first, *others = re.split(r"(?<=[.!?\u2026])\s+", line)
    kind = sentence_kind(_plain(first))
    return kind if kind and all(sentence_kind(_plain(other)) for other in others) else None


def related_link(line: str) -> bool:
    """Whether `line` is one link to another article: "Read more: …", "Read the full story at …"."""
    link = len(line) <= LINK_CHARS and (_RELATED_LINK.fullmatch(line) or _READ_MORE.fullmatch(_plain(line)))
    return bool(link) and not kept(line)


def related_heading(line: str) -> bool:
    """Whether `line` announces a list of other articles: "Related stories", "Read more at X:", "More from X:"."""
    if len(line) > HEADING_CHARS or not _RELATED_HEAD.fullmatch(plain := _plain(line)):
        return False
    return line.rstrip().endswith(":") or bool(_SURE_HEAD.fullmatch(plain))


def site_name(line: str) -> bool:
    """Whether `line` is nothing but the name of a place to share on; a heading can be that too."""
    return len(line) <= HEADING_CHARS and re.fullmatch(SITES, _plain(line)) is not None


def section_label(line: str) -> bool:
    """Whether `line` is a newspaper's section: "News", "World | Asia", "Opinion & Analysis"."""
    words = re.split(r"[\s|/\u203a\u00bb>,:\u00b7\u2022-]+", _plain(line[:HEADING_CHARS]))
    short = len(line) <= HEADING_CHARS and len(words) <= LABEL_WORDS
    return short and all(word.strip(".") in _SECTIONS for word in words)


def breadcrumb(line: str, title: str) -> bool:
    """Whether `line` is the way to the page: "Home > World > Asia", or "Home Insights " and then the `title`."""
    plain, end = _plain(line), _plain(title)
    if re.fullmatch(r"home( ?[>/|\u203a\u00bb\u2192] ?[^>/|\u203a\u00bb\u2192]{1,60})+", plain):
        return True
    way = plain.removesuffix(end).split() if end and plain.endswith(end) else []
    sections = all(word.strip(">/|") in _SECTIONS | {""} for word in way)
    return 0 < len(way) <= 2 * LABEL_WORDS and (way[0] == "home" or sections)


def kept(line: str) -> bool:
    """Whether `line` is about the article (author, disclaimer, first publication): people ask about that."""
    return bool(_KEPT.match(line.translate(_STRAIGHT)) or author_note(line))


def author_note(line: str) -> bool:
    """Whether `line` says who somebody is: "Jane Doe is a professor of …", "Jane Doe, a former …"."""
    return _AUTHOR_NOTE.match(line) is not None
