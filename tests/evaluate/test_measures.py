"""What is true of every measure: a question that fails, or has no line, never makes a figure better."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.evaluate.figures.judge import Outcome, judge
from qa.evaluate.figures.measures import MEASURES, Measure
from tests.evaluate.lines import Line, fault, line, place, run, shown
from tests.evaluate.outcomes import measure, outcome

# The calibration errors ("ece…") apart: in a bin they add up what is stated too high and too low, so that a certain
# miss can cancel modesty (see below). The Brier scores, which cannot be cheated so, stand beside them and decide.
DIRECTED = [m for m in MEASURES if m.better and not m.key.startswith("ece")]

OTHER = place(50, 60, passage="p2")
NONE = {"answerable": False, "gold": [], "relevant": []}
WRONG, RIGHT = shown(50, 60, probability=0.7, article="b"), shown(10, 20, "gold words", probability=0.6)
LINES = [  # every sort of answer, the good and the bad
    line(probability=0.95, quotes=[RIGHT]),
    line(probability=0.3, quotes=[WRONG, RIGHT], hits=[OTHER, place(0, 30, passage="p1")]),
    line(probability=0.8, quotes=[WRONG] * 5, cited=[False] * 5, hits=[OTHER], sentences=[]),
    line(probability=1.0, quotes=[WRONG], cited=[False]),
    line(probability=0.0, quotes=[RIGHT] * 5),
    line(probability=0.6, answered=False, closest=[RIGHT, WRONG]),
    line(probability=0.1, answered=False, closest=[WRONG] * 5, cited=[False] * 5),
    line(probability=0.2, answered=False, closest=[], hits=[]),
    line(gold=[], relevant=[], lost=[{"article": "x", "quote": "y", "why": "not in the corpus"}]),
    fault(),
    line(**NONE, probability=0.1, answered=False, closest=[RIGHT]),
    line(**NONE, probability=0.9, answered=False, closest=[]),
    line(**NONE, probability=0.7, quotes=[WRONG] * 5, cited=[False] * 5),
    line(**NONE, probability=1.0, quotes=[RIGHT]),
    fault(**NONE),
]


def of_articles(said: Line) -> Line:
    """The line of a set that knows only which articles answer."""
    return {**said, "gold": [], "relevant": [], "gold_articles": {"a": 2} if said["answerable"] else {}}


def named(lines: Sequence[Line]) -> list[Line]:
    return [{**said, "id": f"q{n}"} for n, said in enumerate(lines)]


def spoiled(lines: Sequence[Line]) -> list[tuple[Outcome, ...]]:
    """`lines` judged once for each of them and each way to spoil it: by a fault, and without a line."""
    whole = run(*lines)
    return [judge(type(whole)(whole.path, whole.header, whole.rows, (*lines[:n], other, *lines[n + 1:])))
            for n in range(len(lines))
            for other in (fault(**{key: value for key, value in lines[n].items() if key != "error"}), None)]


def value(measure: Measure, outcomes: Sequence[Outcome]) -> float:
    about, columns = measure.prepare(outcomes)
    return float(measure.formula(*columns, np.ones((1, len(about))))[0]) if about else np.nan


def improved(measure: Measure, before: Sequence[Outcome], after: Sequence[Outcome]) -> bool:
    """A figure that is undefined, before or after, is no better one."""
    change = value(measure, after) - value(measure, before)
    return bool((change if measure.better == "higher" else -change) > 1e-9)


SETS = {"sentences": named(LINES), "articles": [of_articles(said) for said in named(LINES)]}
JUDGED = {name: (judge(run(*lines)), spoiled(lines)) for name, lines in SETS.items()}


@pytest.mark.parametrize("of", SETS)
@pytest.mark.parametrize("key", [m.key for m in DIRECTED])
def test_a_question_that_fails_or_has_no_line_makes_no_figure_better(key: str, of: str) -> None:
    whole, worse = JUDGED[of]
    assert len(worse) == 2 * len(LINES)
    for n, outcomes in enumerate(worse):
        assert not improved(measure(key), whole, outcomes), SETS[of][n // 2]


def test_every_measure_of_sentences_has_a_value_that_can_be_spoiled() -> None:
    whole, worse = JUDGED["sentences"]
    assert all(any(value(m, outcomes) != value(m, whole) for outcomes in worse) for m in DIRECTED)


@st.composite
def sets(draw: st.DrawFn) -> list[Line]:
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        answerable, answered = draw(st.booleans()), draw(st.booleans())
        quotes = draw(st.lists(st.sampled_from([RIGHT, WRONG]), min_size=int(answered), max_size=5))
        more = {"touches": [1] * len(quotes), "cited": [draw(st.booleans()) for _ in quotes]} if quotes else {}
        told = line(answered=answered, probability=draw(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])), **more,
                    **{"quotes" if answered else "closest": quotes}, **({} if answerable else NONE))
        lines.append(fault(**({} if answerable else NONE)) if draw(st.integers(0, 4)) == 0 else told)
    return named(lines)


@settings(max_examples=40, deadline=None)
@given(sets(), st.booleans())
def test_nor_does_it_in_any_other_run(lines: list[Line], articles: bool) -> None:
    lines = [of_articles(said) for said in lines] if articles else lines
    whole = judge(run(*lines))
    for outcomes in spoiled(lines):
        assert not [m.key for m in DIRECTED if improved(m, whole, outcomes)]


def test_a_certain_miss_can_cancel_modesty_which_a_calibration_error_cannot_see() -> None:
    # twenty right ones that state 0.95 say 20 x 0.05 = 1 too little; with one of them a fault, which states 1 and is
    # wrong, it is 19 x 0.05 = 0.95 too little and 1 too much
    modest = [outcome(n, confidence=0.95) for n in range(20)]
    failed = [*modest[1:], outcome("x", failed=True, answered=False, right=False, confidence=None)]
    assert value(measure("ece"), modest) == pytest.approx(0.05)
    assert value(measure("ece"), failed) == pytest.approx(0.05 / 20)
    assert improved(measure("ece"), modest, failed) and not improved(measure("brier answerable"), modest, failed)


def test_only_measures_without_a_good_direction_leave_a_fault_out() -> None:
    for answerable in (True, False):
        failed = outcome(failed=True, answered=False, answerable=answerable, right=False, cited=(), words=())
        left_out = {m.key for m in MEASURES if m.columns(failed) is None}
        words = {"words@1", "words@3", "words", "words until right"}
        assert words <= left_out and {m.key for m in MEASURES if m.better is None} == words
    assert {m.key for m in MEASURES if m.columns(outcome(failed=True, answered=False, right=False)) is None
            } - words == {"answered wrongly", "decline recall", "brier unanswerable"}  # of unanswerable questions
