"""The measured tables of docs/scale.md, made from the figures that `measure` wrote.

    .venv/bin/python -m evals.scale.table evals/scale/figures.jsonl docs/scale.md

Puts each table between its two marks in the document. Where a figure was measured more than once, the median stands.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

Key = tuple[str, int, str, str]  # part, count, what, unit
Figures = Mapping[Key, float]

COUNTS = (10_000, 100_000, 1_000_000)
_EVERY = ("10^4", "10^5", "10^6")
_MEASURED = ("passages", *_EVERY)
BYTES = (("library in SQLite", "SQLite library"), ("vectors in FAISS Flat", "FAISS Flat"),
          ("words in tantivy", "tantivy"))
SHOWN = r"M=16|ef=200|, 64 probed"  # the rest of what was measured is in the figures alone
BUILD = (("article and passage rows put into the library", "library: rows put in"),
          ("vectors put into the library", "library: vectors put in"),
          ("**a whole new generation**, as after every change", "whole generation built and published"),
          ("VACUUM, after anything was deleted", "VACUUM, after anything was deleted"),
          ("checksums of a generation, at every opening", "checksums of a whole generation"),
          ("loading it, at every opening", "opening"))
_ASKED = ("vector search", "word search", "hybrid", "one term's frequency")
_MADE = ("cosine of a passage with its nearest no. 1", "cosine of a passage with its nearest no. 10",
         "cosine of a passage with its nearest no. 100", "cosine of a question with its nearest no. 1",
         "cosine of a question with its nearest no. 10", "cosine of a question with its nearest no. 100",
         "cosine of a passage with any passage, deviation", "HNSW M=16 ef=200: recall@10",
         "HNSW M=16 ef=200: recall@100", "HNSW M=32 ef=200: recall@100",
         "IVF-PQ 48 bytes, 512 lists, 64 probed: recall@100",
         "IVF-PQ 48 bytes, 512 lists, 64 probed, 400 refined: recall@100")


def read(path: Path) -> Figures:
    """Every figure by its key; the median of those that were measured again."""
    found: dict[Key, list[float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "what" in row:
            found.setdefault((row["part"], row["count"], row["what"], row["unit"]), []).append(row["value"])
    return {key: median(values) for key, values in found.items()}


def render(figures: Figures) -> dict[str, str]:
    """Table name -> Markdown."""
    return {"bytes": _bytes(figures), "build": _build(figures), "asked": _asked(figures), "nearest": _nearest(figures),
            "people": _people(figures), "made": _made(figures)}


def put(tables: Mapping[str, str], document: str) -> str:
    """`document` with each table between `<!-- measured: name -->` and `<!-- end -->`."""
    for name, table in tables.items():
        mark = re.escape(f"<!-- measured: {name} -->")
        document, times = re.subn(f"({mark}\n).*?(<!-- end -->)", lambda found: found[1] + table + "\n" + found[2],
                                  document, flags=re.DOTALL)
        if times != 1:
            raise ValueError(f"{times} places for the table {name!r}")
    return document


def _bytes(figures: Figures) -> str:
    rows = [[name, *(_number(figures.get(("embedded", count, what, "bytes a passage"))) for count in COUNTS)]
            for name, what in BYTES]
    whole = [sum(figures.get(("embedded", count, what, "bytes a passage"), 0) for _, what in BYTES)
             for count in COUNTS]
    return _table(_MEASURED, [*rows, ["**all three**", *(f"**{_number(total)}**" for total in whole)],
                              ["all three, GB", *(_number(total * count / 1e9)
                                                  for total, count in zip(whole, COUNTS, strict=True))],
                              ["memory of an asker beyond its models, GB",
                               *_gigabytes(figures, "memory held while open and asked")]])


def _build(figures: Figures) -> str:
    rows = [[name, *(_pair(figures, "embedded", count, what, "s") for count in COUNTS)] for name, what in BUILD]
    parts = [[f"of the generation: {name}", *(_number(figures.get(("embedded", count, what, "processor s")))
                                             for count in COUNTS)]
             for name, what in (("reading the library", "  of which reading the library"),
                                ("writing FAISS Flat", "  of which writing FAISS Flat"))]
    peak = ["most memory the indexer held, GB", *_gigabytes(figures, "most memory held")]
    return _table(_MEASURED, [*rows[:3], *parts, *rows[3:], peak])


def _gigabytes(figures: Figures, what: str) -> list[str]:
    found = [figures.get(("embedded", count, what, "bytes")) for count in COUNTS]
    return [_number(None if value is None else value / 1e9) for value in found]


def _asked(figures: Figures) -> str:
    rows = []
    for what in _ASKED:
        for percent in ("p50", "p95"):
            rows.append([f"{what}, {percent}", *(_pair(figures, "embedded", count, f"{what}, {percent}", "ms")
                                                 for count in COUNTS)])
    return _table(_MEASURED, rows)


def _nearest(figures: Figures) -> str:
    rows = []
    for count, shown in zip(COUNTS[1:], _EVERY[1:], strict=True):
        for name in _searches(figures, count):
            index = re.sub(r" ef=\d+|, \d+ probed.*", "", name)
            built = [v for (part, n, what, unit), v in figures.items()
                     if part == "nearest" and n == count and unit == "processor s" and what.startswith(f"{index}: ")]
            rows.append([shown, name.replace(", one thread", ""),
                         _number(figures.get(("nearest", count, f"{index}: size", "bytes a passage"))),
                         _number(sum(built)), _number(figures.get(("nearest", count, f"{name}, p50", "processor ms"))),
                         *(_share(figures.get(("nearest", count, f"{name}: recall@{k}", ""))) for k in (10, 100))])
    return _table(("passages", "index", "bytes a passage", "build, processor s", "p50, processor ms", "recall@10",
                   "recall@100"), rows)


def _searches(figures: Figures, count: int) -> list[str]:
    names = [what.removesuffix(": recall@10") for part, n, what, _ in figures
             if part == "nearest" and n == count and what.endswith(": recall@10") and re.search(SHOWN, what)]
    return sorted(names, key=lambda name: [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)])


def _people(figures: Figures) -> str:
    # The clock of threads that share their cores with others says nothing of one that does not.
    rows = [[what, f"{_number(value)} {unit}"] for (part, _, what, unit), value in figures.items() if part == "people"]
    return _table(("what", "measured"), rows)


def _made(figures: Figures) -> str:
    [own] = {count for part, count, _, _ in figures if part == "own"} or {0}
    made = {what: figures.get(("nearest", own, what, "")) for what in _MADE}
    return _table(("", f"real, {own:,}", f"made up, {own:,}"),
                  [[what, _share(figures.get(("own", own, what, ""))), _share(made[what])] for what in _MADE])


def _pair(figures: Figures, part: str, count: int, what: str, unit: str) -> str:
    """Of processors, and in brackets of the wall."""
    worked, wall = (figures.get((part, count, what, kind)) for kind in (f"processor {unit}", unit))
    return f"{_number(worked)} ({_number(wall)})"


def _number(value: float | None) -> str:
    if value is None:
        return "not measured"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 3
    return f"{value:,.{digits}f}"


def _share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    right = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, right, *rows))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figures", type=Path)
    parser.add_argument("document", type=Path)
    options = parser.parse_args(arguments)
    tables = render(read(options.figures))
    options.document.write_text(put(tables, options.document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
