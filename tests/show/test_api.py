"""What other programs call: arguments checked, quotes with their place, the budget counted on the very text."""

from __future__ import annotations

import inspect
import json
from dataclasses import dataclass

import gradio as gr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.ingest.split import count_tokens
from qa.show.parts.links import find, read_link
from qa.show.web.api import Told, functions
from tests.show.fixed import FixedLibrary, make_article
from tests.show.searching import BRIDGE, CORPUS, STORM, SearchingAssistant

QUESTION = "When did the storm reach Brest?"


@dataclass(frozen=True)
class Tools:
    ask: object
    search: object
    read: object


def tools(articles=CORPUS) -> Tools:
    return Tools(*functions(SearchingAssistant(articles), FixedLibrary(articles)))


def test_ask_gives_quotes_that_stand_where_they_say():
    told = json.loads(tools().ask(QUESTION))
    assert told["answered"] and told["left_out"] == 0 and told["question"] == QUESTION
    for n, quote in enumerate(told["quotes"], 1):
        article = CORPUS[quote["article"]]
        assert quote["n"] == n and article.text[quote["start"]:quote["end"]] == quote["text"]
        assert (quote["title"], quote["source"], quote["date"]) == (article.title, article.source, article.date)
        assert find(read_link(quote["link"].removeprefix("/")), article) == (quote["start"], quote["end"])


def test_ask_declines_in_the_same_form():
    told = json.loads(tools().ask("Zebras?"))
    assert not told["answered"] and told["quotes"] == [] and told["reason"] and told["closest"][0]["link"]


def test_what_is_asked_reaches_the_assistant_as_it_was_given():
    assistant = SearchingAssistant(CORPUS)
    ask, *_ = functions(assistant, FixedLibrary(CORPUS))
    told = json.loads(ask("And how long is the bridge over the Aulne?", ["What opened in 1951?"], ["bridge"], 1))
    assert assistant.histories == [["What opened in 1951?"]]
    asked = assistant.askings[0]
    assert (asked.quotes, asked.articles, asked.threshold) == (1, frozenset({"bridge"}), None)
    assert told["resolved_question"].endswith("(What opened in 1951?)")
    ask(QUESTION)
    assert assistant.askings[1].articles is None  # none named: all are asked


def test_search_lists_passages_with_their_place():
    told = json.loads(tools().search("the storm brest", 2))
    assert [p["n"] for p in told["passages"]] == [1, 2] and told["left_out"] == 0
    for passage in told["passages"]:
        article = CORPUS[passage["article"]]
        assert article.text[passage["start"]:passage["end"]] == passage["text"] and passage["score"] > 0
        assert (passage["source"], passage["date"]) == (article.source, article.date)
    assert json.loads(tools().search("the storm", 9, ["bridge"]))["passages"][0]["article"] == "bridge"


def test_read_gives_the_whole_article_or_the_rest_of_it():
    told = json.loads(tools().read(STORM.id))
    assert told["text"] == STORM.text and told["next_start"] is None and told["length"] == len(STORM.text)
    assert (told["url"], told["title"], told["date"]) == (STORM.url, STORM.title, STORM.date)
    rest = json.loads(tools().read(STORM.id, 30))
    assert rest["text"] == STORM.text[30:] and (rest["start"], rest["end"]) == (30, len(STORM.text))


@given(st.integers(1, 400))
def test_reading_on_within_a_budget_gives_every_word_once_in_whole_sentences(budget):
    read, ends = tools().read, {s.end for s in STORM.sentences}
    start, seen = 0, ""
    while start is not None:
        try:
            text = read(STORM.id, start, budget)
        except Told as refusal:
            least = int(str(refusal).rpartition("give at least ")[2].split(",")[0])
            assert least > budget and count_tokens(read(STORM.id, start, least)) == least
            return
        told = json.loads(text)
        assert count_tokens(text) <= budget and told["end"] in ends and told["end"] > start
        assert STORM.text[start:told["end"]] == told["text"]
        seen, start = f"{seen} {told['text']}", told["next_start"]
    assert seen.split() == STORM.text.split()


@given(st.integers(0, 1_200), st.sampled_from(["ask", "decline", "search"]))
def test_no_result_overruns_its_budget_and_the_best_come_first(budget, kind):
    call, key = {"ask": (lambda b: tools().ask(QUESTION, max_tokens=b), "quotes"),
                 "decline": (lambda b: tools().ask("Zebras?", max_tokens=b), "closest"),
                 "search": (lambda b: tools().search("the storm of brest", max_tokens=b), "passages")}[kind]
    everything = json.loads(call(0))[key]
    try:
        text = call(budget)
    except Told as refusal:
        assert "give at least" in str(refusal)
        return
    told = json.loads(text)
    assert not budget or count_tokens(text) <= budget
    assert told[key] == everything[:len(told[key])] and told["left_out"] == len(everything) - len(told[key])


@pytest.mark.parametrize("call, says", [
    (lambda t: t.ask("x" * 3_000), "3,000 characters"),
    (lambda t: t.ask("Fault?"), "the index is damaged; run qa index"),
    (lambda t: t.ask(5), "question is 5; give a text"), (lambda t: t.ask(None), "question is null; give a text"),
    (lambda t: t.ask("Q?", "earlier"), 'history is "earlier"; give a list of texts'),
    (lambda t: t.ask("Q?", [1]), "history is [1]; give a list"), (lambda t: t.ask("Q?", None), "history is null"),
    (lambda t: t.ask("Q?", [], "bridge"), 'articles is "bridge"; give a list'),
    (lambda t: t.ask("Q?", max_quotes=0), "max_quotes is 0; give a whole number from 1 to 20"),
    (lambda t: t.ask("Q?", max_quotes=21), "max_quotes is 21"),
    (lambda t: t.ask("Q?", max_quotes=True), "max_quotes is"),
    (lambda t: t.ask("Q?", max_quotes="5"), 'max_quotes is "5"'), (lambda t: t.ask("Q?", max_quotes=2.5), "is 2.5;"),
    (lambda t: t.ask("Q?", max_tokens=-1), "max_tokens is -1; give a whole number of 0 or more"),
    (lambda t: t.ask(QUESTION, max_tokens=3), "max_tokens is 3, too little for any answer; give at least "),
    (lambda t: t.search("x", 0), "limit is 0; give a whole number from 1 to 100"),
    (lambda t: t.search(["x"]), "query is"),
    (lambda t: t.read("nothing"), "no article 'nothing' in the index"), (lambda t: t.read(["a"]), 'article is ["a"]'),
    (lambda t: t.read(STORM.id, -1), "start is -1"), (lambda t: t.read(STORM.id, 10**9), "start is 1000000000; give"),
    (lambda t: t.read(STORM.id, {"a": "b" * 500}), 'start is {"a": "bbb'),
])
def test_what_cannot_be_done_is_one_line(call, says):
    with pytest.raises(gr.Error) as refusal:
        call(tools())
    assert says in str(refusal.value) and "\n" not in str(refusal.value) and len(str(refusal.value)) < 200
    assert refusal.value.message == str(refusal.value) and refusal.value.print_exception is False


def test_whole_numbers_may_come_as_json_from_other_languages():
    assert json.loads(tools().ask(QUESTION, max_quotes=2.0))["answered"]


def test_half_a_character_does_not_break_the_answer():
    json.loads(tools().ask(QUESTION + "\ud83d").encode())
    json.loads(tools().search("storm \udcff").encode())


def test_a_defect_of_ours_is_not_dressed_up_as_an_answer():
    with pytest.raises(RuntimeError):
        tools().ask("Bug?")


def test_text_is_not_escaped_into_more_tokens():
    umlauts = make_article("u", "Das Öl floß über die Dächer. Öl über Öl.")
    assert "Dächer" in tools({"u": umlauts}).read("u")


def test_the_functions_are_described_for_those_who_choose_among_them():
    for function in functions(SearchingAssistant(CORPUS), FixedLibrary(CORPUS)):
        signature = inspect.signature(function)
        assert signature.return_annotation is str and len(function.__doc__) > 200
        for name, parameter in signature.parameters.items():
            assert parameter.annotation in (str, int, list[str]) and f"\n            {name}: " in function.__doc__


def test_an_article_of_one_sentence_and_a_start_after_its_end():
    assert json.loads(tools().read("bridge", len(BRIDGE.text) - 1))["text"] == "."


def test_a_quote_whose_article_has_just_gone_is_still_told():
    """Between the answer and the look at its articles somebody may delete one."""
    class Hasty(SearchingAssistant):
        def article(self, id):
            raise UsageError(f"no article {id!r} in the index", "see `qa articles` for the ids")

    ask, _, _ = functions(Hasty(CORPUS), FixedLibrary(CORPUS))
    told = json.loads(ask("When was the bridge over the Aulne opened?"))
    assert told["quotes"] and all(quote["text"] and quote["source"] is None for quote in told["quotes"])
