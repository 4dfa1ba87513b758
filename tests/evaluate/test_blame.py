"""Each question has one stage to blame: the first, from the files to the quote, at which it went wrong."""

from typing import Any

import pytest

from qa.evaluate.figures.blame import RIGHT, STAGES
from qa.evaluate.figures.judge import judge
from tests.evaluate.lines import fault, line, place, run, shown

GONE, AWAY = ({"article": "x", "quote": "y", "why": why} for why in ("not in the corpus", "cleaned away"))
NOWHERE = {"gold": [], "relevant": []}
HIT, OTHER = place(0, 30, passage="p1"), place(50, 60, passage="p2")
BAD, GOOD = [shown(50, 60)], [shown(10, 20)]
ANSWERABLE_NOT = {"answerable": False, "gold": [], "relevant": []}

# Every line spoils what all the later ones spoil too, so the order is what is tested.
CASES: list[tuple[str, dict[str, Any] | None]] = [
    ("failed", None),
    ("failed", fault(**NOWHERE, lost=[GONE])),
    ("failed", fault(**ANSWERABLE_NOT)),
    ("not in the corpus", line(**NOWHERE, lost=[GONE, GONE], hits=[OTHER], sentences=[], quotes=BAD)),
    ("not in the corpus", line(**NOWHERE, lost=[GONE], answered=False, closest=BAD)),
    ("cleaned away", line(**NOWHERE, lost=[GONE, AWAY], hits=[OTHER], sentences=[], quotes=BAD)),
    ("not retrieved", line(lost=[GONE, AWAY], hits=[OTHER], sentences=[], quotes=BAD)),
    ("not retrieved", line(hits=[], sentences=[], answered=False, quotes=[], closest=[])),
    ("not read right", line(hits=[OTHER, HIT], sentences=[OTHER], quotes=BAD)),
    ("not read right", line(sentences=[], answered=False, quotes=[], closest=[])),
    ("ranked low", line(sentences=[OTHER, place(10, 15)], quotes=BAD + GOOD)),
    ("ranked low", line(sentences=[OTHER, place(10, 15)], answered=False, closest=BAD + GOOD)),
    ("quoted wrongly", line(sentences=[place(10, 15)], quotes=BAD + GOOD)),
    ("quoted wrongly", line(quotes=GOOD, touches=[3])),
    ("quoted wrongly", line(quotes=GOOD, touches=[3], answered=False, closest=GOOD)),
    ("wrongly declined", line(answered=False, closest=GOOD)),
    ("wrongly answered", line(**ANSWERABLE_NOT, quotes=GOOD)),
    ("right", line()),
    ("right", line(lost=[GONE, AWAY], hits=[], sentences=[])),  # right is right, however it came about
    ("right", line(**ANSWERABLE_NOT, answered=False, closest=BAD)),
    # where only articles are known
    ("right", line(gold=[], gold_articles={"a": 1}, quotes=BAD, touches=[9])),
    ("not retrieved", line(gold=[], gold_articles={"b": 1}, lost=[GONE], quotes=BAD)),
    ("not read right", line(gold=[], gold_articles={"b": 1}, hits=[place(0, 9, "b", passage="p")], quotes=BAD)),
    ("ranked low", line(gold=[], gold_articles={"b": 1}, hits=[place(0, 9, "b", passage="p")], quotes=BAD,
                        sentences=[place(0, 9), place(0, 9, "b")])),
]


@pytest.mark.parametrize(("stage", "said"), CASES)
def test_the_first_stage_that_fails_a_question_is_to_blame(stage: str, said: dict[str, Any] | None) -> None:
    (outcome,) = judge(run(said))
    assert outcome.stage == stage


def test_every_stage_is_tried_here() -> None:
    assert {stage for stage, _ in CASES} == {RIGHT, *STAGES}
