"""A run holds every question once, whole or not at all, and a fault as a fault."""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from qa import __version__
from qa.answer.contract import answer_to_dict
from qa.errors import DatasetError, IndexDamaged, UsageError
from qa.evaluate.figures.judge import judge
from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import Dataset, load
from qa.evaluate.runs.header import commit, machine
from qa.evaluate.runs.record import record, yardstick
from qa.evaluate.runs.run import read_run
from qa.records import Quote, RemovedLine
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
    assert first["gold"] == [
        {"article": "budget", "start": s, "end": e, "text": "grew"} for s, e in ((11, 15), (20, 24))]
    told = {"split": "dev", "kind": "who", "answerable": True, "history": ["What grew?"]}
    told |= {"gold_articles": {}, "lost": []}
    assert told.items() <= first.items()
    assert first["checked"] == [{"sentences": n, "cited": True} for n in (2, 1, 1)]
    assert second["checked"] == [{"sentences": 3, "cited": True}] and second["answered"] is False
    assert (second["gold"], second["relevant"], second["error"]) == ([], [], None)
    assert first["yardstick"] > 0


def test_relevant_are_all_passages_that_hold_half_of_a_gold_place(dataset: Dataset, tmp_path: Path) -> None:
    record(script(), Shelf(), dataset, tmp_path / "r")
    # sentences of "budget": 0-16, 17-38, 39-57, 58-75; alone, then by two. "grew" stands in the first two.
    relevant = read_run(tmp_path / "r").lines[0]["relevant"]
    assert sorted(relevant) == ["budget:0-16", "budget:0-38", "budget:17-38", "budget:17-57"]


def test_half_of_a_gold_place_makes_a_passage_relevant_and_less_does_not(tmp_path: Path) -> None:
    # "It grew by 5 percent. Taxes fell in May." is 21 + 1 + 18 = 40 long: the first of the two alone holds 21, the
    # other 18, so 39-57 is not relevant; nor is 39-75, which holds no more of it.
    rows = [row("a", [("budget", "It grew by 5 percent. Taxes fell in May.")])]
    dataset = load(write_rows(tmp_path / "q.jsonl", rows))
    record(script(), Shelf(), dataset, tmp_path / "r")
    assert sorted(read_run(tmp_path / "r").lines[0]["relevant"]) == ["budget:0-38", "budget:17-38", "budget:17-57"]


def test_evidence_that_is_gone_or_names_articles_only_stands_in_the_line(tmp_path: Path) -> None:
    rows = [row("a", [("weather", "Rain."), ("budget", "Share this")]), row("b", [("budget", 2), ("sport", 1)])]
    dataset, shelf = load(write_rows(tmp_path / "q.jsonl", rows)), Shelf(cleaned={
        "budget": (RemovedLine(9, "share", "Share this"),)})
    record(script(), shelf, dataset, tmp_path / "r")
    first, second = read_run(tmp_path / "r").lines
    assert first["lost"] == [{"article": "weather", "quote": "Rain.", "why": "not in the corpus"},
                             {"article": "budget", "quote": "Share this", "why": "cleaned away"}]
    assert second["gold_articles"] == {"budget": 2} and second["relevant"] == first["gold"] == []
    assert second["lost"] == [{"article": "sport", "quote": None, "why": "not in the corpus"}]


def test_a_quote_that_its_article_does_not_say_there_is_not_cited(dataset: Dataset, tmp_path: Path) -> None:
    said = quote("budget", 0)  # "The budget grew."
    wrong = answer("a?", [said, replace(said, text="The budget fell.")], 0.9)
    record(ScriptedAssistant({**script().script, "a?": wrong}), Shelf(), dataset, tmp_path / "r")
    assert [c["cited"] for c in read_run(tmp_path / "r").lines[0]["checked"]] == [True, False]


def test_a_sentence_touched_in_part_counts(dataset: Dataset, tmp_path: Path) -> None:
    # the first sentence ends at 16 and the next begins at 17
    spans = ((4, 16), (4, 17), (4, 18), (15, 39), (15, 40), (16, 38))
    cuts = [Quote.cut(ARTICLES["budget"], *span, probability=0.5) for span in spans]
    record(ScriptedAssistant({**script().script, "a?": answer("a?", cuts, 0.9)}), Shelf(), dataset, tmp_path / "r")
    assert [c["sentences"] for c in read_run(tmp_path / "r").lines[0]["checked"]] == [1, 1, 2, 2, 3, 1]


def test_the_yardstick_times_the_same_work_each_time() -> None:
    fastest = min(yardstick() for _ in range(5))
    assert 0 < fastest < 1 and min(yardstick() for _ in range(5)) < 10 * fastest


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
    record(script(), Shelf(), dataset, tmp_path / "r", around={"folder": "wiki", "articles": 500},
           source={"name": "squad", "seed": 3})
    header = read_run(tmp_path / "r").header
    assert (header["format"], header["format_version"], header["version"]) == ("qa-run", 2, __version__)
    rows = header["questions"].pop("rows")
    assert header["questions"] == {"file": "questions.jsonl", "sha256": dataset.sha256, "count": 3}
    assert rows[0] == {"id": "a", "question": "a?", "split": "dev", "kind": "who", "answerable": True,
                       "conversation": "what grew?", "digest": dataset.questions[0].digest}
    assert [(r["id"], r["split"], r["kind"], r["answerable"]) for r in rows[1:]] == [
        ("b", "test", "far off", False), ("c", "dev", "who", False)]
    listed = "".join(f"{id}\0{ARTICLES[id].sha256}\n" for id in ("budget", "news/strike"))
    assert header["manifest"].pop("corpus") == sha256(listed.encode()).hexdigest()
    assert header["manifest"] == {"encoder": "none", "folder": "articles", "passages": 14}
    assert header["settings"]["search"]["rrf_k"] == 60
    assert header["distractors"] == {"folder": "wiki", "articles": 500}
    assert header["dataset"] == {"name": "squad", "seed": 3}
    assert header["machine"] == machine() and header["machine"]["cores"] == os.cpu_count()
    assert header["when"].endswith("+00:00")


def test_another_text_or_another_id_is_another_corpus() -> None:
    budget = ARTICLES["budget"]
    digests = {Articles(Shelf(articles)).digest() for articles in (
        ARTICLES, {"budget": budget}, {"weather": budget}, {"budget": article("budget", ["It grew."])})}
    assert len(digests) == 4
    assert Articles(Shelf(dict(reversed(ARTICLES.items())))).digest() in digests


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
    known = {"id", "question", "split", "kind", "answerable", "history", "gold", "gold_articles", "lost", "relevant"}
    assert lines[0].keys() == known | {"error"} and lines[0]["gold"] and lines[0]["relevant"]
    assert [line["id"] for line in lines] == ["a", "b", "c"]


@pytest.mark.parametrize("defect", [
    ZeroDivisionError("two\nlines"), AssertionError(), AttributeError("x"), KeyError("x"), IndexError("x"),
    FileNotFoundError(2, "not there", "a\udcff"), RuntimeError("x"), RecursionError("x"), TypeError("x"),
    ValueError("x")])
def test_a_defect_that_a_question_meets_is_its_fault_and_the_rest_is_asked(
        defect: Exception, dataset: Dataset, tmp_path: Path) -> None:
    assistant = script(**{"a?": defect})
    record(assistant, Shelf(), dataset, tmp_path / "r")
    lines = read_run(tmp_path / "r").lines
    told = " ".join(str(defect).split())
    assert lines[0]["error"] == {"type": type(defect).__name__, "message": told} and "answered" not in lines[0]
    assert [line["error"] for line in lines[1:]] == [None, None] and len(assistant.asked) == 3
    assert [outcome.stage for outcome in judge(read_run(tmp_path / "r"))] == ["failed", "right", "right"]


def test_blanks_around_a_question_which_an_assistant_strips_stay_as_its_set_has_them(tmp_path: Path) -> None:
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a", question=" a? ")]))
    record(ScriptedAssistant({" a? ": answer("a?", [quote("budget", 0)], 0.9)}), Shelf(), dataset, tmp_path / "r")
    (line,) = read_run(tmp_path / "r").lines
    assert (line["question"], line["resolved_question"]) == (" a? ", "a?")


def test_a_quote_of_an_article_that_is_not_there_is_not_cited(dataset: Dataset, tmp_path: Path) -> None:
    said = quote("budget", 0, 1)
    wrong = answer("a?", [replace(said, article="weather"), said], 0.9)
    record(ScriptedAssistant({**script().script, "a?": wrong}), Shelf(), dataset, tmp_path / "r")
    assert read_run(tmp_path / "r").lines[0]["checked"] == [
        {"sentences": 0, "cited": False}, {"sentences": 2, "cited": True}]


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), MemoryError()])
def test_an_interrupt_and_a_full_machine_end_the_run_and_leave_the_old_one(
        fault: BaseException, dataset: Dataset, tmp_path: Path) -> None:
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
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a"), row("b", [("budget", "Rain.")])]))
    assistant = script()
    with pytest.raises(DatasetError, match="q.jsonl:2: the quote 'Rain.' stands nowhere"):
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
