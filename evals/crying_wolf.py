"""How often does `qa eval --against` tell two equal systems apart? It may in 5 % of the pairs at most.

    .venv/bin/python -m evals.crying_wolf [--seconds 180] [--permutations 9999] [--questions 120]

Pairs of equal systems answer the same made-up questions: each question has its own difficulty, from which both
systems draw on their own; questions of a conversation share difficulty, and each system's luck with it. Half of
them are of dev and half of test. Printed is the share of pairs on which any measure of either split is "better" or
"worse", with its 95 % interval (Wilson 1927). Measured on 120 questions: 8 of 349 pairs, 0.023 (0.012 to 0.045).
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence

import numpy as np

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.ranking import NAMES
from qa.evaluate.verdict.compare import judge_differences
from qa.evaluate.verdict.paired import PERMUTATIONS

Pairs = list[tuple[Outcome, Outcome]]

LUCK = 3.0  # standard deviation of a system's log odds in a conversation; that of questions is 1


def pair(seed: int, questions: int = 60, better: float = 0.0, splits: Sequence[str] = ("test",),
         luck: float = LUCK) -> Pairs:
    """Two systems on the same questions; the second is `better` (0..1) at the first quote, else they are equal.

    Of ten questions two stand alone and eight in one conversation, in all of which a system is lucky or is not. A
    quarter have no answer. The first of `splits` gets the first conversations, and so on.
    """
    generator = np.random.default_rng(seed)
    talks = [n if n % 10 < 2 else n - n % 10 + 2 for n in range(questions)]
    ease = generator.normal(0, 1, questions)[talks] + generator.normal(0, 1, questions)
    answerable = generator.random(questions) < 0.75
    systems = []
    for bonus in (0.0, better):
        odds = ease + generator.normal(0, luck, questions)[talks] + generator.normal(0, 0.5, questions)
        systems.append([_outcome(generator, n, str(talks[n]), splits[talks[n] * len(splits) // questions],
                                 bool(answerable[n]), _share(odds[n]), bonus) for n in range(questions)])
    return list(zip(*systems, strict=True))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z, share = 1.959964, hits / of
    middle, reach = share + z * z / 2 / of, z * math.sqrt(share * (1 - share) / of + z * z / 4 / of / of)
    return max(0.0, (middle - reach) / (1 + z * z / of)), min(1.0, (middle + reach) / (1 + z * z / of))


def _share(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _outcome(generator: np.random.Generator, n: int, talk: str, split: str, answerable: bool, chance: float,
             bonus: float) -> Outcome:
    """What a system with this `chance` makes of question `n`: where it is found, what it quotes, how sure it is."""
    first = answerable and generator.random() < min(1.0, chance + bonus)
    right = (bool(first), *(bool(answerable and generator.random() < chance / 3) for _ in range(2)))
    rank = generator.geometric(0.1 + 0.8 * chance) if generator.random() < 0.9 else math.inf
    ranking = {name: float(rank <= int(name.partition("@")[2] or 1)) for name in NAMES.values()} | {"mrr": 1 / rank}
    probability = _share(generator.normal(1.5 * answerable - 1 + chance, 1))
    words = tuple(int(w) for w in generator.integers(8, 60, 3))
    return Outcome(
        id=str(n), question="?", split=split, kind="who", conversation=talk, answerable=answerable, failed=False,
        answered=probability > 0.4, by_article=False, probability=probability, confidence=probability / 2,
        right=right, gold_article=right, cited=tuple(bool(c) for c in generator.random(3) < 0.95), words=words,
        f1=float(right[0]), ranking=ranking, seconds={}, yardstick=None, stage="right" if right[0] else "ranked low")


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--permutations", type=int, default=PERMUTATIONS)
    parser.add_argument("--questions", type=int, default=120, help="of both splits together")
    options = parser.parse_args()
    until, pairs, hits = time.monotonic() + options.seconds, 0, 0
    while time.monotonic() < until:
        judged = judge_differences(pair(pairs, options.questions, splits=("dev", "test")), options.permutations)
        pairs, hits = pairs + 1, hits + any(d.verdict in ("better", "worse") for d in judged)
    low, high = wilson(hits, pairs)
    print(f"{hits} of {pairs} pairs of equal systems told apart: {hits / pairs:.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    _main()
