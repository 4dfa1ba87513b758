"""A question-answering model of somebody else's as the reader, on tiny ones whose scores are set by hand."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import RobertaForQuestionAnswering

from qa import Assistant, Library
from qa.answer.extractive import Cutter, ExtractiveReader, Model, load_reader
from qa.answer.foreign import SpanModel
from qa.answer.pieces import PassageInput, Pieces, best_span, end_of
from qa.answer.search import search
from qa.errors import QAError, UsageError
from qa.settings import Answering, Search, Settings
from tests.answer.tiny_models import cross_encoder, headless, qa_model, roberta, tokenizer
from tests.conftest import ROOT

# An answer likes to start at "1844" or "alan" and to end at "1844" or "stevenson"; "no answer" has 1 + 2.
LOGITS = {"[CLS]": (1.0, 2.0), "alan": (6.0, 0.0), "stevenson": (0.0, 4.0), "1844": (2.0, 2.5), "lamp": (1.0, 0.0)}
TEXT = "The lamp was new. It was lit in 1844 by Alan Stevenson! Nobody was there."
SENTENCES = ((0, 17), (18, 55), (56, 73))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return qa_model(tmp_path_factory.mktemp("qa-model"), LOGITS)


@pytest.fixture(scope="module")
def reader(folder: Path) -> ExtractiveReader:
    return load_reader(str(folder))


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Library:
    """Two articles, of which one is long enough for several passages."""
    articles = tmp_path_factory.mktemp("harbour")
    (articles / "light.txt").write_text(f"Skerryvore\n\n{TEXT}\n")
    waves = " ".join(f"Wave number {n} came in at noon and went out again." for n in range(60))
    (articles / "waves.txt").write_text(f"Waves\n\n{waves} The last was in 1844.\n")
    own = Library(articles, tmp_path_factory.mktemp("harbour-index"), encoder=library.encoder)
    own.build()
    return own


def passage(*sentences: str, title: str = "") -> PassageInput:
    spans, text = [], ""
    for sentence in sentences:
        text += " " * bool(text)
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence
    return PassageInput(title, text, tuple(spans))


def test_a_sentence_scores_its_best_span_less_no_answer_and_the_span_is_the_exact_answer(reader) -> None:
    lamp, lit, nobody = reader.score("Who lit it?", [PassageInput("", TEXT, SENTENCES)])[0]
    assert lit.score == pytest.approx(6 + 4 - 3, abs=1e-3)
    assert TEXT[18:55][slice(*lit.span)] == "Alan Stevenson"
    assert (lamp.score, nobody.score) == pytest.approx((1 + 0 - 3, 0 + 0 - 3), abs=1e-3)
    assert TEXT[slice(*lamp.span)] == "lamp"  # the earliest and shortest of its equals


def test_an_answer_never_ends_before_it_starts_nor_in_another_sentence(reader) -> None:
    found = reader.score("Who?", [passage("Stevenson met Alan.", "The lamp broke.", "Stevenson wept.")])[0]
    assert [one.score for one in found] == pytest.approx([6 - 3, 1 - 3, 4 - 3], abs=1e-3)


def test_a_span_is_of_forty_pieces_at_most(reader) -> None:
    near, far = (passage("Alan " + "and so " * n + "Stevenson.") for n in (19, 20))  # 40 and 42 pieces
    (one,), (other,) = reader.score("Who?", [near, far])
    assert (one.score, other.score) == pytest.approx((10 - 3, 6 - 3), abs=1e-3)


def test_the_best_span_is_what_trying_all_of_them_finds() -> None:
    random = np.random.default_rng(1)
    for length in (1, 2, 7, 30):
        starts, ends = random.standard_normal((2, length)).astype(np.float32)
        pairs = [(float(starts[a] + ends[b]), a, b) for a in range(length) for b in range(a, min(length, a + 5))]
        score, first, last = max(pairs)
        assert best_span(starts, ends, longest=5) == (first, last, pytest.approx(score))


def test_the_title_is_read_and_never_quoted(reader) -> None:
    text = passage("The lamp was new.", title="Alan Stevenson")
    assert reader.score("Who?", [text])[0][0].score == pytest.approx(1 - 3, abs=1e-3)


@pytest.mark.parametrize("positions", [64, 512])
def test_a_long_passage_is_read_to_its_last_sentence(tmp_path: Path, positions: int) -> None:
    reader = load_reader(str(qa_model(tmp_path, LOGITS, positions)))
    long = passage(*["A wave came in and another one went out again."] * 90, "It was Alan Stevenson.")
    found = reader.score("Who was it, at last?" * 30, [long, passage("It was Alan Stevenson.")])
    assert found[0][-1] == found[1][0] and found[0][-1].score == pytest.approx(7, abs=1e-3)
    assert all(one.score == pytest.approx(-3, abs=1e-3) and one.span for one in found[0][:-1])


def test_of_a_long_question_the_last_is_read_and_pieces_outside_of_sentences_stand_nowhere() -> None:
    made = tokenizer(["first", "last"]).backend_tokenizer
    assert end_of("first, and so on, to the last", made, 3) == "to the last"
    assert end_of("first and last", made, 3) == "first and last"
    (pieces,) = Cutter(made, 64).cut("first " + "so " * 90 + "last", passage("The lamp.", "It was lit.", title="Light"))
    asked = pieces.ids[pieces.types == 0]
    assert made.token_to_id("first") not in asked and made.token_to_id("last") in asked
    assert (pieces.sentence >= 0).sum() == 7 and not pieces.spans[pieces.sentence < 0].any()


def test_positions_that_only_padding_has_are_not_read_with(tmp_path: Path) -> None:
    reader = load_reader(str(roberta(tmp_path, RobertaForQuestionAnswering, 66)))
    found = reader.score("so", [passage("so " * 63), passage("so " * 400)])
    assert all(one.span for (one,) in found)


def test_padding_is_not_read(tmp_path: Path) -> None:
    torch.manual_seed(1)
    reader = load_reader(str(roberta(tmp_path, RobertaForQuestionAnswering, 514, initializer_range=1.0)))
    texts = [passage("so " * n + "it was.") for n in (1, 9, 80)]
    for text, (found,) in zip(texts, reader.score("Who?", texts), strict=True):
        assert found.score == pytest.approx(reader.score("Who?", [text])[0][0].score, abs=1e-3)


def test_an_answer_at_the_edge_of_a_window_is_whole_in_the_next(tmp_path: Path) -> None:
    reader = load_reader(str(qa_model(tmp_path, LOGITS, 64)))
    for before in range(120):
        found = reader.score("Who was it?", [passage("so " * before + "it was Alan and sons Stevenson.")])[0][0]
        assert found.score == pytest.approx(7, abs=1e-3), before


def test_the_blank_before_a_word_is_not_of_the_answer(tmp_path: Path) -> None:
    reader = load_reader(str(qa_model(tmp_path, LOGITS, spaced=True)))
    lamp, lit, _ = reader.score("Who lit it?", [PassageInput("Lights", TEXT, SENTENCES)])[0]
    assert (TEXT[:17][slice(*lamp.span)], TEXT[18:55][slice(*lit.span)]) == ("lamp", "Alan Stevenson")
    alan = reader.score("Who?", [passage("It was so.", "Alan was there.")])[0]
    assert alan[1].score == pytest.approx(6 - 3, abs=1e-3) and alan[0].score == pytest.approx(-3, abs=1e-3)


def test_passages_are_scored_in_any_company(reader) -> None:
    many = [passage("so " * n + "it was lit.", "Alan Stevenson came." * (n % 2) or "Nobody came.") for n in range(40)]
    assert reader.score("Who?", many) == [reader.score("Who?", [one])[0] for one in many]


def test_quotes_are_verbatim_best_first_each_once_with_the_models_own_probability(harbour: Library, folder) -> None:
    assistant = Assistant(harbour, Settings(answering=Answering(reader=str(folder))))
    answer = assistant.ask("Who lit the lamp of Skerryvore?")
    best, second = answer.sentences[:2]
    text = harbour.read("light").text
    assert answer.answered and answer.quotes[0].text == "It was lit in 1844 by Alan Stevenson!"
    assert answer.quotes[0].text[slice(*answer.quotes[0].highlight)] == "Alan Stevenson"
    assert all(harbour.read(q.article).text[q.start : q.end] == q.text for q in answer.quotes)
    assert text[best.place.start : best.place.end] == answer.quotes[0].text
    assert answer.probability == best.probability == pytest.approx(1 / (1 + math.exp(-7)), abs=1e-4)
    assert second.score == pytest.approx(2 + 2.5 - 3, abs=1e-3)
    waves = harbour.read("waves").text
    assert waves[second.place.start : second.place.end] == "The last was in 1844."
    assert len({s.place for s in answer.sentences}) == len(answer.sentences)
    assistant.close()


class LikesCompany:
    """A model that likes every word the more, or the less, the more pieces stand in its window."""

    def __init__(self, model: Model, liking: float):
        self._model, self._liking = model, liking
        self.window, self.start, self.tokenizer = model.window, model.start, model.tokenizer

    def logits(self, windows: Sequence[Pieces]) -> list[tuple[np.ndarray, np.ndarray]]:
        scores = zip(windows, self._model.logits(windows), strict=True)
        return [(starts + self._liking * len(w) * (w.sentence >= 0), ends) for w, (starts, ends) in scores]


@pytest.mark.parametrize("liking", [0.01, -0.01])
def test_a_sentence_of_two_passages_counts_where_it_scores_best(harbour: Library, folder, liking: float) -> None:
    reader = ExtractiveReader(LikesCompany(SpanModel(str(folder)), liking))
    with harbour.open() as snapshot:
        hits = search(snapshot, "When did the last wave come?", Search(hits=20))
        alone = [(hit.passage, s) for hit in hits for s in reader.read("When?", [hit], snapshot).sentences]
        together = reader.read("When?", hits, snapshot).sentences
    assert len(together) < len(alone)
    for sentence in together:
        scores = {passage: s.score for passage, s in alone if s.place == sentence.place}
        assert sentence.score == pytest.approx(max(scores.values()), abs=1e-4)
        assert scores[sentence.passage] == pytest.approx(sentence.score, abs=1e-4)


def test_the_threshold_declines(harbour: Library, folder) -> None:
    assistant = Assistant(harbour, Settings(answering=Answering(reader=str(folder), threshold=0.9999)))
    answer = assistant.ask("Who lit the lamp of Skerryvore?")
    assert not answer.answered and answer.closest[0].text == "It was lit in 1844 by Alan Stevenson!"
    assistant.close()


def test_without_hits_nothing_answers(reader, harbour: Library) -> None:
    with harbour.open() as snapshot:
        reading = reader.read("Who?", [], snapshot)
    assert (reading.sentences, reading.probability) == ((), 0.0)


def test_many_people_may_read_at_once(reader) -> None:
    texts, found = [passage("so " * n + "Alan Stevenson.") for n in range(30)], []
    alone = reader.score("Who?", texts)
    people = [threading.Thread(target=lambda: found.append(reader.score("Who?", texts))) for _ in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert found == [alone] * 6


def refused(name: str | Path, kind: type[QAError] = UsageError) -> str:
    with pytest.raises(kind) as fault:
        load_reader(str(name))
    assert "\n" not in str(fault.value) and str(name) in str(fault.value) and ";" in str(fault.value)
    return str(fault.value)


def test_a_model_without_a_head_for_answers_is_refused_rather_than_given_a_random_one(tmp_path: Path) -> None:
    assert "no weights for qa_outputs.bias" in refused(headless(tmp_path / "base"))
    assert "no weights for qa_outputs.bias" in refused(cross_encoder(tmp_path / "cross", "ice"))


def test_what_is_no_model_or_half_of_one_is_refused(tmp_path: Path, folder: Path) -> None:
    assert "cannot be found" in refused("no such name!")
    assert "holds no transformers question-answering model" in refused(tmp_path)
    for file in ("config.json", "tokenizer.json", "model.safetensors"):
        for bytes in (b"", b"{", folder.joinpath(file).read_bytes()[:-20]):
            half = shutil.copytree(folder, tmp_path / "half")
            (half / file).write_bytes(bytes)
            assert "cannot be loaded" in refused(half), (file, bytes[:9])
            shutil.rmtree(half)


# What is JSON or a file, and yet no model: each raises something else in the libraries.
BROKEN = {"config.json": (b"null", b"[]"), "tokenizer_config.json": (b"[]",), "tokenizer.json": (b"[]",)}


def test_a_folder_with_files_of_another_shape_is_refused(tmp_path: Path, folder: Path) -> None:
    for file, contents in BROKEN.items():
        for content in contents:
            refuse_with(folder, tmp_path, file, content)
    config = json.loads((folder / "config.json").read_text())
    refuse_with(folder, tmp_path, "config.json", json.dumps({**config, "num_attention_heads": 0}).encode())


def test_a_download_that_was_broken_off_is_refused(tmp_path: Path, folder: Path) -> None:
    refuse_with(folder, tmp_path, "pytorch_model.bin", b"", without="model.safetensors")


def refuse_with(folder: Path, tmp_path: Path, file: str, content: bytes, without: str = "") -> None:
    """Asserts that `folder` is refused when `file` in it holds `content`, and `without` is gone."""
    bad = shutil.copytree(folder, tmp_path / "bad")
    (bad / file).write_bytes(content)
    if without:
        (bad / without).unlink()
    said = refused(bad)
    assert "cannot be loaded" in said and " ()" not in said, (file, content)
    shutil.rmtree(bad)


def test_a_tokenizer_that_cannot_place_its_pieces_or_has_no_cls_is_refused(tmp_path: Path, folder: Path) -> None:
    slow = shutil.copytree(folder, tmp_path / "slow")
    (slow / "tokenizer.json").unlink()
    (slow / "vocab.json").write_text("{}")
    config = json.loads((slow / "tokenizer_config.json").read_text())
    (slow / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "CanineTokenizer"}))
    assert "fast tokenizer" in refused(slow)
    bare = shutil.copytree(folder, tmp_path / "bare")
    plain = tokenizer(LOGITS)
    plain.backend_tokenizer.post_processor = None
    plain.save_pretrained(bare)
    assert "[CLS]" in refused(bare)


def test_a_window_too_small_to_read_in_is_refused(tmp_path: Path) -> None:
    assert "reads only 11 word pieces" in refused(qa_model(tmp_path, LOGITS, positions=12))


def test_a_score_that_is_no_number_is_a_fault_and_not_an_answer(tmp_path: Path) -> None:
    reader = load_reader(str(qa_model(tmp_path, {**LOGITS, "ice": (math.nan, 0.0)})))
    with pytest.raises(QAError, match="no number"):
        reader.score("Who?", [passage("Ice came.")])


def test_loading_is_offline_and_silent_and_a_refusal_is_one_line(tmp_path: Path, folder: Path) -> None:
    code = """
import sys
asked = []
sys.addaudithook(lambda event, given: event.startswith("socket.") and asked.append(event))
from qa.answer.extractive import load_reader
from qa.answer.pieces import PassageInput
from qa.errors import UsageError
print("torch" in sys.modules)
load_reader(sys.argv[1]).score("Who?", [PassageInput("", "Alan.", ((0, 5),))])
try:
    load_reader(sys.argv[2])
except UsageError as error:
    print(error)
print(asked)
"""
    done = subprocess.run([sys.executable, "-c", code, folder, headless(tmp_path)], capture_output=True, text=True,
                          cwd=ROOT)
    lazy, refusal, asked = done.stdout.splitlines()
    assert (done.returncode, done.stderr, lazy, asked) == (0, "", "False", "[]") and "no weights" in refusal
