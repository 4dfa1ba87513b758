"""Title, author and date are what the file's lines plainly state, else None."""

import pytest

from qa.ingest.front import author_of, date_of, title_of

PROSE = "The envoys met in the border town on Saturday, for the first time since the strikes, and agreed to meet again."
LONG = PROSE + " " + PROSE


@pytest.mark.parametrize("title", [
    "Border Talks Resume", "Can trust be rebuilt?", "They fired. We fired back. Now what?", "Iran Warns the U.S.",
    "Minister calls strike “a blunder”", "2024: A Year of Strikes", "伊朗袭击巴基斯坦"])
def test_a_headline_is_a_title(title):
    assert title_of([title, LONG]) == title
    assert title_of(["By Jane Doe", "January 3, 2024", title, LONG]) == title


@pytest.mark.parametrize("line", [
    "In a statement, Pakistan said it would respond.", "Iran fired at Pakistan. Pakistan shot back.", "News",
    "Key points:",
    "and so it went on", PROSE, "By Jane Doe", "Disclaimer: all views", "* * *", LONG[:160]])
def test_other_openings_are_not_titles(line):
    assert title_of([line, LONG]) is None


def test_a_line_with_nothing_or_no_prose_after_it_is_no_title():
    assert title_of(["Border Talks Resume"]) is None
    assert title_of(["Border Talks Resume", "Another Line", "A Third"]) is None
    assert title_of(["Why?", "“Because,” he said."]) == "Why?"
    assert title_of(["Can trust be rebuilt?", "No. It cannot."]) is None
    assert title_of([]) is None


@pytest.mark.parametrize("line,author", [
    ("By Jane Doe", "Jane Doe"), ("BY JANE DOE", "JANE DOE"), ("Written by Jane van Doe and John Q. Roe",
                                                               "Jane van Doe, John Q. Roe"),
    ("By Jane Doe, John Roe and Ana López | January 3, 2024", "Jane Doe, John Roe, Ana López"), ("Author: Jane Doe",
        "Jane Doe"),
    ("By Tuesday, the talks had failed", None), ("By Land", None), ("Jane Doe", None), ("By 2024 Jane Doe had left",
        None)])
def test_a_byline_states_the_author(line, author):
    assert author_of(["Border Talks Resume", line, LONG], "Border Talks Resume") == author


def test_names_under_the_title_count_where_an_authors_note_confirms_them():
    lines = ["Border Talks Resume", "Jane Doe", "Ana López", LONG, "Jane Doe is a professor of law at Leeds"]
    assert author_of(lines, lines[0]) == "Jane Doe, Ana López"
    assert author_of(lines[:-1], lines[0]) is None
    assert author_of(lines, None) is None


@pytest.mark.parametrize("line,date", [
    ("January 27, 2024", "2024-01-27"), ("Published: 3 Feb. 2024", "2024-02-03"), ("Updated on Sept 9, 2023 10:15 GMT",
        "2023-09-09"),
    ("2024-02-03", "2024-02-03"), ("By Jane Doe | Jan 3, 2024", "2024-01-03"), ("Saturday, January 27th, 2024",
        "2024-01-27"),
    ("This article was first published in The Sample on May 2, 2023.", "2023-05-02"),
    ("On January 27, 2024, Iran fired.", None), ("February 31, 2024", None), ("He was born on May 2, 1950.", None)])
def test_a_dateline_states_the_date(line, date):
    assert date_of(["Border Talks Resume", line, LONG]) == date
