"""What a quote says, as words: how many, and how many of them are the gold's."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterable

_PUNCTUATION = str.maketrans("", "", string.punctuation + "‘’“”–—…«»")


def token_f1(said: str, gold: str) -> float:
    """Harmonic mean of the shares of `said` and of `gold` that are common words, each counted as often as it stands.

    As in SQuAD's evaluate-v2.0.py (Rajpurkar et al. 2016): lower case, without punctuation and a, an, the.
    """
    ours, theirs = Counter(_tokens(said)), Counter(_tokens(gold))
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def best_f1(said: str, golds: Iterable[str]) -> float:
    """The best of `token_f1` over `golds`, 0 where there is none."""
    return max((token_f1(said, gold) for gold in golds), default=0.0)


def _tokens(text: str) -> list[str]:
    return re.sub(r"\b(a|an|the)\b", " ", text.lower().translate(_PUNCTUATION)).split()
