"""`qa fit-reader`, `qa train-reader` and `qa fit-resolver`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from qa.commands.doors import ready_library
from qa.commands.evaluation import check_writable, question_file
from qa.errors import UsageError


def fit_reader(options: argparse.Namespace) -> int:
    from qa.show.terminal.progress import progress_bar
    from qa.train.fit import fit_reader, save

    check_writable(options.out)
    own = _dev_questions(options)
    with progress_bar() as progress:
        judge, figures = fit_reader(options.data, options.work, own, options.seed, _titles(options.barred), progress)
    save(judge, options.out, figures)
    print(json.dumps(figures))
    return 0


def train_reader(options: argparse.Namespace) -> int:
    """Trains the cross-encoding reader's weights; a stopped run goes on from its checkpoint."""
    from qa.train.reader.fit import Recipe
    from qa.train.reader.run import SMOKE, train_reader, with_hardware

    check_writable(options.out)
    recipe = SMOKE if options.smoke else with_hardware(Recipe(minutes=options.minutes))
    work = options.work or options.out.with_name(f"{options.out.name}.work")
    lines = train_reader(options.data, options.out, work, replace(recipe, seed=options.seed), _titles(options.barred),
                         options.start, progress=lambda line: print(line, file=sys.stderr, flush=True))
    if lines:
        print(f"loss {lines[0].loss:.3f} at step {lines[0].step}; loss {lines[-1].loss:.3f} at step {lines[-1].step}")
    print(f"weights: {options.out}")
    return 0


def fit_resolver(options: argparse.Namespace) -> int:
    """Fits the weights that resolve follow-ups, and prints how they do on conversations kept from the fit."""
    from qa.train.resolver.run import fit_resolver

    check_writable(options.out)
    table = fit_resolver(options.data, options.questions, options.out, options.seed)
    for name, figures in table.items():
        print(name)
        for measure, figure in figures.items():
            print(f"  {measure:16} {figure}")
    print(f"weights: {options.out}")
    return 0


def _titles(path: Path | None) -> list[str]:
    """The lines of the file at `path`. Raises UsageError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8").splitlines() if path else []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a list of titles", "write one title a line, as UTF-8") from error


def _dev_questions(options: argparse.Namespace) -> Any:
    """The dev half of the question set: what numbers may be tuned on."""
    from qa.answer.resolve import resolve
    from qa.evaluate.questions.articles import Articles
    from qa.evaluate.questions.dataset import load as load_questions
    from qa.evaluate.questions.evidence import locate
    from qa.train.fit import Corpus, Known

    opened = ready_library(options)
    dataset = load_questions(question_file(options))
    golds = locate(dataset, Articles(opened))
    known = [Known(resolve(q.question, q.history), golds[q.id].places) for q in dataset.questions if q.split == "dev"]
    return Corpus(opened, known)
