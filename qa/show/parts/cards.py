"""Answer -> the HTML that stands under its question: a card for each quote, or a plain declining."""

from __future__ import annotations

from collections.abc import Sequence

from qa.errors import QAError
from qa.records import Answer, Quote
from qa.show.parts.markup import element, escaped
from qa.show.parts.marks import Mark, Read, article_or_none
from qa.show.words import NOT_AN_ANSWER, NOT_ANSWERED, chance, name_of, summary, sure, sure_means, where


_DOT = " · "


def answer_html(answer: Answer, turn: int, marks: Sequence[Mark], read: Read) -> str:
    """`answer` as the `turn`-th of a chat (from 0); `marks` are its places, in the order of `marks_of`."""
    cards = _Cards(turn, marks, read)
    body = _answered(answer, cards) if answer.answered else _declined(answer, cards)
    return _read_as(answer) + body


def failure_html(error: QAError) -> str:
    """A fault, in words that nobody can take for a declining."""
    remedy = element("p", escaped(_sentence(error.remedy)), class_="remedy") if error.remedy else ""
    heading = element("p", "This could not be looked up", class_="verdict")
    return element("div", heading + element("p", escaped(_sentence(error.problem))) + remedy,
                   class_="fault", role="alert")


def _read_as(answer: Answer) -> str:
    if answer.resolved_question == answer.question:
        return ""
    return element("p", f"Read as: {element('bdi', escaped(answer.resolved_question))}", class_="read-as")


def _answered(answer: Answer, cards: _Cards) -> str:
    return (element("ol", "".join(map(cards.card, range(1, len(answer.quotes) + 1), answer.quotes)), class_="quotes")
            + element("p", f"{summary(answer.quotes, answer.seconds.get('total'))}. {chance(answer.probability)}",
                      class_="summary"))


def _declined(answer: Answer, cards: _Cards) -> str:
    verdict = (element("p", NOT_ANSWERED, class_="verdict")
               + element("p", escaped(_sentence(answer.reason or "")), dir="auto")
               + element("p", chance(answer.probability), class_="chance"))
    shown = element("div", verdict, class_="declined")
    if not answer.closest:
        return shown
    closest = "".join(map(cards.card, range(1, len(answer.closest) + 1), answer.closest))
    heading = element("h3", NOT_AN_ANSWER, class_="closest-heading")
    return shown + element("section", heading + element("ol", closest, class_="quotes"), class_="closest")


class _Cards:
    """The cards of one answer."""

    def __init__(self, turn: int, marks: Sequence[Mark], read: Read):
        self._turn, self._marks, self._read = turn, marks, read

    def card(self, n: int, quote: Quote) -> str:
        """Quote `n`: its words, where they stand, how sure, where else."""
        own = [(index, mark) for index, mark in enumerate(self._marks) if mark.n == n]
        first = next(index for index, mark in own if mark.first)
        others = [(index, mark) for index, mark in own if not mark.first]
        inner = (element("span", str(n), class_="n", aria_hidden="true")
                 + element("blockquote", self._words(quote), dir="auto")
                 + self._from(n, quote, first) + self._also(n, others))
        return element("li", inner, class_="quote", id=f"card-{self._turn}-{first}",
                       data_turn=self._turn, data_mark=first, data_n=n)

    def _words(self, quote: Quote) -> str:
        if quote.highlight is None or self._marks[0].closest:  # what is no answer has no exact answer in it
            return escaped(quote.text)
        start, end = quote.highlight
        exact = element("b", escaped(quote.text[start:end]))
        return escaped(quote.text[:start]) + exact + escaped(quote.text[end:])

    def _from(self, n: int, quote: Quote, index: int) -> str:
        article = article_or_none(quote.article, self._read)
        facts = [article.source, article.date] if article else []
        parts = [element("bdi", escaped(fact)) for fact in facts if fact]
        parts.append(where(quote))
        figure = element("span", sure(quote.probability), class_="figure", title=sure_means(quote.probability))
        return (element("p", self._link(n, index, name_of(quote.title, quote.article)), class_="from")
                + element("p", element("span", _DOT.join(parts)) + figure, class_="facts"))

    def _also(self, n: int, others: list[tuple[int, Mark]]) -> str:
        if not others:
            return ""
        links = [self._link(n, index, self._name(mark.article)) for index, mark in others]
        return element("p", f"Also in {_DOT.join(links)}", class_="also")

    def _name(self, article_id: str) -> str:
        article = article_or_none(article_id, self._read)
        return name_of(article.title if article else None, article_id)

    def _link(self, n: int, index: int, name: str) -> str:
        label = element("span", f"Quote {n}: ", class_="unseen")
        return element("a", label + element("bdi", escaped(name)), href=f"#mark-{self._turn}-{index}", class_="cite",
                       data_turn=self._turn, data_mark=index)


def _sentence(words: str) -> str:
    """`words` with a capital and a full stop, as the page's own sentences have."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".") if words else ""
