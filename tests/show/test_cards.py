"""What stands under a question: quotes word for word with their places, or a plain declining."""

from __future__ import annotations

import pytest
from hypothesis import given

from qa.records import Answer, Article, Place, Quote
from qa.show.parts.cards import answer_html
from qa.show.parts.links import find, read_link
from qa.show.parts.marks import marks_of
from qa.show.parts.said import Fault, Turn
from qa.show.parts.talk import EXAMPLES, drawn, fault_html, talk_html, welcome_html
from tests.show.fixed import FixedAssistant, make_article, seeds
from tests.show.hostile import texts
from tests.show.parsed import Parsed

SECONDS = {"resolve": 0.0, "search": 0.0, "read": 0.0, "total": 0.12}


def answered(*quotes: Quote, resolved: str = "Q?") -> Answer:
    return Answer("Q?", resolved, True, 0.9, quotes, (), None, SECONDS)


def declined(*closest: Quote, reason: str = "nothing comes close") -> Answer:
    return Answer("Q?", "Q?", False, 0.12, (), closest, reason, SECONDS)


def page(answer: Answer, *articles: Article, turn: int = 0) -> Parsed:
    read = FixedAssistant({a.id: a for a in articles}).article
    return Parsed(answer_html(answer, turn, marks_of(answer, read), read))


def whole(article: Article, **more: object) -> Quote:
    return Quote.cut(article, *article.paragraphs[0], probability=0.87, **more)


@given(texts(), texts())
def test_a_quote_is_shown_as_text_whatever_it_says(text, title):
    article = make_article("a", text, title=title, source=title, date=title)
    quote = whole(article, highlight=(0, 1))
    shown = page(answered(quote), article)
    assert shown.inside(lambda tag, _: tag == "blockquote") == [quote.text.replace("\x00", "\ufffd")]
    assert shown.tags <= {"ol", "li", "span", "blockquote", "div", "mark", "b", "p", "a", "bdi", "button", "svg", "path"}
    assert shown.of_class("paragraph") in ([], [article.text[slice(*article.paragraphs[0])].replace("\x00", "\ufffd")])
    assert not any(name.startswith("on") for _, attributes, _ in shown.elements for name in attributes)


def test_a_card_says_which_article_paragraph_page_and_how_sure():
    article = make_article("a", "One.\n\nTwo words.", title="T", source="The Times", date="2024-01-18",
                           pages=((0, 5), (5, 16)))
    quote = Quote.cut(article, 6, 16, probability=0.87, highlight=(0, 3))
    shown = page(answered(quote), article)
    assert shown.of_class("from") == ["Quote 1: T"]
    assert shown.of_class("facts") == ["The Times · 2024-01-18 · paragraph 2, page 2likely, 0.87"]
    assert shown.inside(lambda tag, _: tag == "b") == ["Two"]
    [link] = [a["href"] for _, a, _ in shown.elements if a.get("class") == "cite"]
    assert find(read_link(link), article) == (6, 16) and read_link(link).question == "Q?"
    [copied] = [a["data-copy"] for _, a, _ in shown.elements if "copy" in (a.get("class") or "").split()]
    assert copied == "“Two words.”\n— T, The Times, 2024-01-18, paragraph 2, page 2"
    assert "about 87 should" in next(a["title"] for _, a, _ in shown.elements if a.get("class") == "figure")
    assert shown.of_class("summary") == [
        "1 quote from 1 article, in 0.12 s. Probability that the articles answer this: very likely, 0.90."]


def test_an_article_without_a_title_goes_by_its_id():
    article = make_article("reports/2024-01", "Some words.")
    assert page(answered(whole(article)), article).of_class("from") == ["Quote 1: 2024-01"]


def test_other_places_are_named_and_can_be_opened():
    a, b, c = (make_article(i, "Same words.", title=i.upper()) for i in "abc")
    quote = whole(a, also_in=(Place("b", 0, 4), Place("b", 5, 9), Place("c", 0, 4), Place("gone", 0, 4)))
    shown = page(answered(quote), a, b, c, turn=3)
    assert shown.of_class("also") == ["Also in 2 other articles: Quote 1: B · Quote 1: C"]
    assert [x["data-mark"] for _, x, _ in shown.elements if x.get("class") == "cite"] == ["0", "1", "2"]
    assert {x["data-turn"] for _, x, _ in shown.elements if x.get("class") == "cite"} == {"3"}


def test_declining_is_plain_and_the_closest_are_no_answer():
    article = make_article("a", "Some words.")
    shown = page(declined(whole(article, highlight=(0, 4))), article)
    assert shown.of_class("verdict") == ["The articles do not answer this."]
    assert "Nothing comes close." in shown.text and "very unlikely" not in shown.text
    assert "Probability that the articles answer this: unlikely, 0.12." in shown.text
    assert shown.of_class("closest-heading") == ["The closest sentences, which are not an answer"]
    assert "b" not in shown.tags, "what is no answer has no exact answer"
    assert not shown.of_class("fault")
    assert not page(declined()).of_class("closest-heading")


def test_a_fault_is_one_clear_thing_and_never_a_declining():
    shown = Parsed(fault_html(Fault(problem="the index <b>", remedy="run qa index")))
    assert shown.of_class("fault") == ["This could not be looked upThe index <b>.Run qa index."]
    assert "do not answer" not in shown.text


@given(texts())
def test_the_resolved_question_is_shown_when_it_differs(resolved):
    article = make_article("a", "Some words.")
    shown = page(answered(whole(article), resolved=resolved), article)
    assert shown.of_class("read-as") == [f"Read as: {resolved} Change".replace("\x00", "\ufffd")]
    assert not page(answered(whole(article)), article).of_class("read-as")


@given(texts())
def test_a_question_is_repeated_as_text(question):
    shown = Parsed(talk_html([Turn(question=question)], [""]))
    assert shown.of_class("question")[0].startswith(question.strip().replace("\x00", "\ufffd")[:300])
    assert shown.tags <= {"div", "section", "h2"}


def test_a_pasted_document_is_not_repeated_whole():
    assert Parsed(talk_html([Turn(question="x" * 5_000)], [""])).of_class("question") == ["x" * 300 + "… (5,000 characters)"]


def test_lone_surrogates_do_not_break_the_page():
    talk_html([Turn(question="what \ud800?")], [""]).encode("utf-8")


def test_examples_are_asked_only_of_the_articles_that_answer_them():
    asked = Parsed(welcome_html(seeds())).of_class("example")
    assert asked == [question for question, _ in EXAMPLES] and len(asked) == 5
    assert Parsed(welcome_html({"other"})).of_class("example") == []


def test_an_empty_corpus_and_one_not_read_yet_are_said_apart():
    assert "no articles to ask yet" in Parsed(welcome_html(set())).text
    assert "being read" in Parsed(welcome_html(None)).text


def test_what_waits_or_was_stopped_is_neither_answer_nor_declining():
    read = FixedAssistant({}).article
    for turn, said in ((Turn(question="Q?"), "Looking through"), (Turn(question="Q?", stopped=True), "Stopped before")):
        text = Parsed(drawn(turn, 0, read).html).text
        assert said in text and "do not answer" not in text


@pytest.mark.parametrize("probability, words", [
    (1, "very likely, over 0.99"), (0.9, "very likely, 0.90"), (0.66, "likely, 0.66"), (0.5, "as likely as not, 0.50"),
    (0.0996, "unlikely, 0.10"), (0.0051, "very unlikely, 0.01"), (0.0, "very unlikely, under 0.01"),
])
def test_probability_in_words(probability, words):
    article = make_article("a", "Some words.")
    quote = Quote.cut(article, 0, 4, probability=probability)
    assert page(answered(quote), article).of_class("figure") == [words]
