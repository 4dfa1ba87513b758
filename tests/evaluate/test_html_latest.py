"""Which run the page's tab shows, and what it says where there is none."""

import json
import os

import pytest

from qa.errors import DatasetError, UsageError
from qa.evaluate.report import latest
from qa.evaluate.report.latest import Latest
from qa.evaluate.report.page import to_html
from qa.evaluate.runs.kept import KeptRuns
from qa.evaluate.score import score
from qa.evaluate.verdict.compare import compare
from tests.evaluate.corpus import row, write_rows
from tests.evaluate.html_run import GREW, ROWS, WORSE, run


def touch(path, when: int):
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}", encoding="utf-8")
    os.utime(path, ns=(when, when))
    return path


def made(folder, name: str, day: int, rows=ROWS, **told):
    """A run of `rows` in `folder`, made on that day of January."""
    (folder / "runs").mkdir(exist_ok=True)
    questions = (folder / "questions.jsonl").read_bytes() if (folder / "questions.jsonl").exists() else None
    run(folder, rows=rows, name=name)
    if questions is not None:  # `run` wrote its own there
        (folder / "questions.jsonl").write_bytes(questions)
    header, *lines = (folder / name).read_text(encoding="utf-8").splitlines()
    header = {**json.loads(header), "when": f"2024-01-{day:02}T12:00:00+00:00", **told}
    (folder / name).write_text("\n".join([json.dumps(header), *lines]) + "\n", encoding="utf-8")
    return folder / name


def shown(folder, questions: str = "shipped") -> str:
    return KeptRuns(folder).newest_path(questions).name


def test_the_newest_run_of_the_shipped_questions_by_its_own_time(tmp_path) -> None:
    made(tmp_path, "baseline.jsonl", 3)
    assert shown(tmp_path) == "baseline.jsonl"
    made(tmp_path, "runs/b.jsonl", 2)
    assert shown(tmp_path) == "baseline.jsonl"  # it was made anew since
    newer = made(tmp_path, "runs/a.jsonl", 5)
    os.utime(newer, ns=(1, 1))  # a checkout or a copy changes the file's time, not the run's
    touch(tmp_path / "runs" / ".c.jsonl.7.part", 8)
    touch(tmp_path / "runs" / "notes.txt", 8)
    assert shown(tmp_path) == "a.jsonl"


def test_of_the_same_second_a_run_is_newer_than_the_baseline(tmp_path) -> None:
    made(tmp_path, "baseline.jsonl", 3)
    made(tmp_path, "runs/a.jsonl", 3)
    assert shown(tmp_path) == "a.jsonl"


def test_runs_of_other_questions_or_other_text_wait_for_qa_score(tmp_path) -> None:
    made(tmp_path, "baseline.jsonl", 1)
    made(tmp_path, "runs/sample.jsonl", 5, ROWS[:3], dataset={"limit": 3, "seed": 1})
    made(tmp_path, "runs/among.jsonl", 6, distractors={"folder": "wiki", "articles": 500})
    made(tmp_path, "runs/asked.jsonl", 7, [{**ROWS[0], "question": "Else?", "id": "declined"}])
    touch(tmp_path / "runs" / "broken.jsonl", 9)
    assert shown(tmp_path) == "baseline.jsonl"
    (told,) = Latest(tmp_path).sets()
    assert (told["run"], told["baseline"], told["others"]) == ("baseline.jsonl", True, 3)


def test_questions_that_were_edited_since_the_baseline_are_shipped_too(tmp_path) -> None:
    made(tmp_path, "baseline.jsonl", 1)
    (tmp_path / "questions.jsonl").unlink()
    made(tmp_path, "runs/edited.jsonl", 5, ROWS[1:])  # of what questions.jsonl holds now
    assert shown(tmp_path) == "edited.jsonl"


def test_without_a_run_of_the_shipped_questions_any_other_is_shown(tmp_path) -> None:
    made(tmp_path, "runs/old.jsonl", 1, ROWS[:3])
    made(tmp_path, "runs/new.jsonl", 2, ROWS[:2])
    (tmp_path / "questions.jsonl").unlink()
    assert shown(tmp_path) == "new.jsonl"
    with pytest.raises(DatasetError, match="nothing has been evaluated yet"):
        Latest(tmp_path).rates()  # but it says nothing of the shipped ones


def test_the_questions_from_the_chat_have_a_report_of_their_own(tmp_path) -> None:
    made(tmp_path, "baseline.jsonl", 1)
    latest = Latest(tmp_path)
    with pytest.raises(DatasetError, match="^the questions from the chat have not been asked yet; run the evaluation"):
        latest("chat")
    with pytest.raises(UsageError, match="there is no question set 'x'"):
        latest("x")
    write_rows(tmp_path / "from-chat.jsonl", [row("chat-1", GREW), row("chat-2")])
    shipped, chat = latest.sets()
    assert (chat["questions"], chat["count"], chat["run"]) == ("chat", 2, None)
    assert chat["seconds"] == pytest.approx(2 / 8 * shipped["seconds"], abs=0.1)  # till they were asked themselves
    said = json.loads((tmp_path / "baseline.jsonl").read_text(encoding="utf-8").splitlines()[0])["questions"]
    said |= {"file": "from-chat.jsonl", "rows": said["rows"][:3]}
    made(tmp_path, "runs/talk.jsonl", 5, ROWS[:3], questions=said)
    assert shown(tmp_path) == "baseline.jsonl" and shown(tmp_path, "chat") == "talk.jsonl"
    assert latest("chat") == to_html(score(tmp_path / "runs" / "talk.jsonl")) != latest()
    assert [told["run"] for told in latest.sets()] == ["baseline.jsonl", "talk.jsonl"]
    (tmp_path / "from-chat.jsonl").write_text("no row")
    (_, broken) = latest.sets()
    assert broken["count"] is None and "from-chat.jsonl:1: not JSON" in broken["problem"]


def test_no_run_at_all_says_what_to_do(tmp_path) -> None:
    with pytest.raises(DatasetError, match="^nothing has been evaluated yet; run `qa eval`$"):
        Latest(tmp_path)()


def test_a_run_that_cannot_be_read_is_one_line_that_says_what_to_do(tmp_path) -> None:
    touch(tmp_path / "runs" / "a.jsonl", 5)
    with pytest.raises(DatasetError) as error:
        Latest(tmp_path)()
    assert "`qa eval`" in str(error.value) and "\n" not in str(error.value)


def test_it_is_made_once_and_again_when_the_run_changes(tmp_path, monkeypatch) -> None:
    made_of = []
    monkeypatch.setattr(latest, "_page", lambda path, _: made_of.append(path.name) or f"page {len(made_of)}")
    first = made(tmp_path, "runs/a.jsonl", 5)
    report = Latest(tmp_path)
    assert (report(), report()) == ("page 1", "page 1")
    os.utime(first, ns=(6, 6))
    assert (report(), report()) == ("page 2", "page 2")
    made(tmp_path, "runs/b.jsonl", 7)
    assert report() == "page 3" and made_of == ["a.jsonl", "a.jsonl", "b.jsonl"]
    baseline = made(tmp_path, "baseline.jsonl", 1)
    assert (report(), report()) == ("page 4", "page 4")  # there is something to compare with now
    os.utime(baseline, ns=(9, 9))
    assert report() == "page 5" and made_of[3:] == ["b.jsonl", "b.jsonl"]


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
