"""Raw results -> one Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from evals.peers.corpus import Question
from evals.peers.measures import first_words, is_right_article, percentile, sign_test, stands, wilson
from evals.peers.systems import SYSTEMS

WITHIN = (50, 100, 200)
HEAD = ("system", "seconds to load", "seconds to index", "ms a query, median (p95)", "memory, MB", "right article @1",
        "right article @5", *(f"answer within {n} words" for n in WITHIN), "answer in all shown", "words shown",
        "declined")
CHANCE = 0.05
BUSY = 1.25  # by the clock over the processor's time; beyond it the times tell more of the machine than of a system


@dataclass(frozen=True, slots=True)
class Result:
    """What a system's run gave: its first line and its lines a question, or the line that says why it failed."""

    whole: Mapping[str, Any]
    answers: Sequence[Mapping[str, Any]]
    failure: str | None = None


def hits(result: Result, questions: Sequence[Question]) -> dict[str, list[bool]]:
    """Column -> for each question, whether it is right there."""
    columns: dict[str, list[bool]] = {column: [] for column in HEAD[5:11]}
    for question, answer in zip(questions, result.answers, strict=True):
        for column, right in zip(columns, _judge(question, answer["shown"]), strict=True):
            columns[column].append(right)
    return columns


def markdown(results: Mapping[str, Result], questions: Sequence[Question]) -> str:
    """The table of `results` by system; a `*` marks what differs from qa beyond chance."""
    right = {name: hits(result, questions) for name, result in results.items() if result.failure is None}
    rows = [HEAD, ("---", *("---:" for _ in HEAD[1:]))]
    for name, result in results.items():
        if result.failure is not None:
            rows.append((SYSTEMS[name], f"failed: {result.failure}".replace("|", "/"), *[""] * (len(HEAD) - 2)))
            continue
        ours = right.get("peer_qa", right[name])
        rows.append(_row(name, result, [_share(column, ours[head]) for head, column in right[name].items()]))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def busy(results: Mapping[str, Result]) -> list[str]:
    """The systems whose queries waited for a processor that something else used, with how many times longer it took."""
    found = []
    for name, result in results.items():
        worked = sum(answer["processor_seconds"] for answer in result.answers)
        took = sum(answer["seconds"] for answer in result.answers)
        if took > BUSY * worked:
            found.append(f"{SYSTEMS[name].strip('*')} {took / worked:.1f}")
    return found


def _judge(question: Question, shown: Sequence[Sequence[str]]) -> list[bool]:
    articles, texts = [article for article, _ in shown], [text for _, text in shown]
    gold, quotes = {article for article, _ in question.gold}, [quote for _, quote in question.gold]
    read = [first_words(texts, n) for n in (*WITHIN, sum(len(text.split()) for text in texts))]
    return [*(is_right_article(articles, gold, k) for k in (1, 5)), *(stands(quotes, words) for words in read)]


def _share(right: Sequence[bool], ours: Sequence[bool]) -> str:
    low, high = wilson(sum(right), len(right))
    mark = "*" if sign_test(ours, right) < CHANCE else ""
    return f"{sum(right) / len(right):.2f}{mark} ({low:.2f}–{high:.2f})".replace("*", r"\*")


def _row(name: str, result: Result, shares: Sequence[str]) -> tuple[str, ...]:
    whole, answers = result.whole, result.answers
    ms = [1000 * answer["seconds"] for answer in answers]
    words = median(sum(len(text.split()) for _, text in answer["shown"]) for answer in answers)
    declined = sum(answer["declined"] for answer in answers) / len(answers)
    return (SYSTEMS[name], f"{whole['load']:.1f}", f"{whole['index']:.2f}",
            f"{median(ms):.1f} ({percentile(ms, 0.95):.1f})", f"{whole['memory_mb']:.0f}", *shares, f"{words:.0f}",
            f"{declined:.2f}" if name == "peer_qa" else "never")
