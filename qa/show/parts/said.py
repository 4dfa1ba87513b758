"""A conversation as the browser keeps it: JSON of what was asked and answered -> checked records, and back.

The browser's copy is not trusted with words. A quote is cut anew from its article wherever a conversation
is drawn; where the article changed it is looked for again, and one that stands nowhere any more is not shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.answer.contract import answer_to_dict
from qa.answer.quotes import same_statement
from qa.errors import QAError, UsageError
from qa.records import Answer, Article, Place, Quote
from qa.show.parts.links import stands_at
from qa.show.parts.marks import Read, article_or_none
from qa.show.words import name_of

_ALIKE = 0.5  # least share of telling words; looser than where it was quoted, as the settings may have been then
_MOST_TURNS = 500  # of one conversation; a page of that many questions is no conversation any more


class _Kept(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class KeptPlace(_Kept):
    article: str
    start: int = Field(ge=0)
    end: int


class KeptQuote(KeptPlace):
    """As in `qa.answer.contract.quote_to_dict`."""

    text: str
    article_sha256: str
    probability: float = Field(ge=0, le=1)
    highlight: tuple[int, int] | None = None
    also_in: tuple[KeptPlace, ...] = ()


class KeptAnswer(_Kept):
    """As in `qa.answer.contract.answer_to_dict`."""

    question: str
    resolved_question: str
    answered: bool
    probability: float = Field(ge=0, le=1)
    quotes: tuple[KeptQuote, ...] = ()
    closest: tuple[KeptQuote, ...] = ()
    reason: str | None = None
    seconds: dict[str, float] = {}


class Fault(_Kept):
    """Why a question got no answer: an error in words, never a declining."""

    problem: str
    remedy: str = ""


class Turn(_Kept):
    """A question and what came of it: an answer, a fault, or neither, while it waits or where it was stopped.

    `resolved` is how the person wants it read; `articles` are those that were asked, where they were chosen.
    `rated` maps "answer" or a quote's number to "up" or "down".
    """

    question: str
    resolved: str | None = None
    articles: tuple[str, ...] | None = None
    answer: KeptAnswer | None = None
    fault: Fault | None = None
    stopped: bool = False
    rated: dict[str, Literal["up", "down"]] = {}

    @property
    def asked(self) -> str:
        """The question as later ones may lean on it."""
        return self.resolved or self.question

    def with_answer(self, answer: Answer) -> Turn:
        return self.model_copy(update={"answer": KeptAnswer.model_validate(answer_to_dict(answer))})

    def with_fault(self, error: QAError) -> Turn:
        return self.model_copy(update={"fault": Fault(problem=error.problem, remedy=error.remedy)})


@dataclass(frozen=True, slots=True)
class Restored:
    """A kept answer with its quotes cut anew; `lost` names the articles of those that stand nowhere any more.

    `answer` is None where none of its quotes is left.
    """

    answer: Answer | None
    lost: tuple[str, ...] = ()


def turns_of(kept: object) -> list[Turn]:
    """The turns that a browser sent. Raises UsageError where they are none of ours."""
    if not isinstance(kept, list) or len(kept) > _MOST_TURNS:
        raise UsageError("this conversation cannot be read", "start a new chat")
    try:
        return [Turn.model_validate(turn) for turn in kept]
    except ValidationError as error:
        raise UsageError("this conversation cannot be read", "start a new chat") from error


def history_of(turns: Sequence[Turn]) -> list[str]:
    """The earlier questions that a follow-up may lean on, oldest first."""
    return [turn.asked for turn in turns if turn.answer is not None]


def restored(kept: KeptAnswer, read: Read) -> Restored:
    """`kept` with every quote cut out of its article as that is now."""
    shown = kept.quotes if kept.answered else kept.closest
    pairs = [(quote, _quote(quote, read)) for quote in shown]
    quotes = tuple(quote for _, quote in pairs if quote is not None)
    lost = tuple(dict.fromkeys(_name(old.article, read) for old, quote in pairs if quote is None))
    if kept.answered and not quotes:
        return Restored(None, lost)
    answer = Answer(kept.question, kept.resolved_question, kept.answered, kept.probability,
                    quotes if kept.answered else (), () if kept.answered else quotes,
                    None if kept.answered else kept.reason or "No reason was kept.", kept.seconds)
    return Restored(answer, lost)


def _name(article_id: str, read: Read) -> str:
    article = article_or_none(article_id, read)
    return name_of(article.title if article else None, article_id)


def _quote(kept: KeptQuote, read: Read) -> Quote | None:
    """The same words, cut from where they stand now; None where they do not."""
    article = article_or_none(kept.article, read)
    start = stands_at(article, kept.start, kept.text) if article else None
    if article is None or start is None:
        return None
    first, last = kept.highlight or (0, 0)
    highlight = (first, last) if 0 <= first < last <= len(kept.text) else None
    return Quote.cut(article, start, start + len(kept.text), probability=kept.probability, highlight=highlight,
                     also_in=tuple(_places(kept, read)))


def _places(kept: KeptQuote, read: Read) -> list[Place]:
    found = ((place, article_or_none(place.article, read)) for place in kept.also_in)
    return [Place(p.article, p.start, p.end) for p, article in found if article and _says(kept.text, p, article)]


def _says(words: str, place: KeptPlace, article: Article) -> bool:
    """Whether a whole sentence stands at `place` that states the same as `words`; in another version it may not."""
    whole = any((s.start, s.end) == (place.start, place.end) for s in article.sentences)
    return whole and same_statement(words, article.text[place.start:place.end], _ALIKE)
