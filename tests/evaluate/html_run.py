"""A run with one question of every sort, and the page of it: made offline, in no time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qa.errors import IndexDamaged
from qa.evaluate.evaluate import evaluate
from qa.evaluate.questions.dataset import load
from qa.evaluate.score import Report
from tests.evaluate.corpus import ScriptedAssistant, Shelf, answer, quote, row, write_rows

GREW = [("budget", "It grew by 5 percent.")]
B0, B1, B3, N0 = (quote("budget", 0, probability=0.3), quote("budget", 1, probability=0.9),
                  quote("budget", 3, probability=0.7), quote("news/strike", 0, probability=0.2))
ROWS = [
    row("first", GREW), row("second", GREW), row("declined", GREW, kind="why"), row("fault", GREW),
    row("rightly", kind="far off"), row("wrongly", kind="far off"),
    row("test", GREW, split="test"), row("later", GREW, split="test", history=["first?"]),
]
SCRIPT = {
    "first?": answer("first?", [B1, B0], 0.9),
    "second?": answer("second?", [B3, B1], 0.6),
    "declined?": answer("declined?", [N0, B0, B1], 0.4, answered=False),
    "fault?": IndexDamaged("a file is short"),
    "rightly?": answer("rightly?", [B0], 0.2, answered=False),
    "wrongly?": answer("wrongly?", [B3], 0.7),
    "test?": answer("test?", [B1], 0.9),
    "later?": answer("later?", [B1], 0.8),
}
WORSE = {**SCRIPT, "first?": answer("first?", [B0, B1], 0.9), "second?": answer("second?", [B1], 0.6)}


def run(folder: Path, script: dict = SCRIPT, rows: list = ROWS, name: str = "run.jsonl") -> Report:
    """The report of `rows` answered by `script`; its run is `folder`/`name`."""
    questions = write_rows(folder / "questions.jsonl", rows)
    return evaluate(Shelf(), load(questions), folder / name, assistant=lambda library: ScriptedAssistant(script))


def with_words(report: Report, words: str) -> Report:
    """`report` with `words` wherever a run can hold words of an article, a question or a fault."""
    header = {**report.header, "version": words, "questions": {**report.header["questions"], "file": words},
              "distractors": {"folder": words, "articles": 3}, "machine": {"processor": words}}
    outcomes = tuple(replace(o, id=words, question=words, kind=words) for o in report.outcomes)
    sections = tuple(replace(s, kind=words) for s in report.kinds)
    return replace(report, header=header, kinds=sections, outcomes=outcomes,
                   lines=tuple(_line(line, words) for line in report.lines))


def _line(line: dict | None, words: str) -> dict | None:
    if line is None:
        return None
    said = {**line, "id": words, "question": words, "history": [words], "resolved_question": f"{words} again",
            "gold": [{**g, "text": words, "article": words} for g in line["gold"]],
            "lost": [{"article": words, "quote": words, "why": "cleaned away"}], "gold_articles": {words: 2}}
    if line["error"]:
        return {**said, "error": {"type": words, "message": words}}
    quotes = {key: [{**q, "text": words, "article": words, "title": words, "highlight": exact} for q in line[key]]
              for key, exact in (("quotes", [0, len(words)]), ("closest", None))}
    return {**said, **quotes, "reason": words}
