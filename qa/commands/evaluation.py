"""`qa eval` and `qa score`: ask a question set, measure, compare, report."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.commands.doors import find_models, library, ready, settings
from qa.errors import DatasetError, UsageError, one_line

if TYPE_CHECKING:
    from qa import Library
    from qa.evaluate.questions.dataset import Dataset
    from qa.evaluate.score import Report
    from qa.evaluate.verdict.compare import Comparison

KEPT, NO_RUN = "kept", "none"  # of --against: without a value, and to compare with nothing
_PIPE_WIDTH = 160  # columns of a table that is not for a terminal
_WORSE = 1  # exit code; what is asked wrongly has 2


def eval(options: argparse.Namespace) -> int:
    """Ask, measure and report. 1 where the run is worse than the one it is compared with."""
    from qa.evaluate.evaluate import evaluate
    from qa.index.places import home
    from qa.show.terminal.progress import progress_bar

    opened, dataset, source = _questions(options)
    if options.check:
        return _check(opened, dataset)
    before = _baseline(options, dataset)
    out = options.out or home() / "evals" / "runs" / f"{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    check_writable(out, options.html, options.trec and options.trec / "run.trec")
    with progress_bar() as progress:
        report = evaluate(opened, dataset, out, distractors=options.distractors, source=source, progress=progress)
    print(f"run: {out}", file=sys.stderr)
    return max(_report(options, out, report, before), _tell_faults(report, out))


def score(options: argparse.Namespace) -> int:
    """Measure and report a kept run; asks nothing."""
    from qa.evaluate.score import score

    check_writable(options.html, options.trec and options.trec / "run.trec")
    before = None if options.against is None or str(options.against) == NO_RUN else score(options.against)
    if before:
        _tell_faults(before, options.against)
    report = score(options.file)
    return max(_report(options, options.file, report, before), _tell_faults(report, options.file))


def _tell_faults(report: Report, path: Path) -> int:
    """Says how many questions of the run at `path` failed, and how. 1 where one did."""
    faults = [line["error"] for line in report.lines if line and line["error"]]
    missing = sum(line is None for line in report.lines)
    how = [f"{missing} without a line in {path}"] * bool(missing)
    how += [f"{len(faults)} with a fault, the first {f['type']}: {f['message']}" for f in faults[:1]]
    if how:
        count = f"{missing + len(faults)} of {len(report.lines)} questions failed and score as wrong"
        print(f"qa: {count}: {'; '.join(how)}", file=sys.stderr)
    return int(bool(how))


def question_file(options: argparse.Namespace) -> Path:
    """The question set named, or the one that ships."""
    from qa.index.places import home

    return options.questions or home() / "evals" / "questions.jsonl"


def baseline_file() -> Path:
    """The run that is kept in git."""
    from qa.index.places import home

    return home() / "evals" / "baseline.jsonl"


def _questions(options: argparse.Namespace) -> tuple[Library, Dataset, dict[str, Any] | None]:
    """A library that is ready, the questions to ask of it, and where they came from."""
    from qa.evaluate.questions.dataset import load
    from qa.evaluate.questions.sample import sample

    find_models(settings(options))
    opened, path, source = _public_set(options) if options.dataset else (library(options), question_file(options), None)
    dataset = load(path)
    if options.limit is not None:
        dataset = sample(dataset, options.limit, options.seed)
        source = {**(source or {}), "limit": options.limit, "seed": options.seed}
    ready(opened)  # after the questions: a bad row should not cost the wait for an index
    return opened, dataset, source


def _public_set(options: argparse.Namespace) -> tuple[Library, Path, dict[str, Any]]:
    """Somebody else's set as a library of its own, its question file and its name."""
    import qa
    from qa.evaluate.datasets.apart import apart
    from qa.evaluate.datasets.corpus import prepare
    from qa.index.places import choose

    for given, name in ((options.articles, "--articles"), (options.questions, "--questions")):
        if given is not None:
            raise UsageError(f"--dataset brings its own; {name} goes with another set", f"leave out {name}")
    prepared = prepare(options.dataset, choose(None, options.index)[1])
    chosen = apart(settings(options), prepared.articles.parent.name)
    opened = qa.Library(prepared.articles, prepared.index, chosen)
    return opened, prepared.questions, {"name": prepared.name}


def _baseline(options: argparse.Namespace, dataset: Dataset) -> Report | None:
    """The run to compare with, scored before anything is asked, so that a wrong one costs no wait.

    The kept baseline where the shipped questions are asked of nothing but their articles. Raises
    DatasetError where the one named is of other questions; the kept one is then only not used.
    """
    from qa.evaluate.runs.header import question_rows
    from qa.evaluate.score import score
    from qa.evaluate.verdict.compare import check_same_questions

    own = not (options.questions or options.dataset or options.limit or options.distractors)
    implied = baseline_file() if own and baseline_file().is_file() else None
    path = baseline_file() if str(options.against) == KEPT else options.against or implied
    if path is None or str(path) == NO_RUN:
        return None
    before = score(path)
    try:
        check_same_questions(before.header, {"questions": {"rows": question_rows(dataset)}})
    except DatasetError as error:
        if options.against:
            raise DatasetError(f"{path}: {error.problem}", error.remedy) from error
        print(f"qa: not compared with {path}: {one_line(error)}", file=sys.stderr)
        return None
    return before


def _report(options: argparse.Namespace, path: Path, report: Report, before: Report | None) -> int:
    """Prints and writes what was asked for; the exit code."""
    from qa.evaluate.report.page import to_html
    from qa.evaluate.runs.run import read_run
    from qa.evaluate.runs.trec import write_trec
    from qa.evaluate.verdict.compare import compare

    comparison = compare(before, report) if before else None
    _print(report, comparison, options)
    if options.html:
        _write(options.html, to_html(report, comparison))
        print(f"report: {options.html}", file=sys.stderr)
    if options.trec:
        write_trec(read_run(path), options.trec)
        print(f"trec: {options.trec}", file=sys.stderr)
    return _WORSE if comparison and comparison.verdict == "worse" else 0


def _print(report: Report, comparison: Comparison | None, options: argparse.Namespace) -> None:
    from rich.console import Console, Group

    from qa.evaluate.report import tables, verdict

    if options.markdown:
        listed = tables.misses_markdown(report) if options.misses else ""
        parts = [tables.to_markdown(report), listed, verdict.to_markdown(comparison) if comparison else ""]
        print("\n".join(filter(None, parts)))
        return
    shown = [tables.to_terminal(report)]
    if options.misses:
        shown.append(tables.misses(report))
    if comparison:
        shown.append(verdict.to_terminal(comparison))
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(Group(*shown))


def _check(opened: Library, dataset: Dataset) -> int:
    """Says what is wrong with the set. 1 where a row cannot be scored."""
    from qa.evaluate.questions.articles import Articles
    from qa.evaluate.questions.check import check

    findings = check(dataset, Articles(opened), opened.encoder, opened.settings.answering.max_question_chars)
    for finding in findings:
        print(f"{dataset.path}{f':{finding.line}' if finding.line else ''}: {finding.problem}")
    broken = sum(finding.breaks for finding in findings)
    print(f"{len(dataset.questions)} questions, {len(findings)} remarks, {broken} of them to mend")
    return int(bool(broken))


def check_writable(*paths: Path | None) -> None:
    """Raises UsageError where one of `paths` cannot be written, before hours are spent on it."""
    for path in filter(None, paths):
        folder = next(parent for parent in path.absolute().parents if parent.exists())
        if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise UsageError(f"{path} cannot be written", "name a file in a folder that can be")


def _write(path: Path, text: str) -> None:
    """`text` as the file `path`, whole or not at all. Raises UsageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written ({error.strerror})", "name another file") from error
