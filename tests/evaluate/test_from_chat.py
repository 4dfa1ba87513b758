"""A thumb in the chat is a row that `qa eval` asks at once; a file that is somebody else's is never harmed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from qa import Library
from qa.cli import main
from qa.errors import DatasetError, UsageError
from qa.evaluate.questions.dataset import Evidence, load
from qa.evaluate.questions.from_chat import Case, Kept, keep, undo
from qa.evaluate.runs.run import read_run
from tests.conftest import ROOT
from tests.evaluate.corpus import ARTICLES, row, write_rows

GREW, PERCENT = Evidence("budget", "The budget grew."), Evidence("budget", "It grew by 5 percent.")
TALKS = Evidence("news/strike", "Talks began.")
GOOD = Case("What grew?", answerable=True, evidence=(GREW,))
NONE = Case("What grew?")


def read(id: str) -> str:
    if id not in ARTICLES:
        raise UsageError(f"no article {id!r} in the index", "see `qa articles` for the ids")
    return ARTICLES[id].text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "from-chat.jsonl"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def kept(path: Path, *cases: Case) -> list[str]:
    return [keep(path, case, read).what for case in cases]


def test_a_case_is_a_row_of_the_evaluations_own_format(path: Path) -> None:
    case = Case("  And by how much? ", ("What grew?",), True, (PERCENT,))
    made = keep(path, case, read)
    assert (made.id, made.what) == (case.id, "added")
    (question,) = load(path).questions
    assert (question.question, question.history, question.answerable) == ("And by how much?", ("What grew?",), True)
    assert (question.evidence, question.kind, question.split) == ((PERCENT,), "from-chat", "dev")
    assert question.id.startswith("chat-") and len(question.id) == 17 and question.conversation == "what grew?"
    assert path.read_bytes().endswith(b"}\n") and os.listdir(path.parent) == [path.name]  # no lock, no part is left


def test_the_same_question_is_one_row_whatever_its_case_and_blanks(path: Path) -> None:
    assert kept(path, GOOD, Case(" what  GREW?\n", (), True, (GREW,))) == ["added", "there already"]
    assert kept(path, Case("What grew?", ("Who struck?",), True, (GREW,)), Case("What grew", (), True, (GREW,))) == [
        "added", "added"]  # asked after something else, and other words, are other questions
    assert len(rows(path)) == 3 == len({row["id"] for row in rows(path)})


def test_evidence_joins_what_is_known_and_the_opposite_takes_its_place(path: Path) -> None:
    both = Case("What grew?", (), True, (Evidence("budget", " The  budget\ngrew."), TALKS))
    assert kept(path, GOOD, both, both) == ["added", "changed", "there already"]
    assert load(path).questions[0].evidence == (GREW, TALKS)
    assert kept(path, NONE, NONE) == ["changed", "there already"]
    assert (load(path).questions[0].answerable, load(path).questions[0].evidence) == (False, ())
    assert kept(path, GOOD) == ["changed"]
    assert load(path).questions[0].evidence == (GREW,) and len(rows(path)) == 1


@pytest.mark.parametrize("end", ["", "\n"])
def test_rows_of_other_origin_stay_byte_for_byte(path: Path, end: str) -> None:
    mine = '\ufeff{"split":"test",  "id": "own", "question": "Wer\\u00e4? \u2028", "history": [],\r\r ' \
        '"answerable": false, "evidence": [], "kind": "who"} \r\n\n  \n' + json.dumps(row("b")) + end
    path.write_bytes(mine.encode())
    made = [keep(path, case, read) for case in (GOOD, NONE, GOOD)]
    assert [m.what for m in made] == ["added", "changed", "changed"]
    assert path.read_bytes().startswith(mine.encode().removesuffix(b"\n") + b"\n{")
    for each in reversed(made):
        undo(path, each)
    assert path.read_bytes() == mine.encode().removesuffix(b"\n") + b"\n"


def test_what_a_person_wrote_into_a_row_of_the_chat_stays_there(path: Path) -> None:
    kept(path, GOOD)
    write_rows(path, [{**rows(path)[0], "split": "test", "kind": "what", "conversation": "mine"}])
    assert kept(path, Case("What grew?", (), True, (TALKS,))) == ["changed"]
    (question,) = load(path).questions
    assert (question.split, question.kind, question.conversation) == ("test", "what", "mine")
    assert question.evidence == (GREW, TALKS)


def test_what_was_kept_last_is_undone_and_nothing_older(path: Path) -> None:
    first, second = keep(path, GOOD, read), keep(path, Case("What grew?", (), True, (TALKS,)), read)
    with pytest.raises(UsageError, match="judged again since; see its row chat-.* in from-chat.jsonl"):
        undo(path, first)
    undo(path, second)
    assert load(path).questions[0].evidence == (GREW,)
    with pytest.raises(UsageError, match="judged again since"):
        undo(path, second)
    undo(path, first)
    assert not path.exists(), "a set with nothing in it is none"
    with pytest.raises(UsageError, match="judged again since"):
        undo(path, first)


@pytest.mark.parametrize("bytes, says", [
    (b"not json\n", ":1: not JSON"), (b'{"id": "x"}\n', ":1: the row lacks"), (b"\xff\n", ":1: not UTF-8"),
    (json.dumps(row("a")).encode() + b"\n" + json.dumps(row("a")).encode(), ":2: id 'a' stands in line 1 too"),
    (b"\n \n", "holds no question"),
])
def test_a_file_that_is_no_question_set_is_named_and_never_overwritten(path: Path, bytes: bytes, says: str) -> None:
    path.write_bytes(bytes)
    for act in (lambda: keep(path, GOOD, read), lambda: undo(path, Kept(GOOD.id, "added", None, b"x"))):
        with pytest.raises(DatasetError) as refused:
            act()
        assert str(path) in str(refused.value) and says in str(refused.value)
        assert path.read_bytes() == bytes and os.listdir(path.parent) == [path.name]


def test_an_empty_file_is_a_set_to_begin(path: Path) -> None:
    path.touch()
    assert kept(path, NONE) == ["added"] and len(rows(path)) == 1


@pytest.mark.parametrize("evidence, says", [
    (Evidence("budget", "The budget shrank."), "the quote 'The budget shrank.' stands nowhere in article 'budget'"),
    (Evidence("budget", "udget grew."), "stands nowhere"), (Evidence("budget", "Talks began."), "stands nowhere"),
    (Evidence("budget", " "), "stands nowhere"), (Evidence("budget"), "stands nowhere"),
    (Evidence("gone", "The budget grew."), "no article 'gone'"),
])
def test_only_words_that_stand_in_the_article_are_evidence(path: Path, evidence: Evidence, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        keep(path, Case("What grew?", (), True, (GREW, evidence)), read)
    assert not path.exists()


@pytest.mark.parametrize("told, says", [
    ({"answerable": True}, "choose the sentence that answers it"), ({"evidence": (GREW,)}, "choose one of the two"),
    ({"question": " \n"}, "ask something in words"), ({"history": ("",)}, "ask something in words"),
    ({"question": "\ud800?"}, "ask something in words"),
])
def test_a_case_that_could_not_be_scored_is_refused(told: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Case(**{"question": "What grew?", **told})


def test_many_windows_and_processes_at_once_lose_nothing(path: Path) -> None:
    code = ("import sys\nfrom pathlib import Path\nfrom qa.evaluate.questions.from_chat import Case, keep\n"
            "for n in range(15): keep(Path(sys.argv[1]), Case(f'{sys.argv[2]} {n}?'), str)")
    others = [subprocess.Popen([sys.executable, "-c", code, str(path), name], cwd=ROOT) for name in ("a", "b")]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda n: keep(path, Case(f"c {n % 15}?"), str).what, range(45)))
    assert [process.wait(60) for process in others] == [0, 0]
    assert len(load(path).questions) == 45 and sorted(set(said)) == ["added", "there already"]
    assert said.count("added") == 15 and os.listdir(path.parent) == [path.name]


def test_a_write_that_fails_leaves_the_old_file_and_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(path, GOOD)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"from-chat.jsonl cannot be written \(No space left on device\)"):
        keep(path, NONE, read)
    assert path.read_bytes() == before and os.listdir(path.parent) == [path.name]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        keep(tmp_path / "file" / "from-chat.jsonl", GOOD, read)


def test_a_link_stays_a_link(path: Path) -> None:
    real = path.with_name("elsewhere.jsonl")
    write_rows(real, [row("own")])
    path.symlink_to(real)
    assert kept(path, NONE) == ["added"] and path.is_symlink() and len(rows(real)) == 2


SAID = Case("Which retired officer spoke of Islamabad's predicament?", (), True, (
    Evidence("001_3740f9f57058e3dc", "Muhammad Ashfaque Arain, former air marshal of the Pakistan Air Force, noted the "
             "delicate situation Pakistan found itself in, with an interim government in charge until elections."),))
UNSAID = Case("Who won the chess olympiad?", ("Which retired officer spoke?",))


@pytest.mark.parametrize("cases", [(SAID,), (UNSAID,), (SAID, UNSAID)], ids=["answerable", "unanswerable", "both"])
def test_the_set_can_be_asked_at_once(cases: tuple[Case, ...], path: Path, library: Library, capsys) -> None:
    corpus = ["--articles", str(library.articles), "--index", str(library.index)]
    for case in cases:
        keep(path, case, lambda id: library.read(id).text)
    out, page = path.with_name("run.jsonl"), path.with_name("report.html")
    assert main(["eval", "--questions", str(path), "--out", str(out), "--html", str(page), *corpus]) == 0
    run = read_run(out)
    assert [row["id"] for row in run.rows] == [case.id for case in cases]
    assert all(line["error"] is None and bool(line["gold"]) == line["answerable"] for line in run.lines)
    assert "from-chat" in page.read_text(encoding="utf-8")
    assert main(["eval", "--check", "--questions", str(path), *corpus]) == 0
    told = capsys.readouterr()
    assert "Traceback" not in told.err and "0 of them to mend" in told.out
