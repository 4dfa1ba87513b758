"""The fitted numbers are applied as they are written, and weights of another kind are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from qa.answer import calibrate
from qa.answer.calibrate import Linear, each_features, load, sigmoid
from qa.errors import IndexDamaged


def test_a_linear_model_is_weights_on_standardised_inputs() -> None:
    model = Linear(("a", "b"), mean=(1.0, 0.0), scale=(2.0, 1.0), weights=(4.0, -1.0), bias=0.5)
    assert model(np.array([[3.0, 2.0], [1.0, 0.0]])) == pytest.approx([4 * 1 - 2 + 0.5, 0.5])


def test_a_sentence_shares_the_softmax_with_the_others() -> None:
    rows = each_features(0.7, np.log(np.array([3.0, 1.0])))
    assert rows[:, 0] == pytest.approx([0.7, 0.7])
    assert np.exp(rows[:, 1]) == pytest.approx([0.75, 0.25])


def test_sigmoid() -> None:
    assert sigmoid(np.array([0.0, 1e9, -1e9])) == pytest.approx([0.5, 1, 0], abs=1e-9)


def test_the_shipped_weights_name_the_features_of_this_version() -> None:
    judge = calibrate.default_judge()
    assert judge.rank.names == calibrate.SENTENCE_FEATURES and judge.any.names == calibrate.ANY_FEATURES


@pytest.mark.parametrize(
    "harm",
    [
        lambda w: w.update(format=99),
        lambda w: w.pop("any"),
        lambda w: w["rank"]["names"].reverse(),
        lambda w: w["rank"]["weights"].pop(),
        lambda w: w["each"].update(bias=None),
        lambda w: w["each"].update(bias=float("nan")),
        lambda w: w["any"]["scale"].__setitem__(0, 0.0),
    ],
)
def test_weights_of_another_kind_are_refused_by_name(tmp_path: Path, harm) -> None:
    weights = json.loads(calibrate.FILE.read_text())
    harm(weights)
    path = tmp_path / "reader.json"
    path.write_text(json.dumps(weights))
    with pytest.raises(IndexDamaged, match="reader.json"):
        load(path)
