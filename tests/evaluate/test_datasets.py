"""Any public set becomes articles, an index and questions, once, and whole or not at all."""

import fcntl
import json
import multiprocessing
import os
import threading
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.errors import DatasetError, UsageError
from qa.evaluate.datasets import corpus
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.datasets.kinds import kind_of
from qa.evaluate.datasets.material import Material
from qa.evaluate.datasets.names import Names
from qa.evaluate.questions.dataset import load

NORMANS = "The Normans settled in France. Rollo led them. They spoke French."
ENGINES = "A steam engine burns coal. Newcomen built one in 1712."


def squad(**changes: Any) -> dict[str, Any]:
    """Two articles with a question each."""
    asked = [(NORMANS, "Who led the Normans?", "Rollo"), (ENGINES, "When did Newcomen build it?", "1712")]
    paragraphs = [
        [{"context": text, "qas": [{"id": q, "question": q, "answers": [{"text": a, "answer_start": text.index(a)}]}]}]
        for text, q, a in asked
    ]
    titles = ("Normans", "Steam_engine")
    return {"data": [{"title": t, "paragraphs": p} for t, p in zip(titles, paragraphs)], **changes}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "from" / "dev.json"
    path.parent.mkdir()
    path.write_text(json.dumps(squad()))
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_set_lies_beside_the_index_as_articles_and_questions(source: Path, tmp_path: Path) -> None:
    made = prepare(f"squad:{source}", tmp_path / "index")
    assert made.name == "squad:dev.json"
    assert made.articles.parent == made.questions.parent == made.index.parent
    assert made.articles.parent.parent == tmp_path / "index" / "datasets"
    assert (made.articles / "Steam_engine.txt").read_text() == f"Steam engine\n\n{ENGINES}\n"
    assert {p.name for p in made.articles.iterdir()} == {"Normans.txt", "Steam_engine.txt", "articles.toml"}
    assert [q.question for q in load(made.questions).questions] == [
        "Who led the Normans?",
        "When did Newcomen build it?",
    ]
    assert not made.index.exists()


def test_the_same_set_is_read_and_written_once_wherever_it_lies(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(f"squad:{source}", tmp_path / "index")
    first.index.mkdir()
    (first.index / "CURRENT").write_text("7")
    before = {p: p.stat().st_mtime_ns for p in first.articles.parent.rglob("*")}
    copy = tmp_path / "copy.json"
    copy.write_bytes(source.read_bytes())
    with monkeypatch.context() as patch:
        patch.setitem(corpus.FORMATS, "squad", replace(corpus.FORMATS["squad"], read=lambda path: pytest.fail("read")))
        again = prepare(f"squad:{copy}", tmp_path / "index")
    assert again.index == first.index and {p: p.stat().st_mtime_ns for p in before} == before
    copy.write_text(json.dumps(squad(version="2")))
    assert prepare(f"squad:{copy}", tmp_path / "index").index != first.index


def test_another_version_of_the_format_is_another_corpus(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = prepare(f"squad:{source}", tmp_path)
    monkeypatch.setattr(corpus, "VERSION", corpus.VERSION + 1)
    assert prepare(f"squad:{source}", tmp_path).articles != first.articles


@pytest.mark.parametrize("spec", ["", "squad", "squad:", "dev.json", "quac:dev.json", "Squad:dev.json"])
def test_an_unknown_format_is_refused_with_the_known_ones(spec: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="squad:FILE, clapnq:DIR, beir:DIR, articles:DIR") as refused:
        prepare(spec, tmp_path / "index")
    assert repr(spec) in str(refused.value) and not (tmp_path / "index").exists()


@pytest.mark.parametrize("name", ["squad", "clapnq", "beir", "articles"])
def test_a_path_that_is_not_there_or_not_of_its_kind_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "nowhere", tmp_path if name == "squad" else tmp_path / "file"):
        with pytest.raises(UsageError, match=f"there is no (file|folder) {path}") as refused:
            prepare(f"{name}:{path}", tmp_path / "index")
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "dev.json holds no article"),
        (squad()["data"][:1] + [{"title": "Force", "paragraphs": [{"context": "F = ma.", "qas": []}]}], None),
        ([{"title": "Force", "paragraphs": [{"context": "F = ma.", "qas": []}]}], "dev.json holds no question"),
    ],
)
def test_a_set_without_articles_or_questions_is_none(
    data: list[Any], problem: str | None, source: Path, tmp_path: Path
) -> None:
    source.write_text(json.dumps({"data": data}))
    if problem is None:
        assert prepare(f"squad:{source}", tmp_path / "index").articles.is_dir()
        return
    with pytest.raises(DatasetError, match=problem):
        prepare(f"squad:{source}", tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_a_full_disk_leaves_nothing_half_written(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(titles: dict[str, str]) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(corpus, "_stated", full)  # called when the articles are written and the questions are not
        with pytest.raises(UsageError, match="cannot be written .No space left on device.; make room"):
            prepare(f"squad:{source}", tmp_path / "index")
    assert [p.name for p in (tmp_path / "index" / "datasets").iterdir()] == [".lock"]
    assert len(load(prepare(f"squad:{source}", tmp_path / "index").questions).questions) == 2


def test_a_folder_that_cannot_be_made_is_said(source: Path, tmp_path: Path) -> None:
    (tmp_path / "datasets").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written .* choose another --index"):
        prepare(f"squad:{source}", tmp_path)


def test_what_a_killed_process_left_is_no_part_of_the_set(source: Path, tmp_path: Path) -> None:
    made = prepare(f"squad:{source}", tmp_path / "elsewhere").articles.parent
    part = tmp_path / "index" / "datasets" / f".{made.name}.part"
    (part / "articles").mkdir(parents=True)
    (part / "articles" / "half.txt").write_text("An article of")
    again = prepare(f"squad:{source}", tmp_path / "index")
    assert tree(again.articles.parent) == tree(made) and not part.exists()


def test_who_comes_second_waits_and_takes_what_is_there(source: Path, tmp_path: Path) -> None:
    made = prepare(f"squad:{source}", tmp_path).articles.parent
    hidden = made.rename(tmp_path / "hidden")
    lock = os.open(made.parent / ".lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    second = threading.Thread(target=prepare, args=(f"squad:{source}", tmp_path))
    second.start()
    time.sleep(0.3)
    assert not made.exists() and second.is_alive()
    (hidden / "mark").touch()
    hidden.rename(made)
    os.close(lock)
    second.join(10)
    assert not second.is_alive() and (made / "mark").exists()


def test_processes_that_begin_together_do_not_break_each_other(source: Path, tmp_path: Path) -> None:
    start = multiprocessing.get_context("spawn")
    others = [start.Process(target=prepare, args=(f"squad:{source}", tmp_path / "index")) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert [other.exitcode for other in others] == [0, 0, 0]
    made = prepare(f"squad:{source}", tmp_path / "index").articles.parent
    assert {p.name for p in made.parent.iterdir()} == {made.name, ".lock"}


@given(st.lists(st.text(min_size=1), max_size=8))
@example(["A B", "A_B", "a_b", "A/B", "A_B-2"])
@example(["README", "README first", "con", "..", "", "/"])
@example(["\u00e9", "e\u0301", "\u210c", "H"])
@example(["\U00020000" * 300, "\U00020000" * 301])
def test_names_are_each_given_once_and_safe_on_every_file_system(wanted: list[str]) -> None:
    names = Names()
    given = [names.take(text) for text in wanted]
    assert len({name.casefold() for name in given}) == len(wanted)
    for name in given:
        assert 1 <= len(f"{name}.txt".encode()) <= 255 and not set(name) & set('/\\:*?"<>|.\0\n ')
        assert not name.upper().startswith("README") and name.upper() not in ("CON", "NUL", "COM1")


def test_a_name_that_is_safe_is_kept() -> None:
    names = Names()
    assert [names.take(n) for n in ("MED-10", "4983", "Steam_engine", "MED-10")] == [
        "MED-10",
        "4983",
        "Steam_engine",
        "MED-10-2",
    ]


@given(st.dictionaries(st.from_regex(r"[\w-]{1,20}", fullmatch=True), st.text(), max_size=4))
@example({"a": 'A "quoted" \\ title\twith\x7fcontrols\x00and \ud800 half'})
def test_titles_are_stated_so_that_toml_reads_them_back(titles: dict[str, str]) -> None:
    material = Material()
    for id, title in titles.items():
        material.add_article(id, title, ["Prose."])
    read = tomllib.loads(corpus._stated(material.titles))
    assert {id: table["title"] for id, table in read.items()} == material.titles
    for id, title in material.titles.items():
        assert material.files[f"{id}.txt"].encode() == f"{title}\n\nProse.\n".encode()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who led the Normans?", "who"),
        ("By whom was it built?", "who"),
        ("Whose idea was it?", "who"),
        ("What did he do when he was king?", "what"),
        ("which method uses averages", "what"),
        ("When did it end?", "when"),
        ("In what year did it end?", "when"),
        ("what time is it", "when"),
        ("Where is Normandy?", "where"),
        ("In what country is Normandy located?", "where"),
        ("How many ships sailed?", "how-many"),
        ("What percentage voted?", "how-many"),
        ("how long is it", "how-many"),
        ("Why did they leave?", "why"),
        ("For what reason did they leave?", "why"),
        ("How come?", "why"),
        ("How did they leave?", "how"),
        ("Is Normandy in France?", "yes-no"),
        ("  Didn't\nthey leave?", "yes-no"),
        ("difference between a cat and a dog", "other"),
        ("The island is ...", "other"),
        ("Isaac Newton", "other"),
        ("somewhat whole showhow", "other"),
    ],
)
def test_the_kind_is_what_the_question_asks_for(question: str, kind: str) -> None:
    assert kind_of(question) == kind
