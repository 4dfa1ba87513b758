"""The fit finds what was planted in its data, and its data is read as its source describes it."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa import Library
from qa.answer import calibrate
from qa.answer.features import NAMES, PLAIN
from qa.answer.question import Question
from qa.answer.read import Candidates, best_passages
from qa.errors import DatasetError
from qa.records import Place
from qa.train import data, fit

PLANTED, ALONE = NAMES.index("coverage"), NAMES.index("sentence_cosine")


def example(seed: int, answered: bool = True, held: bool = False) -> fit.Example:
    """Eight sentences of noise, of which the one that answers has the highest coverage."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(8, len(NAMES))).astype(np.float32)
    right = np.zeros(8, bool)
    if answered:
        right[seed % 8] = True
        rows[seed % 8, PLANTED] = 4
        rows[seed % 8, ALONE] = 4
    places = tuple(Place("a", i, i + 1) for i in range(8))
    return fit.Example(
        Candidates(Question.of("boat sank"), places, ("p",) * 8, ("word",) * 8, rows, (None,) * 8),
        right,
        answered,
        held,
    )


def test_the_ranking_learns_which_feature_tells() -> None:
    weights = fit._fit_rank([example(seed) for seed in range(80)]).weights
    assert set(np.argsort(np.abs(weights))[-2:]) == {PLANTED, ALONE} and weights[PLANTED] > 0


def test_the_whole_fit_tells_answerable_from_not_and_probabilities_mean_what_they_say() -> None:
    examples = [example(seed, seed % 3 > 0, seed % 2 == 0) for seed in range(300)]
    fresh = [example(seed, seed % 3 > 0, True) for seed in range(1000, 1120)]
    judge = fit.fit(examples, [example(seed, seed % 3 > 0, True) for seed in range(2000, 2060)])
    figures = fit.measure(judge, fresh)
    assert figures["first"] > 0.95 and figures["auroc"] > 0.9
    best = [fit._Best.of(e, judge.rank) for e in fresh]
    said = [judge.probabilities(b.rows, b.scores, 0.0).any for b in best]
    assert np.mean(said) == pytest.approx(2 / 3, abs=0.1)


def test_platt_brings_log_odds_to_the_scale_of_what_happened() -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(size=4000)
    happened = rng.random(4000) < calibrate.sigmoid(2 * odds + 1)
    model = calibrate.Linear(("x",), (0.0,), (1.0,), (1.0,), 0.0)
    fitted = fit._platt(model, [(odds[:, None], happened)] * 2)
    assert fitted.weights[0] == pytest.approx(2, abs=0.3) and fitted.bias == pytest.approx(1, abs=0.2)


def test_the_weight_of_the_sentence_alone_is_what_serves_ones_own_questions() -> None:
    rank = calibrate.Linear(NAMES, (0.0,) * len(NAMES), (1.0,) * len(NAMES), (0.0,) * len(NAMES), 0.0)
    own = []
    for seed in range(20):
        e = example(seed)
        rows = np.zeros_like(e.found.rows)
        rows[:, NAMES.index("sentence_cosine")] = np.where(e.right, 0.9, 0.1)
        own.append(replace(e, found=replace(e.found, rows=rows)))
    assert fit._paraphrase(rank, own).weights[NAMES.index("sentence_cosine")] > 0


def test_weights_survive_being_written(tmp_path: Path) -> None:
    judge = fit.fit(
        [example(s, s % 3 > 0, s % 2 == 0) for s in range(60)], [example(s, s % 3 > 0, True) for s in range(20)]
    )
    fit.save(judge, tmp_path / "reader.json", {"seed": 1})
    again = calibrate.load(tmp_path / "reader.json")
    rows = example(5).found.rows
    assert again.scores(rows) == pytest.approx(judge.scores(rows), abs=1e-3)


def test_only_the_passages_that_look_best_are_read() -> None:
    e = example(3)
    found = replace(e.found, passages=tuple(f"p{n}" for n in range(8)))
    rows = np.zeros_like(found.rows)
    rows[:, PLANTED] = [0, 5, 1, 4, 2, 3, -1, -2]
    weights = tuple(float(n == PLANTED) for n in range(len(PLAIN)))
    sift = calibrate.Linear(PLAIN, (0.0,) * len(PLAIN), (1.0,) * len(PLAIN), weights, 0.0)
    most = fit.Search().read
    assert best_passages([0, 5, 1, 4, 2, 3, -1, -2], 3) == [1, 3, 5]
    assert best_passages([1, 1, 1], 2) == [0, 1] and best_passages([], most) == []
    left = fit._sifted(replace(e, found=replace(found, rows=rows)), sift)
    assert len(left.found.places) == min(8, most) and left.right.sum() == 1


def test_hiding_passages_takes_their_sentences_away() -> None:
    found = replace(example(0).found, passages=("p", "q") * 4)
    left = found.without(frozenset({"p"}))
    assert (
        left.passages == ("q",) * 4
        and left.places == found.places[1::2]
        and left.rows.tolist() == found.rows[1::2].tolist()
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles of squad1 and one of qed, in the public form."""
    passages = [
        {"id": f"p{n}", "group": group, "text": text}
        for n, (group, text) in enumerate(
            [
                ("Otters", "Otters eat fish.\nThey sleep on their backs."),
                ("Otters", "The sea otter weighs 40 kilograms."),
                ("Tides/Ebb", "The moon raises the tides."),
            ]
        )
    ]
    questions = [
        {"source": "squad1", "passage": "p1", "question": "How heavy is it?", "spans": [[21, 33]]},
        {"source": "squad2-pairs", "passage": "p0", "question": "what do cats eat?", "spans": []},
        {"source": "qed", "passage": "p2", "question": "what makes tides", "spans": [[0, 8]]},
    ]
    for name, rows in (("passages", passages), ("questions", questions)):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return tmp_path


def test_groups_become_articles_and_spans_are_found_in_them(folder: Path, tmp_path: Path) -> None:
    articles, asked = data.sample(folder, seed=1, kept=lambda _: True)
    assert set(articles) == {"Otters", "Tides_Ebb"} and len(articles["Otters"]) == 2
    data.write(articles, tmp_path / "articles")
    library = Library(tmp_path / "articles", tmp_path / "index")
    library.build()
    heavy = next(q for q in asked if q.text == "How heavy is it?")
    article = library.read("Otters")
    assert [article.text[a:b] for a, b in data.locate(heavy, article)] == ["40 kilograms"]
    cats = next(q for q in asked if "cats" in q.text)
    assert data.locate(cats, article) == []


def test_both_ways_of_having_no_answer_are_in_the_examples(folder: Path, tmp_path: Path) -> None:
    articles, asked = data.sample(folder, seed=1, kept=lambda _: True)
    data.write(articles, tmp_path / "articles")
    library = Library(tmp_path / "articles", tmp_path / "index")
    library.build()
    examples = fit.collect(library, asked)
    assert sum(e.right.any() for e in examples) == 2
    assert any(e.found.question.text == "what do cats eat?" and not e.right.any() for e in examples)
    assert any(e.found.question.text == "How heavy is it?" and not e.right.any() for e in examples)


def test_only_articles_that_the_cross_encoder_never_saw_are_fitted_on(folder: Path) -> None:
    articles, asked = data.sample(folder, seed=1, kept=lambda title: title == "Otters")
    assert set(articles) == {"Otters"} == {q.article for q in asked}


def test_a_folder_without_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="passages.jsonl.gz"):
        data.sample(tmp_path, seed=1, kept=lambda _: True)
