"""Numbers -> inline SVG. Pure functions; colours, and so light and dark, come from the page by class.

Nothing is told by colour alone: lines differ by dash, points by shape, and every plot says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

Point = tuple[float, float]
Span = tuple[float, float]
_At = Callable[[float], float]

WIDE, HIGH = 460.0, 300.0  # of a plot, in its own units; the page scales it
LEFT, TOP, RIGHT, BOTTOM = 52.0, 12.0, 48.0, 46.0  # room around the field for the words of its axes
STRIP, THICK = 130.0, 16.0  # a bar or interval within a table
_LABEL_GAP = 15.0  # between the names of two lines that end close together
_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A curve of (x, y), both 0..1, x ascending; `now` is the point where the program stands on it."""

    name: str
    points: tuple[Point, ...]
    now: Point | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """Where the numbers (0..1, 0..`most`) of a plot lie on its paper; `foot` is room for a row below the axis."""

    most: float = 1.0
    foot: float = 0.0

    def x(self, value: float) -> float:
        return LEFT + value * (WIDE - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return TOP + (1 - value / self.most) * (HIGH - TOP - BOTTOM)


def risk_coverage(lines: Sequence[Line]) -> Markup:
    """A line a split: of the questions answered when only the surest are (x), the share that is wrong (y)."""
    field = Field(max(0.2, math.ceil(5 * max((y for line in lines for _, y in line.points), default=0) - 1e-9) / 5))
    axes = _axes(field, "share of the questions that is answered", "share of those that is wrong")
    styles = {line.name: number for number, line in enumerate(lines)}
    drawn = [_curve(line, field, styles[line.name]) for line in lines if line.points]
    names = _names([line for line in lines if line.points], field)
    described = "; ".join(f"{line.name}: {_ends(line.points)}" for line in lines if line.points)
    return _svg((WIDE, HIGH), "plot", "Risk and coverage", described or "no question", axes, *drawn, names)


def reliability(name: str, bins: Sequence[tuple[int, float | None, float | None]]) -> Markup:
    """A point a bin of (questions, mean stated probability, share that happened); empty bins have none.

    Its area grows with the questions in it; their number stands below the axis.
    """
    field, most = Field(foot=16), max((n for n, _, _ in bins), default=0)
    told = [(n, stated, happened) for n, stated, happened in bins if n and stated is not None and happened is not None]
    level = _path([(field.x(0), field.y(0)), (field.x(1), field.y(1))], "level")
    dots = [_element("circle", "dot", cx=field.x(stated), cy=field.y(happened), r=3 + 9 * math.sqrt(n / most),
                     inside=_title(f"stated {stated:.2f}, happened {happened:.2f}, of {n}"))
            for n, stated, happened in told]
    counts = [_text(field.x((number + 0.5) / len(bins)), field.y(0) + 34, str(bin[0]), "count")
              for number, bin in enumerate(bins) if bin[0]]
    counts.append(_text(LEFT - 8, field.y(0) + 34, "n", "tick right"))
    described = "; ".join(f"stated {stated:.2f}, happened {happened:.2f} of {n}" for n, stated, happened in told)
    axes = _axes(field, "probability stated", "share that happened")
    return _svg((WIDE, HIGH + field.foot), "plot", name, described or "no question", axes, level, *dots, *counts)


def whisker(value: float, low: float, high: float, span: Span = (0.0, 1.0)) -> Markup:
    """A value and its interval on a strip from `span[0]` to `span[1]`, with a tick at 0 where that lies within."""
    at = _strip(span)
    zero = _bar(at(0) - 0.5, 1, 0, THICK, "zero") if span[0] < 0 < span[1] else ""
    return _svg((STRIP, THICK), "strip", _said(value, low, high), "", _bar(0, STRIP, 7.5, 1, "track"), zero,
                *_interval(at, value, low, high))


def bar(value: float, most: float = 1.0, interval: Span | None = None) -> Markup:
    """A bar from 0 to `value` on a strip that ends at `most`, with its interval where there is one."""
    at = STRIP / most
    said = _said(value, *interval) if interval else f"{value:g} of {most:g}"
    reach = _bar(interval[0] * at, (interval[1] - interval[0]) * at, 7, 2, "reach") if interval else ""
    return _svg((STRIP, THICK), "strip", said, "", _bar(0, STRIP, 2, 12, "rail"), _bar(0, value * at, 2, 12, "bar"),
                reach)


def _interval(at: _At, value: float, low: float, high: float) -> tuple[Markup, ...]:
    return (_bar(at(low), at(high) - at(low), 5, 6, "interval"),
            _element("circle", "value", cx=at(value), cy=8, r=3.5))


def _strip(span: Span) -> _At:
    """From a number within `span` to its place on a strip, kept clear of the ends by the radius of a dot."""
    return lambda number: 4 + (min(max(number, span[0]), span[1]) - span[0]) / (span[1] - span[0]) * (STRIP - 8)


def _said(value: float, low: float, high: float) -> str:
    return f"{value:.2f}, 95 % interval {low:.2f} to {high:.2f}"


def _axes(field: Field, across: str, up: str) -> Markup:
    """Grid lines with their numbers, and what each axis is."""
    step = 0.05 if field.most <= 0.2 else 0.1 if field.most <= 0.4 else 0.2
    rises = [step * number for number in range(round(field.most / step) + 1)]
    parts = [_path([(field.x(0), field.y(v)), (field.x(1), field.y(v))], "axis" if not v else "rule") for v in rises]
    parts += [_text(LEFT - 8, field.y(v) + 4, f"{v:.2f}" if step < 0.1 else f"{v:.1f}", "tick right") for v in rises]
    parts += [_text(field.x(v), field.y(0) + 18, f"{v:.1f}", "tick") for v in _SHARES]
    parts.append(_text(field.x(0.5), HIGH + field.foot - 6, across, "label"))
    middle = field.y(field.most / 2)
    parts.append(_element("text", "label", x=14, y=middle, transform=f"rotate(-90 14 {_number(middle)})",
                          inside=escape(up)))
    return Markup("").join(parts)


def _curve(line: Line, field: Field, style: int) -> Markup:
    path = _path([(field.x(x), field.y(y)) for x, y in line.points], f"line line-{style % 3}")
    if line.now is None:
        return path
    x, y = line.now
    said = f"{line.name}, as it answers now: {x:.2f} answered, {y:.2f} of those wrong"
    return path + _element("circle", f"now line-{style % 3}", cx=field.x(x), cy=field.y(y), r=5, inside=_title(said))


def _names(lines: Sequence[Line], field: Field) -> Markup:
    """The name of each line where it ends; names that would overlap are moved apart, downwards."""
    placed: list[Markup] = []
    free = -math.inf
    for line in sorted(lines, key=lambda line: field.y(line.points[-1][1])):
        x, y = line.points[-1]
        free = max(field.y(y) + 4, free)
        placed.append(_text(field.x(x) + 8, free, line.name, "name"))
        free += _LABEL_GAP
    return Markup("").join(placed)


def _ends(points: Sequence[Point]) -> str:
    (first, low), (last, high) = points[0], points[-1]
    return f"from {low:.2f} wrong at {first:.2f} answered to {high:.2f} wrong at {last:.2f} answered"


def _svg(size: Point, name: str, title: str, described: str, *parts: Markup | str) -> Markup:
    told = _title(title) + (Markup("<desc>{}</desc>").format(described) if described else "")
    box = f"0 0 {_number(size[0])} {_number(size[1])}"
    return Markup('<svg class="{}" viewBox="{}" role="img">{}{}</svg>').format(name, box, told, Markup("").join(parts))


def _title(words: str) -> Markup:
    return Markup("<title>{}</title>").format(words)


def _path(points: Iterable[Point], name: str) -> Markup:
    return _element("path", name, d="M" + " L".join(f"{_number(x)} {_number(y)}" for x, y in points))


def _bar(x: float, width: float, y: float, height: float, name: str) -> Markup:
    return _element("rect", name, x=x, y=y, width=width, height=height)


def _text(x: float, y: float, words: str, name: str) -> Markup:
    return _element("text", name, x=x, y=y, inside=escape(words))


def _element(tag: str, name: str, inside: Markup | str = "", **values: float | str) -> Markup:
    said = Markup("").join(Markup(' {}="{}"').format(key, value if isinstance(value, str) else _number(value))
                           for key, value in values.items())
    return Markup("<{} class=\"{}\"{}>{}</{}>").format(tag, name, said, inside, tag)


def _number(value: float) -> str:
    """At most two decimals and no needless nought: the same on every machine, and short."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
