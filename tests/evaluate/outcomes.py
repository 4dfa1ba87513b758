"""Judged questions made directly, as far as a measure looks at them."""

from __future__ import annotations

from typing import Any

from qa.evaluate.figures.judge import Outcome
from qa.evaluate.figures.measures import MEASURES, Measure
from qa.evaluate.figures.ranking import NAMES


def outcome(id: Any = "q", right: bool = True, **changes: Any) -> Outcome:
    """An answered answerable question, alone in its conversation, with one quote that is `right` or not."""
    told = {"id": str(id), "question": "?", "split": "test", "kind": "who", "conversation": str(id), "answerable": True,
            "failed": False, "answered": True, "by_article": False, "probability": 0.5, "confidence": 0.5,
            "right": (right,), "gold_article": (right,), "cited": (True,), "words": (5,), "f1": float(right),
            "ranking": dict.fromkeys(NAMES.values(), 0.0), "seconds": {}, "yardstick": None,
            "stage": "right" if right else "ranked low"}
    return Outcome(**told | changes)


def measure(key: str) -> Measure:
    return {measure.key: measure for measure in MEASURES}[key]
