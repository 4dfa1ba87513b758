"""Passages: whole sentences of one article, near the target, overlapping, never beyond the encoder's window."""

import hashlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import QAError
from qa.ingest import split
from qa.ingest.clean import clean
from qa.ingest.sentences import sentences
from qa.ingest.split import count_tokens, encoding, fit_sentences, passage_input, passages
from qa.records import Article, Passage
from qa.settings import Split

WORDS = st.lists(st.sampled_from(["Iran", "fired.", "No.", "“Why?”", "the", "border", "\n\nThe Road\n\n", "x" * 50,
                                  "伊朗", "é"]),
                 min_size=1, max_size=120).map(" ".join).filter(lambda text: clean(text).text)


def article(text, fits=lambda text: True, title=None):
    cleaned = clean(text)
    spans = fit_sentences(sentences(cleaned.text, cleaned.paragraphs, 200, title), cleaned.text, title, fits)
    return Article(id="a", text=cleaned.text, paragraphs=cleaned.paragraphs, sentences=spans, title=title)


def sentences_of(article, passage):
    return [s for s in article.sentences if passage.start <= s.start and s.end <= passage.end]


@settings(max_examples=200, deadline=None)
@given(WORDS, st.integers(min_value=12, max_value=80), st.integers(min_value=5, max_value=60), st.integers(min_value=0,
    max_value=3))
def test_passages_hold_every_sentence_whole_and_fit_the_window(text, window, target, overlap):
    def fits(text):
        return len(text) <= window

    made = article(text, fits, title="Road")
    found = passages(made, fits, Split(target_tokens=target, overlap_sentences=overlap))
    starts, ends = {s.start for s in made.sentences}, {s.end for s in made.sentences}
    assert all(p.start in starts and p.end in ends for p in found)
    assert all(fits(passage_input("Road", made.text[p.start:p.end])) for p in found)
    assert all(p.tokens == count_tokens(made.text[p.start:p.end]) for p in found)
    assert all(p.tokens <= target or len(sentences_of(made, p)) == 1 for p in found)
    assert {s.start for p in found for s in sentences_of(made, p)} == starts
    assert all(a.start <= b.start and a.end < b.end for a, b in zip(found, found[1:]))
    assert all(p.id == Passage.make_id("a", made.sha256, p.start, p.end) for p in found)


def test_neighbours_share_the_sentences_asked_for():
    made = article(" ".join(f"Fact number {n} is here." for n in range(40)))
    for overlap in (0, 1, 2):
        found = passages(made, lambda text: True, Split(target_tokens=40, overlap_sentences=overlap))
        shared = [len([s for s in sentences_of(made, b) if s.end <= a.end]) for a, b in zip(found, found[1:])]
        assert len(found) > 3 and set(shared) == {overlap}


def test_a_heading_goes_with_what_follows_it():
    prose = "The envoys met in the town on Saturday and agreed to meet again soon. "
    made = article(f"{prose * 2}\n\nThe Near Future\n\n{prose}They left at noon.")
    assert [s.heading for s in made.sentences] == [False, False, True, False, False]
    room = count_tokens(made.text[:made.sentences[2].end]) + 3  # for the heading, but not for what follows it
    found = passages(made, lambda text: True, Split(target_tokens=room, overlap_sentences=0))
    assert [made.text[p.start:p.end].startswith("The Near Future") for p in found] == [False, True]


def test_a_sentence_beyond_the_window_is_halved_between_words_and_marked():
    made = article("Short one. The " + "word " * 30 + "end.", fits=lambda text: len(text) <= 50)
    assert [s.whole for s in made.sentences] == [True] + [False] * (len(made.sentences) - 1)
    assert " ".join(made.text[s.start:s.end] for s in made.sentences) == made.text
    assert all(s.end - s.start <= 50 for s in made.sentences)


def test_the_encoder_sees_the_title_before_the_words_but_never_twice():
    assert passage_input("A Road", "It is long.") == "A Road\nIt is long."
    assert passage_input("A Road", "A Road\n\nIt is long.") == "A Road\n\nIt is long."
    assert passage_input(None, "It is long.") == "It is long."


def test_a_long_title_is_cut_between_words_so_that_the_passage_has_room():
    shown = passage_input("title " * 100, "It is long.").split("\n")[0]
    assert len(shown) <= 150 and set(shown.split()) == {"title"}
    assert len(passage_input("각" * 400, "x").split("\n")[0]) == 50  # three letters each, taken apart


def test_tokens_are_those_of_cl100k():
    assert encoding().encode_ordinary("hello world") == [15339, 1917]
    assert encoding().decode(encoding().encode_ordinary("Qasem Soleimani’s é 你好")) == "Qasem Soleimani’s é 你好"
    assert count_tokens("<|endoftext|>") > 1


def test_an_altered_vocabulary_is_refused(tmp_path, monkeypatch):
    altered = tmp_path / "vocabulary"
    altered.write_bytes(split.VOCABULARY.read_bytes() + b"\n")
    encoding.cache_clear()
    for path in (altered, tmp_path / "missing"):
        monkeypatch.setattr(split, "VOCABULARY", path)
        with pytest.raises(QAError, match="missing or altered; install cited-qa again"):
            encoding()
    monkeypatch.undo()
    assert hashlib.sha256(split.VOCABULARY.read_bytes()).hexdigest() == split.VOCABULARY_SHA256


@pytest.mark.parametrize("text", ["word " * 200_000, "x" * 1_000_000, "Yes. " * 200_000, "伊" * 300_000])
def test_a_megabyte_is_split_in_seconds(text):
    started = time.perf_counter()
    made = article(text.strip(), fits=lambda text: len(text) <= 900)
    assert passages(made, lambda text: len(text) <= 900, Split())
    assert time.perf_counter() - started < 30
