"""An answer in a terminal."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given

from qa.records import Answer, Place, Quote
from qa.show.terminal.render import to_text, use_colour, visible
from tests.show.fixed import make_article
from tests.show.hostile import texts
from tests.show.test_cards import answered, declined, whole

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def two_quotes() -> Answer:
    a = make_article("a", "One.\n\nTwo words here.", title="First", pages=((0, 5), (5, 21)))
    b = make_article("b/c", "Other words.")
    others = (Place("b/c", 0, 5), Place("d", 0, 3))
    return answered(Quote.cut(a, 6, 21, probability=0.87, highlight=(4, 9), also_in=others),
                    Quote.cut(b, 0, 12, probability=0.4))


def test_quotes_are_numbered_and_say_where_they_stand():
    assert to_text(two_quotes(), names={"d": "Fourth"}) == (
        "[1] “Two words here.”\n"
        "    — First, paragraph 2, page 2 · likely, 0.87\n"
        "    also in: c; Fourth\n"
        "\n"
        "[2] “Other words.”\n"
        "    — c, paragraph 1 · as likely as not, 0.40\n"
        "\n"
        "2 quotes from 2 articles, in 0.12 s. Probability that the articles answer this: very likely, 0.90.\n"
    )


def test_declining_is_plain_and_the_closest_are_no_answer():
    article = make_article("a", "Some words.")
    assert to_text(declined(whole(article), reason="Nothing comes close.")) == (
        "The articles do not answer this.\n"
        "Nothing comes close.\n"
        "Probability that the articles answer this: unlikely, 0.12.\n"
        "\n"
        "The closest sentences, which are not an answer:\n"
        "(1) “Some words.”\n"
        "    — a, paragraph 1 · likely, 0.87\n"
    )


def test_the_resolved_question_is_shown_when_it_differs():
    article = make_article("a", "Some words.")
    assert to_text(answered(whole(article), resolved="When was it?")).startswith("Read as: When was it?\n\n[1]")


def test_colour_only_adds_colour_and_makes_the_exact_answer_bold():
    plain, coloured = to_text(two_quotes()), to_text(two_quotes(), colour=True)
    assert "\x1b" not in plain
    assert ESCAPES.sub("", coloured) == plain
    assert "\x1b[1mwords\x1b[0m" in coloured


@given(texts())
def test_a_quote_cannot_steer_the_terminal(text):
    quote = whole(make_article("a", text, title=text))
    out = to_text(answered(quote))
    assert f"“{visible(quote.text)}”" in out and len(visible(quote.text)) == len(quote.text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)


def test_wrapping_keeps_every_word():
    article = make_article("a", "A sentence of many words that " * 12 + "ends.")
    wide, narrow = to_text(answered(whole(article))), to_text(answered(whole(article)), width=40)
    assert max(map(len, narrow.splitlines())) <= 40 < max(map(len, wide.splitlines()))
    assert narrow.split() == wide.split()


@pytest.mark.parametrize("terminal, environment, coloured", [
    (True, {}, True), (False, {}, False), (True, {"NO_COLOR": "1"}, False), (True, {"NO_COLOR": ""}, True),
    (True, {"TERM": "dumb"}, False),
])
def test_colour_only_in_a_terminal_that_wants_it(monkeypatch, terminal, environment, coloured):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert use_colour(_Stream(terminal)) is coloured


class _Stream(io.StringIO):
    def __init__(self, terminal: bool):
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal
