"""A follow-up and the questions before it -> one question that stands on its own, made of their words only.

Whether a question leans on what came before (`leaning.py`) and which words it then borrows (`follow.py`) was learned
from people who rewrote follow-ups; what is added is shown in brackets, as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence

from qa.answer.follow import Turn, default_follower
from qa.answer.leaning import telling_words

__all__ = ["resolve", "telling_words"]


def resolve(question: str, history: Sequence[str]) -> str:
    """`question` as it is where it stands on its own or nothing came before; else with the words it leans on.

    `history` holds the earlier questions, oldest first. Raises IndexDamaged where the weights cannot be used.
    """
    if not history:
        return question
    added = default_follower().borrowed(question, [Turn(earlier) for earlier in history])
    return f"{question} ({' '.join(added)})" if added else question
