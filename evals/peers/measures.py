"""What is counted, as pure functions over words, articles and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import comb, sqrt

Words = Sequence[str]


def first_words(texts: Iterable[str], n: int) -> list[str]:
    """The first `n` words that a reader meets: the shown texts in their order, split at white space."""
    return " ".join(texts).split()[:n]


def is_within(run: Words, words: Words) -> bool:
    """Whether `run` stands in `words`, word for word and without a gap. An empty run stands nowhere."""
    run, words = list(run), list(words)
    starts = (i for i, word in enumerate(words) if run and word == run[0])
    return any(words[i : i + len(run)] == run for i in starts)


def stands(quotes: Iterable[str], words: Words) -> bool:
    """Whether at least half of the words of one of the `quotes`, rounded up, stand together in `words`."""
    return any(_half_stands(quote.split(), words) for quote in quotes)


def _half_stands(quote: Words, words: Words) -> bool:
    half = (len(quote) + 1) // 2
    return any(is_within(quote[i : i + half], words) for i in range(len(quote) - half + 1))


def is_right_article(shown: Sequence[str], gold: Iterable[str], k: int) -> bool:
    """Whether one of the first `k` things shown is from an article that answers. Repeats of an article count."""
    return not set(shown[:k]).isdisjoint(gold)


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share of `hits` among `n` (Wilson 1927); holds near 0 and 1 too."""
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    reach = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def sign_test(ours: Sequence[bool], theirs: Sequence[bool]) -> float:
    """p of as lopsided a split by chance, over the questions that only one of the two gets right (exact, two-sided).

    The systems answer the same questions, so this tells two of them apart where their intervals overlap.
    """
    wins = sum(a and not b for a, b in zip(ours, theirs, strict=True))
    losses = sum(b and not a for a, b in zip(ours, theirs, strict=True))
    n = wins + losses
    tail = sum(comb(n, i) for i in range(min(wins, losses) + 1)) / 2**n
    return min(1.0, 2 * tail)


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile: the least value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
