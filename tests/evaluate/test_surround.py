"""The same questions with other text around: a corpus of its own, made by the door, kept beside the index."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from qa import Library
from qa.errors import UsageError
from qa.evaluate.datasets.surround import surround
from qa.evaluate.evaluate import evaluate
from qa.evaluate.questions.dataset import load
from qa.evaluate.runs.record import no_progress
from qa.evaluate.runs.run import read_run
from qa.records import Answer, Hit, Place, Quote
from tests.evaluate.corpus import row, write_rows

BUDGET = "The budget of the town\n\nThe budget grew. It grew by 5 percent. Nobody in the town hall knows why.\n"
STRIKE = "A strike in the harbour\n\nThe dockers struck on Tuesday. Their union asked for more pay.\n"
OTHER = "Another town altogether\n\nIt grew by 5 percent. So did every other town in the valley.\n"


class LettersEncoder:
    """The share of each letter of the alphabet, as a unit vector: close words have close vectors."""

    name, fingerprint, dimensions = "letters", "letters-1", 26

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def fits(self, text: str) -> bool:
        return len(text) < 1_000

    def encode(self, texts: Sequence[str], question: bool = False) -> np.ndarray:
        self.encoded += texts
        counts = np.array([[t.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for t in texts], dtype=np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class SentencesWith:
    """Answers every question with the sentences that hold `words`, of the articles whose id begins as told."""

    def __init__(self, library: Library, words: str, begins: str = ""):
        self.library, self.words, self.begins = library, words, begins

    def close(self) -> None:
        """Holds nothing."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        quotes = []
        for item in self.library.list():
            article = self.library.read(item.id)
            for s in article.sentences if item.id.startswith(self.begins) else ():
                if self.words in article.text[s.start:s.end]:
                    quotes.append(Quote.cut(article, s.start, s.end, probability=0.5))
        with self.library.open() as snapshot:
            hits = tuple(Hit(p.id, Place(p.article, p.start, p.end), 1.0) for p in snapshot.passages()
                         if any(q.article == p.article and p.start <= q.start < p.end for q in quotes))
        return Answer(question, question, True, 0.5, tuple(quotes), (), None, {"total": 0.1}, hits)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    articles = tmp_path / "articles"
    (articles / "news").mkdir(parents=True)
    (articles / "budget.txt").write_text(BUDGET)
    (articles / "news" / "strike.txt").write_text(STRIKE)
    (articles / "articles.toml").write_text('["news/strike"]\nsource = "The Harbour Post"\n')
    library = Library(articles, tmp_path / "index", encoder=LettersEncoder())
    library.build()
    return library


@pytest.fixture
def others(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "00001-Other.txt").write_text(OTHER)
    (folder / "00002-Strike.txt").write_text(STRIKE + "\nIt rained all the same.\n")
    return folder


def ids(library: Library) -> set[str]:
    return {item.id for item in library.list()}


def test_articles_keep_their_ids_and_words_and_the_others_stand_apart(library: Library, others: Path) -> None:
    combined, around = surround(library, others, no_progress)
    assert ids(combined) == {"budget", "news/strike", "distractors/deep/00001-Other", "distractors/00002-Strike"}
    assert combined.read("budget") == library.read("budget")
    assert combined.read("news/strike").source == "The Harbour Post"
    assert around == {"folder": "wiki", "articles": 2} and ids(library) == {"budget", "news/strike"}


def test_a_second_time_embeds_nothing_and_another_folder_replaces_the_first(
        library: Library, others: Path, tmp_path: Path) -> None:
    surround(library, others, no_progress)
    copy, original = library.index / "with-distractors" / "articles" / "budget.txt", library.articles / "budget.txt"
    assert copy.stat().st_mtime_ns == original.stat().st_mtime_ns  # so that it need not even be read again
    library.encoder.encoded.clear()
    surround(library, others, no_progress)
    assert library.encoder.encoded == []
    other = tmp_path / "fewer"
    other.mkdir()
    (other / "only.txt").write_text(OTHER)
    assert ids(surround(library, other, no_progress)[0]) == {"budget", "news/strike", "distractors/only"}


def test_evidence_counts_only_where_it_stands_in_the_original(library: Library, others: Path, tmp_path: Path) -> None:
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a", [("budget", "It grew by 5 percent.")])]))
    run = tmp_path / "run.jsonl"
    report = evaluate(library, dataset, run, distractors=others,
                      assistant=lambda door: SentencesWith(door, "5 percent"))
    (line,) = read_run(run).lines
    assert {quote["article"] for quote in line["quotes"]} == {"budget", "distractors/deep/00001-Other"}
    assert {gold["article"] for gold in line["gold"]} == {"budget"} and report.figure("dev", "right@1").value == 1
    assert {hit["article"] for hit in line["hits"]} == {"budget", "distractors/deep/00001-Other"}
    assert report.figure("dev", "recall@20").value == 1 and len(line["relevant"]) == 1
    assert report.header["distractors"] == {"folder": "wiki", "articles": 2}


def test_the_same_words_in_another_article_are_no_evidence(library: Library, others: Path, tmp_path: Path) -> None:
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a", [("budget", "It grew by 5 percent.")])]))
    report = evaluate(library, dataset, tmp_path / "run", distractors=others,
                      assistant=lambda door: SentencesWith(door, "5 percent", "distractors/"))
    assert report.figure("dev", "right@1").value == report.figure("dev", "recall@20").value == 0
    assert report.figure("dev", "words@1").value == 5  # and it did show the words


def test_a_folder_without_articles_is_refused(library: Library, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder .*nowhere of distractors"):
        surround(library, tmp_path / "nowhere", no_progress)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty holds no article"):
        surround(library, tmp_path / "empty", no_progress)


def test_an_article_changed_since_it_was_indexed_is_refused(library: Library, others: Path) -> None:
    (library.articles / "budget.txt").write_text(BUDGET + "\nAnd nobody asked any more.\n")
    with pytest.raises(UsageError, match="'budget' is not the same.*qa index"):
        surround(library, others, no_progress)


def test_articles_that_stand_in_the_way_are_refused(library: Library, others: Path) -> None:
    (library.articles / "distractors").mkdir()
    with pytest.raises(UsageError, match="rename that folder"):
        surround(library, others, no_progress)


def test_links_that_lead_back_and_an_index_inside_are_left_out(library: Library, others: Path) -> None:
    (others / "deep" / "back").symlink_to(others)
    (others / "gone.txt").symlink_to(others / "nowhere.txt")
    (others / "index").symlink_to(library.index)
    assert surround(library, others, no_progress)[1]["articles"] == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_distractor_that_cannot_be_read_is_left_out(library: Library, others: Path) -> None:
    (others / "00002-Strike.txt").chmod(0)
    assert surround(library, others, no_progress)[1]["articles"] == 1
