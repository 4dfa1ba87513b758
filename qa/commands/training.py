"""`qa fit-reader`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from qa.commands.doors import ready_library
from qa.commands.evaluation import question_file


def fit_reader(options: argparse.Namespace) -> int:
    from qa.show.progress import progress_bar
    from qa.train.fit import fit_reader, save

    own = _dev_questions(options)
    with progress_bar() as progress:
        judge, figures = fit_reader(options.data, options.work, own, options.seed, progress)
    save(judge, options.out, figures)
    print(json.dumps(figures))
    return 0


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
