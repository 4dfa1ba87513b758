"""The plots' coordinates, by hand."""

import re

import pytest
from markupsafe import Markup

from qa.evaluate.report.plots import Field, Line, bar, reliability, risk_coverage, whisker
from tests.show.hostile import FRAGMENTS
from tests.show.parsed import Parsed

# The field is 360 wide from 52 and 242 high from 12.


def test_a_point_of_the_field_by_hand() -> None:
    field = Field(0.5)
    assert [field.x(v) for v in (0, 0.5, 1)] == [52, 232, 412]
    assert [field.y(v) for v in (0, 0.25, 0.5)] == [254, 133, 12]


def test_a_risk_coverage_line_by_hand() -> None:
    svg = risk_coverage([Line("test", ((0.5, 0.0), (0.75, 0.2), (1.0, 0.4)), now=(0.75, 0.2))])
    assert 'class="line line-0" d="M232 254 L322 133 L412 12"' in svg
    assert 'class="now line-0" cx="322" cy="133" r="5"' in svg
    assert '<text class="name" x="420" y="16">test</text>' in svg


def test_two_lines_differ_by_more_than_colour_and_their_names_do_not_overlap() -> None:
    svg = risk_coverage([Line("dev", ((1.0, 0.5),)), Line("test", ((1.0, 0.5),))])
    assert 'class="line line-0"' in svg and 'class="line line-1"' in svg
    names = [float(y) for y in re.findall(r'class="name" x="[\d.]+" y="([\d.]+)"', svg)]
    assert len(names) == 2 and abs(names[0] - names[1]) >= 15


def test_reliability_by_hand_leaves_empty_bins_out() -> None:
    svg = reliability("x", [(4, 0.25, 0.5), (0, None, None), (1, 1.0, 0.0), (0, None, None)])
    assert '<circle class="dot" cx="142" cy="133" r="12">' in svg
    assert '<circle class="dot" cx="412" cy="254" r="7.5">' in svg  # a quarter of the questions: half of what 3 adds to
    assert svg.count('class="dot"') == 2 and re.findall(r'class="count"[^>]*>(\d+)', svg) == ["4", "1"]
    assert "stated 0.25, happened 0.50 of 4" in svg


def test_a_whisker_by_hand() -> None:
    svg = whisker(0.5, 0.25, 1.0)  # 4 at nought, 126 at one
    assert 'class="interval" x="34.5" y="5" width="91.5"' in svg and 'class="value" cx="65"' in svg
    assert "zero" not in svg and 'class="zero" x="64.5"' in whisker(0.1, -0.1, 0.2, (-1, 1))


def test_a_bar_begins_at_nought() -> None:
    assert 'class="bar" x="0" y="2" width="0"' in bar(0)
    assert 'class="bar" x="0" y="2" width="65"' in bar(2, 4) and "reach" not in bar(2, 4)
    assert 'class="reach" x="13" y="7" width="104"' in bar(0.5, 1, (0.1, 0.9))


@pytest.mark.parametrize("name", FRAGMENTS)
def test_names_are_text(name: str) -> None:
    for svg in (risk_coverage([Line(name, ((1.0, 0.5),))]), reliability(name, [(1, 0.5, 0.5)])):
        assert isinstance(svg, Markup)
        assert Parsed(svg).tags <= {"svg", "title", "desc", "path", "text", "circle", "rect"}


def test_every_plot_says_in_words_what_it_shows() -> None:
    for svg in (risk_coverage([]), reliability("x", [(1, 0.5, 0.5)]), whisker(0.5, 0.1, 0.9), bar(1, 2)):
        assert 'role="img"' in svg and re.search(r"<title>[^<]+</title>", svg)
    assert "<desc>no question</desc>" in risk_coverage([])
