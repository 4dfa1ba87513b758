"""Near-identical sentences become one quote; two tolls, or a denial, stay two."""

from __future__ import annotations

import pytest

from qa.answer.quotes import same_statement
from qa.settings import Answering

SHARE = Answering().same_words
TOLL = "The storm killed 11 fishermen off the northern coast on Sunday, officials said."


@pytest.mark.parametrize("other", [
    TOLL, "The storm killed 11 fishermen off the north coast on Sunday, officials said.",
    "On Sunday the storm killed 11 fishermen off the northern coast, officials say."])
def test_the_same_statement_in_nearly_the_same_words(other: str) -> None:
    assert same_statement(TOLL, other, SHARE)


@pytest.mark.parametrize("other", [
    "The storm killed 12 fishermen off the northern coast on Sunday, officials said.",
    "The storm killed no fishermen off the northern coast on Sunday, officials said.",
    "The storm sank two trawlers and cut the power to the islands on Sunday.", "Officials said so."])
def test_another_number_a_denial_or_other_words_are_another_statement(other: str) -> None:
    assert not same_statement(TOLL, other, SHARE)
