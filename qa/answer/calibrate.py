"""Features -> scores -> probabilities: the fitted numbers of the reader, and how they are applied.

Four linear models, kept readable in `reader.json` (fitted by `qa/train/fit.py`): `sift` says which passages are
worth the cross-encoder's time, `rank` scores a sentence, `any` says whether anything answers, `each` how probably
one sentence does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qa.answer.features import NAMES as SENTENCE_FEATURES
from qa.answer.features import PLAIN
from qa.errors import IndexDamaged

Floats = NDArray[np.float32]
FILE = Path(__file__).with_name("reader.json")
FORMAT = 2

# No shared words: near misses repeat the articles' words, so these rank sentences well and yet mislead about
# whether anything answers (AUROC with them .90 on public articles but .50 on the dev half; without .83 and .60).
_TELLING = ("reads", "reads_exact", "passage_reads", "sentence_cosine", "context_cosine", "passage_cosine")
ANY_FEATURES = (
    *(f"top_{name}" for name in _TELLING),
    *(f"most_{name}" for name in _TELLING),
    "total_reads",
    "names_absent",
)
EACH_FEATURES = ("any", "share")


@dataclass(frozen=True, slots=True)
class Linear:
    """weights . (x - mean) / scale + bias, with a name for each of its inputs."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def __call__(self, rows: Floats) -> Floats:
        """[n, len(names)] -> [n]"""
        slope = np.asarray(self.weights) / np.asarray(self.scale)
        return rows @ slope + (self.bias - float(np.asarray(self.mean) @ slope))

    @classmethod
    def read(cls, stored: dict[str, Any], names: Sequence[str]) -> Linear:
        model = cls(
            tuple(stored["names"]),
            tuple(stored["mean"]),
            tuple(stored["scale"]),
            tuple(stored["weights"]),
            float(stored["bias"]),
        )
        if model.names != tuple(names) or not len(names) == len(model.mean) == len(model.scale) == len(model.weights):
            raise ValueError("its features are not those of this version")
        if not np.isfinite([*model.mean, *model.scale, *model.weights, model.bias]).all() or min(model.scale) <= 0:
            raise ValueError("a number in it is none")
        return model


class Judged(NamedTuple):
    """`any`: that the articles answer at all. `each` [n]: that this sentence does."""

    any: float
    each: Floats


@dataclass(frozen=True, slots=True)
class Judge:
    """The fitted numbers, applied."""

    sift: Linear  # over the features that need no cross-encoder
    rank: Linear
    any: Linear
    each: Linear

    def scores(self, rows: Floats) -> Floats:
        """[n, sentence features] -> [n]; comparable within a question, and higher answers better."""
        return self.rank(rows)

    def probabilities(self, rows: Floats, scores: Floats, absent: float) -> Judged:
        """`rows` and `scores` best first, each sentence once. `absent`: see `any_features`."""
        answerable = float(self.any(any_features(rows, absent)[None])[0])
        each = self.each(each_features(answerable, scores))
        return Judged(float(sigmoid(np.asarray(answerable))), sigmoid(each))


def any_features(rows: Floats, absent: float) -> Floats:
    """[len(ANY_FEATURES)]: what tells of the best sentence, and the highest that any sentence has of each.

    `total_reads` is the log of the sum of the cross-encoder's odds over all sentences: it is trained so that "nothing
    answers" has odds of 1 beside them. `rows`: [n, sentence features], best first. `absent`: the share of the
    question's names and numbers that stand in no hit, 0..1.
    """
    telling = rows[:, [SENTENCE_FEATURES.index(name) for name in _TELLING]]
    total = np.logaddexp.reduce(telling[:, 0])
    return np.asarray([*telling[0], *telling.max(axis=0), total, absent], dtype=np.float32)


def each_features(answerable: float, scores: Floats) -> Floats:
    """[n, len(EACH_FEATURES)]: the log-odds that anything answers, and the log of a sentence's share of the softmax."""
    share = scores - scores.max()
    share = share - np.log(np.exp(share).sum())
    return np.stack([np.full(len(scores), answerable), share], axis=1).astype(np.float32)


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))


def load(path: Path) -> Judge:
    """Raises IndexDamaged where the file is missing, of another version, or no such file at all."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            raise ValueError(f"its format is {stored['format']}, not {FORMAT}")
        return Judge(
            Linear.read(stored["sift"], PLAIN),
            Linear.read(stored["rank"], SENTENCE_FEATURES),
            Linear.read(stored["any"], ANY_FEATURES),
            Linear.read(stored["each"], EACH_FEATURES),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            f"the reader's weights in {path} cannot be used ({error})", "install cited-qa again"
        ) from error


@cache
def default_judge() -> Judge:
    """The weights that ship with the package."""
    return load(FILE)
