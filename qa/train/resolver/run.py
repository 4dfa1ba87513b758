"""Conversations and questions in files -> weights, and figures on conversations that were held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.answer.follow import Follower
from qa.train.resolver import canard, fit, rule
from qa.train.resolver.measure import Figure, Way, measure

SEED = 7
Table = dict[str, dict[str, Figure]]


def fit_resolver(conversations: Path, questions: Path, out: Path, seed: int = SEED) -> Table:
    """Writes the weights fitted on the files to `out`; figures on the held titles.

    `conversations` is CANARD's JSON, `questions` the reader's questions.jsonl.gz. Raises DatasetError for other files.
    """
    fitted, held = canard.split(canard.read(conversations), seed)
    alone = fit.standing_alone(questions, seed)
    follower = fit.fit(fitted, alone, seed)
    table = compare(follower, fit.fit(fitted, alone, seed, answers=True), held, seed)
    f1 = round(table["learned"]["f1"].value, 3)
    fit.save(follower, out, {"seed": seed, "questions": len(fitted), "held_questions": len(held), "held_f1": f1})
    return table


def compare(follower: Follower, told: Follower, held: Sequence[canard.Asked], seed: int = SEED) -> Table:
    """Figures on `held`, as it is and with another subject talked about before. `told` knows the answers too."""
    changed = list(canard.after_another(held, seed))
    ways: dict[str, tuple[Way, bool]] = {
        "rule": (rule.borrowed, False),
        "learned": (follower.borrowed, False),
        "learned, answers remembered": (told.borrowed, True),
    }
    table = {name: measure(way, held, answers) for name, (way, answers) in ways.items()}
    return table | {
        f"{name}; another subject before": measure(way, changed, answers) for name, (way, answers) in ways.items()
    }
