"""`--reader` and `--reranker` as a person gives them: a process, its output, its exit code; and a run's header."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest

from qa import Library
from qa.cli import main
from qa.evaluate.report.facts import changed
from qa.evaluate.runs.header import named_models, plain, plain_settings
from qa.evaluate.runs.run import read_run
from qa.evaluate.verdict.changed import changes
from qa.index import models
from qa.settings import Answering, Encoder, Search, Settings
from tests.answer.tiny_models import cross_encoder, headless, qa_model
from tests.conftest import ROOT
from tests.evaluate.corpus import write_rows
from tests.test_cli import here, on, one_line, qa

QUESTION = "How many officers did Jaish al-Adl kill?"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qa_model(tmp_path_factory.mktemp("reader"), {"[CLS]": (1.0, 1.0), "11": (5.0, 3.0)})


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("reranker"), "officers")


def test_both_answer_from_a_folder_without_a_word_on_standard_error(library, reader: Path, reranker: Path) -> None:
    done = qa("ask", "--json", QUESTION, "--reader", reader, "--reranker", reranker, *on(library))
    answer = json.loads(done.stdout)
    assert (done.returncode, done.stderr, answer["answered"]) == (0, "", True)
    quote = answer["quotes"][0]
    assert library.read(quote["article"]).text[quote["start"] : quote["end"]] == quote["text"]
    assert quote["text"][slice(*quote["highlight"])] == "11"
    assert answer["probability"] == pytest.approx(1 / (1 + math.exp(-6)), abs=1e-4)


def test_settings_name_them_too_and_options_come_first(library, reader: Path, tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text(f'[answering]\nreader = "{reader}"\n[search]\nreranker = "none such!"\n')
    said = one_line(qa("ask", QUESTION, *on(library), cwd=tmp_path), 2)
    assert "reranker 'none such!' cannot be found" in said
    said = one_line(qa("ask", QUESTION, "--reranker", "nor this!", *on(library), cwd=tmp_path), 2)
    assert "reranker 'nor this!' cannot be found" in said


def test_what_is_no_reader_is_one_line_and_costs_no_index(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = partial(here, capsys)
    for qa_or_here, *command in ((qa, "ask", QUESTION), (qa, "chat"), (run, "eval")):
        for option, name in (("--reader", "some where/no model"), ("--reranker", tmp_path)):
            index = tmp_path / "index"
            said = one_line(qa_or_here(*command, option, name, "--articles", library.articles, "--index", index), 2)
            assert str(name) in said and ";" in said and not index.exists()
    said = one_line(run("ask", QUESTION, "--reader", headless(tmp_path), *on(library)), 2)
    assert "no weights for qa_outputs" in said and "leave it out for the one that ships" in said


def test_a_run_says_in_its_header_who_read(library, reader: Path, reranker: Path, tmp_path: Path, capsys) -> None:
    rows = (ROOT / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()[:2]
    asked = write_rows(tmp_path / "questions.jsonl", [json.loads(row) for row in rows])
    corpus = ["--questions", str(asked), *map(str, on(library)), "--reader", str(reader)]
    assert main(["eval", "--out", str(tmp_path / "one.jsonl"), *corpus]) == 0
    assert main(["eval", "--out", str(tmp_path / "both.jsonl"), *corpus, "--reranker", str(reranker)]) == 0
    one, both = (read_run(tmp_path / f"{name}.jsonl").header for name in ("one", "both"))
    assert one["models"] == {"reader": models.fingerprint(reader)} and named_models(Settings()) == {}
    assert both["models"] == {"reader": models.fingerprint(reader), "reranker": models.fingerprint(reranker)}
    assert {change.name for change in changes(one, both)} == {"settings.search.reranker", "models.reranker"}
    assert list(changed(one["settings"])) == [f"answering.reader {reader.name} (default none)"]
    capsys.readouterr()


def test_a_run_never_says_where_a_model_lies(reader: Path, tmp_path: Path) -> None:
    """Runs and reports are shown to others; the name of a folder is enough, for its fingerprint is beside it."""
    lying = Settings(encoder=Encoder(name=str(tmp_path)), search=Search(reranker=f"{reader}/../{reader.name}/"),
                     answering=Answering(reader=str(reader)))
    told = plain_settings(lying)
    assert (told["encoder"]["name"], told["search"]["reranker"]) == (tmp_path.name, reader.name)
    assert told["answering"]["reader"] == reader.name and str(reader.parent) not in json.dumps(told)
    assert plain({"encoder": str(tmp_path), "folder": str(reader)}) == {"encoder": tmp_path.name, "folder": reader.name}
    named = Settings(search=Search(reranker="cross-encoder/some"), answering=Answering(reader=""))
    assert plain_settings(named)["search"]["reranker"] == "cross-encoder/some"
    assert plain_settings(named)["answering"]["reader"] == ""
    defaults = asdict(Settings())
    del defaults["milvus"]  # no server is asked
    assert plain_settings(Settings()) == defaults
