from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from qa import Library
from qa.answer import net
from qa.answer.cross import UNREAD, CrossReader, PassageInput
from qa.cli import main
from qa.train.reader import corpus, measure, run
from qa.train.reader.fit import Recipe, Trainer
from qa.train.reader.near import HybridSearch
from qa.train.reader.pairs import Stream
from tests.train import reader_data

RECIPE = Recipe(minutes=0.0, steps=4, draws=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reader_data.write(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def stream(folder: Path, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Stream:
    texts = corpus.load(folder, lambda _: True, "training", corpus.barred_titles(folder))
    return Stream(texts, HybridSearch(texts, tmp_path_factory.mktemp("words"), library.encoder), seed=1)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reader_data.tiny_encoder(tmp_path_factory.mktemp("tiny"))


def test_a_stopped_run_goes_on_to_the_same_weights(tiny: Path, stream: Stream, tmp_path: Path) -> None:
    whole = Trainer(tiny, stream, RECIPE)
    whole.run()
    Trainer(tiny, stream, RECIPE, tmp_path / "c.pt").run(until=2)
    rest = Trainer(tiny, stream, RECIPE, tmp_path / "c.pt")
    assert rest.state.step == 2
    rest.run()
    assert whole.state.step == rest.state.step == 4
    for name, value in net.changed(whole.net).items():
        assert torch.equal(value, net.changed(rest.net)[name]), name


def test_a_run_can_begin_with_the_weights_of_another(tiny: Path, stream: Stream, tmp_path: Path) -> None:
    first = Trainer(tiny, stream, RECIPE)
    first.run(until=2)
    net.save(first.net, tmp_path / "w.safetensors")
    second = Trainer(tiny, stream, RECIPE, start=tmp_path / "w.safetensors")
    assert second.state.step == 0 and second.net.training
    for name, value in net.changed(first.net).items():
        assert torch.equal(net.changed(second.net)[name], value.half().float()), name


def test_what_ships_holds_what_training_changed_and_comes_back(tiny: Path, stream: Stream, tmp_path: Path) -> None:
    trainer = Trainer(tiny, stream, RECIPE)
    before = net.Net(tiny).encoder.embeddings.word_embeddings.weight
    trainer.run(until=1)
    net.save(trainer.net, tmp_path / "w.safetensors", {"steps": "1"})
    back = net.load(tiny, tmp_path / "w.safetensors")
    assert torch.equal(back.encoder.embeddings.word_embeddings.weight, before)
    assert not any("word_embeddings" in name for name in net.changed(trainer.net))
    for name, value in net.changed(trainer.net).items():
        assert torch.equal(net.changed(back)[name], value.half().float()), name


def test_weights_of_another_shape_are_refused(tiny: Path, stream: Stream, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"spans.weight": torch.zeros(2, 24)}, tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match="does not hold"):
        net.load(tiny, tmp_path / "w.safetensors")


def test_weights_that_are_no_numbers_are_refused(tiny: Path, tmp_path: Path) -> None:
    broken = net.Net(tiny)
    with torch.no_grad():
        broken.passage.bias.fill_(float("nan"))
    net.save(broken, tmp_path / "w.safetensors")
    with pytest.raises(ValueError, match="none"):
        net.load(tiny, tmp_path / "w.safetensors")


def test_scores_do_not_depend_on_the_company(tiny: Path, tmp_path: Path) -> None:
    net.save(net.Net(tiny), tmp_path / "w.safetensors")
    reader = CrossReader(tmp_path / "w.safetensors", str(tiny), bf16=False)
    short = PassageInput("Kelso", "It was Ada. She left.", ((0, 11), (12, 21)))
    long = PassageInput("", "word " * 500, ((0, 1_999), (2_000, 2_499)))
    alone, (_, together) = reader.score("Who?", [short])[0], reader.score("Who?", [long, short])
    np.testing.assert_allclose(alone.sentences, together.sentences, atol=1e-4)
    assert alone.spans == together.spans and len(alone.spans) == 2
    assert all(0 <= a < b <= 11 for a, b in alone.spans if (a, b))
    assert reader.score("Who?", [long])[0].sentences[1] == UNREAD
    assert reader.score("Who?", []) == []


def test_a_smoke_run_learns_from_two_hundred_passages(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "barred.txt").write_text("The town of Selby\n")
    options = ["--smoke", "--out", tmp_path / "w.safetensors", "--barred", tmp_path / "barred.txt"]
    assert main(["train-reader", str(folder), *map(str, options)]) == 0
    first, last = map(float, re.findall(r"loss ([\d.]+) at step", capsys.readouterr().out))
    assert last < 0.8 * first
    assert main(["train-reader", str(folder), *map(str, options)]) == 0
    assert "nothing left to train" in capsys.readouterr().err
    assert (tmp_path / "w.safetensors").stat().st_size <= 25_000_000
    reader = CrossReader(tmp_path / "w.safetensors")
    held = corpus.load(folder, lambda _: True, "held", corpus.barred_titles(folder))
    found = measure.figures(reader, measure.of_corpus(held)[:10])
    assert 0 <= found["sentence"] <= 1 and 0 <= found["f1"] <= 1


@pytest.mark.parametrize(("found", "answers", "worth"), [
    ("the Red Army", ["Red Army"], 1.0), ("Red", ["Red Army"], 2 / 3), ("", [], 1.0), ("x", [], 0.0)])
def test_f1_is_the_official_one(found: str, answers: list[str], worth: float) -> None:
    assert measure.f1(found, answers) == pytest.approx(worth)


def test_only_the_same_run_goes_on_from_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(b"weights")
    names = [run.run_name(*told) for told in (
        (Recipe(), "data", None), (Recipe(seed=2), "data", None), (Recipe(), "other", None),
        (Recipe(), "data", tmp_path / "w"), (Recipe(rate=1e-5), "data", None))]
    assert len(set(names)) == len(names)
    assert run.run_name(Recipe(minutes=9.0), "data", None) == names[0], "a longer run is the same run"


@pytest.mark.parametrize(("options", "named"), [
    (["--from", "nowhere.safetensors"], "nowhere.safetensors"), (["--from", __file__], "does not hold"),
    (["--minutes", "0"], "minutes"), (["--minutes", "nan"], "minutes"), (["--minutes", "1e"], "not a time"), (["--seed", "-1"], "seed"),
    (["--out", "/dev/null/w.safetensors"], "cannot be written")])
def test_what_cannot_be_trained_with_is_said_at_once(
    folder: Path, tmp_path: Path, options: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [] if "--out" in options else ["--out", str(tmp_path / "w.safetensors")]
    try:
        code = main(["train-reader", str(folder), *out, *options])
    except SystemExit as stop:
        code = stop.code
    said = capsys.readouterr().err.splitlines()
    assert code == 2 and len(said) == 1 and named in said[0]


def test_data_or_titles_that_cannot_be_read_are_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "w.safetensors"
    assert main(["train-reader", str(tmp_path), "--smoke", "--out", str(out)]) == 2
    assert main(["train-reader", str(folder), "--smoke", "--out", str(out), "--barred", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.startswith("qa: ") for line in said] == [True, True] and "passages.jsonl.gz" in said[0]
    assert not out.exists()
