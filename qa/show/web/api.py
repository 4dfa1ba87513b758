"""What other programs may call: ask, search and read, over HTTP and as the tools of an MCP server.

Each gives one line of JSON as text, because that is what an MCP client hands to its model; `max_tokens` counts that
very line. The functions' names, types and docstrings are what a model reads to choose and to call them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, get_type_hints

import gradio as gr

from qa.answer.asking import Asking
from qa.answer.contract import answer_to_dict
from qa.errors import QAError, UsageError, one_line
from qa.records import Answer, Article
from qa.show.parts.links import link_to
from qa.show.parts.marks import article_or_none
from qa.show.web.budget import fit
from qa.show.web.guard import TOOLS

if TYPE_CHECKING:
    from qa import Assistant, Library
    from qa.answer.search import Found

_AT_ONCE = 4  # calls answered side by side; more than the cores only makes each slower
_MOST_HISTORY = 100  # earlier questions that are taken; the assistant leans on the last ten


class Told(gr.Error):
    """A QAError as Gradio hands it on: its line, without quotation marks around it or a trace on the terminal."""

    def __init__(self, error: QAError):
        super().__init__(one_line(error), print_exception=False)

    def __str__(self) -> str:
        return self.message


def add_api(assistant: Assistant, library: Library) -> None:
    """Offers the three functions to other programs. Call it inside gr.Blocks, before any event is given there:

    an endpoint is called as its function, and of two with one name the later gets a number.
    """
    for function in functions(assistant, library):
        # Not queued: Gradio's MCP server would call itself over HTTP, where it knows no password.
        gr.api(function, api_name=function.__name__, queue=False, concurrency_limit=_AT_ONCE)


def fill(page: gr.Blocks) -> None:
    """Lets programs leave out of {"data": […]} what has a default; Gradio would call that a fault of the page."""
    check = page.validate_inputs

    def filling(function: Any, given: list[Any]) -> None:
        if function.api_name in TOOLS:
            missing = [part.value for part in function.inputs[len(given):]]
            if None in missing:  # what must be given has no default
                raise Told(UsageError(f"{function.api_name} was given nothing to {function.api_name}",
                                      "docs/api.md lists what it takes"))
            given.extend(missing)
        check(function, given)

    page.validate_inputs = filling


def functions(assistant: Assistant, library: Library) -> tuple[Callable[..., str], ...]:
    """ask, search and read over `assistant`. They raise `Told` and nothing else that is said on purpose."""
    room = BoundedSemaphore(_AT_ONCE)

    def told(function: Callable[..., str]) -> Callable[..., str]:
        function.__annotations__ = get_type_hints(function)  # Gradio reads types, not their names

        @wraps(function)  # its signature and words are what is offered
        def calling(*given: Any, **named: Any) -> str:
            with room, _telling():
                return function(*given, **named)

        return calling

    @told
    def ask(question: str, history: list[str] = [], articles: list[str] = [], max_quotes: int = 5,  # noqa: B006
            max_tokens: int = 0) -> str:
        """Answer a question from the articles with exact quotes, or say that the articles do not answer it.

        Every quote is word for word from an article and says where it stands. Nothing is written by a model. If
        "answered" is false, "reason" says why, and "closest" holds sentences that come near but are NOT an answer:
        tell the user that the articles do not say, and do not answer from other knowledge as if they did.
        The result is JSON: answered, probability (0 to 1, that the articles answer at all), quotes (best first; each
        with text, highlight as [start, end] of the exact answer within it, probability, article, title, source, date,
        start, end, paragraph, link), closest, reason, resolved_question (what a follow-up was read as), left_out.

        Parameters:
            question: One question in plain words, such as "When was the bridge opened?".
            history: Earlier questions of the conversation, oldest first, so that "And who built it?" is understood.
            articles: Ask only these article ids, as search and ask give them; empty: all articles.
            max_quotes: The most quotes to return, 1 to 20.
            max_tokens: The most cl100k tokens of the result; 0: no limit. left_out counts the quotes left out for it.
        """
        budget = _whole(max_tokens, "max_tokens", 0)
        asking = Asking(quotes=_whole(max_quotes, "max_quotes", 1, 20), articles=_ids(articles))
        earlier = _texts(history, "history")[-_MOST_HISTORY:]
        answer = assistant.ask(_text(question, "question"), earlier, asking)
        return _answer(answer, assistant.article, budget)

    @told
    def search(query: str, limit: int = 10, articles: list[str] = [], max_tokens: int = 0) -> str:  # noqa: B006
        """Find the passages of the articles that are closest to a query, by meaning and by words.

        Use it to look around or to collect material; use ask to get an answer. Passages are found, not judged: they
        may not answer anything. The result is JSON: passages (best first; each with text, score (higher is closer, to
        compare within this result only), article, title, source, date, start, end), left_out.

        Parameters:
            query: What to look for, as a question or as a few words.
            limit: The most passages to return, 1 to 100.
            articles: Search only these article ids; empty: all articles.
            max_tokens: The most cl100k tokens of the result; 0: no limit. left_out counts what was left out for it.
        """
        budget = _whole(max_tokens, "max_tokens", 0)
        most = _whole(limit, "limit", 1, 100)
        query = _text(query, "query")
        found = assistant.search(query, most, _ids(articles))
        return _listed({"query": query}, "passages", [_passage(n, one) for n, one in enumerate(found, 1)], budget)

    @told
    def read(article: str, start: int = 0, max_tokens: int = 0) -> str:
        """Read an article, or the part of it from an offset on, for example the surroundings of a quote.

        The result is JSON: article, title, source, date, url, start, end, text, length (of the whole article, in
        characters) and next_start: the offset to read on from, or null at the end of the article.

        Parameters:
            article: The id of the article, as ask and search give it.
            start: The offset in characters to read from; the start of a quote or passage, or next_start.
            max_tokens: The most cl100k tokens of the result, which then ends with a sentence; 0: no limit.
        """
        budget = _whole(max_tokens, "max_tokens", 0)
        found = assistant.article(_text(article, "article"))
        return _part(found, _whole(start, "start", 0, len(found.text) - 1), budget)

    return ask, search, read


def _answer(answer: Answer, read: Callable[[str], Article], budget: int) -> str:
    """The JSON of `answer`; each quote also says where its article comes from, and how to open it in the page."""
    told = answer_to_dict(answer)
    key, quotes = ("quotes", answer.quotes) if answer.answered else ("closest", answer.closest)
    # An article may go between its being quoted and this; the quote is still what it said.
    items = [{**item, **_origin(article_or_none(quote.article, read)),
              "link": "/" + link_to(quote, answer.resolved_question)}
             for item, quote in zip(told[key], quotes, strict=True)]
    return _listed(told, key, items, budget)


def _listed(frame: Mapping[str, Any], key: str, items: list[Any], budget: int) -> str:
    """`frame` with the first of `items` at `key`, as many as fit, and how many did not."""
    return fit(lambda n: _json({**frame, key: items[:n], "left_out": len(items) - n}), len(items), budget)


def _part(article: Article, start: int, budget: int) -> str:
    """`article` from `start` on, to the end of the last sentence that fits."""
    ends = [s.end for s in article.sentences if s.end > start]
    frame = {"article": article.id, "title": article.title, **_origin(article), "url": article.url, "start": start}

    def render(n: int) -> str:  # at least one sentence: a part without any would be read again and again
        end = ends[n] if n < len(ends) - 1 else len(article.text)
        following = next((s.start for s in article.sentences if s.start >= end), None)
        return _json({**frame, "end": end, "text": article.text[start:end], "length": len(article.text),
                      "next_start": following})

    return fit(render, max(0, len(ends) - 1), budget)


def _passage(n: int, found: Found) -> dict[str, Any]:
    article, passage = found.article, found.passage
    return {"n": n, "article": article.id, "title": article.title, **_origin(article), "start": passage.start,
            "end": passage.end, "text": found.text, "score": round(found.hit.fused_score, 4)}


def _origin(article: Article | None) -> dict[str, str | None]:
    return {"source": article and article.source, "date": article and article.date}


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@contextmanager
def _telling() -> Iterator[None]:
    """Turns a QAError into what Gradio hands on."""
    try:
        yield
    except QAError as error:
        raise Told(error) from error


def _whole(value: Any, name: str, least: int, most: int | None = None) -> int:
    """`value` if it is a whole number within bounds. JSON from some programs writes 5 as 5.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"
        raise UsageError(f"{name} is {_shown(value)}", f"give a whole number {bounds}")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{name} is {_shown(value)}", "give a text")
    return value.encode("utf-8", "replace").decode("utf-8")  # JSON can spell half a character


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"{name} is {_shown(value)}", "give a list of texts, or leave it out")
    return [_text(one, name) for one in value]


def _ids(value: Any) -> frozenset[str] | None:
    return frozenset(_texts(value, "articles")) or None


def _shown(value: Any) -> str:
    """A value that a request brought, short."""
    shown = json.dumps(value, ensure_ascii=True, default=str)
    return shown if len(shown) <= 60 else shown[:57] + "..."
