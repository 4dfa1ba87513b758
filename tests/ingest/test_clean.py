"""Cleaning takes whole lines away and nothing else, and says which; doing it twice changes nothing."""

import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from qa.ingest.clean import clean
from qa.ingest.lines import LINE_BREAKS

PROSE = "The envoys met in the border town on Saturday, for the first time since the strikes, and agreed to meet again."
LONGER = " ".join([PROSE] * 3)
LINES = st.sampled_from([
    "News", "World", "Home > World", "A Long Road", "A Long Road | The Sample", "Leave a Reply", "Read more at X:",
    "Related stories", "One headline", "Facebook", "Twitter", "Share", "Previous ArticleNext Article", "By Jane Doe",
    "Yes.",
    PROSE, LONGER, "“Wait,” he said.", "* * *", "", "", "  ", "\ufeff", "he went on to the", "a" * 70, "Subscribe"])
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=25).map("\n".join))


def kinds(text):
    return [(r.line, r.kind) for r in clean(text).removed]


def paragraphs(text):
    cleaned = clean(text)
    return [cleaned.text[start:end] for start, end in cleaned.paragraphs]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    again = clean(once.text)
    assert (again.text, again.paragraphs, again.removed) == (once.text, once.paragraphs, ())


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_stays_are_lines_of_the_file_and_what_goes_is_listed(text):
    cleaned, lines = clean(text, wrapped=False), LINE_BREAKS.sub("\n", text).split("\n")
    for offset, number in cleaned.lines:
        paragraph = cleaned.text[offset:].split("\n", 1)[0]
        assert paragraph and paragraph in lines[number - 1]
    for removed in cleaned.removed:
        assert removed.text and removed.text in lines[removed.line - 1]
    numbers = [n for _, n in cleaned.lines] + [r.line for r in cleaned.removed]
    assert len(set(numbers)) == len(numbers)
    assert {n for n, line in enumerate(lines, 1) if any(c.isalnum() for c in line)} <= set(numbers)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_joining_lines_changes_only_white_space(text):
    cleaned = clean(text)
    removed = {n for r in cleaned.removed for n in [r.line]}
    if not removed:
        blank = "\ufeff\u200b\u200e\u200f\u2060"
        words = LINE_BREAKS.sub("\n", text).translate(dict.fromkeys(map(ord, blank)))
        assert "".join(cleaned.text.translate(dict.fromkeys(map(ord, blank))).split()) == "".join(words.split())


def test_paragraphs_are_the_text_with_one_empty_line_between():
    cleaned = clean("One fact.\r\n\r\n\r\nAnother fact.\rA third.\n")
    assert cleaned.text == "One fact.\n\nAnother fact.\n\nA third."
    assert [cleaned.text[s:e] for s, e in cleaned.paragraphs] == ["One fact.", "Another fact.", "A third."]


def test_each_line_is_a_paragraph_where_lines_are_long():
    assert paragraphs(f"{LONGER}\n{PROSE}") == [LONGER, PROSE]


def test_lines_broken_at_a_width_are_joined_and_short_ones_stand_alone():
    other = "Nobody in the capital would say when the crossing might open or who had ordered it shut last week."
    wrapped = "\n\n".join(["A Long Road", textwrap.fill(LONGER, 72), textwrap.fill(other, 72)])
    assert paragraphs(wrapped) == ["A Long Road", LONGER, other]


def test_paragraphs_without_an_empty_line_between_are_told_apart_by_the_room_left():
    first = LONGER + " It ended."
    wrapped = "\n".join([*textwrap.wrap(first, 64), *textwrap.wrap("Nobody spoke. " + LONGER, 64)])
    assert len(textwrap.wrap(first, 64)[-1]) < 48
    assert paragraphs(wrapped) == [first, "Nobody spoke. " + LONGER]


def test_a_word_broken_at_its_hyphen_is_joined_with_it():
    lines = ["The two armies spoke of a cease-", "fire that neither had asked for and",
             "both had wanted since the first of",
             "the strikes, as was the custom there."]
    assert paragraphs("\n".join(lines)) == [
        "The two armies spoke of a cease-fire that neither had asked for and both had wanted since the first of the "
        "strikes, as was the custom there."]


def test_a_list_of_short_lines_is_not_joined():
    assert paragraphs("Harsh Pant\nShivam Roe\n\n" + PROSE) == ["Harsh Pant", "Shivam Roe", PROSE]


def test_two_lines_alone_do_not_show_a_width():
    lines = ["The border that divides the two in winter", "and is crossed by both in spring"]
    assert paragraphs("\n".join(lines)) == lines


def test_a_repeated_title_goes_with_the_sites_name_or_without():
    title = "A Long Road to Quetta"
    text = f"{title} | The Sample\n\n{title}\n\n{PROSE}\n\nA long road  to Quetta\n\n{PROSE} Now."
    assert kinds(text) == [(1, "repeated title"), (7, "repeated title")]


def test_a_repeated_paragraph_goes_with_the_headings_that_came_with_it():
    block = f"Why It Matters\n\n{PROSE}\n\n"
    text = f"A Long Road\n\n{block}Something else happened in between.\n\n{block}Something at the end."
    assert kinds(text) == [(9, "repeated paragraph"), (11, "repeated paragraph")]


def test_paragraphs_that_nearly_repeat_and_short_ones_that_repeat_stay():
    text = f"{PROSE}\n\n“No,” he said.\n\n{PROSE[:-1]} soon.\n\n“No,” he said."
    assert kinds(text) == []


def test_a_list_of_other_articles_goes_and_prose_after_it_stays():
    headlines = "Floods displace thousands\n\nBudget passes\n\nThe End"
    text = f"{LONGER}\n\nMore from The Sample:\n\n{headlines}\n\n{LONGER} Now."
    assert [(r.line, r.text) for r in clean(text).removed] == [
        (3, "More from The Sample:"), (5, "Floods displace thousands"), (7, "Budget passes")]


def test_one_site_name_by_itself_may_be_a_heading():
    assert kinds(f"{PROSE}\n\nFacebook\n\n{LONGER}") == []
    assert kinds(f"{PROSE}\n\nFacebook\n\nTwitter\n\n{LONGER}") == [(3, "share and subscribe"), (5,
        "share and subscribe")]


def test_section_labels_and_breadcrumbs_go_only_from_the_top():
    assert kinds(f"Home > World\n\nWorld\n\nA Long Road\n\n{PROSE}") == [(1, "navigation"), (3, "section label")]
    assert kinds(f"A Long Road\n\n{PROSE}\n\nPolitics\n\n{LONGER}") == []
    assert kinds(f"News\n\n{LONGER}") == []  # it may be the title


def test_page_numbers_and_running_heads_go():
    pages = [f"The Border Review\n{PROSE} On page {n}.\n- {n} -" for n in "1234"]
    cleaned = clean("\n".join(pages), pages=(1, 4, 7, 10))
    assert [r.kind for r in cleaned.removed] == ["page header or footer"] * 8
    assert "Review" not in cleaned.text and cleaned.text.count("On page") == 4


def test_lines_without_words_go():
    assert paragraphs(f"{PROSE}\n* * *\n\u200b\n———\n{LONGER}") == [PROSE, LONGER]
