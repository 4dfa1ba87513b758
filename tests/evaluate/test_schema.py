"""A run in which anything is missing or is of another type is refused by file, line and key, and never judged."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluate.runs.run import read_run
from tests.evaluate.corpus import write_rows
from tests.evaluate.lines import Line, asked, fault, header, line, place, shown

GONE = {"article": "x", "quote": None, "why": "not in the corpus"}
QUOTE = shown(10, 20, highlight=[0, 3], also_in=[place(50, 60, "b")], page=2, title="About a")
ANSWERED = line(quotes=[QUOTE], lost=[GONE], gold_articles={"b": 2}, history=["Before?"])
DECLINED = line(answered=False, closest=[QUOTE])
FAULT = fault(lost=[GONE])
HEADER = header(asked(ANSWERED))


def refused(rows: list[Any], path: Path) -> str:
    """The fault that reading `rows` ends with, between its file and its remedy."""
    with pytest.raises(DatasetError) as caught:
        read_run(write_rows(path / "run.jsonl", rows))
    said = str(caught.value)
    assert said.startswith(f"{path / 'run.jsonl'}:") and said.endswith("; run `qa eval` again") and "\n" not in said
    return said.removeprefix(str(path / "run.jsonl")).removesuffix("; run `qa eval` again")


def with_value(whole: Line, key: str, value: Any) -> Line:
    """`whole` with `value` at "key.0.inner"; ... stands for nothing at all."""
    changed = deepcopy(whole)
    at: Any = changed
    *path, last = (int(part) if part.isdigit() else part for part in key.split("."))
    for part in path:
        at = at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return changed


def keys(value: Any, above: str = "") -> Iterator[str]:
    """Every key in `value`, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in inner:
        if isinstance(value, dict):
            yield f"{above}{key}"
        yield from keys(held, f"{above}{key}.")


# Maps whose keys nobody counts on: a question names its articles there, and an assistant its stages.
FREE = ("gold_articles.b", "seconds.total")
LINES = {"answered": ANSWERED, "declined": DECLINED, "failed": FAULT}
ALL = [(name, key) for name, said in LINES.items() for key in keys(said) if key not in FREE]


def test_the_lines_that_are_spoiled_here_are_whole(tmp_path: Path) -> None:
    for said in LINES.values():
        assert read_run(write_rows(tmp_path / "r", [HEADER, said])).lines == (said,)


@pytest.mark.parametrize(("name", "key"), ALL)
def test_every_key_of_a_line_is_needed_and_named(name: str, key: str, tmp_path: Path) -> None:
    assert refused([HEADER, with_value(LINES[name], key, ...)], tmp_path) == f":2: not of a run: {key}: field required"


@pytest.mark.parametrize(("name", "key"), ALL)
def test_every_key_of_a_line_is_of_its_type(name: str, key: str, tmp_path: Path) -> None:
    for wrong in ({"un": "known"}, -1.5):  # no value is one or the other
        said = refused([HEADER, with_value(LINES[name], key, wrong)], tmp_path)
        assert said.startswith((f":2: not of a run: {key}: ", f":2: not of a run: {key}."))


@pytest.mark.parametrize("key", [key for key in keys(HEADER) if key not in ("format", "format_version")])
def test_every_key_of_the_header_is_needed_and_of_its_type(key: str, tmp_path: Path) -> None:
    assert refused([with_value(HEADER, key, ...)], tmp_path) == f":1: not of a run: {key}: field required"
    assert refused([with_value(HEADER, key, -1.5)], tmp_path).startswith(f":1: not of a run: {key}: input should be")


@pytest.mark.parametrize(("key", "value", "problem"), [
    ("questions.rows", [], "questions.rows: list should have at least 1 item"),
    ("questions.rows.0.split", "train", "questions.rows.0.split: input should be 'dev' or 'test'"),
    ("questions.rows.0.answerable", 1, "questions.rows.0.answerable: input should be a valid boolean"),
    ("questions.rows.0", 3, "questions.rows.0: input should be a valid dict"),
    ("questions", None, "questions: input should be a valid dict"),
    ("settings", {"search": 3}, "settings.search: input should be a valid dict"),
])
def test_what_a_header_must_say(key: str, value: Any, problem: str, tmp_path: Path) -> None:
    assert refused([with_value(HEADER, key, value)], tmp_path).startswith(f":1: not of a run: {problem}")


@pytest.mark.parametrize(("key", "value", "problem"), [
    ("probability", 1.01, "input should be less than or equal to 1"),
    ("probability", -0.01, "input should be greater than or equal to 0"),
    ("probability", "0.5", "input should be a valid number"),
    ("probability", True, "input should be a valid number"),
    ("probability", None, "input should be a valid number"),
    ("quotes.0.probability", 1.01, "input should be less than or equal to 1"),
    ("quotes.0.start", 10.0, "input should be a valid integer"),
    ("quotes.0.start", True, "input should be a valid integer"),
    ("quotes.0.highlight", [1], "list should have at least 2 items"),
    ("quotes.0.highlight", [1, 2, 3], "list should have at most 2 items"),
    ("yardstick", -0.1, "input should be greater than or equal to 0"),
    ("yardstick", 10 ** 400, "input should be"),
    ("seconds.total", "0.1", "input should be a valid number"),
    ("seconds.total", -0.1, "input should be greater than or equal to 0"),
    ("checked.0.sentences", -1, "input should be greater than or equal to 0"),
    ("checked.0.cited", 1, "input should be a valid boolean"),
    ("answered", 1, "input should be a valid boolean"),
    ("gold_articles.b", 0, "input should be greater than or equal to 1"),
    ("relevant", "p1", "input should be a valid list"),
    ("id", ["q"], "input should be a valid string"),
    *((f"{where}.0.start", 99, "ends where it starts or before")
      for where in ("gold", "quotes", "hits", "sentences")),
    ("quotes.0.also_in.0.start", 99, "ends where it starts or before"),
    ("hits.0.end", 0, "ends where it starts or before"),
])
def test_what_a_line_must_say(key: str, value: Any, problem: str, tmp_path: Path) -> None:
    where = key.rpartition(".")[0] if problem.startswith("ends") else key
    assert refused([HEADER, with_value(ANSWERED, key, value)], tmp_path).startswith(
        f":2: not of a run: {where}: {problem}")


def test_endless_seconds_are_none(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "run.jsonl", [HEADER, with_value(ANSWERED, "yardstick", 0.125)])
    path.write_text(path.read_text().replace("0.125", "1e999"))
    with pytest.raises(DatasetError, match=":2: not of a run: yardstick: input should be a finite number"):
        read_run(path)


@pytest.mark.parametrize(("said", "problem"), [
    ({**ANSWERED, "checked": []}, "'checked' does not go with its quotes"),
    ({**ANSWERED, "checked": ANSWERED["checked"] * 2}, "'checked' does not go with its quotes"),
    ({**DECLINED, "checked": []}, "'checked' does not go with its quotes"),
    ({**ANSWERED, "quotes": [], "checked": []}, "it has quotes exactly when it is answered"),
    ({**DECLINED, "quotes": [QUOTE]}, "it has quotes exactly when it is answered"),
    ({**ANSWERED, "quotes": [{**QUOTE, "text": "short"}]}, "a quote is not as long as its offsets say"),
    ({**DECLINED, "closest": [{**QUOTE, "end": 21}]}, "a quote is not as long as its offsets say"),
    (line(gold=[]), "answerable, but nothing is gold or lost"),
    (fault(gold=[]), "answerable, but nothing is gold or lost"),
])
def test_what_goes_together_in_a_line(said: Line, problem: str, tmp_path: Path) -> None:
    assert refused([HEADER, said], tmp_path) == f":2: not of a run: {problem}"


def test_a_closest_quote_that_ends_before_it_starts_is_refused(tmp_path: Path) -> None:
    said = with_value(DECLINED, "closest.0.end", 10)
    assert refused([HEADER, said], tmp_path) == ":2: not of a run: closest.0: ends where it starts or before"


@pytest.mark.parametrize("said", [
    line(answered=False, closest=[], hits=[], sentences=[]), line(gold=[], lost=[GONE]), fault(gold=[], lost=[GONE]),
    line(gold=[], gold_articles={"a": 1})])
def test_what_found_nothing_and_what_has_lost_its_gold_are_lines_too(said: Line, tmp_path: Path) -> None:
    assert read_run(write_rows(tmp_path / "r", [HEADER, said])).lines == (said,)
    nothing = line(answerable=False, gold=[])
    assert read_run(write_rows(tmp_path / "r", [header(asked(nothing)), nothing])).lines == (nothing,)
