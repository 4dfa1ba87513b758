"""Answer -> the HTML that stands under its question: a card for each quote, or a plain declining."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa.records import Answer, Quote
from qa.show.parts.icons import DOWN, UP
from qa.show.parts.links import link_to
from qa.show.parts.marks import Mark, Read, article_or_none
from qa.show.parts.markup import element, escaped
from qa.show.words import (
    NOT_AN_ANSWER,
    NOT_ANSWERED,
    chance,
    chance_means,
    citation,
    counted,
    name_of,
    quoted,
    summary,
    sure,
    sure_means,
    where,
)

_DOT = " · "
_ALL = "answer"  # what a thumb is of that is not of one quote


def answer_html(answer: Answer, turn: int, marks: Sequence[Mark], read: Read,
                rated: Mapping[str, str] = {}) -> str:
    """`answer` as the `turn`-th of a chat (from 0); `marks` are its places, in the order of `marks_of`.

    `rated`: "answer" or a quote's number -> "up" or "down", as the person rated them.
    """
    cards = _Cards(answer, turn, marks, read, rated)
    return _read_as(answer) + (_answered(answer, cards) if answer.answered else _declined(answer, cards))


def thumbs_html(of: str, rated: Mapping[str, str], what: str) -> str:
    """A thumb up and a thumb down for `of`: "answer" or a quote's number; `what` names it for who cannot see it."""
    def thumb(way: str, icon: str, label: str) -> str:
        return element("button", icon, type="button", class_=f"thumb {way}", data_rate=way, data_of=of,
                       aria_pressed="true" if rated.get(of) == way else "false", aria_label=label, title=label)

    both = thumb("up", UP, f"{what} is right") + thumb("down", DOWN, f"{what} is wrong: say what is right")
    return element("span", both, class_="thumbs", role="group", aria_label=f"Rate {what[:1].lower()}{what[1:]}")


def _read_as(answer: Answer) -> str:
    if answer.resolved_question == answer.question:
        return ""
    read = element("bdi", escaped(answer.resolved_question))
    change = element("button", "Change", type="button", class_="plain reread",
                     aria_label="Change how the question is read")
    return element("p", f"Read as: {read} {change}", class_="read-as")


def _answered(answer: Answer, cards: _Cards) -> str:
    shown = element("ol", "".join(map(cards.card, range(1, len(answer.quotes) + 1), answer.quotes)), class_="quotes")
    told = element("span", chance(answer.probability), class_="chance", title=chance_means(answer.probability))
    return shown + element("p", f"{summary(answer.quotes, answer.seconds.get('total'))}. {told}", class_="summary")


def _declined(answer: Answer, cards: _Cards) -> str:
    verdict = (element("p", NOT_ANSWERED, class_="verdict")
               + element("p", escaped(sentence(answer.reason or "")), dir="auto")
               + element("p", chance(answer.probability), class_="chance", title=chance_means(answer.probability)))
    shown = element("div", verdict, class_="declined")
    if not answer.closest:
        return shown
    closest = "".join(map(cards.card, range(1, len(answer.closest) + 1), answer.closest))
    heading = element("h3", NOT_AN_ANSWER, class_="closest-heading")
    return shown + element("section", heading + element("ol", closest, class_="quotes"), class_="closest")


class _Cards:
    """The cards of one answer."""

    def __init__(self, answer: Answer, turn: int, marks: Sequence[Mark], read: Read, rated: Mapping[str, str]):
        self._answer, self._turn, self._marks, self._read, self._rated = answer, turn, marks, read, rated

    def card(self, n: int, quote: Quote) -> str:
        """Quote `n`: its words, where they stand, how sure, where else, and what can be done with it."""
        own = [(index, mark) for index, mark in enumerate(self._marks) if mark.n == n]
        first = next(index for index, mark in own if mark.first)
        others = [(index, mark) for index, mark in own if not mark.first]
        paragraph = self._paragraph(quote)
        inner = (element("span", str(n), class_="n", aria_hidden="true")
                 + element("blockquote", self._words(quote), class_="words", dir="auto") + paragraph
                 + self._from(n, quote, first) + self._also(n, others) + self._tools(n, quote, bool(paragraph)))
        return element("li", inner, class_="quote", id=f"card-{self._turn}-{first}",
                       data_turn=self._turn, data_mark=first, data_n=n)

    def _words(self, quote: Quote) -> str:
        if quote.highlight is None or not self._answer.answered:  # what is no answer has no exact answer in it
            return escaped(quote.text)
        start, end = quote.highlight
        exact = element("b", escaped(quote.text[start:end]))
        return escaped(quote.text[:start]) + exact + escaped(quote.text[end:])

    def _paragraph(self, quote: Quote) -> str:
        """The paragraph around the quote, folded away; nothing where the quote is all of it."""
        article = article_or_none(quote.article, self._read)
        if article is None or article.sha256 != quote.article_sha256:
            return ""
        start, end = article.paragraphs[quote.paragraph - 1]
        if (start, end) == (quote.start, quote.end):
            return ""
        before, after = article.text[start:quote.start], article.text[quote.end:end]
        return element("div", escaped(before) + element("mark", self._words(quote)) + escaped(after),
                       class_="paragraph", dir="auto", hidden=True)

    def _from(self, n: int, quote: Quote, index: int) -> str:
        article = article_or_none(quote.article, self._read)
        facts = [article.source, article.date] if article else []
        parts = [element("bdi", escaped(fact)) for fact in facts if fact]
        parts.append(where(quote))
        figure = element("span", sure(quote.probability), class_="figure", title=sure_means(quote.probability))
        return (element("p", self._link(n, index, name_of(quote.title, quote.article), link_to(quote, self._asked)),
                        class_="from")
                + element("p", element("span", _DOT.join(parts)) + figure, class_="facts"))

    def _also(self, n: int, others: list[tuple[int, Mark]]) -> str:
        if not others:
            return ""
        links = [self._link(n, index, self._name(mark.article)) for index, mark in others]
        return element("p", f"Also in {counted(len(others), 'other article')}: {_DOT.join(links)}", class_="also")

    def _tools(self, n: int, quote: Quote, has_paragraph: bool) -> str:
        article = article_or_none(quote.article, self._read)
        widen = tool("Paragraph", "widen", f"Show the paragraph around quote {n}", aria_expanded="false")
        copied = f"{quoted(quote)}\n— {citation(quote, article)}"
        tools = ((widen if has_paragraph else "")
                 + tool("Copy", "copy", f"Copy quote {n} with its citation", data_copy=copied)
                 + tool("Link", "copy-link", f"Copy a link to quote {n}", data_link=link_to(quote, self._asked)))
        thumbs = thumbs_html(str(n), self._rated, f"Quote {n}") if self._answer.answered else ""
        return element("p", element("span", tools, class_="doing") + thumbs, class_="tools")

    @property
    def _asked(self) -> str:
        return self._answer.resolved_question

    def _name(self, article_id: str) -> str:
        article = article_or_none(article_id, self._read)
        return name_of(article.title if article else None, article_id)

    def _link(self, n: int, index: int, name: str, address: str | None = None) -> str:
        label = element("span", f"Quote {n}: ", class_="unseen")
        return element("a", label + element("bdi", escaped(name)), href=address or f"#mark-{self._turn}-{index}",
                       class_="cite", data_turn=self._turn, data_mark=index)


def tool(words: str, kind: str, label: str, **more: str) -> str:
    """A small button of words; `label` says to everybody what it does, `kind` to the page's scripts."""
    return element("button", words, type="button", class_=f"tool {kind}", aria_label=label, title=label, **more)


def sentence(words: str) -> str:
    """`words` with a capital and a full stop, as the page's own sentences have."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".") if words else ""
