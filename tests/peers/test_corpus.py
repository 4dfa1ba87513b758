"""Which questions the peers are asked, and what stops a comparison that would measure something else."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.peers.corpus import Corpus, CorpusError, Question, check, load, read_questions, save

ROW = {"id": "q", "question": "Who?", "history": [], "answerable": True, "split": "test",
       "evidence": [{"article": "a", "quote": "It was she."}]}


def questions(tmp_path: Path, *rows: dict[str, Any]) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_text("".join(json.dumps({**ROW, **row}) + "\n" for row in rows), encoding="utf-8")
    return path


def test_only_answerable_questions_of_the_test_half_that_stand_alone_are_asked(tmp_path: Path) -> None:
    path = questions(tmp_path, {"id": "yes"}, {"split": "dev"}, {"history": ["And he?"]},
                     {"answerable": False, "evidence": []})
    assert read_questions(path) == (Question("yes", "Who?", (("a", "It was she."),)),)


@pytest.mark.parametrize("row", [{"history": None}, {"evidence": [{"article": "a"}]}, {"question": 3}])
def test_a_bad_row_names_its_line(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(CorpusError, match=r"questions.jsonl:2: "):
        read_questions(questions(tmp_path, {}, row))


def test_nothing_to_ask_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no answerable question"):
        read_questions(questions(tmp_path, {"split": "dev"}))
    with pytest.raises(CorpusError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")


@pytest.mark.parametrize("articles", [{}, {"a": "It was he."}, {"b": "It was she."}])
def test_evidence_must_stand_in_what_the_systems_are_given(articles: dict[str, str]) -> None:
    asked = (Question("q", "Who?", (("a", "It was she."),)),)
    check(Corpus(Path(), {"a": "Well. It was\nshe."}, asked))
    with pytest.raises(CorpusError, match="question q: its evidence does not stand"):
        check(Corpus(Path(), articles, asked))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path, {"a": "It was she."}, (Question("q", "Who?", (("a", "It was she."),)),))
    save(corpus, tmp_path / "corpus.json")
    assert load(tmp_path / "corpus.json") == corpus
