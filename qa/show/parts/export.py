"""A conversation -> a file to keep: Markdown with a footnote for each quote, or JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from qa.answer.contract import answer_to_dict
from qa.records import Answer, Quote
from qa.show.parts.links import link_to
from qa.show.parts.marks import Read, article_or_none
from qa.show.parts.said import Restored, Turn, restored
from qa.show.words import NOT_AN_ANSWER, NOT_ANSWERED, chance, citation, other_places, sure

# What Markdown takes for more than text, wherever it stands (CommonMark 0.31, section 2.4), with the dollar that
# many readers take for LaTeX and what makes GitHub's links of bare addresses. A backslash before it makes it text.
_ANYWHERE = re.compile(r"([\\`*_{}\[\]<>#|~$&^@]|:(?=//)|(?<=www)\.)")
_AT_THE_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=:]))(.)")  # a list, a rule, a line under a heading


def to_markdown(turns: Sequence[Turn], read: Read, address: str = "") -> str:
    """The conversation as CommonMark with footnotes; `address` of the page makes links to quotes that can be opened."""
    notes: list[str] = []
    parts = ["# Questions asked of the articles"]
    for turn in turns:
        parts.append(f"## {plain(turn.question)}")
        parts.extend(_turn(turn, read, notes, address))
    return "\n\n".join(parts + (["---", *notes] if notes else [])) + "\n"


def to_json(turns: Sequence[Turn], read: Read) -> dict[str, Any]:
    """The conversation with each quote's place and citation; quotes are cut from the articles as they are now."""
    return {"format": 1, "turns": [_record(turn, read) for turn in turns]}


def plain(text: str) -> str:
    """`text` on one line, so that Markdown shows exactly it."""
    return _lead(_inline(text).strip())


def _lead(line: str) -> str:
    return _AT_THE_START.sub(r"\1\\\2", line)


def _inline(text: str) -> str:
    """`text` for the middle of a line; blanks at its ends stay, one for many."""
    return _ANYWHERE.sub(r"\\\1", re.sub(r"\s+", " ", text.replace("\0", "\ufffd")))


def _turn(turn: Turn, read: Read, notes: list[str], address: str) -> Iterator[str]:
    if turn.fault:
        yield f"This could not be looked up: {plain(turn.fault.problem)}."
    if turn.answer is None:
        return
    again = restored(turn.answer, read)
    answer = again.answer
    if turn.answer.resolved_question != turn.answer.question:
        yield f"Read as: *{plain(turn.answer.resolved_question)}*"
    if answer and not answer.answered:
        yield f"**{NOT_ANSWERED}** {plain(answer.reason or '')}"
        if answer.closest:
            yield f"{NOT_AN_ANSWER}:"
    if answer:
        yield from (_quote(q, answer, read, notes, address) for q in answer.quotes or answer.closest)
        yield chance(answer.probability)
    for name in again.lost:
        yield f"A quote from {plain(name)} is left out: its words do not stand there any more."


def _quote(quote: Quote, answer: Answer, read: Read, notes: list[str], address: str) -> str:
    number = len(notes) + 1
    notes.append(f"[^{number}]: {_note(quote, answer, read, address)}")
    words = _with_bold(quote) if answer.answered else f"*(not an answer)* {plain(quote.text)}"
    return f"> {words}[^{number}]"


def _with_bold(quote: Quote) -> str:
    """The words of `quote`, the exact answer in bold where Markdown would see that it is."""
    start, end = quote.highlight or (0, 0)
    before, exact, after = quote.text[:start], quote.text[start:end], quote.text[end:]
    ends = f"{exact[:1]}{exact[-1:]}"
    # Asterisks inside a word or beside a mark may be read as asterisks (CommonMark 0.31, section 6.2).
    if not ends.isalnum() or before[-1:].isalnum() or after[:1].isalnum():
        return plain(quote.text)
    return _lead(_inline(before).lstrip() + f"**{_inline(exact)}**" + _inline(after).rstrip())


def _note(quote: Quote, answer: Answer, read: Read, address: str) -> str:
    parts = [plain(citation(quote, article_or_none(quote.article, read))), sure(quote.probability)]
    others = [article_or_none(place.article, read) for place in other_places(quote)]
    if named := [plain(a.name) for a in others if a]:
        parts.append(f"also in {'; '.join(named)}")
    if address:
        parts.append(f"<{address}{link_to(quote, answer.resolved_question)}>")
    return ". ".join(parts)


def _record(turn: Turn, read: Read) -> dict[str, Any]:
    again = restored(turn.answer, read) if turn.answer else Restored(None)
    told = answer_to_dict(again.answer) if again.answer else None
    for key, quotes in (("quotes", again.answer.quotes), ("closest", again.answer.closest)) if again.answer else ():
        for record, quote in zip(told[key], quotes, strict=True):
            record |= {"citation": citation(quote, article_or_none(quote.article, read)),
                       "link": link_to(quote, again.answer.resolved_question)}
    return {"question": turn.question, "answer": told, "lost": list(again.lost),
            "fault": turn.fault.model_dump() if turn.fault else None, "rated": turn.rated}
