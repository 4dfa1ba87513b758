"""Report -> one self-contained HTML page. The same run gives the same bytes; nothing in it is fetched from anywhere."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from qa.evaluate.report import compared, panels, words
from qa.evaluate.report.facts import facts
from qa.evaluate.report.questions import asked
from qa.evaluate.score import Report
from qa.evaluate.verdict.compare import Comparison

# What a page in UTF-8 cannot carry or no parser hands back: NUL, and halves of surrogate pairs.
_UNSAYABLE = re.compile("[\x00\ud800-\udfff]")


def to_html(report: Report, comparison: Comparison | None = None) -> str:
    """`report` as a page, with what changed since before where there is a `comparison` (its `after` is `report`)."""
    questions = asked(report, comparison)
    return _environment().get_template("report.html.jinja").render(
        report=report, comparison=comparison, panels=panels, compared=compared, words=words, facts=facts(report),
        questions=questions, main=words.main_split(report),
        style=Markup(_text("report.css")), script=Markup(_text("report.js")),
        stages=panels.stage_order([q.outcome.stage for q in questions]),
        kinds=list(dict.fromkeys(q.outcome.kind for q in questions)),
    )


def sayable(value: Any) -> Any:
    """Text as the page can say it, one for one save for what no page can; markup of ours stays as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    # A bare carriage return would be read as a line feed.
    return Markup(escape(_UNSAYABLE.sub("\ufffd", value)).replace("\r", Markup("&#13;")))


def linked(value: str) -> str:
    """`value` as a part of a link, told as the page tells it elsewhere."""
    return quote(_UNSAYABLE.sub("\ufffd", value), safe="")


@cache
def _environment() -> Environment:
    environment = Environment(loader=FunctionLoader(_text), autoescape=True, finalize=sayable,
                              undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["linked"] = linked
    return environment


def _text(name: str) -> str:
    return files("qa.evaluate.report").joinpath(name).read_text(encoding="utf-8")
