"""Links to a quote that hold when its article is indexed anew: where it stood, and how to know its words again.

    #read=added/storm&at=1204-1310&v=9f86d081884c&says=2c26b46b68ff&q=How+high+was+the+water%3F

`at` are code points of the article's text, `v` the beginning of that text's SHA-256, `says` of the quote's own.
As in the Web Annotation model (W3C 2017, 4.2.9) a position finds the words in the same version and the words
find their position in another; a hash stands for the words, so that a link stays short and quotes nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from qa.errors import UsageError
from qa.records import Article, Quote, text_sha256

_DIGITS = 12  # of a hash: 48 bits; two sentences of one article that share them are not met in practice


@dataclass(frozen=True, slots=True)
class Link:
    """A quote of the article `article`; `version` and `says` are the first hex digits of SHA-256 hashes."""

    article: str
    start: int
    end: int
    version: str
    says: str
    question: str = ""


def link_to(quote: Quote, question: str = "") -> str:
    """The part of an address from # on that leads to `quote`, asked for by `question`."""
    values = {"read": quote.article, "at": f"{quote.start}-{quote.end}", "v": quote.article_sha256[:_DIGITS],
              "says": _digest(quote.text)}
    question = question.encode("utf-8", "replace").decode("utf-8")
    return "#" + urlencode({**values, "q": question} if question else values)


def read_link(fragment: str) -> Link:
    """The link that `fragment` spells. Raises UsageError where it is none."""
    try:
        values = {key: found[0] for key, found in parse_qs(fragment.removeprefix("#"), max_num_fields=20).items()}
        start, _, end = values["at"].partition("-")
        link = Link(values["read"], int(start), int(end), values["v"], values["says"], values.get("q", ""))
    except (KeyError, ValueError) as error:
        raise UsageError("this link leads to no quote", "copy it again, to its last character") from error
    if not 0 <= link.start < link.end:
        raise UsageError("this link leads to no quote", "copy it again, to its last character")
    return link


def find(link: Link, article: Article) -> tuple[int, int] | None:
    """Where the words of `link` stand in `article` as it is now; None where they do not."""
    length = link.end - link.start
    if length > max((end - start for start, end in article.paragraphs), default=0):
        return None  # a quote is of one paragraph; whoever made this link wants a long search
    starts = {link.start, *(s.start for s in article.sentences), *(start for start, _ in article.paragraphs)}
    for start in sorted(starts, key=lambda start: abs(start - link.start)):
        if _digest(article.text[start:start + length]) == link.says:
            return start, start + length
    return None


def stands_at(article: Article, start: int, text: str) -> int | None:
    """Where `text` stands in `article`, nearest to `start`; None where it does not or in no paragraph."""
    if not text:
        return None
    if article.text.startswith(text, start):
        return start
    places, at = [], article.text.find(text)
    while at >= 0:
        places.append(at)
        at = article.text.find(text, at + 1)
    within = [p for p in places if any(s <= p and p + len(text) <= e for s, e in article.paragraphs)]
    return min(within, key=lambda place: abs(place - start), default=None)


def _digest(text: str) -> str:
    return text_sha256(text)[:_DIGITS]
