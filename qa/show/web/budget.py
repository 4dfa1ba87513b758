"""As much as fits: answers cut to a number of tokens by leaving whole things out, the last ones first."""

from __future__ import annotations

from collections.abc import Callable

from qa.errors import UsageError
from qa.ingest.split import count_tokens


def fit(render: Callable[[int], str], most: int, budget: int) -> str:
    """The text `render(n)` with the greatest n of 0..`most` that has at most `budget` cl100k tokens; 0: no limit.

    `render(n)` is the text with the first n things in it; each makes it longer. A greater budget never gives fewer.
    Raises UsageError where even `render(0)` is too long, and says how many tokens that has.
    """
    if not budget:
        return render(most)
    frame = count_tokens(render(0))
    if frame > budget:
        raise UsageError(f"max_tokens is {budget}, too little for any answer", f"give at least {frame}, or 0: no limit")
    # Only what was seen to fit is ever chosen, so that it holds whatever the tokens at a seam do.
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(render(middle)) <= budget:
            low = middle
        else:
            high = middle - 1
    return render(low)
