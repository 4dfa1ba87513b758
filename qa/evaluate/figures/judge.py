"""What was right about one question of a run: plain facts, before any average is taken.

A quote is RIGHT when it covers at least half the characters of one gold occurrence and is at most
two sentences long. Ranking is judged on `quotes`, or on `closest` when the question was declined;
declining is judged apart. Only the quote's own place counts, not what `also_in` lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.errors import DatasetError
from qa.evaluate.figures.ranking import rank_measures
from qa.evaluate.runs.run import Run

MAX_SENTENCES = 2  # of a right quote; a quote of a whole article would otherwise always be right


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question judged. `right` and `words` go with the quotes shown (or closest), best first.

    `failed` means that a fault was recorded instead of an answer: never answered, never declined,
    nothing right. `confidence` is the first quote's probability; None where no quote was found.
    """

    id: str
    split: str
    kind: str
    answerable: bool
    failed: bool
    answered: bool
    probability: float | None
    confidence: float | None
    right: tuple[bool, ...]
    words: tuple[int, ...]
    ranking: Mapping[str, float]
    seconds: Mapping[str, float]

    @property
    def declined(self) -> bool:
        """Declined on purpose; a fault is not a declining."""
        return not (self.answered or self.failed)

    def right_within(self, n: int) -> bool:
        """Whether one of the first `n` quotes is right."""
        return any(self.right[:n])

    def words_until_right(self) -> int | None:
        """Words read up to the end of the first right quote; None where none is right."""
        return sum(self.words[: self.right.index(True) + 1]) if any(self.right) else None


def judge(run: Run) -> tuple[Outcome, ...]:
    """Every question of `run` judged, in order. Raises DatasetError for a line that cannot be."""
    relevance, facts = {}, []
    for number, line in enumerate(run.lines, 2):  # the header is line 1
        try:
            relevance[line["id"]] = _relevant(line)
            facts.append(_facts(line))
        except (KeyError, TypeError, ValueError) as error:
            problem = f"{run.path}:{number}: not a line of a run ({type(error).__name__}: {error})"
            raise DatasetError(problem, "run `qa eval` again") from error
    answerable = {line["id"]: relevance[line["id"]] for line in run.lines if line["answerable"]}
    ranking = rank_measures(answerable)
    return tuple(Outcome(**fact, ranking=ranking.get(fact["id"], {})) for fact in facts)


def holds_half(place: Mapping[str, Any], gold: Mapping[str, Any]) -> bool:
    """Whether `place` covers at least half the characters of `gold`."""
    if place["article"] != gold["article"]:
        return False
    shared = min(place["end"], gold["end"]) - max(place["start"], gold["start"])
    return 2 * shared >= gold["end"] - gold["start"]


def is_right(quote: Mapping[str, Any], sentences: int, golds: Iterable[Mapping[str, Any]]) -> bool:
    """Whether `quote`, `sentences` long, is right for a question with the gold places `golds`."""
    return sentences <= MAX_SENTENCES and any(holds_half(quote, gold) for gold in golds)


def _relevant(line: Mapping[str, Any]) -> tuple[bool, ...]:
    """For each hit in order: whether the passage holds at least half of a gold occurrence."""
    return () if line["error"] else tuple(any(holds_half(h, g) for g in line["gold"]) for h in line["hits"])


def _facts(line: Mapping[str, Any]) -> dict[str, Any]:
    facts = {key: line[key] for key in ("id", "split", "kind", "answerable")}
    if line["error"]:
        return {**facts, "failed": True, "answered": False, "probability": None, "confidence": None,
                "right": (), "words": (), "seconds": {}}
    shown: Sequence[Mapping[str, Any]] = line["quotes"] if line["answered"] else line["closest"]
    right = tuple(is_right(q, n, line["gold"]) for q, n in zip(shown, line["quote_sentences"], strict=True))
    return {**facts, "failed": False, "answered": line["answered"], "probability": line["probability"],
            "confidence": shown[0]["probability"] if shown else None, "right": right,
            "words": tuple(len(q["text"].split()) for q in shown), "seconds": line["seconds"]}
