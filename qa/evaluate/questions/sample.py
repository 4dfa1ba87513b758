"""Some of the questions of a set, the same ones each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from qa.errors import UsageError
from qa.evaluate.questions.dataset import Dataset, Question


def sample(dataset: Dataset, limit: int, seed: int) -> Dataset:
    """`limit` questions of `dataset`, drawn without replacement by `seed`, in the order of the file.

    Conversations are drawn whole. One is cut, after its first questions, only where no other fits what room is
    left. All of the set where it has no more than `limit`. Raises UsageError for a limit below 1.
    """
    if limit < 1:
        raise UsageError(f"a sample of {limit} questions", "give --limit 1 or more")
    drawn: set[str] = set()
    order = _shuffled(dataset.questions, seed)
    for talk in order:
        if len(drawn) + len(talk) <= limit:
            drawn.update(talk)
    # Each one that was passed over has more questions than there is room for now.
    cut = next((talk for talk in order if talk[0] not in drawn), [])
    drawn.update(cut[: limit - len(drawn)])
    return replace(dataset, questions=tuple(q for q in dataset.questions if q.id in drawn))


def _shuffled(questions: Sequence[Question], seed: int) -> list[list[str]]:
    """The ids of each conversation, the conversations in a random order."""
    talks: dict[str, list[str]] = {}
    for question in questions:
        talks.setdefault(question.conversation, []).append(question.id)
    order = list(talks.values())
    random.Random(seed).shuffle(order)
    return order
