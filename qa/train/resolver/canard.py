"""Conversations with human rewrites -> what a follow-up's asker would have had to say: the rows that are learned on.

CANARD (Elgohary et al., EMNLP 2019; CC BY-SA 4.0) is a list of {"History", "QuAC_dialog_id", "Question_no", "Question",
"Rewrite"}. "History" opens with the title and the section of the encyclopedia article that is talked about, then
question and answer in turn. Nobody who asks here gives a title, so the two become a question that names them, as the
first question of a conversation does.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qa.answer.follow import Turn
from qa.errors import DatasetError
from qa.index.analyse import STOP_WORDS, terms

_HELD = 0.4  # of the titles, kept from every fit
_WORD = re.compile(r"\w+")
_EMPTY_TERMS = frozenset(term for word in STOP_WORDS for term in terms(word))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a conversation. `missing`: the terms that its rewrite adds. `alone`: it was not rewritten."""

    dialog: str
    title: str
    question: str
    turns: tuple[Turn, ...]
    missing: frozenset[str]
    alone: bool

    def without_answers(self) -> tuple[Turn, ...]:
        """What was said before as an assistant knows it that remembers questions only."""
        return tuple(turn for turn in self.turns if not turn.answer)


def read(path: Path) -> list[Asked]:
    """The questions of the file at `path`, in its order. Raises DatasetError where it is no such file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        if not rows:
            raise ValueError("it holds none")
        return [_asked(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} cannot be read as conversations ({error})", "give CANARD's JSON file") from error


def _asked(row: dict) -> Asked:
    question, rewrite = row["Question"], row["Rewrite"]
    title, section, *said = row["History"]
    turns = [Turn(opening(title, section)), *(Turn(text, n % 2 == 1) for n, text in enumerate(said))]
    return Asked(
        row["QuAC_dialog_id"], title, question, tuple(turns), content(rewrite) - content(question),
        _WORD.findall(question.casefold()) == _WORD.findall(rewrite.casefold()),
    )  # fmt: skip


def opening(title: str, section: str) -> str:
    """A question that names both; the section's first letter is small, as it would be inside a sentence."""
    return f"What about {title}, {section[:1].lower()}{section[1:]}?"


def content(text: str) -> frozenset[str]:
    """The terms of `text` that are not function words."""
    return frozenset(terms(text)) - _EMPTY_TERMS


def split(asked: Sequence[Asked], seed: int) -> tuple[list[Asked], list[Asked]]:
    """(to fit on, held): whole titles at a time, and so whole conversations."""
    titles = sorted({a.title for a in asked})
    random.Random(seed).shuffle(titles)
    held = set(titles[: int(len(titles) * _HELD)])
    return [a for a in asked if a.title not in held], [a for a in asked if a.title in held]


def after_another(asked: Sequence[Asked], seed: int) -> Iterator[Asked]:
    """`asked`, each with another title's conversation before it: people change the subject, CANARD never does."""
    rng = random.Random(seed)
    for a in asked:
        other = rng.choice(asked)
        if other.title != a.title:
            yield Asked(a.dialog, a.title, a.question, (*other.turns, *a.turns), a.missing, a.alone)
