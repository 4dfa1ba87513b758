"""The shape of a run's header and lines, as far as scoring and reports read them; more keys are no fault."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from qa.evaluate.jsonl import bad_line

AGAIN = "run `qa eval` again"

Offset = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Span = Annotated[list[Offset], Field(min_length=2, max_length=2)]


def _is_long(spot: dict[str, Any]) -> dict[str, Any]:
    if spot["start"] >= spot["end"]:
        raise PydanticCustomError("span", "Ends where it starts or before")
    return spot


Long = AfterValidator(_is_long)  # of a place: it holds a character at least


class Row(TypedDict):
    """A question as the header names it; `digest` is of its history and evidence as they were written."""

    id: str
    question: str
    split: Literal["dev", "test"]
    kind: str
    answerable: bool
    conversation: str
    digest: str


class Questions(TypedDict):
    file: str
    count: int
    rows: Annotated[list[Row], Field(min_length=1)]


class Header(TypedDict):
    version: str
    commit: str | None
    when: str
    questions: Questions
    distractors: dict[str, Any] | None
    dataset: dict[str, Any] | None
    manifest: dict[str, Any]
    settings: dict[str, dict[str, Any]]
    machine: dict[str, Any]


class Spot(TypedDict):
    article: str
    start: Offset
    end: Offset


class Hit(Spot):
    passage: str


class Gold(Spot):
    text: str


class Lost(TypedDict):
    article: str
    quote: str | None
    why: str


class Quote(Spot):
    text: str
    title: str | None
    paragraph: int
    page: int | None
    highlight: Span | None
    probability: Share
    also_in: list[Annotated[Spot, Long]]


class Checked(TypedDict):
    sentences: Offset
    cited: bool


class Fault(TypedDict):
    type: str
    message: str


class Asked(TypedDict):
    """What every line has, also that of a question that failed."""

    id: str
    question: str
    split: str
    kind: str
    answerable: bool
    history: list[str]
    gold: list[Annotated[Gold, Long]]
    gold_articles: dict[str, Annotated[int, Field(ge=1)]]
    lost: list[Lost]
    relevant: list[str]
    error: Fault | None


class Answered(Asked):
    """What a line with an answer has besides."""

    resolved_question: str
    answered: bool
    probability: Share
    quotes: list[Annotated[Quote, Long]]
    closest: list[Annotated[Quote, Long]]
    reason: str | None
    seconds: dict[str, Seconds]
    hits: list[Annotated[Hit, Long]]
    sentences: list[Annotated[Spot, Long]]
    checked: list[Checked]
    yardstick: Seconds


def check(value: Mapping[str, Any], shape: type, path: Path, line: int) -> None:
    """Raises DatasetError naming file, line and key where `value` is not of `shape`, to the type."""
    try:
        _adapter(shape).validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"])) or "the line"
        bad_line(path, line, f"not of a run: {key}: {first['msg'][:1].lower()}{first['msg'][1:]}", AGAIN, error)


def check_line(line: Mapping[str, Any], path: Path, number: int) -> None:
    """Raises DatasetError where `line` is not the line of a question, answered or failed."""
    check(line, Asked if line.get("error") is not None else Answered, path, number)
    if line["error"] is None:
        shown = line["quotes"] if line["answered"] else line["closest"]
        if len(shown) != len(line["checked"]):
            bad_line(path, number, "not of a run: 'checked' does not go with its quotes", AGAIN)
        if line["answered"] != bool(line["quotes"]):
            bad_line(path, number, "not of a run: it has quotes exactly when it is answered", AGAIN)
        if any(len(quote["text"]) != quote["end"] - quote["start"] for quote in shown):
            bad_line(path, number, "not of a run: a quote is not as long as its offsets say", AGAIN)
    if line["answerable"] and not (line["gold"] or line["gold_articles"] or line["lost"]):
        bad_line(path, number, "not of a run: answerable, but nothing is gold or lost", AGAIN)


@cache
def _adapter(shape: type) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
