"""What each part of the reader brings: search only, + reader, + fusion, + declining.

    python -m evals.ablation [--dataset squad:FILE|clapnq:DIR|articles:DIR] [--limit N] [--work DIR]

Search only: the passages in the order of the search, in each the sentence nearest to the question (cosine) first.
+ reader: the order of the cross-encoder's sentence scores alone. + fusion: the fitted reader. So far every question is
answered, with three quotes of one sentence each. + declining: the assistant as it ships, which also joins neighbouring
sentences and shows fewer quotes or more. Each with its 95 % interval, for dev and test.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa import Assistant, Library
from qa.answer.calibrate import Judge, Linear, default_judge
from qa.answer.features import NAMES
from qa.answer.read import FusedReader
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.evaluate import default_assistant, evaluate
from qa.evaluate.questions.dataset import load
from qa.evaluate.questions.sample import sample
from qa.evaluate.score import Report
from qa.settings import Settings

ROOT = Path(__file__).parents[1]
COLUMNS = {"right@1": "first", "right@3": "in three", "within 50": "within 50 words", "words@1": "words, first",
           "answered": "answered", "answered wrongly": "unanswerable answered", "accuracy": "right of all answered"}
NEXT_PASSAGE = 1_000.0  # outweighs a cosine even between 1/20 and 1/19: of two passages the search's order decides
QUOTES = 3  # in every step: how many are shown hangs on probabilities that are fitted to the shipped ranking


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or Path(scratch)
        library, questions = _corpus(options.dataset, work)
        dataset = load(questions)
        dataset = sample(dataset, options.limit, 1) if options.limit else dataset
        library.build()
        for name, make in _steps().items():
            report = evaluate(library, dataset, work / f"{name.replace(' ', '-')}.jsonl", assistant=make)
            _print(name, report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", metavar="FORMAT:PATH", help="default: the questions that ship")
    parser.add_argument("--limit", type=int, metavar="N", help="ask a seeded sample of N questions")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep index and runs here")
    return parser.parse_args()


def _corpus(dataset: str | None, work: Path) -> tuple[Library, Path]:
    if dataset is None:
        return Library(ROOT / "seeds", work / "index", Settings()), ROOT / "evals" / "questions.jsonl"
    prepared = prepare(dataset, work)
    return Library(prepared.articles, prepared.index, Settings()), prepared.questions


def _steps() -> dict[str, Callable[[Library], Any]]:
    shipped = default_judge()
    search = replace(shipped, rank=_by(fused_rank=NEXT_PASSAGE, sentence_cosine=1.0))
    return {"search only": _always(search), "+ reader": _always(replace(shipped, rank=_by(reads=1.0))),
            "+ fusion": _always(shipped), "+ declining": default_assistant}


def _by(**weights: float) -> Linear:
    zeros, ones = (0.0,) * len(NAMES), (1.0,) * len(NAMES)
    return Linear(NAMES, zeros, ones, tuple(weights.get(name, 0.0) for name in NAMES), 0.0)


def _always(judge: Judge) -> Callable[[Library], Assistant]:
    """An assistant that ranks by `judge` and never declines."""
    settings = Settings()
    answering = replace(settings.answering, threshold=0.0, quotes=QUOTES, sure_quotes=QUOTES, least_probability=0.0,
                        tail_probability=0.0, join_share=math.inf)
    always = replace(settings, answering=answering)

    def made(library: Library) -> Assistant:
        assistant = Assistant(library, always, reader=FusedReader(judge))
        assistant.warm()
        return assistant

    return made


def _print(name: str, report: Report) -> None:
    for section in report.splits:
        cells = []
        for key, title in COLUMNS.items():
            figure = section.figures[key]
            if figure.value is not None:
                cells.append(f"{title} {figure.value:.2f} ({figure.low:.2f}-{figure.high:.2f})")
        print(f"{section.split:5} {name:12} {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
