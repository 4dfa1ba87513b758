"""A run is read back as it was written; what is no run is refused in one line, and what it lacks is known."""

from pathlib import Path

import pytest

from qa.errors import DatasetError
from qa.evaluate.runs.run import read_run, writing
from tests.evaluate.corpus import write_rows


def asked(id: str, **changes: object) -> dict:
    return {"id": id, "question": f"{id}?", "split": "dev", "kind": "who", "answerable": True, "conversation": id,
            **changes}


def header(*rows: dict, **changes: object) -> dict:
    return {"format": "qa-run", "format_version": 2, "questions": {"count": len(rows), "rows": list(rows)}, **changes}


HEADER = header(asked("a"), asked("b"))
AGAIN = "; run `qa eval` again"
UNSAID = f":1: the header does not say which questions were asked{AGAIN}"


@pytest.mark.parametrize(("rows", "problem"), [
    ([], ":1: not the header of a run; give a file that `qa eval` wrote"),
    ([{"id": "a"}], ":1: not the header of a run; give a file that `qa eval` wrote"),
    ([{**HEADER, "format_version": 1}], f":1: run format 1, not 2{AGAIN}"),
    ([{**HEADER, "format_version": None}], f":1: run format None, not 2{AGAIN}"),
    ([{**HEADER, "questions": 3}], UNSAID),
    ([{**HEADER, "questions": {"count": 2}}], UNSAID),
    ([header()], UNSAID),
    ([header(asked("a"), asked("a"))], UNSAID),
    ([header(asked("a"), 3)], UNSAID),
    ([header(asked(3))], UNSAID),
    ([header(asked("a", answerable=1))], UNSAID),
    ([header(asked("a", split="train"))], UNSAID),
    ([header({k: v for k, v in asked("a").items() if k != "conversation"})], UNSAID),
    ([HEADER, {"id": "a"}, {"id": "c"}], f":3: question 'c' is none of those that the header names{AGAIN}"),
    ([HEADER, {"id": ["a"]}], f":2: question ['a'] is none of those that the header names{AGAIN}"),
    ([HEADER, {"question": "a?"}], f":2: question None is none of those that the header names{AGAIN}"),
    ([HEADER, {"id": "a"}, {"id": "b"}, {"id": "a"}], ":4: a second line of question 'a'; remove one of them"),
])
def test_what_is_no_run_is_refused_by_file_and_line(rows: list[dict], problem: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_run(write_rows(tmp_path / "run.jsonl", rows))
    assert str(caught.value) == f"{tmp_path / 'run.jsonl'}{problem}"


def test_a_line_cut_off_is_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "run.jsonl", [HEADER, {"id": "a"}])
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DatasetError, match="run.jsonl:2: not JSON"):
        read_run(path)


def test_lines_come_in_the_order_of_the_questions_and_a_missing_one_is_none(tmp_path: Path) -> None:
    rows = [header(asked("a"), asked("b"), asked("c")), {"id": "c", "n": 1}, {"id": "a", "n": 2}]
    run = read_run(write_rows(tmp_path / "run.jsonl", rows))
    assert run.lines == ({"id": "a", "n": 2}, None, {"id": "c", "n": 1})
    assert [row["id"] for row in run.rows] == ["a", "b", "c"] and run.header == rows[0]


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere.jsonl cannot be read"):
        read_run(tmp_path / "nowhere.jsonl")


def test_words_of_every_script_come_back_as_they_were(tmp_path: Path) -> None:
    words = "ü \u2028 \x85 𝄞"
    with writing(tmp_path / "r") as write:
        write(header(asked(words)))
        write({"id": words})
    assert read_run(tmp_path / "r").lines[0]["id"] == words
    assert "ü" in (tmp_path / "r").read_text(encoding="utf-8")  # a person can read it too
