"""A run holds every question once, whole or not at all, and a fault as a fault."""

import os
from pathlib import Path

import pytest

from qa import __version__
from qa.answer.contract import answer_to_dict
from qa.errors import DatasetError, IndexDamaged, UsageError
from qa.evaluate.questions.dataset import Dataset, load
from qa.evaluate.runs.header import commit, machine
from qa.evaluate.runs.record import record
from qa.evaluate.runs.run import read_run, writing
from tests.evaluate.corpus import ARTICLES, ScriptedAssistant, Shelf, answer, article, quote, row, write_rows

ANSWER = answer("a?", [quote("budget", 0, 1), quote("budget", 3), quote("news/strike", 0)], 0.9)
DECLINED = answer("b?", [quote("budget", 0, 2)], 0.1, answered=False)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    rows = [row("a", [("budget", "grew")], history=["What grew?"]), row("b", split="test", kind="far off"), row("c")]
    return load(write_rows(tmp_path / "questions.jsonl", rows))


def script(**changes: Exception) -> ScriptedAssistant:
    return ScriptedAssistant({"a?": ANSWER, "b?": DECLINED, "c?": DECLINED, **changes})


def test_a_line_is_the_answer_with_its_trace_its_row_and_its_gold(dataset: Dataset, tmp_path: Path) -> None:
    record(script(), Shelf(), dataset, tmp_path / "run.jsonl")
    first, second, _ = read_run(tmp_path / "run.jsonl").lines
    assert answer_to_dict(ANSWER, "a").items() <= first.items()
    assert [(h["article"], h["start"]) for h in first["hits"]] == [("budget", 0), ("budget", 58), ("news/strike", 0)]
    assert len(first["sentences"]) == 3
    assert first["gold"] == [{"article": "budget", "start": s, "end": e} for s, e in ((11, 15), (20, 24))]
    told = {"split": "dev", "kind": "who", "answerable": True, "history": ["What grew?"]}
    assert told.items() <= first.items()
    assert (first["quote_sentences"], second["quote_sentences"]) == ([2, 1, 1], [3])
    assert (second["answered"], second["gold"], second["error"]) == (False, [], None)


def test_a_trace_is_cut_at_twenty_hits_and_ten_sentences(tmp_path: Path) -> None:
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a")]))
    long = answer("a?", [quote("budget", 0)] * 25, 0.9)
    record(ScriptedAssistant({"a?": long}), Shelf(), dataset, tmp_path / "run.jsonl")
    (line,) = read_run(tmp_path / "run.jsonl").lines
    assert (len(line["hits"]), len(line["sentences"])) == (20, 10)


def test_every_question_is_asked_in_order_with_its_history(dataset: Dataset, tmp_path: Path) -> None:
    assistant, told = script(), []
    record(assistant, Shelf(), dataset, tmp_path / "r", progress=lambda *step: told.append(step))
    assert assistant.asked == [("a?", ("What grew?",)), ("b?", ()), ("c?", ())]
    assert told == [("questions", n, 3) for n in (1, 2, 3)]


def test_a_header_says_what_was_run_on_what(dataset: Dataset, tmp_path: Path) -> None:
    record(script(), Shelf(), dataset, tmp_path / "r", distractors={"folder": "wiki", "articles": 500})
    header = read_run(tmp_path / "r").header
    assert (header["format"], header["format_version"], header["version"]) == ("qa-run", 1, __version__)
    assert header["questions"] == {"file": "questions.jsonl", "sha256": dataset.sha256, "count": 3}
    assert header["manifest"] == {"encoder": "none", "folder": "articles", "passages": 8}
    assert header["settings"]["search"]["rrf_k"] == 60 and header["distractors"]["articles"] == 500
    assert header["machine"] == machine() and header["machine"]["cores"] == os.cpu_count()
    assert header["when"].endswith("+00:00")


def test_a_commit_is_told_of_tracked_code_only(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
    git = f"git -C {tmp_path} -c user.name=a -c user.email=a@example.org"
    (tmp_path / "__init__.py").write_text("")
    assert os.system(f"{git} init -q && {git} commit -q --allow-empty -m x") == 0
    assert commit(tmp_path) is None
    assert os.system(f"{git} add . && {git} commit -q -m y") == 0
    clean = commit(tmp_path)
    (tmp_path / "__init__.py").write_text("changed = True")
    assert clean and len(clean) == 40 and commit(tmp_path) == clean + "+changed"


def test_a_fault_of_a_question_is_recorded_and_the_rest_is_asked(dataset: Dataset, tmp_path: Path) -> None:
    record(script(**{"a?": IndexDamaged("a file is short", "run `qa index`")}), Shelf(), dataset, tmp_path / "r")
    lines = read_run(tmp_path / "r").lines
    assert lines[0]["error"] == {"type": "IndexDamaged", "message": "a file is short; run `qa index`"}
    assert "answered" not in lines[0] and lines[0]["gold"] and [line["id"] for line in lines] == ["a", "b", "c"]


@pytest.mark.parametrize("fault", [ZeroDivisionError("a defect"), KeyboardInterrupt()])
def test_a_defect_stops_the_run_and_leaves_the_old_one(fault: BaseException, dataset: Dataset, tmp_path: Path) -> None:
    class Breaking(ScriptedAssistant):
        def ask(self, question: str, history=()):
            if question == "b?":
                raise fault
            return super().ask(question, history)

    out = tmp_path / "runs" / "run.jsonl"
    out.parent.mkdir()
    out.write_text("the old one")
    with pytest.raises(type(fault)):
        record(Breaking(script().script), Shelf(), dataset, out)
    assert out.read_text() == "the old one" and list(out.parent.iterdir()) == [out]


def test_evidence_that_stands_nowhere_stops_before_anything_is_asked(tmp_path: Path) -> None:
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a"), row("b", [("weather", "Rain.")])]))
    assistant = script()
    with pytest.raises(DatasetError, match="q.jsonl:2: the corpus has no article 'weather'"):
        record(assistant, Shelf(), dataset, tmp_path / "r")
    assert not assistant.asked and not (tmp_path / "r").exists()


def test_offsets_of_another_version_of_an_article_are_not_judged(dataset: Dataset, tmp_path: Path) -> None:
    newer = Shelf({**ARTICLES, "budget": article("budget", ["It grew a lot."])})
    with pytest.raises(DatasetError, match="'budget' changed"):
        record(script(), newer, dataset, tmp_path / "r")


def test_a_run_that_cannot_be_written_is_told_before_anything_is_asked(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file" / "run.jsonl", tmp_path):
        assistant = script()
        with pytest.raises(UsageError, match="cannot be written"):
            record(assistant, Shelf(), dataset, out)
        assert not assistant.asked


HEADER = {"format": "qa-run", "format_version": 1, "questions": {"count": 2}}


@pytest.mark.parametrize(("rows", "problem"), [
    ([], "not the header of a run"),
    ([{"id": "a"}], "not the header of a run"),
    ([{**HEADER, "format_version": 2}], "run format 2, not 1"),
    ([{**HEADER, "questions": 3}], "how many questions"),
    ([{**HEADER, "questions": {"count": 0}}], "how many questions"),
    ([HEADER, {"id": "a"}], "holds 1 of 2 questions"),
    ([HEADER, {"id": "a"}, {"id": "a"}], "holds 1 of 2 questions in 2 lines"),
    ([HEADER, {"id": "a"}, {"id": "b"}, {"id": "a"}], "in 3 lines"),
])
def test_what_is_not_a_whole_run_is_not_scored(rows: list[dict], problem: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_run(write_rows(tmp_path / "run.jsonl", rows))
    assert problem in str(caught.value) and str(tmp_path / "run.jsonl") in str(caught.value) and caught.value.remedy


def test_a_missing_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere.jsonl cannot be read"):
        read_run(tmp_path / "nowhere.jsonl")


def test_words_of_every_script_come_back_as_they_were(tmp_path: Path) -> None:
    with writing(tmp_path / "r") as write:
        write({**HEADER, "questions": {"count": 1}})
        write({"id": "ü \u2028 \x85 𝄞"})
    assert read_run(tmp_path / "r").lines[0]["id"] == "ü \u2028 \x85 𝄞"
    assert "ü" in (tmp_path / "r").read_text(encoding="utf-8")  # a person can read it too
