"""Two runs -> a word: each word at its border, and what else a comparison tells."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.report.verdict import show_verdict
from qa.evaluate.score import Report, score_run
from qa.evaluate.verdict.changed import Change, changes
from qa.evaluate.verdict.compare import SAME, Comparison, Difference, compare, judge_differences, overall
from qa.evaluate.verdict.family import further_questions, holm
from tests.evaluate.lines import fault, line, run, shown
from tests.evaluate.outcomes import measure, outcome

DEV, TEST = ([f"{split}{n}" for n in range(30)] for split in ("dev", "test"))
DECIDING = {m.key for m in MEASURES if m.decides}


def said(id: str, right: bool = True, probability: float = 0.9, **changes: Any) -> dict[str, Any]:
    """Every fifth question has no answer; it is declined where it goes right. What goes wrong is not even found."""
    known = {"id": id, "split": id.rstrip("0123456789"), "hits": [], **changes}
    if id[-1] in "05":
        none = {"answerable": False, "gold": [], "relevant": []}
        return line(**none, probability=round(1 - probability, 6), answered=not right, closest=[shown(0, 5)], **known)
    if not right:
        return line(quotes=[shown(70, 80)], probability=0.3, **known)
    return line(**{**known, "hits": line()["hits"]}, probability=probability)


def report(wrong: Collection[str] = (), ids: Collection[str] = (*DEV, *TEST), **changes: Any) -> Report:
    return score_run(run(*(said(id, id not in wrong, **changes) for id in ids)))


def compared(before: Report, after: Report, permutations: int = 1_999) -> Comparison:
    return compare(before, after, permutations)


def verdicts(comparison: Comparison, split: str) -> dict[str, str]:
    """Those of the measures that decide."""
    return {d.measure.key: d.verdict for d in comparison.differences if d.split == split and d.verdict}


HALF = {split: {id for id in ids if int(id[-1]) % 2} for split, ids in (("dev", DEV), ("test", TEST))}


def test_a_run_beside_itself_is_the_same() -> None:
    once, again = report(HALF["test"]), report(HALF["test"])
    comparison = compared(once, again)
    assert comparison.verdict == "same" and comparison.moved == () and comparison.changed == ()
    for split in ("dev", "test"):
        assert verdicts(comparison, split) == dict.fromkeys(DECIDING, "same")
    assert all((d.value, d.low, d.high) == pytest.approx((0, 0, 0), abs=1e-12) for d in comparison.differences)
    assert {d.p for d in comparison.differences if d.measure.decides} == {1}
    assert comparison.before is once and comparison.after is again


def test_better_on_the_test_half_is_better() -> None:
    comparison = compared(report(HALF["test"]), report())
    assert comparison.verdict == "better" and set(verdicts(comparison, "dev").values()) == {"same"}
    found = verdicts(comparison, "test")
    # also where less is better; and what the two have in common is the same
    assert found["right@1"] == found["recall@20"] == found["aurc"] == found["brier answer"] == "better"
    assert found["cited"] == "same" and "worse" not in found.values()


def test_better_on_dev_alone_proves_nothing() -> None:
    comparison = compared(report(HALF["dev"]), report())
    assert verdicts(comparison, "dev")["right@1"] == "better" and comparison.verdict == "cannot tell"
    alone = compared(report(HALF["dev"], DEV), report(ids=DEV))
    assert alone.verdict == "better"  # where there is no other half


@pytest.mark.parametrize("split", ["dev", "test"])
def test_worse_on_either_half_is_worse(split: str) -> None:
    other = {"dev": "test", "test": "dev"}[split]
    comparison = compared(report(HALF[other]), report(HALF[split]))
    assert verdicts(comparison, split)["aurc"] == verdicts(comparison, split)["right@1"] == "worse"
    assert verdicts(comparison, other)["right@1"] == "better" and comparison.verdict == "worse"


def test_a_difference_smaller_than_a_point_is_none_however_sure() -> None:
    comparison = compared(report(probability=0.9), report(probability=0.902))
    (brier,) = (d for d in comparison.differences if (d.measure.key, d.split) == ("brier answer", "test"))
    # of 1 - 0.9 squared and 1 - 0.902 squared, on every question
    assert brier.value == pytest.approx(0.098**2 - 0.1**2) and brier.adjusted < 0.05 and brier.verdict == "same"
    assert comparison.verdict == "same"


def test_a_difference_of_more_than_a_point_as_sure_is_one() -> None:
    comparison = compared(report(probability=0.8), report(probability=0.9))  # 0.04 and 0.01
    assert verdicts(comparison, "test")["brier answer"] == "better" == comparison.verdict
    assert verdicts(compared(report(probability=0.9), report(probability=0.8)), "test")["brier answer"] == "worse"


def test_two_questions_more_are_too_few_to_tell_and_so_many_would_do() -> None:
    comparison = compared(report(TEST[1:3]), report())
    assert comparison.verdict == verdicts(comparison, "test")["right@1"] == "cannot tell"
    family = [d for d in comparison.differences if d.p is not None]
    (right,) = (d for d in family if (d.measure.key, d.split) == ("right@1", "test"))
    assert (right.n, right.before, right.after, right.value) == (24, 22 / 24, 1, pytest.approx(2 / 24))
    assert right.low == 0 and 0.15 < right.high < 0.25 and right.p == pytest.approx(1 / 2, abs=0.05)
    # the standard error of a share of 2/24
    assert right.error == pytest.approx((2 / 24 * 22 / 24 / 24) ** 0.5, rel=0.1)
    assert right.further == further_questions(24, right.value, right.error, len(family), SAME) > 20
    assert all((d.further is None) is (d.verdict != "cannot tell") for d in comparison.differences)
    assert show_verdict(right) == f"cannot tell; about {right.further} more answerable questions would tell"


def test_a_difference_says_which_sort_of_question_it_is_about() -> None:
    sorts = {d.measure.key: d.sort for d in compared(report(), report(["test0", "test1"]), 9).differences}
    assert sorts["right@1"] == sorts["precision"] == sorts["aurc answerable"] == "answerable"
    assert sorts["decline recall"] == sorts["brier unanswerable"] == sorts["answered wrongly"] == "unanswerable"
    assert sorts["auroc"] == sorts["aurc"] == sorts["cited"] == sorts["accuracy"] == ""
    alone = [id for id in TEST if id[-1] not in "05"]
    assert {d.sort for d in compared(report(ids=alone), report(ids=alone), 9).differences if d.n} == {"answerable"}


@pytest.mark.parametrize(("sort", "further", "said"), [
    ("answerable", 641, "cannot tell; about 641 more answerable questions would tell"),
    ("unanswerable", 1, "cannot tell; about 1 more unanswerable questions would tell"),
    ("", 100_000, "cannot tell; about 100,000 more questions would tell"),
    ("", 100_001, "cannot tell; over 100,000 more questions would tell")])
def test_what_would_tell_is_said_with_the_sort(sort: str, further: int, said: str) -> None:
    told = Difference(measure("right@1"), "test", 9, sort, verdict="cannot tell", further=further)
    assert show_verdict(told) == said and show_verdict(replace(told, verdict="same", further=None)) == "same"


def test_as_many_won_as_lost_is_not_the_same() -> None:
    comparison = compared(report(TEST[1:3]), report(TEST[3:5]))
    (right,) = (d for d in comparison.differences if (d.measure.key, d.split) == ("right@1", "test"))
    assert right.value == 0 and right.low < -0.1 and right.high > 0.1 and right.p == 1
    assert right.verdict == comparison.verdict == "cannot tell"
    # four of 24 differ by one: a standard error of (4/24)^0.5 / 24^0.5 = 0.083; (1.96 x 0.083 / 0.01)^2 x 24 = 6,403
    assert right.error == pytest.approx(0.083, rel=0.1) and 5_000 < right.further < 8_000


def test_a_conversation_is_one_thing_to_draw_and_to_exchange() -> None:
    """Of two conversations of four, one is won throughout: of four exchanges all differ as much or not at all."""
    pairs = [tuple(outcome(n, won, conversation=talk) for won in (talk == "b", True))
             for n, talk in enumerate("aaaabbbb")]
    (right,) = (d for d in judge_differences(pairs, 1_999) if d.measure.key == "right@1")
    assert (right.value, right.low, right.high, right.p) == (0.5, 0, 1, 1)


def test_all_measures_of_both_halves_are_one_family() -> None:
    comparison = compared(report({*HALF["test"], *DEV[:9]}), report(TEST[2:9]))
    family = [d for d in comparison.differences if d.p is not None]
    assert len(family) == 2 * len(DECIDING) and {d.split for d in family} == {"dev", "test"}
    assert [d.adjusted for d in family] == holm([d.p for d in family])
    assert any(d.p < d.adjusted for d in family)


def test_measures_that_do_not_decide_are_shown_without_a_verdict() -> None:
    comparison = compared(report(HALF["test"]), report())
    shown = {(d.measure.key, d.split) for d in comparison.differences}
    assert shown == {(m.key, split) for m in MEASURES if m.better for split in ("dev", "test")}
    (recall,) = (d for d in comparison.differences if (d.measure.key, d.split) == ("recall@1", "test"))
    assert recall.value > 0 and recall.low > 0 and (recall.p, recall.adjusted, recall.verdict) == (None, None, None)


def test_what_is_undefined_in_either_run_has_no_verdict() -> None:
    answerable = [id for id in TEST if id[-1] not in "05"]
    comparison = compared(report(answerable[:5], answerable), report(ids=answerable))
    (auroc,) = (d for d in comparison.differences if d.measure.key == "auroc")
    assert (auroc.n, auroc.before, auroc.after, auroc.value, auroc.verdict) == (24, None, None, None, None)
    declined = [line(id=id, answered=False, closest=[shown(10, 20)], split="test") for id in answerable]
    comparison = compared(report(ids=answerable), score_run(run(*declined)))
    (precision,) = (d for d in comparison.differences if d.measure.key == "precision")
    assert (precision.before, precision.after, precision.value, precision.p) == (1, None, None, None)


@pytest.mark.parametrize(("dev", "test", "word"), [
    (["same"], ["same", "same"], "same"), (["same"], ["same", None], "same"),
    (["same"], ["cannot tell"], "cannot tell"), (["better"], ["same"], "cannot tell"),
    (["same"], ["better", "cannot tell"], "better"),
    (["worse"], ["better"], "worse"), (["better"], ["worse"], "worse"), (["cannot tell"], ["better"], "better"),
    (["better"], [None], "cannot tell"), (["better"], [], "better"), ([], ["better"], "better"),
    ([None], [None], "cannot tell"), ([], [], "cannot tell")])
def test_one_word_of_all(dev: list[str | None], test: list[str | None], word: str) -> None:
    told = [Difference(measure("right@1"), split, 9, verdict=verdict)
            for split, verdicts in (("dev", dev), ("test", test)) for verdict in verdicts]
    assert overall(told) == overall(told[::-1]) == word


def test_runs_of_other_questions_are_not_compared() -> None:
    for ours, theirs, where in ((DEV, DEV[:-1], "only the earlier run has 'dev29'"),
                                (DEV[1:], DEV, "only the later run has 'dev0'")):
        with pytest.raises(DatasetError) as caught:
            compared(report(ids=ours), report(ids=theirs))
        assert where in str(caught.value) and "qa eval --out" in caught.value.remedy and "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [{"question": "dev3 again?"}, {"split": "test"}, {"answerable": False},
                                    {"conversation": "another"}, {"digest": "1" * 16}])
def test_a_question_that_is_not_the_same_any_more_is_named(change: dict[str, Any]) -> None:
    before, after = report(ids=DEV), report(ids=DEV)
    rows = [{**row, **(change if row["id"] == "dev3" else {})} for row in after.header["questions"]["rows"]]
    with pytest.raises(DatasetError, match="'dev3', or what is right for it, is not the same in both"):
        compared(before, replace(after, header={"questions": {"rows": rows}}))
    kinds = [{**row, "kind": "another"} for row in after.header["questions"]["rows"]]
    assert compared(before, replace(after, header={"questions": {"rows": kinds}})).verdict == "same"


def test_questions_go_together_by_id_in_whatever_order() -> None:
    comparison = compared(report(["dev1", "dev2"]), report(["dev2"], ids=(*TEST[::-1], *DEV[::-1])))
    assert [m.id for m in comparison.moved] == ["dev1"]


def test_questions_that_fared_otherwise_are_told_with_their_stages() -> None:
    before = score_run(run(said("test1", right=False), said("test2"), said("test3", right=False), said("test4"), None))
    after = score_run(run(said("test1"), fault(id="test2", split="test"), said("test3", right=False), said("test4"),
                          line(id="missing")))
    comparison = compared(before, after)
    moved = [(m.id, m.question, m.split, m.kind, m.before, m.after, m.won, m.lost) for m in comparison.moved]
    assert moved == [("test1", "q?", "test", "who", "not retrieved", "right", True, False),
                     ("test2", "q?", "test", "who", "right", "failed", False, True),
                     ("missing", "q?", "dev", "who", "failed", "right", True, False)]
    other = score_run(run(line(id="test1", split="test", quotes=[shown(10, 20)], touches=[4])))
    (neither,) = compared(score_run(run(said("test1", right=False))), other).moved
    assert (neither.before, neither.after) == ("not retrieved", "quoted wrongly")
    assert not neither.won and not neither.lost


def test_seconds_are_compared_as_multiples_of_the_fixed_work() -> None:
    before = report(seconds={"search": 0.1, "total": 0.2}, yardstick=0.01)
    slower_machine = report(seconds={"search": 0.2, "total": 0.4}, yardstick=0.02)
    assert compared(before, slower_machine).latency["dev"] == pytest.approx({"search": 1, "total": 1})
    # search 0.3 / 0.02 = 15 beside 0.1 / 0.01 = 10; "read" was not there, and "total" is not any more
    slower = report(seconds={"search": 0.3, "read": 1.0}, yardstick=0.02)
    half_more = pytest.approx({"search": 1.5})
    assert compared(before, slower).latency == {"dev": half_more, "test": half_more}


def test_seconds_without_anything_to_compare_them_with_are_left_out() -> None:
    timed = report(ids=DEV, seconds={"total": 0.2})
    failed = score_run(run(*(fault(id=id, split="dev") if id[-1] not in "05" else {
        **fault(id=id, split="dev"), "answerable": False} for id in DEV)))
    for pair in ((timed, failed), (failed, timed)):
        assert compared(*pair).latency == {}
    at_once, nothing = report(ids=DEV, seconds={"total": 0.0}), report(ids=DEV, seconds={"total": 0.2}, yardstick=0.0)
    for pair in ((at_once, timed), (nothing, timed), (timed, nothing)):
        assert compared(*pair, 9).latency == {}


def test_seconds_are_compared_over_the_questions_timed_in_both_runs() -> None:
    """The slow one failed before, so that it is no slowing down that it takes ten seconds now."""
    def quick(id: str, seconds: float = 0.2) -> dict[str, Any]:
        return said(id, seconds={"total": seconds})

    before = score_run(run(quick("dev1"), quick("dev2"), fault(id="dev3"), None))
    after = score_run(run(quick("dev1", 0.4), quick("dev2", 0.4), quick("dev3", 10.0), line(id="missing")))
    assert compared(before, after, 9).latency == {"dev": {"total": pytest.approx(2)}}
    assert compared(after, before, 9).latency == {"dev": {"total": pytest.approx(1 / 2)}}


def test_a_stage_is_compared_over_the_questions_that_have_it_in_both_runs() -> None:
    before, after = (score_run(run(said("dev1", seconds={"total": 0.2, "read": 0.1}), said("dev2", seconds=other)))
                     for other in ({"total": 0.2, "read": 0.3}, {"total": 0.2}))
    # "read" of the first question alone: as fast as before, whichever run comes first
    assert compared(before, after, 9).latency == compared(after, before, 9).latency == {"dev": {"total": 1, "read": 1}}


def test_less_than_a_thousandth_of_a_second_is_noise() -> None:
    def timed(seconds: float) -> Report:
        return report(ids=DEV, seconds={"resolve": seconds, "total": 0.2})

    assert compared(timed(0.001), timed(0.9), 9).latency == {"dev": {"total": 1}}
    assert compared(timed(0.002), timed(0.004), 9).latency == {"dev": {"resolve": pytest.approx(2), "total": 1}}


def test_the_settings_that_differ_are_named() -> None:
    def header(threshold: float, **more: Any) -> dict[str, Any]:
        return {"version": "0.1.0", "settings": {"answering": {"threshold": threshold, "quotes": 5}}, "when": threshold,
                "machine": {"cores": threshold}, **more}

    before = header(0.4, manifest={"engine": "faiss", "passages": 40, "built": 1}, dataset=None)
    after = header(0.5, manifest={"engine": "milvus", "passages": 40, "built": 2}, dataset={"name": "squad"})
    assert set(changes(before, after)) == {
        Change("settings.answering.threshold", 0.4, 0.5), Change("index.engine", "faiss", "milvus"),
        Change("dataset.name", None, "squad")}
    assert set(changes(after, before)) == {Change(c.name, c.after, c.before) for c in changes(before, after)}
    assert changes(before, before) == ()
    for key in ("encoder", "fingerprint", "analysis", "articles", "passages", "corpus"):
        assert changes({"manifest": {key: 1}}, {"manifest": {key: 2}}) == (Change(f"index.{key}", 1, 2),)
    for key in ("version", "commit"):
        assert changes({key: "1"}, {key: "2"}) == (Change(key, "1", "2"),)
    sets = ({"questions": {"sha256": digest, "rows": [], "count": 0}} for digest in "ab")
    assert changes(*sets) == (Change("questions.sha256", "a", "b"),)  # other evidence makes other figures
    around = {"distractors": {"articles": 5}}
    assert changes({"distractors": None}, around) == (Change("distractors.articles", None, 5),)


def test_a_comparison_tells_what_is_not_the_same_about_the_runs() -> None:
    before, after = report(ids=DEV), report(ids=DEV)
    comparison = compared(before, replace(after, header={**after.header, "version": "9"}))
    assert comparison.changed == (Change("version", "0.1.0", "9"),)
