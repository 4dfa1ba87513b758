"""The page of a run: what it says, that it says it as text, and that it needs nothing from anywhere."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.evaluate.figures.blame import RIGHT, STAGES
from qa.evaluate.figures.measures import MEASURES
from qa.evaluate.report import words
from qa.evaluate.report.page import sayable, to_html
from qa.evaluate.report.questions import pieces, place_of_gold
from qa.evaluate.score import Report, score
from qa.evaluate.verdict.compare import Comparison, compare
from tests.conftest import ROOT
from tests.evaluate.corpus import row
from tests.evaluate.html_run import GREW, ROWS, SCRIPT, WORSE, run, with_words
from tests.show.hostile import FRAGMENTS, texts
from tests.show.parsed import Parsed

VOID = ("meta", "link", "input")


def parsed(page: str) -> Parsed:
    """`page` without the elements that have no end, which the parser would wait for; scripts and styles left out."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return Parsed(re.sub(rf"<!DOCTYPE html>|<(?:{'|'.join(VOID)})\b[^>]*>", "", page))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return run(tmp_path_factory.mktemp("eval"))


@pytest.fixture(scope="module")
def comparison(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    return compare(report, run(tmp_path_factory.mktemp("worse"), WORSE), permutations=99)


def test_the_headline_in_words(report: Report) -> None:
    leads = parsed(to_html(report)).of_class("lead")
    assert leads[0] == ("test Of 2 answerable questions the right sentence came first for 100 % and among the first "
                        "three for 100 %. 100 % of them were answered.")
    assert leads[1] == ("dev Of 4 answerable questions the right sentence came first for 25 % and among the first "
                        "three for 75 %. 50 % of them were answered. Of 2 questions without an answer 50 % were "
                        "declined. 1 question failed.")


def test_every_measure_is_there_with_its_meaning_and_interval(report: Report) -> None:
    page = parsed(to_html(report))
    rows = page.inside(lambda tag, _: tag == "tr")
    for measure in MEASURES:
        assert any(row.startswith(measure.name) for row in rows), measure.name
        assert words.explain(measure) in page.text
    assert any(row.startswith("right sentence first") and "(0.00–" in row and "of\u00a04" in row for row in rows)


def test_every_stage_there_is_has_a_meaning_in_the_order_of_the_pipeline() -> None:
    assert list(words.STAGES) == [RIGHT, *STAGES] and all(words.STAGES.values())


def test_questions_stand_with_outcome_stage_quotes_and_gold(report: Report) -> None:
    page = parsed(to_html(report))
    questions = [attributes for tag, attributes, _ in page.elements if tag == "details" and "data-stage" in attributes]
    told = [(q["data-outcome"], q["data-stage"], q["data-split"], q["data-answerable"]) for q in questions]
    assert told == [
        ("right answered", "right", "dev", "yes"), ("missed answered", "ranked low", "dev", "yes"),
        ("missed declined", "ranked low", "dev", "yes"), ("missed failed", "failed", "dev", "yes"),
        ("right declined", "right", "dev", "no"), ("missed answered", "wrongly answered", "dev", "no"),
        ("right answered", "right", "test", "yes"), ("right answered", "right", "test", "yes"),
    ]
    first, second, declined, fault, rightly, *_, later = page.inside(lambda tag, a: "data-stage" in a)
    assert "It grew by 5 percent." in first and "✓ right" in first
    assert "2 best passages" in first
    assert second.index("✗ not right") < second.index("✓ right")
    assert "Declined: nothing fits." in declined and "Closest sentences, shown as no answer" in declined
    assert "IndexDamaged: a file is short" in fault and "The articles do not answer this" in rightly
    assert "not right" not in rightly  # there is no right quote to miss
    assert "Asked before: first?" in later


def test_gold_words_are_marked_within_quotes() -> None:
    quote = {"article": "a", "start": 10, "text": "abcdefgh", "highlight": [2, 6]}
    gold = [{"article": "a", "start": 4, "end": 14}, {"article": "b", "start": 10, "end": 18}]
    told = [(p.text, p.gold, p.exact) for p in pieces(quote, gold)]
    assert told == [("ab", True, False), ("cd", True, True), ("ef", False, True), ("gh", False, False)]
    assert [(p.text, p.gold, p.exact) for p in pieces({**quote, "highlight": None}, ())] == [("abcdefgh", False, False)]


@pytest.mark.parametrize("hits, gold_articles, said", [
    ([("p1", "a"), ("p2", "b")], {}, "The first passage with gold is number 2 of the 2 best passages."),
    ([("p1", "a"), ("p3", "b")], {}, "No gold in the 2 best passages."),
    ([("p1", "a"), ("p3", "a"), ("p2", "b")], {"b": 2},
     "The first article with gold is number 2 of the 2 best articles."),
    ([("p2", "a")], {}, "The first passage with gold is number 1 of the one passage found."),
    ([], {}, "Nothing was found."),
])
def test_where_the_gold_stood_among_what_was_found(hits, gold_articles, said) -> None:
    line = {"hits": [{"passage": p, "article": a} for p, a in hits], "relevant": ["p2"], "error": None,
            "gold_articles": gold_articles}
    assert place_of_gold(line) == said


def test_a_question_without_a_line_is_said_to_be_missing(report: Report) -> None:
    page = parsed(to_html(replace(report, lines=(None, *report.lines[1:]))))
    assert page.text.count("The run holds no line of this question.") == 1


def test_without_a_probability_or_a_quote_it_is_still_a_page(tmp_path) -> None:
    broken = run(tmp_path, {"fault?": SCRIPT["fault?"]}, [row("fault", GREW, split="test")])
    page = parsed(to_html(broken))
    assert "1 question failed." in page.of_class("lead")[0]


def test_a_comparison_says_what_it_came_to(report: Report, comparison: Comparison) -> None:
    page = parsed(to_html(comparison.after, comparison))
    assert page.of_class("verdict") == [words.verdict(comparison)]
    assert words.verdict(comparison).endswith("1 question won and 1 lost.")
    [section] = page.inside(lambda _, a: a.get("id") == "compared")
    assert "0.250 → 0.250" in section and "What changed" not in section
    moved = [a["data-moved"] for tag, a, _ in page.elements if "data-moved" in a]
    assert moved[:3] == ["lost", "won", ""]
    assert "Before: right → now: ranked low (lost)." in page.text
    assert "Moved" in page.text and "Moved" not in parsed(to_html(report)).text


def test_what_changed_between_the_runs_is_named(comparison: Comparison) -> None:
    before = replace(comparison.before, header={**comparison.before.header, "version": "0.0.9"})
    changed = compare(before, comparison.after, permutations=9)
    assert "0.0.9 → " in parsed(to_html(changed.after, changed)).of_class("changed")[0]


def test_settings_that_are_not_the_defaults_are_named(report: Report) -> None:
    settings = {**report.header["settings"], "search": {**report.header["settings"]["search"], "hits": 7}, "old": {}}
    facts = parsed(to_html(replace(report, header={**report.header, "settings": settings}))).of_class("facts")[0]
    assert "search.hits 7 (default 20)" in facts
    assert "the defaults" in parsed(to_html(report)).of_class("facts")[0]


def test_the_same_run_gives_the_same_bytes(report: Report, comparison: Comparison, tmp_path) -> None:
    run(tmp_path)
    assert to_html(score(tmp_path / "run.jsonl")) == to_html(score(tmp_path / "run.jsonl"))
    assert to_html(comparison.after, comparison) == to_html(comparison.after, comparison)


def test_nothing_is_fetched_from_anywhere(report: Report, comparison: Comparison) -> None:
    for page in (to_html(report), to_html(comparison.after, comparison)):
        assert "http:" not in page and "https:" not in page
        assert "//" not in re.sub(r"(?m)(^|; |>)// .*$", "", page)  # our script's comments apart
        assert not re.findall(r"@import|url\(|\bsrc=|\bon[a-z]+=", page)
        assert {link for link in re.findall(r'href="([^"]*)"', page) if not link.startswith("#")} == {"data:,"}
        assert "default-src 'none'" in page


@pytest.mark.parametrize("words", [
    *FRAGMENTS, "</script><script>alert(1)</script>", "</style>", "</title>", "javascript:alert(1)", "x" * 10_000,
    "\u202egnirts\u202c", "'\"><b>", "\x00", "\ud800",
])
def test_hostile_words_are_text_everywhere(words: str, report: Report) -> None:
    if not words.strip("\r\n\t "):
        words = f"a{words}b"  # a record cannot be of blanks alone
    harmless = "w" * len(words)  # as long, so that its quotes are cut in the same places
    plain, hostile = parsed(to_html(with_words(report, harmless))), to_html(with_words(report, words))
    found = parsed(hostile)
    assert [tag for tag, *_ in found.elements] == [tag for tag, *_ in plain.elements]
    hostile.encode("utf-8")
    shown = re.sub("[\x00\ud800]", "\ufffd", words)
    assert found.text.count(shown) > 40
    for _, attributes, _ in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert not (attributes.get("href") or "#").strip().lower().startswith(("javascript", "http"))


@given(texts())
@settings(max_examples=15, deadline=None)
def test_any_words_are_text(words: str) -> None:
    assert Parsed(f"<p title=\"{sayable(words)}\">{sayable(words)}</p>").text == re.sub("\x00", "\ufffd", words)


@given(st.floats(0, 1))
def test_a_percentage_never_claims_all_or_nothing_falsely(share: float) -> None:
    said = words.percent(share)
    assert (said == "100 %") == (share == 1) and (said == "0 %") == (share == 0)


def test_the_colours_are_those_of_the_chat() -> None:
    chat = (ROOT / "qa/show/page/assets/style.css").read_text(encoding="utf-8")
    ours = (ROOT / "qa/evaluate/report/report.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([a-z-]+): (#\w+)", block)) for block in re.findall(r"\{([^}]*)\}", chat)[:2])
    pairs = {name: pair for name, *pair in re.findall(r"--([a-z-]+): light-dark\((#\w+), (#\w+)\)", ours)}
    assert len(pairs) > 8
    assert all(pair == [light[name], dark[name]] for name, pair in pairs.items() if name in light)


def test_a_page_of_two_hundred_questions_is_small(tmp_path) -> None:
    rows = [{**base, "id": f"{base['id']}{n}", "question": f"{base['id']}{n}?", "history": []}
            for n in range(30) for base in ROWS]
    script = {f"{base['id']}{n}?": SCRIPT[base["question"]] for n in range(30) for base in ROWS}
    assert len(to_html(run(tmp_path, script, rows)).encode()) < 1_500_000
