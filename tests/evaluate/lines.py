"""Lines of a run as they stand in its file, made by hand: question "q" of article "a", gold from 10 to 20."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qa.evaluate.runs.run import FORMAT, FORMAT_VERSION, Run

ROW = ("id", "question", "split", "kind", "answerable")
KNOWN = (*ROW, "history", "gold", "gold_articles", "lost", "relevant")

Line = dict[str, Any]


def place(start: int, end: int, article: str = "a", **more: Any) -> Line:
    return {"article": article, "start": start, "end": end, **more}


def spot(start: int, end: int, article: str = "a", text: str = "gold words") -> Line:
    """A gold place, with its words."""
    return place(start, end, article, text=text)


def shown(start: int, end: int, text: str = "", probability: float = 0.5, article: str = "a", **more: Any) -> Line:
    """A quote; of two words as long as its span, if no text is told."""
    text = text or ("two " + "w" * (end - start))[: end - start]
    known = {"title": None, "paragraph": 1, "page": None, "highlight": None, "also_in": []}
    return place(start, end, article, text=text, probability=probability, **known | more)


def line(touches: Sequence[int] | None = None, cited: Sequence[bool] | None = None, **changes: Any) -> Line:
    """An answered question whose first quote is right, or what is shown as `closest` where it is not answered.

    `touches` sentences and `cited` go with what is shown.
    """
    answered = changes.get("answered", True)
    said = {"id": "q", "question": "q?", "resolved_question": "q?", "split": "dev", "kind": "who", "answerable": True,
            "history": [], "gold": [spot(10, 20)], "gold_articles": {}, "lost": [], "relevant": ["p1"], "error": None,
            "answered": True, "probability": 0.9, "quotes": [shown(10, 20)], "closest": [],
            "reason": None if answered else "nothing fits", "hits": [place(0, 30, passage="p1")],
            "sentences": [place(10, 20)], "seconds": {"total": 0.1}, "yardstick": 0.01, **changes}
    said |= {} if answered else {"quotes": []}
    count = len(said["quotes"] if answered else said["closest"])
    checked = [{"sentences": s, "cited": c}
               for s, c in zip(touches or [1] * count, cited or [True] * count, strict=True)]
    return {"checked": checked, **said}


def fault(**changes: Any) -> Line:
    """A question that a fault was recorded of."""
    known = {key: value for key, value in line(**changes).items() if key in KNOWN}
    return {**known, "error": {"type": "IndexDamaged", "message": "a file is short"}}


def asked(said: Line, **changes: Any) -> Line:
    """The question of the line `said` as a header names it: a conversation of its own."""
    return {key: said[key] for key in ROW} | {"conversation": f"talk of {said['id']}", "digest": "0" * 16} | changes


def header(*rows: Line, **changes: Any) -> Line:
    """The header of a run of the questions `rows`."""
    return {"format": FORMAT, "format_version": FORMAT_VERSION, "version": "0.1.0", "commit": None,
            "when": "2024-01-18T12:00:00+00:00",
            "questions": {"file": "questions.jsonl", "count": len(rows), "rows": list(rows)},
            "distractors": None, "dataset": None, "manifest": {}, "settings": {}, "machine": {}, **changes}


def run(*lines: Line | None) -> Run:
    """The run of `lines`; each question is a conversation of its own."""
    rows = [asked(told or line(id="missing")) for told in lines]
    return Run(Path("run.jsonl"), header(*rows), tuple(rows), lines)
