"""What flows through the house: files -> Article -> Passage -> Hit -> Quote -> Answer.

Every record is frozen and checks itself where it is made, so a wrong offset fails at its source and
not on a reader's screen. All offsets count Unicode code points of `Article.text`, end exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[int, int]


def text_sha256(text: str) -> str:
    """Hex SHA-256 of `text` in UTF-8: the version of an article that offsets refer to."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _check_span(start: int, end: int, limit: int | None = None) -> None:
    if not 0 <= start < end or (limit is not None and end > limit):
        raise ValueError(f"span [{start}, {end}) is empty or outside its text of {limit} characters")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as offsets into its article; `whole` is False for a piece of an overlong one.

    `paragraph` counts from 1. `heading` is True for a title or a section line, which names a topic
    but states nothing.
    """

    start: int
    end: int
    paragraph: int
    whole: bool = True
    heading: bool = False

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article. `text` never holds a word that its file does not hold.

    What the file's own words do not say (title, source, date, url, author) is None, never a guess.
    `paragraphs` and `pages` are spans of `text` in order; `pages` is empty unless the file has pages
    (a page without words has an empty span, so that the others keep their numbers).
    `sentences` cover every paragraph, in order, without overlap.
    """

    id: str
    text: str
    paragraphs: tuple[Span, ...]
    sentences: tuple[Sentence, ...]
    title: str | None = None
    source: str | None = None
    date: str | None = None
    url: str | None = None
    author: str | None = None
    pages: tuple[Span, ...] = ()
    sha256: str = field(default="")

    def __post_init__(self) -> None:
        if not self.id or not self.text.strip():
            raise ValueError(f"article {self.id!r} has no id or no text")
        for start, end in self.paragraphs:
            _check_span(start, end, len(self.text))
        if any(not 0 <= start <= end <= len(self.text) for start, end in self.pages):
            raise ValueError(f"article {self.id!r} has a page outside its text")
        ends = 0
        for s in self.sentences:
            _check_span(s.start, s.end, len(self.text))
            if s.start < ends or not 1 <= s.paragraph <= len(self.paragraphs):
                raise ValueError(f"article {self.id!r}: sentence {s} overlaps or has no paragraph")
            ends = s.end
        digest = text_sha256(self.text)
        if self.sha256 not in ("", digest):
            raise ValueError(f"article {self.id!r}: text does not match its sha256")
        object.__setattr__(self, "sha256", digest)

    @property
    def name(self) -> str:
        """What a person sees: the title, or the id where the file states no title."""
        return self.title or self.id

    def page_of(self, offset: int) -> int | None:
        """The page (from 1) that holds `offset`, or None where the file has no pages."""
        for number, (start, end) in enumerate(self.pages, 1):
            if start <= offset < end:
                return number
        return None


@dataclass(frozen=True, slots=True)
class RemovedLine:
    """A line of the file that cleaning left out: what it was and which kind of line it is."""

    line: int  # counts from 1 in the file (for a PDF or DOCX: in its extracted text)
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive whole sentences of one article, small enough for the encoder's window.

    `id` is 15 hex digits derived from the content (article id, its sha256, start, end), so that
    indexing the same article twice gives the same ids in every engine. `tokens` counts cl100k tokens.
    """

    id: str
    article: str
    start: int
    end: int
    tokens: int

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)

    @staticmethod
    def make_id(article: str, sha256: str, start: int, end: int) -> str:
        """60 bits of SHA-256 as 15 hex digits; fits a signed 64-bit integer (FAISS ids)."""
        return hashlib.sha256(f"{article}\0{sha256}\0{start}\0{end}".encode()).hexdigest()[:15]


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: an article and offsets into its text."""

    article: str
    start: int
    end: int

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)

    def holds_half(self, other: Place) -> bool:
        """Whether this covers at least half the characters of `other`: what makes a quote of an answer right."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return self.article == other.article and 2 * shared >= other.end - other.start


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found, with the rank (from 1) and score each engine gave it.

    Scores are "higher is closer" (cosine; BM25). A rank and score of None: not among that engine's best.
    """

    passage: str
    place: Place
    fused_score: float
    dense_rank: int | None = None
    dense_score: float | None = None
    lexical_rank: int | None = None
    lexical_score: float | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of an article, word for word: `article.text[start:end] == text`, or it cannot be made.

    `highlight` is the exact answer as (start, end) inside `text`, or None. `probability` is that of
    this quote answering the question. `also_in` lists other places that say the same.
    """

    article: str
    title: str | None
    start: int
    end: int
    text: str
    article_sha256: str
    probability: float
    paragraph: int
    highlight: Span | None = None
    page: int | None = None
    also_in: tuple[Place, ...] = ()

    def __post_init__(self) -> None:
        _check_span(self.start, self.end)
        if len(self.text) != self.end - self.start:
            raise ValueError(f"quote of {self.article!r} is not as long as its span")
        if self.highlight is not None:
            _check_span(*self.highlight, limit=len(self.text))
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability} is not within 0..1")

    @classmethod
    def cut(cls, article: Article, start: int, end: int, *, probability: float,
            highlight: Span | None = None, also_in: tuple[Place, ...] = ()) -> Quote:
        """The quote of `article` from `start` to `end`. The only way quotes are made from articles.

        Raises ValueError where the span is empty or outside the article.
        """
        _check_span(start, end, len(article.text))
        paragraph = next((n for n, (s, e) in enumerate(article.paragraphs, 1) if s <= start < e), 0)
        if not paragraph:
            raise ValueError(f"offset {start} of {article.id!r} is in no paragraph")
        return cls(article=article.id, title=article.title, start=start, end=end,
                   text=article.text[start:end], article_sha256=article.sha256,
                   probability=probability, paragraph=paragraph, highlight=highlight,
                   page=article.page_of(start), also_in=also_in)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A sentence as the reader judged it: where it stands and how probably it answers."""

    place: Place
    passage: str
    score: float
    probability: float
    highlight: Span | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Quotes best first, or a declining with its reason and the closest sentences.

    `probability`: that the articles answer at all; it does not depend on the threshold.
    `hits` and `sentences` say how the answer came about (20 and 10 best). `seconds` holds the wall
    time of the stages resolve, search, read and total.
    """

    question: str
    resolved_question: str
    answered: bool
    probability: float
    quotes: tuple[Quote, ...]
    closest: tuple[Quote, ...]
    reason: str | None
    seconds: Mapping[str, float]
    hits: tuple[Hit, ...] = ()
    sentences: tuple[ReadSentence, ...] = ()

    def __post_init__(self) -> None:
        if self.answered != bool(self.quotes):
            raise ValueError("an answer has quotes exactly when it is answered")
        if self.answered and (self.reason is not None or self.closest):
            raise ValueError("an answered question has no reason to decline")
        if not self.answered and not self.reason:
            raise ValueError("a declined question states its reason")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability} is not within 0..1")
