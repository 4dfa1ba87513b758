from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa import Library
from qa.answer.pieces import Cutter, PassageInput, batches
from qa.errors import DatasetError
from qa.index import models
from qa.train import data
from qa.train.reader import corpus
from qa.train.reader.corpus import Corpus
from qa.train.reader.fit import ends_of
from qa.train.reader.near import HybridSearch
from qa.train.reader.pairs import Stream, hard, twins
from tests.train import reader_data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reader_data.write(tmp_path_factory.mktemp("data"))


def load(folder: Path, part: str) -> Corpus:
    return corpus.load(folder, lambda text: len(text) < 1_000, part, corpus.barred_titles(folder))


@pytest.fixture(scope="module")
def training(folder: Path) -> Corpus:
    return load(folder, "training")


@pytest.fixture(scope="module")
def search(training: Corpus, library: Library, tmp_path_factory: pytest.TempPathFactory) -> HybridSearch:
    return HybridSearch(training, tmp_path_factory.mktemp("words"), library.encoder)


@pytest.fixture(scope="module")
def stream(training: Corpus, search: HybridSearch) -> Stream:
    return Stream(training, search, seed=3)


def test_an_article_is_in_one_part_whatever_its_name_is_spelled_like(folder: Path) -> None:
    parts = [set(load(folder, part).articles) for part in ("training", "held", "validation")]
    assert all(parts) and not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]
    assert len(set.union(*parts)) == len(reader_data.TOWNS)
    assert corpus.part_of("The_Town_of Kelso") == corpus.part_of("the town of kelso!")


def test_nothing_of_validation_is_drawn(stream: Stream, folder: Path) -> None:
    kept = {window.text for part in ("held", "validation")
            for windows in load(folder, part).windows.values() for window in windows}
    seen = [p for n in range(200) for group in stream.draw(n) for p in group.passages]
    assert seen and not any(p.text in text or text in p.text for p in seen for text in kept)


def test_barred_titles_are_not_trained_on(folder: Path) -> None:
    barred = corpus.barred_titles(folder, ["the town of Kelso"])
    assert "the town of kelso" not in corpus.load(folder, lambda _: True, "training", barred).articles


def spoilt(folder: Path, target: Path, name: str, spoil: Callable[[dict[str, Any]], Any]) -> Path:
    """A copy of the data in `folder` whose third row of the file `name` was spoilt."""
    shutil.copytree(folder, target)
    path = target / f"{name}.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    row = json.loads(lines[2])
    spoil(row)
    lines[2] = json.dumps(row)
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return target


@pytest.mark.parametrize("key", ["id", "group", "text"])
def test_a_passage_that_lacks_something_is_named(folder: Path, tmp_path: Path, key: str) -> None:
    bad = spoilt(folder, tmp_path / "data", "passages", lambda row: row.pop(key))
    for use in (lambda: corpus.barred_titles(bad), lambda: corpus.load(bad, lambda _: True, "training", ()),
                lambda: data.sample(bad, 1, lambda _: True)):
        with pytest.raises(DatasetError, match=f"passages.jsonl.gz:3 .*lacks {key}"):
            use()


@pytest.mark.parametrize("key", ["id", "kind", "passage", "question", "source", "spans"])
def test_a_question_that_lacks_something_is_named(folder: Path, tmp_path: Path, key: str) -> None:
    bad = spoilt(folder, tmp_path / "data", "questions", lambda row: row.pop(key))
    with pytest.raises(DatasetError, match=f"questions.jsonl.gz:3 .*lacks {key}"):
        corpus.load(bad, lambda _: True, "training", ())


def test_a_question_about_no_passage_is_named(folder: Path, tmp_path: Path) -> None:
    bad = spoilt(folder, tmp_path / "data", "questions", lambda row: row.update(passage="elsewhere"))
    for use in (lambda: corpus.barred_titles(bad), lambda: data.sample(bad, 1, lambda _: True)):
        with pytest.raises(DatasetError, match="questions.jsonl.gz:3 .*'elsewhere'"):
            use()


def test_where_every_title_is_barred_nothing_is_left_to_train_on(folder: Path) -> None:
    barred = corpus.barred_titles(folder, [f"The town of {town}" for town in reader_data.TOWNS])
    with pytest.raises(DatasetError, match="bar fewer titles"):
        corpus.load(folder, lambda _: True, "training", barred)
    assert not corpus.load(folder, lambda _: True, "held", barred).articles  # to look at nothing is no fault
    with pytest.raises(DatasetError, match="bar fewer titles"):
        data.sample(folder, 1, lambda _: False)


def test_answers_and_right_sentences_stand_where_they_say(stream: Stream) -> None:
    for n in range(100):
        for group in stream.draw(n):
            for number, sentence in group.right:
                passage, span = group.passages[number], group.spans[number]
                start, end = passage.sentences[sentence]
                assert span and start <= span[0] and span[1] <= end
                assert re.fullmatch(r"\w+ \w+son", passage.text[slice(*span)])


def test_a_passage_that_does_not_answer_never_holds_the_answer(stream: Stream) -> None:
    seen = 0
    for n in range(100):
        for group in stream.draw(n):
            answers = [group.passages[p].text[slice(*group.spans[p])] for p, _ in group.right]
            others = [p for i, p in enumerate(group.passages) if i not in {p for p, _ in group.right}]
            seen += len(others) * bool(answers)
            assert not any(answer in passage.text for answer in answers for passage in others)
    assert seen > 50


def test_the_search_offers_the_answer_and_it_is_refused(training: Corpus, search: HybridSearch) -> None:
    question = next(q for q in training.questions if q.spans)
    near = search.near(question)
    a, b = question.spans[0]
    assert any(w.article == question.article and w.start <= a and b <= w.end for w in near)
    assert not any(w.article == question.article and w.start < b and a < w.end for w in hard(question, training, near))


def test_draws_do_not_depend_on_what_was_drawn_before(training: Corpus, stream: Stream, search: HybridSearch) -> None:
    fresh = Stream(training, search, seed=3)
    assert fresh.draw(37) == stream.draw(37) and fresh.draw(5) == stream.draw(5)
    other = Stream(training, search, seed=4)
    assert [fresh.draw(n) for n in range(20)] != [other.draw(n) for n in range(20)]


def test_a_kept_search_is_the_same_and_encodes_nothing(training: Corpus, library: Library, tmp_path: Path) -> None:
    class Spent:
        dimensions, fingerprint = library.encoder.dimensions, library.encoder.fingerprint

        def encode(self, texts: list[str], question: bool = False) -> None:
            raise AssertionError("encoded again")

    first = HybridSearch(training, tmp_path, library.encoder)
    again = HybridSearch(training, tmp_path, Spent())
    assert [first.near(q) for q in training.questions] == [again.near(q) for q in training.questions]


def test_a_search_of_other_data_or_made_in_part_is_not_used(
    training: Corpus, library: Library, tmp_path: Path
) -> None:
    first = HybridSearch(training, tmp_path, library.encoder)
    other = HybridSearch(replace(training, questions=training.questions[1:]), tmp_path, library.encoder)
    assert other.name != first.name and other.near(training.questions[1]) == first.near(training.questions[1])
    whole = tmp_path / f"search-{first.name}"
    whole.rename(whole.with_suffix(".part"))  # as it lies there where the making of it was stopped
    (whole.with_suffix(".part") / "dense.faiss").write_bytes(b"")
    again = HybridSearch(training, tmp_path, library.encoder)
    assert [first.near(q) for q in training.questions] == [again.near(q) for q in training.questions]


def test_an_unanswerable_question_comes_with_the_one_it_was_made_from(training: Corpus, stream: Stream) -> None:
    made = twins(training.questions)
    by_id = {q.id: q for q in training.questions}
    assert made and all(by_id[id].text.split()[-3:] == twin.text.split()[-3:] for id, twin in made.items()
                        if by_id[id].text.split()[4] == twin.text.split()[4])
    assert any(len(stream.draw(n)) == 2 for n in range(50))


@pytest.mark.parametrize("text", [
    "Zoë said no. The café’s 3½ tables… were “gone”! 東京 has none.",
    "a  b\tc. D  e.", "Ab\u0301c de\u0301f. 😀 Gh?"])
def test_pieces_map_back_to_the_text(text: str) -> None:
    stops = [m.end() for m in re.finditer(r"[.!?…](?= |$)", text)]
    sentences = tuple((a + (text[a] == " "), b) for a, b in zip([0, *stops], stops))
    pieces = Cutter(models.locate(models.PACKAGED)).cut("Why?", [PassageInput("A title", text, sentences)])[0]
    for n, (start, end) in enumerate(sentences):
        spans = pieces.spans[pieces.sentence == n]
        assert spans[0][0] == start and spans[-1][1] == end
        assert all(not text[a:b][0].isspace() for a, b in spans)
    assert (pieces.sentence[pieces.types == 0] == -1).all()


def test_an_answer_is_marked_on_its_own_pieces() -> None:
    text = "It was Ada Belmarson. She built it."
    pieces = Cutter(models.locate(models.PACKAGED)).cut("Who?", [PassageInput("", text, ((0, 21), (22, 35)))])[0]
    first, last = ends_of(pieces, (7, 20))
    assert text[pieces.spans[first][0] : pieces.spans[last][1]] == "Ada Belmarson"
    assert ends_of(pieces, None) == (0, 0)


def test_a_long_passage_and_a_long_question_are_cut() -> None:
    cutter = Cutter(models.locate(models.PACKAGED), longest=128)
    text = "word " * 400
    pieces = cutter.cut("why " * 900, [PassageInput("", text.strip(), ((0, 1_000), (1_001, 1_999)))])[0]
    assert len(pieces) == 128 and set(pieces.sentence) == {-1, 0}


def test_batches_hold_every_row_once_within_the_limit() -> None:
    lengths = [5, 90, 7, 40, 300, 41, 6]
    found = batches(lengths, 100)
    assert sorted(row for rows in found for row in rows) == list(range(len(lengths)))
    assert all(max(lengths[r] for r in rows) * len(rows) <= 100 or len(rows) == 1 for rows in found)
