"""Lines of a run as they stand in its file, made by hand: question "q" of article "a", gold from 10 to 20."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qa.evaluate.runs.run import Run

ROW = ("id", "question", "split", "kind", "answerable")
KNOWN = (*ROW, "history", "gold", "gold_articles", "lost", "relevant")

Line = dict[str, Any]


def place(start: int, end: int, article: str = "a", **more: Any) -> Line:
    return {"article": article, "start": start, "end": end, **more}


def spot(start: int, end: int, article: str = "a", text: str = "gold words") -> Line:
    """A gold place, with its words."""
    return place(start, end, article, text=text)


def shown(start: int, end: int, text: str = "two words", probability: float = 0.5, article: str = "a") -> Line:
    """A quote."""
    return place(start, end, article, text=text, probability=probability)


def line(touches: Sequence[int] | None = None, cited: Sequence[bool] | None = None, **changes: Any) -> Line:
    """An answered question whose first quote is right; `touches` sentences and `cited` go with the quotes."""
    said = {"id": "q", "question": "q?", "split": "dev", "kind": "who", "answerable": True, "history": [],
            "gold": [spot(10, 20)], "gold_articles": {}, "lost": [], "relevant": ["p1"], "error": None,
            "answered": True, "probability": 0.9, "quotes": [shown(10, 20)], "closest": [],
            "hits": [place(0, 30, passage="p1")], "sentences": [place(10, 20)], "seconds": {"total": 0.1},
            "yardstick": 0.01, **changes}
    count = len((said["quotes"] if said["answered"] else said["closest"]) or ())
    checked = [{"sentences": s, "cited": c} for s, c in zip(touches or [1] * count, cited or [True] * count)]
    return {"checked": checked, **said}


def fault(**changes: Any) -> Line:
    """A question that a fault was recorded of."""
    known = {key: value for key, value in line(**changes).items() if key in KNOWN}
    return {**known, "error": {"type": "IndexDamaged", "message": "a file is short"}}


def run(*lines: Line | None) -> Run:
    """The run of `lines`; each question is a conversation of its own."""
    rows = [{key: said[key] for key in ROW} | {"conversation": f"talk of {said['id']}"}
            for said in (told or line(id="missing") for told in lines)]
    return Run(Path("run.jsonl"), {"questions": {"rows": rows}}, tuple(rows), lines)
