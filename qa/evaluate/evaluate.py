"""The command `qa eval` in one call: questions -> run -> report."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from qa.evaluate.datasets.surround import surround
from qa.evaluate.questions.dataset import Dataset
from qa.evaluate.runs.record import Asks, Progress, no_progress, record
from qa.evaluate.score import Report, score


def default_assistant(library: Any) -> Asks:
    """The real assistant over `library`, its models loaded so that no question is timed with them."""
    from qa import Assistant  # here, because it brings the models

    assistant = Assistant(library)
    assistant.warm()
    return assistant


def evaluate(library: Any, dataset: Dataset, out: Path, *, distractors: Path | None = None,
             source: dict[str, Any] | None = None, assistant: Callable[[Any], Asks] = default_assistant,
             progress: Progress = no_progress) -> Report:
    """Ask every question of `dataset` of the articles in `library`, write the run to `out`, score it.

    `library` is a built `Library`. With `distractors`, a folder of article files, its articles stand
    among them in a corpus of their own, kept below the index. `source` tells, for the run's header, where
    the set came from. `assistant` makes what is asked; it is closed.
    Raises DatasetError for a question set that cannot be scored, IndexFault and UsageError.
    """
    around = None
    if distractors is not None:
        library, around = surround(library, distractors, progress)
    with closing(assistant(library)) as asked:
        record(asked, library, dataset, out, around=around, source=source, progress=progress)
    return score(out)
