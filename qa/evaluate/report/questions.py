"""A line of a run and its outcome -> what the report shows of that question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qa.evaluate.figures.ranking import found

if TYPE_CHECKING:
    from qa.evaluate.figures.judge import Outcome
    from qa.evaluate.score import Report
    from qa.evaluate.verdict.compare import Comparison, Moved

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive words of a quote: `gold` where they stand in a gold place, `exact` in the exact answer."""

    text: str
    gold: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote as the report shows it; `right` is None for a question that has no right quote."""

    pieces: tuple[Piece, ...]
    article: str
    title: str | None
    where: str
    probability: float | None
    right: bool | None
    cited: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the report shows it: `outcome` holds every word that the filter knows it by."""

    outcome: Outcome
    line: Json
    words: tuple[str, ...]
    shown: tuple[Shown, ...]
    found: str
    moved: Moved | None = None

    @property
    def mark(self) -> str:
        """What became of it, in a word."""
        return "right" if self.outcome.stage == "right" else "failed" if self.outcome.failed else "missed"

    @property
    def way(self) -> str:
        """ "won", "lost", or nothing."""
        return "won" if self.moved and self.moved.won else "lost" if self.moved and self.moved.lost else ""


def asked(report: Report, comparison: Comparison | None = None) -> list[Asked]:
    """Every question of `report`, in order, with what moved since before."""
    moved = {m.id: m for m in comparison.moved} if comparison else {}
    return [_asked(o, line or {}, moved.get(o.id)) for o, line in zip(report.outcomes, report.lines, strict=True)]


def pieces(quote: Json, gold: Sequence[Json]) -> tuple[Piece, ...]:
    """The text of `quote` cut where a gold place or the exact answer begins or ends."""
    text, start = quote["text"], quote["start"]
    spans = [(g["start"] - start, g["end"] - start) for g in gold if g["article"] == quote["article"]]
    exact = quote.get("highlight") or (0, 0)
    inner = sorted({0, len(text), *(min(max(edge, 0), len(text)) for span in [*spans, exact] for edge in span)})
    return tuple(Piece(text[a:b], any(s <= a and b <= e for s, e in spans), exact[0] <= a and b <= exact[1])
                 for a, b in zip(inner, inner[1:]))


def _asked(outcome: Outcome, line: Json, moved: Moved | None) -> Asked:
    quotes = line.get("quotes") or line.get("closest") or ()
    checked = line.get("checked") or [{}] * len(quotes)
    shown = tuple(_shown(outcome, n, quote, checked[n], line.get("gold") or ()) for n, quote in enumerate(quotes))
    where = place_of_gold(line) if line and outcome.answerable and not outcome.failed else ""
    return Asked(outcome, line, tuple(_words(outcome)), shown, where, moved)


def _words(outcome: Outcome) -> Iterator[str]:
    yield "right" if outcome.stage == "right" else "missed"
    if outcome.failed:
        yield "failed"
    else:
        yield "answered" if outcome.answered else "declined"


def _shown(outcome: Outcome, n: int, quote: Json, checked: Json, gold: Sequence[Json]) -> Shown:
    right = outcome.right[n] if outcome.answerable and n < len(outcome.right) else None
    page = f", page {quote['page']}" if quote.get("page") is not None else ""
    where = f"paragraph {quote['paragraph']}{page}, characters {quote['start']:,}–{quote['end']:,}"
    return Shown(pieces(quote, gold), quote["article"], quote.get("title"), where, quote.get("probability"), right,
                 checked.get("cited", True))


def place_of_gold(line: Json) -> str:
    """Where among what the search found the first passage (or article) with gold stands, in a sentence."""
    what = "article" if line["gold_articles"] else "passage"
    ids, grades = found(line)
    if not ids:
        return "Nothing was found."
    rank = next((n for n, id in enumerate(ids, 1) if grades.get(id, 0) > 0), None)
    best = f"{len(ids)} best {what}s" if len(ids) > 1 else f"one {what} found"
    return f"The first {what} with gold is number {rank} of the {best}." if rank else f"No gold in the {best}."
