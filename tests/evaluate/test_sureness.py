"""What a threshold would have given, by written-out arithmetic and beside the figures of the run's own threshold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qa.errors import DatasetError
from qa.evaluate.figures.sureness import STEPS, rates
from qa.evaluate.report.latest import Latest
from qa.evaluate.score import score_run
from tests.evaluate.html_run import WORSE, run
from tests.evaluate.lines import fault, line, shown
from tests.evaluate.lines import run as run_of
from tests.evaluate.outcomes import outcome

OUTCOMES = [
    outcome("sure", probability=0.9), outcome("wrong", right=False, probability=0.6),
    outcome("declined", probability=0.3, answered=False),
    outcome("nothing", probability=0.7, answerable=False, right=False),
    outcome("rightly", probability=0.1, answerable=False, answered=False, right=False),
]


@pytest.mark.parametrize("threshold, expected", [
    (0.0, (5 / 5, 2 / 5, 0 / 5, None)), (0.1, (5 / 5, 2 / 5, 0, None)),  # reached is enough
    (0.25, (4 / 5, 2 / 4, 1 / 5, 1 / 1)), (0.5, (3 / 5, 1 / 3, 2 / 5, 1 / 2)),
    (0.65, (2 / 5, 1 / 2, 3 / 5, 1 / 3)), (0.8, (1 / 5, 1 / 1, 4 / 5, 2 / 4)), (1.0, (0, None, 1, 2 / 5)),
])
def test_what_a_threshold_gives(threshold: float, expected: tuple[float | None, ...]) -> None:
    (rate,) = rates(OUTCOMES, [threshold])
    assert (rate.answered, rate.right, rate.declined, rate.rightly_declined) == pytest.approx(expected)


def test_a_right_quote_of_what_has_no_answer_is_wrong() -> None:
    assert rates([outcome(answerable=False, right=True)], [0.0])[0].right == 0


def test_a_fault_is_a_wrong_answer_and_a_wrong_declining_but_neither_in_number() -> None:
    failed = replace(outcome("f", failed=True, answered=False, probability=None), right=())
    (rate,) = rates([OUTCOMES[0], OUTCOMES[4], failed], [0.5])
    assert (rate.answered, rate.declined) == (1 / 3, 1 / 3) and (rate.right, rate.rightly_declined) == (1 / 2, 1 / 2)


def test_what_nothing_was_found_for_is_declined_at_any_threshold() -> None:
    (rate,) = rates([replace(outcome(probability=0.9, answered=False), right=())], [0.0])
    assert (rate.answered, rate.declined, rate.right) == (0, 1, None)


def test_no_questions_have_no_rates_and_the_steps_go_from_nothing_to_certainty() -> None:
    assert {(r.answered, r.right, r.declined, r.rightly_declined) for r in rates([])} == {(None,) * 4}
    assert len(STEPS) == 21 and (STEPS[0], STEPS[1], STEPS[20]) == (0, 0.05, 1)


def test_at_the_runs_own_threshold_they_are_the_reports_figures() -> None:
    """The same numbers by another way: the measures of the report, over all questions of one split."""
    lines = [line(id=f"a{n}", probability=n / 10, answered=n >= 5, split="test",
                  **{"quotes" if n >= 5 else "closest": [shown(10, 20) if n % 3 else shown(30, 40)]})
             for n in range(10)]
    lines += [line(id=f"u{n}", probability=n / 10, answered=n >= 5, split="test", answerable=False, gold=[],
                   **{"quotes" if n >= 5 else "closest": [shown(30, 40)]}) for n in range(2, 7)]
    lines += [fault(id="f", split="test")]
    report = score_run(run_of(*lines))
    (rate,) = rates(report.outcomes, [0.5])
    assert rate.right == report.figure("test", "accuracy").value
    assert rate.rightly_declined == report.figure("test", "decline precision").value
    assert rate.answered == sum(o.answered for o in report.outcomes) / 16


def test_the_page_is_told_the_rates_of_the_newest_run_of_the_shipped_questions(tmp_path: Path) -> None:
    latest = Latest(tmp_path)
    with pytest.raises(DatasetError, match="nothing has been evaluated yet; run `qa eval`"):
        latest.rates()
    run(tmp_path, name="baseline.jsonl")
    told = latest.rates()
    assert json.loads(json.dumps(told)) == told and latest.rates() == told
    assert told["run"] == "baseline.jsonl" and told["n"] == 8 and told["when"].endswith("+00:00")
    assert told["threshold"] == 0.25
    assert [rate["threshold"] for rate in told["rates"]] == [*STEPS]
    (tmp_path / "runs").mkdir()
    run(tmp_path, WORSE, name="runs/newer.jsonl")
    assert latest.rates()["run"] == "newer.jsonl" and latest.rates()["rates"] != told["rates"]
