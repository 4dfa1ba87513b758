"""Sentences: the hard cases, and that every letter is in exactly one however odd the text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ingest.clean import clean
from qa.ingest.sentences import WINDOW, halves, sentences

CASES = [  # sentences are divided by |
    "The attack came on Jan. 16 in Balochistan.|It was met on Feb. 8 by others.",
    "Anti-U.S. sentiment rose.|The assassination by the U.S. of the general shocked many.",
    "China surprised the U.S. by negotiating.|He went to the U.S.|Then he left.|In the U.S. Navy he served.",
    "Mr. Syed spoke to Dr. Lodhi.|Gen. Qasem Soleimani was killed.|Lt. Col. Smith denied it.",
    "It was No. 3 on the list.|No. 4 followed at 5 p.m. on Monday.|It ended at 6 p.m.|Nobody came.",
    "It ended at 5 p.m. Monday.|Talks open at 9 a.m. GMT.|They close at 5 p.m.|The rest is silence.",
    "The talks failed in a conflict with Iran. .|Nobody wept.",
    "“Why did they strike?” asked Mr. Khan.|“Because they could!” he said.",
    "“Why?” Mr. Khan asked.|“No.”|Then he left.",
    "He said: “We wait. We watch. Then we act.”|They did.",
    "“If it does not retaliate, it will appear weak.”|Arain agreed.",
    "He waited... and then he left.|It was over…|No one spoke.|“I … I don’t know,” she said.",
    "Harsh V. Pant and J. K. Rowling met George W. Bush.|They talked.",
    "Officials He blamed weak measures. and claimed that militants had crossed.",
    "The U.S. State Department objected.|Relations between the U.S. President and Iran soured.",
    "Tehran sent a message: “look, we’ll not be trifled with.’”|The cost was trust.",
    "It cost $3.5 million (about 2.1 percent).|See p. 4 of www.example.com for more.",
    "He works at Acme Inc. in Texas.|Acme Corp. said so.|It left Acme Inc.|The rest stayed.",
    "He said no.|The talks ended.|He said “no.”|They left.",
    "They called it a ‘proportionate response by the armed forces of Pakistan.’|But beyond this, little.",
    "1. First item.|2. Second item.",
    "(He said so.)|Then he left.",
    "It fell.|iPhone sales rose.|al-Adl denied it.",
    "Really?!|Yes!!!|Fine.",
    "इरान ने हमला किया।|पाकिस्तान ने जवाब दिया।",
]


def texts(text, **options):
    return [text[s.start:s.end] for s in sentences(text, [(0, len(text))], **options)]


@pytest.mark.parametrize("case", CASES)
def test_hard_cases(case):
    assert texts(case.replace("|", " ")) == case.split("|")


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=400), st.integers(min_value=5, max_value=60))
def test_every_letter_is_in_exactly_one_stripped_sentence(text, max_chars):
    cleaned = clean(text)
    found = sentences(cleaned.text, cleaned.paragraphs, max_chars)
    covered = set()
    for s in found:
        start, end = cleaned.paragraphs[s.paragraph - 1]
        piece = cleaned.text[s.start:s.end]
        assert start <= s.start < s.end <= end and piece == piece.strip() and len(piece) <= max_chars
        assert not covered & set(range(s.start, s.end))
        covered |= set(range(s.start, s.end))
    assert [(s.start, s.end) for s in found] == sorted((s.start, s.end) for s in found)
    assert all(c.isspace() for i, c in enumerate(cleaned.text) if i not in covered)


def test_an_overlong_sentence_is_cut_between_words_and_marked():
    text = "word " * 100 + "end. Short one."
    found = sentences(text, [(0, len(text))], 120)
    assert all(not s.whole for s in found[:-1]) and found[-1].whole
    assert text[found[-1].start:found[-1].end] == "Short one."
    assert all(set(text[s.start:s.end].split()) <= {"word", "end."} for s in found[:-1])


@pytest.mark.parametrize("text", [
    "word " * 200_000, "x" * 1_000_000, "“" * 1_000_000, "a" + " " * 1_000_000 + "b", "U.S. " * 200_000,
    "(" * 1_000_000,
    ". " * 500_000, "no. A" * 200_000, "“We came. " * 100_000], ids=["words", "one word", "quotes", "gap", "initials",
                                                                      "brackets", "stops", "numbers", "open quotes"])
def test_a_megabyte_without_an_end_takes_seconds_not_minutes(text):
    started = time.perf_counter()
    assert sentences(text.strip(), [(0, len(text.strip()))])
    assert time.perf_counter() - started < 20


def test_sentences_do_not_depend_on_the_windows_they_are_found_in():
    base = ["The U.S. attacked on Jan. 3.", "He said so.", "“Why?” Mr. Khan asked.", "It ended at 6 p.m. Monday."]
    text = " ".join(base[(i * i + i // 3) % 4] for i in range(3000))
    assert len(text) > 5 * WINDOW
    assert set(texts(text)) == set(base)


def test_titles_and_section_lines_are_headings_and_bylines_are_not():
    lines = ["Can trust be rebuilt?", "Jane Doe", "Prose follows here.", "The Near Future", "More prose, again.",
             "Jane Doe is a professor of law at Leeds", "Disclaimer: her views"]
    text = "\n\n".join(lines + ["Prose.", "Bread", "Rice", "Lentils", "Prose.", "Kicker", "The Aftermath", "Prose.",
                                "Coda"])
    spans = clean(text).paragraphs
    found = sentences(text, spans, title="Can trust be rebuilt?")
    assert [text[s.start:s.end] for s in found if s.heading] == ["Can trust be rebuilt?", "The Near Future", "Kicker",
                                                                      "The Aftermath"]
    assert [s.paragraph for s in found] == list(range(1, len(spans) + 1))


def test_halves_meet_at_the_gap_nearest_the_middle():
    text = "one two three four"
    assert [text[s:e] for s, e in halves(text, 0, len(text))] == ["one two", "three four"]
    assert halves("abcdef", 0, 6) == [(0, 3), (3, 6)]
    assert halves("a b", 0, 3) == [(0, 1), (2, 3)]


def test_a_short_form_before_a_number_ends_no_sentence() -> None:
    text = "The dumplings cook for approx. 15 minutes. Serve at once."
    found = [text[s.start : s.end] for s in sentences(text, [(0, len(text))])]
    assert found == ["The dumplings cook for approx. 15 minutes.", "Serve at once."]
