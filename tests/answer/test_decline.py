"""A declined question is told why, from what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa import Library
from qa.answer.decline import reason, unknown_names
from qa.answer.search import search
from qa.settings import Search


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What did Angela Merkel tell Iran?", ["Angela Merkel"]),
        ("Did Zubin’s envoy meet Imran Khan?", ["Zubin"]),
        ("How does the U.S. see China?", []),
        ("Which Zebra runs?", ["Zebra"]),
        ("Zebras?", []),
        ("When was Iran's attack on Pakistan?", []),
        ("what about merkel?", []),
    ],
)
def test_names_that_no_article_has(library: Library, question: str, names: list[str]) -> None:
    with library.open() as snapshot:
        assert unknown_names(question, snapshot) == names


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("What did Angela Merkel tell Macron?", "No article mentions “Angela Merkel” or “Macron”."),
        ("How are sourdough loaves baked?", "Nothing in the articles is about this."),
        (
            "How long is the prison sentence of the former prime minister?",
            "The articles touch on this, but no sentence was found that answers it.",
        ),
    ],
)
def test_the_reason_is_what_was_seen(library: Library, question: str, why: str) -> None:
    with library.open() as snapshot:
        assert reason(question, search(snapshot, question, Search()), snapshot, probability=0.05) == why


def test_what_the_reader_saw_something_of_is_not_called_another_subject(library: Library) -> None:
    with library.open() as snapshot:
        for question, why in (("Who hit back?", "The articles touch on this"),
                              ("Who told Angela Merkel?", "No article mentions “Angela Merkel”; they may use another")):
            far = [replace(hit, dense_score=0.1) for hit in search(snapshot, question, Search())]
            assert reason(question, far, snapshot, probability=0.2).startswith(why)
            assert not reason(question, far, snapshot, probability=0.05).startswith(why)
