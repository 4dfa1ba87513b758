"""What was right about one question of a run: plain facts, before any average is taken.

A quote is RIGHT when it covers at least half the characters of one gold occurrence and is at most
two sentences long; where a set knows only which articles answer, when it is of one of them. Ranking is
judged on `quotes`, or on `closest` when the question was declined; declining is judged apart. Only the
quote's own place counts, not what `also_in` lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qa.evaluate.figures.blame import stage
from qa.evaluate.figures.ranking import found, rank_measures
from qa.evaluate.figures.words import best_f1
from qa.evaluate.runs.run import Run
from qa.records import Place

MAX_SENTENCES = 2  # of a right quote; a quote of a whole article would otherwise always be right

Spot = Mapping[str, Any]  # a place as a run writes it: "article", "start", "end"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question judged. `right`, `gold_article`, `cited` and `words` go with the quotes (or closest), best first.

    `failed` means that a fault was recorded instead of an answer, or nothing: never answered, never
    declined, nothing right. `by_article` says that its set knows only which articles answer.
    `confidence` is the first quote's probability; None where no quote was found. `f1` is of the first
    quote. `stage` is where it went wrong (see `blame`).
    """

    id: str
    question: str
    split: str
    kind: str
    conversation: str
    answerable: bool
    failed: bool
    answered: bool
    by_article: bool
    probability: float | None
    confidence: float | None
    right: tuple[bool, ...]
    gold_article: tuple[bool, ...]
    cited: tuple[bool, ...]
    words: tuple[int, ...]
    f1: float
    ranking: Mapping[str, float]
    seconds: Mapping[str, float]
    yardstick: float | None
    stage: str

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
    """Every question of `run` judged, in order."""
    facts, searches = [], {}
    for row, line in zip(run.rows, run.lines, strict=True):
        facts.append({key: row[key] for key in ("id", "question", "split", "kind", "conversation", "answerable")}
                     | _facts(line, row["answerable"]))
        if row["answerable"]:
            searches[row["id"]] = found(line)
    ranking = rank_measures(searches)
    said = {fact["by_article"] for fact in facts if fact["answerable"]} - {None}
    alike = {"by_article": said == {True}}  # a missing line does not tell; it is of the same set as the others
    return tuple(Outcome(**fact | (alike if fact["by_article"] is None else {}), ranking=ranking.get(fact["id"], {}))
                 for fact in facts)


def holds_half(place: Spot, gold: Spot) -> bool:
    """Whether `place` covers at least half the characters of `gold`."""
    return _place(place).holds_half(_place(gold))


def _place(spot: Spot) -> Place:
    return Place(spot["article"], spot["start"], spot["end"])


def holder(line: Spot) -> Callable[[Spot], bool]:
    """Tells of a place whether it holds an answer to the question of `line`."""
    if line["gold_articles"]:
        return lambda place: place["article"] in line["gold_articles"]
    return lambda place: any(holds_half(place, gold) for gold in line["gold"])


def _by_article(line: Spot) -> bool:
    """Whether evidence is of articles only, be it lost or not."""
    return bool(line["gold_articles"]) or any(lost["quote"] is None for lost in line["lost"])


def _facts(line: Spot | None, answerable: bool) -> dict[str, Any]:
    if line is None or line["error"]:
        return {"failed": True, "answered": False, "by_article": line and _by_article(line),
                "probability": None, "confidence": None, "right": (), "gold_article": (), "cited": (), "words": (),
                "f1": 0.0, "seconds": {}, "yardstick": None, "stage": stage(None, answerable, (), bool)}
    shown: Sequence[Spot] = line["quotes"] if line["answered"] else line["closest"]
    return {"failed": False, "answered": line["answered"], "by_article": _by_article(line),
            "probability": line["probability"], "confidence": shown[0]["probability"] if shown else None,
            "words": tuple(len(q["text"].split()) for q in shown), "yardstick": line["yardstick"],
            "seconds": line["seconds"], "cited": tuple(checked["cited"] for checked in line["checked"]),
            **_rights(line, answerable, shown)}


def _rights(line: Spot, answerable: bool, shown: Sequence[Spot]) -> dict[str, Any]:
    """What of the quotes `shown` is right, and which stage is to blame if the first is not."""
    holds = holder(line)
    longest = float("inf") if line["gold_articles"] else MAX_SENTENCES
    right = tuple(checked["sentences"] <= longest and holds(quote)
                  for quote, checked in zip(shown, line["checked"], strict=True))
    articles = {gold["article"] for gold in line["gold"]} | line["gold_articles"].keys()
    golds = [gold["text"] for gold in line["gold"]]
    return {"right": right, "gold_article": tuple(quote["article"] in articles for quote in shown),
            "f1": best_f1(shown[0]["text"], golds) if shown else 0.0,
            "stage": stage(line, answerable, right, holds)}
