"""Which run the page's tab shows, and what it says where there is none."""

import os

import pytest

from qa.errors import DatasetError
from qa.evaluate.report import latest
from qa.evaluate.report.latest import Latest, newest
from qa.evaluate.report.page import to_html
from qa.evaluate.verdict.compare import compare
from tests.evaluate.html_run import WORSE, run


def touch(path, when: int):
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    os.utime(path, ns=(when, when))
    return path


def test_the_newest_by_time_and_not_by_name_then_the_baseline(tmp_path) -> None:
    baseline = touch(tmp_path / "baseline.jsonl", 9)
    assert newest(tmp_path) == baseline
    newer = touch(tmp_path / "runs" / "a.jsonl", 5)
    touch(tmp_path / "runs" / "b.jsonl", 3)
    touch(tmp_path / "runs" / ".c.jsonl.7.part", 8)
    touch(tmp_path / "runs" / ".d.jsonl", 8)
    touch(tmp_path / "runs" / "notes.txt", 8)
    assert newest(tmp_path) == newer


def test_no_run_at_all_says_what_to_do(tmp_path) -> None:
    with pytest.raises(DatasetError, match="^nothing has been evaluated yet; run `qa eval`$"):
        Latest(tmp_path)()


def test_a_run_that_cannot_be_read_is_one_line_that_says_what_to_do(tmp_path) -> None:
    touch(tmp_path / "runs" / "a.jsonl", 5)
    with pytest.raises(DatasetError) as error:
        Latest(tmp_path)()
    assert "`qa eval`" in str(error.value) and "\n" not in str(error.value)


def test_it_is_made_once_and_again_when_the_run_changes(tmp_path, monkeypatch) -> None:
    made = []
    monkeypatch.setattr(latest, "_page", lambda path, _: made.append(path) or f"page {len(made)}")
    first = touch(tmp_path / "runs" / "a.jsonl", 5)
    report = Latest(tmp_path)
    assert (report(), report()) == ("page 1", "page 1")
    touch(first, 6)
    assert (report(), report()) == ("page 2", "page 2")
    second = touch(tmp_path / "runs" / "b.jsonl", 7)
    assert report() == "page 3" and made == [first, first, second]
    baseline = touch(tmp_path / "baseline.jsonl", 8)
    assert (report(), report()) == ("page 4", "page 4")  # there is something to compare with now
    touch(baseline, 9)
    assert report() == "page 5" and made[3:] == [second, second]


def test_the_newest_run_is_compared_with_the_baseline(tmp_path) -> None:
    (tmp_path / "runs").mkdir()
    baseline = run(tmp_path, name="baseline.jsonl")
    assert Latest(tmp_path)() == to_html(baseline)  # which is compared with nothing
    newer = run(tmp_path, WORSE, name="runs/newer.jsonl")
    page = Latest(tmp_path)()
    assert page == to_html(newer, compare(baseline, newer)) != to_html(newer) and 'id="compared"' in page


@pytest.mark.parametrize("spoil", [
    lambda path: path.unlink(), lambda path: path.write_text("{}"), lambda path: path.write_bytes(b"\xff"),
    lambda path: path.write_text(path.read_text().replace('"digest": "', '"digest": "0', 1)),
])
def test_without_a_baseline_of_the_same_questions_the_newest_run_stands_alone(spoil, tmp_path) -> None:
    (tmp_path / "runs").mkdir()
    run(tmp_path, name="baseline.jsonl")
    newer = run(tmp_path, WORSE, name="runs/newer.jsonl")
    spoil(tmp_path / "baseline.jsonl")
    assert Latest(tmp_path)() == to_html(newer)
