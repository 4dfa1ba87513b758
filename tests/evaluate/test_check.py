"""What is wrong with a question set is told at once, each with its line."""

from pathlib import Path

import numpy as np

from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.check import Finding, check
from qa.evaluate.questions.dataset import load
from qa.records import RemovedLine
from tests.evaluate.corpus import ARTICLES, Shelf, article, row, write_rows


class WordsEncoder:
    """A unit vector of which words of a short list a question has."""

    WORDS = ("budget", "grew", "why", "who", "when", "tuesday")

    def encode(self, texts: list[str], question: bool = False) -> np.ndarray:
        counts = np.array([[w in t.lower() for w in self.WORDS] for t in texts], dtype=np.float32)
        return counts / np.maximum(1e-9, np.linalg.norm(counts, axis=1, keepdims=True))


def found(tmp_path: Path, rows: list[dict], shelf: Shelf | None = None) -> list[Finding]:
    dataset = load(write_rows(tmp_path / "q.jsonl", rows))
    return [f for f in check(dataset, Articles(shelf or Shelf()), WordsEncoder(), 2_000) if f.line]


GREW = [("budget", "It grew by 5 percent.")]


def test_every_lost_quote_is_told_and_not_only_the_first(tmp_path: Path) -> None:
    shelf = Shelf(cleaned={"budget": (RemovedLine(9, "paywall", "Subscribe now."),)})
    rows = [row("sound", GREW), row("typo", [("budget", "It grew by 6 percent.")]), row("gone", [("weather", "Rain.")]),
            row("cut", [("budget", "Subscribe now.")])]
    findings = found(tmp_path, rows, shelf)
    assert [(f.line, f.breaks) for f in findings] == [(2, True), (3, True), (4, True)]
    says = [f.problem for f in findings]
    assert "stands nowhere" in says[0] and "no article 'weather'" in says[1] and "cleaning removes" in says[2]


def test_gold_that_no_quote_can_hold_is_told(tmp_path: Path) -> None:
    long = article("long", [f"Sentence number {n} is as long as any." for n in range(6)])
    shelf = Shelf({**ARTICLES, "long": long})
    sentences = [long.text[s.start : s.end] for s in long.sentences]
    rows = [row("five", [("long", " ".join(sentences[:5]))]), row("three", [("long", " ".join(sentences[:3]))]),
            row("either", [("long", " ".join(sentences[:5])), ("long", sentences[0])])]
    assert [(f.line, f.breaks) for f in found(tmp_path, rows, shelf)] == [(1, True)]


def test_the_same_question_twice_is_told_with_both_lines_and_halves(tmp_path: Path) -> None:
    rows = [row("a", question="Why the budget grew"), row("b", question="Who?"),
            row("c", question="The budget grew: why?", split="test")]
    (finding,) = found(tmp_path, rows)
    assert (finding.line, finding.breaks) == (3, False)
    assert "of line 1" in finding.problem and "one is in dev, one in test" in finding.problem


def test_the_same_words_after_another_question_are_another_question(tmp_path: Path) -> None:
    rows = [row("a", question="And why?", history=["Who grew?"]), row("b", question="And why?", history=["When?"])]
    assert found(tmp_path, rows) == []


def test_thin_kinds_are_named_with_their_number_once_a_split(tmp_path: Path) -> None:
    words = WordsEncoder.WORDS
    rows = [row(f"q{n}", question=f"{words[n % 6]} {words[n // 6]}", kind="many") for n in range(10)]
    rows += [row("x", kind="few"), row("y", GREW, kind="few", split="test")]
    dataset = load(write_rows(tmp_path / "q.jsonl", rows))
    thin = [f.problem for f in check(dataset, Articles(Shelf()), WordsEncoder(), 2_000) if not f.line]
    assert [problem.split(": ")[1] for problem in thin] == ["few (unanswerable) 1", "few 1"]
    assert thin[0].startswith("kinds of dev") and thin[1].startswith("kinds of test")


def test_a_question_that_would_be_refused_is_told(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, [row("a", question="x" * 2_000), row("b", question="why " * 501)])
    assert (finding.line, finding.breaks) == (2, True) and "2,004 characters" in finding.problem


class NumberEncoder:
    """A vector of its own for each number modulo 150."""

    def encode(self, texts: list[str], question: bool = False) -> np.ndarray:
        return np.eye(150, dtype=np.float32)[[int(text) % 150 for text in texts]]


def test_pairs_are_found_once_each_in_a_set_of_any_size(tmp_path: Path) -> None:
    rows = [row(str(n), question=str(n), kind="many") for n in range(300)]
    dataset = load(write_rows(tmp_path / "q.jsonl", rows))
    findings = check(dataset, Articles(Shelf()), NumberEncoder(), 2_000)
    assert [(f.line, f.problem.split("line ")[1]) for f in findings] == [(n + 151, str(n + 1)) for n in range(150)]
