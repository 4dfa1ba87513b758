"""What cleaning does to the five articles that come with the program, reviewed by eye."""

from pathlib import Path

import pytest

from qa.ingest.folder import read_article, scan
from qa.ingest.split import count_tokens, passages
from qa.settings import Ingest, Split

SEEDS = Path(__file__).parents[2] / "seeds"

REMOVED = {
    "000_c50d7e2c24e6fad1": [
        (3, "repeated title"), (19, "paywall"), (21, "script"), (24, "paywall"), (27, "paywall"), (29, "paywall"),
        (31, "paywall"), (33, "comment form")],
    "001_3740f9f57058e3dc": [],
    "002_db01594f68ec3a21": [
        (1, "navigation"), (45, "related links"), (47, "related links"), (49, "related links"), (53,
            "previous and next"),
        (54, "previous and next"), (58, "comment form"), (59, "comment form")],
    "003_01e841300c2192ad": [
        (1, "section label"), (27, "repeated paragraph"), (29, "repeated paragraph"), (31, "repeated paragraph"),
        (39, "previous and next")],
    "004_17a6728e9ae6f099": [],
}


@pytest.fixture(scope="module")
def ingested():
    return {found.id: read_article(found, Ingest(), fits=lambda text: True) for found in scan(SEEDS)}


def test_the_lines_that_go_are_these_and_no_others(ingested):
    assert {id: [(r.line, r.kind) for r in i.removed] for id, i in ingested.items()} == REMOVED


def test_every_other_line_of_the_files_stands_in_the_article_word_for_word(ingested):
    for id, i in ingested.items():
        gone = {line for line, _ in REMOVED[id]}
        lines = (SEEDS / f"{id}.txt").read_text(encoding="utf-8").split("\n")
        stay = [line.strip() for n, line in enumerate(lines, 1) if line.strip() and n not in gone]
        assert [i.article.text[s:e] for s, e in i.article.paragraphs] == stay


def test_titles_authors_and_dates_are_the_files_own_words(ingested):
    assert {id: (i.article.title, i.article.author, i.article.date) for id, i in ingested.items()} == {
        "000_c50d7e2c24e6fad1": ("After Iran Strikes, Pakistan Weighs Options for Response", None, None),
        "001_3740f9f57058e3dc": ("Israel-Hamas War Live Updates: Displaced Gazans Flee Nasser Hospital Amid Heavy "
                                 "Fighting", None, None),
        "002_db01594f68ec3a21": ("Islamabad's Measured Strikes Amidst Crisis", "Harsh V Pant, Shivam Shekhawat",
                                 "2024-01-27"),
        "003_01e841300c2192ad": ("Iran fired at Pakistan. Pakistan shot back. Can trust be rebuilt?", None, None),
        "004_17a6728e9ae6f099": (None, None, None),
    }


@pytest.mark.parametrize("id,sentence", [
    ("001_3740f9f57058e3dc",
     "But beyond protests and diplomatic warnings, it was not immediately clear whether Pakistan, "
     "reeling from political and economic crises and heading for parliamentary elections next month, is in a "
     "position to "
     "strike back militarily or enter a protracted conflict with Iran. ."),
    ("001_3740f9f57058e3dc", "The latest Iranian attack, amid rising political tensions in Pakistan ahead of elections "
     "scheduled for Feb. 8, was apparently timed to take advantage of that turmoil, analysts said."),
    ("001_3740f9f57058e3dc", "“The Iranian attack is a very serious event,” he said."),
    ("001_3740f9f57058e3dc",
     "Shortly after the attack, Iranian officials He blamed Pakistan’s weak border control measures. "
     "and claimed that militants had crossed from Pakistan to carry out the assault."),
    ("003_01e841300c2192ad",
     "Mr. Syed says international and domestic security concerns led Tehran “to send a robust message "
     "that ‘look, we’ll not be trifled with.’”"),
    ("004_17a6728e9ae6f099",
     "But Iran’s decision to launch missile attacks in Syria and Iraq on Jan. 15 and in Pakistan the "
     "next day was risky."),
    ("004_17a6728e9ae6f099",
     "The U.S. should be wary of letting China play that role and should encourage its erstwhile ally "
     "Pakistan to manage ties with Iran without China’s help."),
    ("004_17a6728e9ae6f099",
     "Iran — as self-professed champion of anti-Israel and anti-U.S. sentiment — has made significant "
     "political gains from Hamas’s Oct. 7 terrorist attacks on Israeli civilians and the ensuing war in Gaza, "
     "which has "
     "resulted in massive Palestinian civilian casualties."),
    ("002_db01594f68ec3a21",
     "The article was first published in Financial Express as Striking with caution: Beyond the "
     "performative muscle flexing, Islamabad had little choice on January 27, 2024."),
])
def test_sentences_at_the_hard_places(ingested, id, sentence):
    article = ingested[id].article
    assert sentence in [article.text[s.start:s.end] for s in article.sentences]


def test_headings_are_titles_and_section_lines_and_nothing_that_states_something(ingested):
    headings = {i.article.text[s.start:s.end] for i in ingested.values() for s in i.article.sentences if s.heading}
    assert headings == {i.article.title for i in ingested.values() if i.article.title} | {
        "The Crisis at Hand", "Bilateral Conflicts and Constraints over the years", "The Near Future",
        "Why We Wrote This", "A story focused on"}


def test_passages_are_near_their_target_and_hold_every_sentence(ingested):
    for i in ingested.values():
        found = passages(i.article, lambda text: True, Split())
        assert all(p.tokens == count_tokens(i.article.text[p.start:p.end]) <= 160 for p in found)
        assert sum(p.tokens for p in found) / len(found) > 115
        for s in i.article.sentences:
            assert any(p.start <= s.start and s.end <= p.end for p in found)
