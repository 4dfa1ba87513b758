"""A saved chat says what the page said: word for word, with its citations, and as text."""

from __future__ import annotations

from hypothesis import given
from markdown_it import MarkdownIt

from qa.records import Answer, Quote
from qa.show.parts.export import plain, to_json, to_markdown
from qa.show.parts.links import find, read_link
from qa.show.parts.said import Turn
from tests.show.fixed import FixedAssistant, make_article, seeds
from tests.show.hostile import texts
from tests.show.parsed import Parsed

SECONDS = {"total": 0.1}


def said(*quotes: Quote, question: str = "Q?") -> Turn:
    return Turn(question=question).with_answer(Answer(question, question, True, 0.9, quotes, (), None, SECONDS))


def shown(markdown: str) -> Parsed:
    """What a reader of CommonMark sees."""
    return Parsed(MarkdownIt("commonmark").render(markdown))


def one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "\ufffd").split())


@given(texts())
def test_text_is_shown_as_text_whatever_it_says(text):
    page = shown(plain(text))
    assert one_line(page.text) == one_line(text) and page.tags <= {"p"}


@given(texts(), texts())
def test_a_quote_is_saved_word_for_word(text, title):
    article = make_article("a", text, title=title, source=title)
    quote = Quote.cut(article, *article.paragraphs[0], probability=0.87, highlight=(0, 1))
    page = shown(to_markdown([said(quote, question=title)], FixedAssistant({"a": article}).article))
    [words] = page.inside(lambda tag, _: tag == "blockquote")
    assert one_line(words) == one_line(quote.text) + "[^1]"
    assert page.tags <= {"h1", "h2", "p", "blockquote", "strong", "hr"}


def test_the_footnotes_say_where_and_how_sure_and_lead_there():
    article = make_article("a", "One.\n\nTwo words stand here.", title="T", source="The Times", date="2024-01-18")
    quote = Quote.cut(article, 6, 27, probability=0.87, highlight=(4, 9))
    text = to_markdown([said(quote), said(quote)], FixedAssistant({"a": article}).article, "http://127.0.0.1:7860/")
    assert "> Two **words** stand here.[^1]" in text and "stand here.[^2]" in text
    assert "[^1]: T, The Times, 2024-01-18, paragraph 2. likely, 0.87. <http://127.0.0.1:7860/#read=a&" in text
    link = text.split("<http://127.0.0.1:7860/")[1].split(">")[0]
    assert find(read_link(link), article) == (6, 27)


def test_what_is_no_answer_is_never_saved_as_one():
    assistant = FixedAssistant(seeds())
    turns = [Turn(question="Who won the cup?").with_answer(assistant.ask("Who won the cup?"))]
    text = to_markdown(turns, assistant.article)
    assert "**The articles do not answer this.**" in text
    assert text.count("(not an answer)") == 3 == text.count("\n> ")
    told = to_json(turns, assistant.article)["turns"][0]["answer"]
    assert told["answered"] is False and told["quotes"] == [] and len(told["closest"]) == 3


def test_json_has_the_place_citation_and_link_of_each_quote():
    assistant = FixedAssistant(seeds())
    question = "Why did Iran strike Pakistan?"
    told = to_json([Turn(question=question).with_answer(assistant.ask(question))], assistant.article)
    for quote in told["turns"][0]["answer"]["quotes"]:
        article = assistant.article(quote["article"])
        assert article.text[quote["start"]:quote["end"]] == quote["text"]
        assert find(read_link(quote["link"]), article) == (quote["start"], quote["end"])
        assert f"paragraph {quote['paragraph']}" in quote["citation"]
