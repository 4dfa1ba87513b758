"""The reader that ships reads: no shared word is needed, the answer is marked, and it knows a near miss."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from qa import Assistant, Library
from qa.answer import cross
from qa.answer.calibrate import default_judge
from qa.answer.cross import CrossReader, default_cross
from qa.answer.features import NAMES, PLAIN
from qa.answer.pieces import PassageInput
from qa.answer.read import Candidates, FusedReader
from qa.answer.search import search
from qa.errors import IndexDamaged
from qa.settings import Search

STORY = """The lighthouse of Skerryvore

The lighthouse of Skerryvore stands twelve miles off Tiree. Alan Stevenson built it between 1838 and 1844. Forty
labourers lived on the rock in wooden barracks, the first of which was swept away in a gale. The granite was shipped
from Mull, because the local gneiss was too hard to be cut. Its lamp could be seen eighteen miles away. In 1954 a fire
destroyed the keepers' rooms, and the light went dark for five years. It has been automatic since 1994.
"""


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("lighthouse")
    (folder / "articles").mkdir()
    (folder / "articles" / "skerryvore.txt").write_text(STORY)
    library = Library(folder / "articles", folder / "index")
    library.build()
    return library


@pytest.mark.parametrize(
    ("question", "sentence", "words"),
    [
        ("Who was the engineer responsible?", "Alan Stevenson built it", "Alan Stevenson"),
        ("What put the beacon out of service for half a decade?", "In 1954 a fire", None),
        ("Why was stone brought from another island?", "The granite was shipped", None),
        ("What happened to their first quarters?", "Forty labourers lived", "swept away"),
        ("From what distance did sailors notice it?", "Its lamp could be seen", "eighteen miles"),
    ],
)
def test_an_answer_in_other_words_comes_first_and_is_marked(
    lighthouse: Library, question: str, sentence: str, words: str | None
) -> None:
    with lighthouse.open() as snapshot:
        best = FusedReader().read(question, search(snapshot, question, Search()), snapshot).sentences[0]
        text = snapshot.article("skerryvore").text[best.place.start : best.place.end]
    assert text.startswith(sentence)
    if words:  # where the reader is sure of the words
        assert best.highlight is not None and words in text[slice(*best.highlight)]


def test_a_near_miss_is_less_probable_than_its_answerable_twin(lighthouse: Library) -> None:
    def probability(question: str) -> float:
        with lighthouse.open() as snapshot:
            return FusedReader().read(question, search(snapshot, question, Search()), snapshot).probability

    for asked, missing in [
        ("Who built the lighthouse of Skerryvore?", "Who painted the lighthouse of Skerryvore?"),
        ("Where was the granite shipped from?", "Where was the granite sold afterwards?"),
        ("What destroyed the keepers' rooms?", "How much did the keepers earn?"),
    ]:
        assert probability(asked) > probability(missing)


def test_each_sentence_is_read_once_and_its_numbers_are_finite(lighthouse: Library) -> None:
    with lighthouse.open() as snapshot:
        hits = search(snapshot, "Who built it?", Search())
        found = FusedReader().candidates("Who built it?", hits, snapshot)
        reading = FusedReader().read("Who built it?", hits, snapshot)
    assert np.isfinite(found.rows).all() and len(found.exact) == len(found.places) == len(found.rows)
    told = {place for place, row in zip(found.places, found.rows, strict=True) if not row[NAMES.index("heading")]}
    assert len({s.place for s in reading.sentences}) == len(reading.sentences) and {
        s.place for s in reading.sentences
    } == told


def test_of_many_hits_only_the_best_looking_are_read(library: Library) -> None:
    with library.open() as snapshot:
        hits = search(snapshot, "Who founded Jaish al-Adl?", Search())
        whole = FusedReader(passages=20).candidates("Who founded Jaish al-Adl?", hits, snapshot)
        some = FusedReader(passages=4).candidates("Who founded Jaish al-Adl?", hits, snapshot)
    assert len(set(whole.passages)) == 20 and len(set(some.passages)) == 4
    rows = {(place, passage): row for place, passage, row in zip(whole.places, whole.passages, whole.rows)}
    for place, passage, row in zip(some.places, some.passages, some.rows):
        np.testing.assert_allclose(row, rows[place, passage], atol=0.1)
    def best(found: Candidates) -> float:
        return default_judge().sift(found.rows[:, : len(PLAIN)]).max()
    assert best(some) == pytest.approx(best(whole), abs=1e-3)


def test_a_heading_is_no_answer_where_there_are_sentences(lighthouse: Library) -> None:
    question = "What is the lighthouse of Skerryvore?"
    with lighthouse.open() as snapshot:
        hits = search(snapshot, question, Search())
        shown = FusedReader().read(question, hits, snapshot).sentences
        headings = {s.start for s in snapshot.article("skerryvore").sentences if s.heading}
    assert headings and shown and not headings & {s.place.start for s in shown}


def test_no_hits_are_no_answer(lighthouse: Library) -> None:
    with lighthouse.open() as snapshot:
        assert FusedReader().read("Who built it?", [], snapshot).sentences == ()


class _In:
    """A cross-encoder in one precision, whatever the machine has."""

    def __init__(self, bf16: bool):
        self._reader = CrossReader(bf16=bf16)

    def score(self, question: str, passages: Sequence[PassageInput]) -> list[cross.PassageScores]:
        return self._reader.score(question, passages)


def test_half_precision_gives_the_same_quotes(lighthouse: Library) -> None:
    questions = ["Who built it?", "Who was the engineer responsible?", "Why was stone brought from another island?",
                 "How far could the lamp be seen?", "When did it become automatic?", "Where did the labourers live?",
                 "What was swept away?", "What is butter chicken made of?"]
    answers = []
    for bf16 in (False, True):
        one = Assistant(lighthouse, reader=FusedReader(cross=_In(bf16)))
        answers.append([one.ask(question) for question in questions])
        one.close()
    for full, half in zip(*answers, strict=True):
        assert full.answered == half.answered and full.probability == pytest.approx(half.probability, abs=0.05)
        shown = [[(q.article, q.start, q.end) for q in a.quotes or a.closest] for a in (full, half)]
        assert shown[0][0] == shown[1][0], "the first quote is the same"
        assert len(set(shown[0]) & set(shown[1])) >= len(shown[0]) - 1, "the last may fall beyond a limit"


def test_weights_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    damaged = tmp_path / "cross.safetensors"
    damaged.write_bytes(cross.WEIGHTS.read_bytes()[:1000])
    with pytest.raises(IndexDamaged, match="cross.safetensors"):
        default_cross(damaged)


def test_the_reader_is_loaded_once_and_before_the_first_question(lighthouse: Library) -> None:
    with closing(Assistant(lighthouse)) as assistant:
        assistant.warm()
        warm = default_cross()
        with ThreadPoolExecutor(4) as pool:
            assert {id(reader) for reader in pool.map(lambda _: default_cross(), range(8))} == {id(warm)}


def test_the_weights_are_small_enough_to_ship() -> None:
    assert cross.WEIGHTS.stat().st_size <= 25_000_000
