"""Features against arithmetic written out, over vectors that can be computed by eye."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qa.answer.cross import PassageScores
from qa.answer.features import NAMES, Asked, PassageView, coverage, features, inverse_frequency, read_features
from qa.answer.pieces import PassageInput
from qa.answer.question import Question
from qa.index.embed import TokenVectors
from qa.records import Sentence

RARITY = {"boat": 3.0, "sank": 1.0}
ASKED = Asked(
    Question.of("boat sank"),
    mean=np.array([1, 0], np.float32),
    pieces=np.eye(2, dtype=np.float32),
    rarity=np.array([0.75, 0.25], np.float32),
    idf=RARITY.__getitem__,
)
TEXTS = ("A boat left.", "It sank.")
VIEW = PassageView(
    input=PassageInput("", " ".join(TEXTS), ((0, 12), (13, 21))),
    sentences=(Sentence(10, 22, 1), Sentence(23, 31, 1)),
    texts=TEXTS,
    # The first piece stands before the passage: a word of the title, which is no sentence's.
    tokens=TokenVectors(np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32), [(0, 5), (12, 16), (26, 30)]),
    alone=np.array([[0.8, 0.6], [0, 1]], np.float32),
    context=frozenset(),
    scores=(0.5, 0.25, 2),
)


READ = PassageScores(sentences=(2.0, -20.0), spans=((2, 6), None), exact=(-1.5, -20.0), passage=0.5)


def column(name: str) -> list[float]:
    return np.hstack([features(ASKED, VIEW), read_features(READ)])[:, NAMES.index(name)].tolist()


def test_late_interaction_takes_the_best_piece_of_each_sentence() -> None:
    assert column("maxsim") == pytest.approx([(0.6 + 0.8) / 2, (0 + 1) / 2])
    assert column("maxsim_rare") == pytest.approx([0.75 * 0.6 + 0.25 * 0.8, 0.25])


def test_the_cosine_of_a_sentence_is_that_of_its_own_pieces() -> None:
    assert column("context_cosine") == pytest.approx([0.6, 0])
    assert column("previous_cosine") == pytest.approx([0, 0.6])
    assert column("next_cosine") == pytest.approx([0, 0])


def test_a_sentence_is_also_read_alone() -> None:
    assert column("sentence_cosine") == pytest.approx([0.8, 0])


def test_coverage_is_the_share_of_rarity() -> None:
    assert column("coverage") == pytest.approx([0.75, 0.25])
    assert column("coverage_with_previous") == pytest.approx([0.75, 1.0])
    assert column("passage_coverage") == pytest.approx([1.0, 1.0])
    assert coverage(ASKED, frozenset()) == 0


def test_the_search_is_handed_on() -> None:
    assert column("dense_score") == [0.5, 0.5] and column("lexical_score") == [0.25, 0.25]
    assert column("fused_rank") == [0.5, 0.5] and column("opens_passage") == [1, 0]


def test_what_the_cross_encoder_says_of_a_sentence_and_its_neighbours() -> None:
    assert column("reads") == [2, -10] and column("reads_exact") == [-1.5, -10]
    assert column("passage_reads") == [0.5, 0.5]
    assert column("previous_reads") == [-10, 2] and column("next_reads") == [-10, -10]


def test_inverse_frequency_is_the_published_formula() -> None:
    assert inverse_frequency(10, 2) == pytest.approx(math.log(1 + 8.5 / 2.5))
    assert inverse_frequency(10, 10) > 0


def test_every_feature_has_a_column_and_no_number_is_missing() -> None:
    rows = np.hstack([features(ASKED, VIEW), read_features(READ)])
    assert rows.shape == (2, len(NAMES)) and np.isfinite(rows).all()
