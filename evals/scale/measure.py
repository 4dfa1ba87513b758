"""Measures what docs/scale.md says of this program's costs, by number of passages.

    nice .venv/bin/python -m evals.scale.measure --out scale.jsonl [--counts 10000 100000 1000000]
        [--parts people embedded nearest] [--indexes hnsw16 hnsw32 ivfpq48 ivfpq96] [--seed 0]
        [--index DIR --questions FILE]

Every figure is a line of JSON, written as soon as it is known. 10^6 passages take 5 GB of memory, 12 GB of disk and an
hour or two. --index: an index of your own; its vectors, and questions of one line each, are put to the same indexes.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from evals.scale import embedded, nearest, people
from evals.scale.clock import Figure, Note, machine, peak
from evals.scale.corpus import Vectors
from qa.index.embed import Floats, load_encoder
from qa.index.local import catalog
from qa.index.local.generations import Generations
from qa.index.local.store import FILE, Store
from qa.settings import Settings

PARTS, INDEXES = ("people", "embedded", "nearest"), ("hnsw16", "hnsw32", "ivfpq48", "ivfpq96")
_ASKED = 500  # questions put to an index


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    _write(options.out, {**machine(), "when": datetime.now().astimezone().isoformat(timespec="seconds"),
                         "load": os.getloadavg()})
    if "people" in options.parts:
        for part in (people.embedding, people.reading, people.answering):
            part(_noter(options.out, "people", 1))
    if options.index:
        with TemporaryDirectory(dir=options.work) as folder:
            vectors, questions = _own(options.index, options.questions)
            note = _noter(options.out, "own", len(vectors))
            nearest.measure(vectors, questions, options.indexes, Path(folder), note)
        return
    for count in options.counts:
        for part in (part for part in options.parts if part != "people"):
            # A process each, so that one begins with the memory that the one before gave back.
            with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                alone.submit(_measure, part, count, options).result()


def _measure(part: str, count: int, options: argparse.Namespace) -> None:
    note = _noter(options.out, part, count)
    with TemporaryDirectory(dir=options.work) as folder:
        if part == "embedded":
            embedded.measure(count, Vectors(options.seed), Path(folder), note)
            embedded.flat(count, Vectors(options.seed), Path(folder), note)
        else:
            made = Vectors(options.seed)
            vectors = made.passages(count)
            questions = made.questions(vectors, min(_ASKED, count))
            nearest.measure(vectors, questions, options.indexes, Path(folder), note)
    note("most memory held", peak(), "bytes")


def _own(index: Path, questions: Path) -> tuple[Floats, Floats]:
    """The vectors of the index in the folder `index`, and of the questions in the file `questions`, a line each."""
    manifest = Generations(index).manifest(Generations(index).current())
    store = Store.reader(index / FILE)
    rows = catalog.engine_rows(store, manifest.generation, manifest.fingerprint)
    vectors = np.stack([row.vector for row in rows])
    store.close()
    asked = questions.read_text(encoding="utf-8").splitlines()[:_ASKED]
    return vectors, load_encoder(Settings().encoder).encode(asked, question=True)


def _noter(out: Path, part: str, count: int) -> Note:
    def note(what: str, value: float, unit: str) -> None:
        _write(out, Figure(part, count, what, round(value, 4), unit)._asdict())
        print(f"{part:9} {count:>9,} {what:60} {value:>14,.3f} {unit}", flush=True)

    return note


def _write(out: Path, row: dict[str, object]) -> None:
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="figures are added to this file")
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--indexes", nargs="+", choices=INDEXES, default=INDEXES)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="where folders for temporary files are made")
    parser.add_argument("--index", type=Path, help="an index folder of your own, instead of made-up passages")
    parser.add_argument("--questions", type=Path, help="questions for it, one a line")
    return parser


if __name__ == "__main__":
    main()
