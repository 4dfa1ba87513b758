"""The budget: never overrun, best first, whole things only, and more of it never gives less."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import UsageError
from qa.ingest.split import count_tokens
from qa.show.web.budget import fit

WORDS = st.text(alphabet="ab é漢😀\"\\\n,.<", min_size=1, max_size=60)


def rendering(things: list[str]):
    def render(n: int) -> str:
        return json.dumps({"things": things[:n], "left_out": len(things) - n}, ensure_ascii=False)

    return render


@given(st.lists(WORDS, max_size=20), st.integers(1, 600))
def test_a_budget_is_kept_to_the_token_with_the_first_things_whole(things, budget):
    render = rendering(things)
    try:
        text = fit(render, len(things), budget)
    except UsageError as error:
        assert count_tokens(render(0)) > budget and f"give at least {count_tokens(render(0))}" in str(error)
        return
    assert count_tokens(text) <= budget
    told = json.loads(text)
    kept = len(told["things"])
    assert told["things"] == things[:kept] and told["left_out"] == len(things) - kept
    if kept < len(things):  # one more would not have fitted
        assert count_tokens(render(kept + 1)) > budget


@given(st.lists(WORDS, max_size=20), st.integers(1, 300), st.integers(0, 300))
def test_more_budget_never_gives_less(things, budget, more):
    render = rendering(things)
    try:
        less = json.loads(fit(render, len(things), budget))
    except UsageError:
        return
    assert len(json.loads(fit(render, len(things), budget + more))["things"]) >= len(less["things"])


@given(st.lists(st.integers(1, 50), max_size=12), st.integers(1, 200))
def test_the_budget_holds_whatever_the_lengths(lengths, budget):
    """Even where one more thing makes the text shorter, which JSON does not."""
    texts = [" x" * n for n in lengths] or [""]
    try:
        assert count_tokens(fit(lambda n: texts[n], len(texts) - 1, budget)) <= budget
    except UsageError:
        assert count_tokens(texts[0]) > budget


def test_no_budget_leaves_nothing_out():
    assert fit(rendering(["a"] * 9), 9, 0) == rendering(["a"] * 9)(9)


def test_a_budget_too_small_for_anything_says_how_much_it_takes():
    least = count_tokens(rendering(["a"])(0))
    with pytest.raises(UsageError, match=f"max_tokens is 1, too little for any answer; give at least {least}, or 0"):
        fit(rendering(["a"]), 1, 1)
    assert fit(rendering(["a"]), 1, least) == rendering(["a"])(0)


def test_at_every_budget_the_result_is_the_longest_that_fits():
    things = [f"{'word ' * n}é😀{n}" for n in (3, 1, 12, 7, 1, 20, 5)]
    render = rendering(things)
    sizes = [count_tokens(render(n)) for n in range(len(things) + 1)]
    for budget in range(sizes[0], sizes[-1] + 3):
        kept = len(json.loads(fit(render, len(things), budget))["things"])
        assert kept == max(n for n, size in enumerate(sizes) if size <= budget), budget
