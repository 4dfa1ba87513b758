"""Where evidence stands, and what becomes of evidence that a corpus has not any more."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import DatasetError
from qa.evaluate.questions.articles import Articles
from qa.evaluate.questions.dataset import Evidence, Question, load
from qa.evaluate.questions.evidence import Gold, Lost, gold, locate, occurrences
from qa.records import Place, RemovedLine
from tests.evaluate.corpus import Shelf, article, row, write_rows

STRUCK = ("news/strike", "Iran struck Pakistan on Tuesday.")
GONE = ("weather", "Rain.")
CLEANED = {"budget": (RemovedLine(1, "menu", "Home | News"), RemovedLine(7, "share", "Share this"),
                      RemovedLine(8, "share", "story now"))}


def found(folder: Path, *rows: Mapping[str, Any], cleaned: Mapping[str, tuple[RemovedLine, ...]] = CLEANED) -> dict:
    return locate(load(write_rows(folder / "q.jsonl", rows)), Articles(Shelf(cleaned=cleaned)))


def test_every_occurrence_of_every_evidence_is_gold(tmp_path: Path) -> None:
    evidence = [("budget", "grew"), ("news/strike", "Talks began."), ("budget", "grew")]
    # "The budget grew. It grew by…": at 11 and at 20. The strike's last sentence: 32+1+18+1+20+1 = 73.
    places = (Place("budget", 11, 15), Place("budget", 20, 24), Place("news/strike", 73, 85))
    assert found(tmp_path, row("a", evidence), row("none")) == {"a": Gold(places), "none": Gold()}


def test_evidence_of_an_article_that_is_gone_is_lost_and_the_rest_counts(tmp_path: Path) -> None:
    gold = found(tmp_path, row("a", [GONE, STRUCK]), row("b", [GONE]))
    lost = Lost(*GONE, "not in the corpus")
    assert gold == {"a": Gold((Place("news/strike", 0, 32),), lost=(lost,)), "b": Gold(lost=(lost,))}


def test_evidence_that_only_lines_left_out_hold_is_cleaned_away(tmp_path: Path) -> None:
    away = ("budget", "this story")  # from one line left out to the next
    assert found(tmp_path, row("a", [away]))["a"] == Gold(lost=(Lost(*away, "cleaned away"),))
    with pytest.raises(DatasetError, match="stands nowhere"):
        found(tmp_path, row("a", [away]), cleaned={"news/strike": CLEANED["budget"]})  # of another article


def test_evidence_that_is_kept_is_gold_though_a_line_left_out_says_it_too(tmp_path: Path) -> None:
    cleaned = {"news/strike": (RemovedLine(1, "menu", STRUCK[1]),)}
    assert found(tmp_path, row("a", [STRUCK]), cleaned=cleaned)["a"] == Gold((Place("news/strike", 0, 32),))


@pytest.mark.parametrize("quote", ["Iran struck", "the budget grew", "grew. Share that"])
def test_a_quote_that_stands_nowhere_is_refused_by_file_and_line(quote: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        found(tmp_path, row("a", [STRUCK]), row("b", [STRUCK, ("budget", quote)]))
    assert str(caught.value) == (f"{tmp_path / 'q.jsonl'}:2: the quote {quote!r} stands nowhere in article 'budget'; "
                                 "copy it from `qa articles --text budget`")


def test_a_long_quote_is_shown_by_its_beginning(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=f"the quote '{'x' * 57}…' stands"):
        found(tmp_path, row("a", [("budget", "x" * 61)]))
    with pytest.raises(DatasetError, match=f"the quote '{'x' * 60}' stands"):
        found(tmp_path, row("a", [("budget", "x" * 60)]))


@pytest.mark.parametrize("evidence", [[GONE], [("weather", 1)]])
def test_a_corpus_that_has_none_of_the_articles_is_the_wrong_one(evidence: list, tmp_path: Path) -> None:
    rows = [row("none"), row("a", evidence), row("b", [("sport", "Goal.")])]
    with pytest.raises(DatasetError) as caught:
        found(tmp_path, *rows)
    assert "q.jsonl: the corpus has none of the articles it quotes, such as 'weather'; give" in str(caught.value)


def test_questions_without_evidence_need_no_article(tmp_path: Path) -> None:
    assert found(tmp_path, row("a"), row("b")) == {"a": Gold(), "b": Gold()}


def test_articles_alone_keep_their_best_grade(tmp_path: Path) -> None:
    evidence = [("budget", 1), ("news/strike", 3), ("budget", 2), ("budget", 1), ("weather", 3)]
    (gold,) = found(tmp_path, row("a", evidence)).values()
    assert gold == Gold((), (("budget", 2), ("news/strike", 3)), (Lost("weather", None, "not in the corpus"),))


def test_an_article_is_read_once() -> None:
    class Counting(Shelf):
        read_of: Sequence[str] = ()

        def read(self, id: str):
            self.read_of = (*self.read_of, id)
            return super().read(id)

    shelf = Counting()
    articles = Articles(shelf)
    assert articles.text("budget") == articles.article("budget").text == articles.text("budget")
    assert articles.text("weather") is None and articles.removed("budget") == "" and shelf.read_of == ("budget",)


def test_white_space_never_decides_and_words_are_never_cut() -> None:
    assert occurrences("It grew", "Once. It\n grew and it grew; It\u00a0grew.") == [(6, 14), (28, 35)]
    assert occurrences("5 percent", "25 percent, 5 percentage, 5 percent") == [(26, 35)]
    assert occurrences("“(a) [b]*”", "x “(a) [b]*” y") == [(2, 12)]


@given(st.lists(st.text("ab.“” ", min_size=1).filter(str.strip), min_size=3, max_size=6), st.data())
def test_words_cut_from_a_text_at_word_borders_are_found_where_they_were(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 1))
    begin = len(" ".join(words[:start])) + bool(start)
    wanted = text[begin: begin + len(words[start])]
    first = begin + len(wanted) - len(wanted.lstrip())
    assert any(s <= first < e for s, e in occurrences(wanted, text))


def test_a_quote_with_a_removed_line_in_its_midst_was_cleaned_away_and_is_no_typo(tmp_path: Path) -> None:
    cleaned = {"budget": (RemovedLine(3, "share", "Share this."), RemovedLine(5, "ad", "Buy now."))}
    quote = "The budget grew. Share this. It grew by 5 percent."
    gold = found(tmp_path, row("a", [("budget", quote)]), row("b", [STRUCK]), cleaned=cleaned)
    assert [lost.why for lost in gold["a"].lost] == ["cleaned away"]
    with pytest.raises(DatasetError, match="stands nowhere"):
        found(tmp_path, row("a", [("budget", quote.replace("5", "6"))]), cleaned=cleaned)


BETWEEN = {"budget": (RemovedLine(3, "share", "Share"), RemovedLine(4, "share", "Share this."),
                      RemovedLine(6, "ad", "fell")), "news/strike": ()}


@pytest.mark.parametrize(("quote", "why"), [
    ("The budget grew. Share this. It grew by 5 percent.", "cleaned away"),
    ("grew. Share this. Share It grew", "cleaned away"),
    ("grew. Share this. It grew by 5 percent. Taxes fell in May.", "cleaned away"),  # "fell" is said for good, too
    ("Share this. It grew by", "cleaned away"),  # from a line left out to one that is kept
    ("Share Share this.", "cleaned away"),
    ("It grew by 5 percent. Share this. The budget grew.", "stands nowhere"),  # in another order
    ("The budget grew. Share this. Nobody knows why.", "stands nowhere"),  # and not all that stands between
    ("grew. Share this. grew", "stands nowhere"),
    ("It grew by Taxes fell in May.", "stands nowhere"),
    ("Taxes in May.", "stands nowhere"),  # "fell" is said between them, and no line is left out there
    ("The budget grew. It grew by 6 percent.", "stands nowhere"),  # with no line left out in it
    ("fell Share", "stands nowhere")])
def test_what_stands_around_a_line_left_out_stands_together_in_the_text(quote: str, why: str, tmp_path: Path) -> None:
    (question,) = load(write_rows(tmp_path / "q.jsonl", [row("a", [("budget", quote)])])).questions
    assert gold(question, Articles(Shelf(cleaned=BETWEEN))).lost == (Lost("budget", quote, why),)


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), st.booleans()), min_size=2, max_size=6), st.data())
def test_whatever_a_file_says_in_a_row_is_gold_or_cleaned_away(
        lines: list[tuple[str, bool]], data: st.DataObject) -> None:
    """Each line of its own words, kept or left out; a quote of some that follow each other is never a slip."""
    words = [(f"{word}{n}", kept or n == 0) for n, (word, kept) in enumerate(lines)]
    text = " ".join(word for word, kept in words if kept)
    shelf = Shelf({"x": article("x", [text])}, cleaned={
        "x": tuple(RemovedLine(n, "ad", word) for n, (word, kept) in enumerate(words) if not kept)})
    first, last = sorted(data.draw(st.lists(st.integers(0, len(words) - 1), min_size=2, max_size=2)))
    said = " ".join(word for word, _ in words[first : last + 1])
    evidence = (Evidence("x", said),)
    found = gold(Question("a", "a?", (), True, evidence, "who", "dev", "a?", 1), Articles(shelf))
    whole = all(kept for _, kept in words[first : last + 1])
    assert bool(found.places) is whole and [lost.why for lost in found.lost] == ["cleaned away"] * (not whole)
