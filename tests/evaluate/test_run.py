"""A run is read back as it was written; what is no run is refused in one line, and what it lacks is known."""

from pathlib import Path

import pytest

from qa.errors import DatasetError
from qa.evaluate.figures.judge import judge
from qa.evaluate.runs.run import read_run, writing
from tests.evaluate.corpus import write_rows
from tests.evaluate.lines import Line, asked, fault, header, line

A, B = (line(id=id) for id in "ab")
HEADER = header(asked(A), asked(B))
AGAIN = "; run `qa eval` again"


def refused(path: Path, rows: list[Line]) -> str:
    """What is said of the file `path` of `rows`, without its name."""
    with pytest.raises(DatasetError) as caught:
        read_run(write_rows(path, rows))
    assert str(caught.value).startswith(str(path))
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(("rows", "problem"), [
    ([], ":1: not the header of a run; give a file that `qa eval` wrote"),
    ([A], ":1: not the header of a run; give a file that `qa eval` wrote"),
    ([{**HEADER, "format_version": 1}], f":1: run format 1, not 2{AGAIN}"),
    ([{**HEADER, "format_version": None}], f":1: run format None, not 2{AGAIN}"),
    ([header(asked(A), asked(A))], f":1: the header names a question twice{AGAIN}"),
    ([HEADER, A, line(id="c")], f":3: question 'c' is none of those that the header names{AGAIN}"),
    ([HEADER, A, B, A], ":4: a second line of question 'a'; remove one of them"),
    ([HEADER, A, fault(id="a")], ":3: a second line of question 'a'; remove one of them"),
])
def test_what_is_no_run_is_refused_by_file_and_line(rows: list[Line], problem: str, tmp_path: Path) -> None:
    assert refused(tmp_path / "run.jsonl", rows) == problem


@pytest.mark.parametrize("said", [B, fault(id="b")])
@pytest.mark.parametrize("change", [{"question": "b too?"}, {"split": "test"}, {"kind": "why"}, {"answerable": False}])
def test_a_line_says_of_its_question_what_the_header_says(change: Line, said: Line, tmp_path: Path) -> None:
    (key,) = change
    problem = f":3: {key!r} of question 'b' is not what the header says{AGAIN}"
    assert refused(tmp_path / "run.jsonl", [HEADER, A, {**said, **change}]) == problem
    assert refused(tmp_path / "run.jsonl", [header(asked(A), asked(B, **change)), A, said]) == problem


def test_a_line_cut_off_is_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "run.jsonl", [HEADER, A])
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(DatasetError, match="run.jsonl:2: not JSON"):
        read_run(path)


def test_lines_come_in_the_order_of_the_questions_and_a_missing_one_is_none(tmp_path: Path) -> None:
    c = fault(id="c")
    rows = [header(asked(A), asked(B), asked(c)), c, A]
    run = read_run(write_rows(tmp_path / "run.jsonl", rows))
    assert run.lines == (A, None, c)
    assert [row["id"] for row in run.rows] == ["a", "b", "c"] and run.header == rows[0]


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere.jsonl cannot be read"):
        read_run(tmp_path / "nowhere.jsonl")


def test_words_of_every_script_come_back_as_they_were(tmp_path: Path) -> None:
    words = "ü \u2028 \x85 𝄞 \udcff"  # the last is what a file name that is no UTF-8 leaves in a fault's message
    said = {**fault(id=words), "error": {"type": words, "message": words}}
    with writing(tmp_path / "r") as write:
        write(header(asked(said)))
        write(said)
    assert read_run(tmp_path / "r").lines == (said,)
    assert "ü" in (tmp_path / "r").read_text(encoding="utf-8")  # a person can read it too


def test_what_is_read_can_be_judged_whatever_more_it_says(tmp_path: Path) -> None:
    more = {**A, "more": 1, "quotes": [{**A["quotes"][0], "n": 1}], "hits": [{**A["hits"][0], "fused_score": 0.1}]}
    run = read_run(write_rows(tmp_path / "r", [{**HEADER, "more": 1}, more, fault(id="b")]))
    assert [o.stage for o in judge(run)] == ["right", "failed"]
