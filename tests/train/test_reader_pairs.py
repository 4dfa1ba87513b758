from __future__ import annotations

import re
from pathlib import Path

import pytest

from qa.answer.pieces import Cutter, PassageInput, batches
from qa.index import models
from qa.train.reader import corpus
from qa.train.reader.corpus import Corpus
from qa.train.reader.fit import ends_of
from qa.train.reader.near import WordSearch
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
def stream(training: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Stream:
    return Stream(training, WordSearch(training, tmp_path_factory.mktemp("words")), seed=3)


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


def test_the_search_offers_the_answer_and_it_is_refused(training: Corpus, tmp_path: Path) -> None:
    search = WordSearch(training, tmp_path)
    question = next(q for q in training.questions if q.spans)
    near = search.near(question)
    a, b = question.spans[0]
    assert any(w.article == question.article and w.start <= a and b <= w.end for w in near)
    assert not any(w.article == question.article and w.start < b and a < w.end for w in hard(question, training, near))


def test_draws_do_not_depend_on_what_was_drawn_before(training: Corpus, stream: Stream, tmp_path: Path) -> None:
    fresh = Stream(training, WordSearch(training, tmp_path), seed=3)
    assert fresh.draw(37) == stream.draw(37) and fresh.draw(5) == stream.draw(5)
    assert [fresh.draw(n) for n in range(20)] != [Stream(training, WordSearch(training, tmp_path), 4).draw(n)
                                                  for n in range(20)]


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
