"""What each command does: opens the doors with the options given, calls a room, prints. Floor of `cli.py`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qa
from qa.errors import IndexBusy, IndexUnwritable, UsageError, one_line
from qa.jsonl import ask_lines
from qa.settings import Settings, load, overlay

if TYPE_CHECKING:
    from qa import Assistant, Library
    from qa.index.builder import Changes

SETTINGS_FILE = "qa.toml"  # read from the current folder where no --settings is given
_PIPE_WIDTH = 160  # columns of a table that is not for a terminal


def ask(options: argparse.Namespace) -> int:
    if options.jsonl == bool(options.question):
        raise UsageError(
            "no question" if not options.jsonl else "--jsonl reads its questions from standard input",
            'ask one: qa ask "…"' if not options.jsonl else "leave out the question",
        )
    assistant = _assistant(options)
    if options.jsonl:
        return ask_lines(assistant, sys.stdin)
    answer = assistant.ask(options.question, options.after)
    if options.json:
        from qa.answer.contract import answer_to_dict

        print(json.dumps(answer_to_dict(answer), ensure_ascii=False, indent=2))
    else:
        from qa.show.render import to_text, use_colour

        names = {row.id: row.title or row.id for row in assistant.library.list()}
        colour = use_colour(sys.stdout)
        print(to_text(answer, colour, names, _width() if sys.stdout.isatty() else None), end="")
    return 0


def _width() -> int:
    return min(os.get_terminal_size().columns, 100)


def index(options: argparse.Namespace) -> int:
    from qa.show.tables import changes_text

    library = _library(options)
    changes = _build(library, options.paths)
    print(changes_text(changes))
    print(f"index: {library.index}")
    return int(bool(changes.refused))


def articles(options: argparse.Namespace) -> int:
    library = _library(options)
    _ready(library)
    if options.text is not None:
        sys.stdout.write(library.read(options.text).text)
    elif options.removed:
        for article, lines in library.removed().items():
            for line in lines:
                print(f"{article}:{line.line}\t{line.kind}\t{line.text}")
    elif options.json:
        keys = ("id", "title", "words", "passages", "sha256")
        print(
            json.dumps(
                [{key: getattr(row, key) for key in keys} for row in library.list()], ensure_ascii=False, indent=1
            )
        )
    else:
        from qa.show.tables import articles_table

        print(articles_table(library.list(), _width() if sys.stdout.isatty() else None), end="")
    return 0


def chat(options: argparse.Namespace) -> int:
    from qa.show.chat import build_page
    from qa.show.serve import serve

    settings = _settings(options)
    host, port = options.host or settings.serving.host, settings.serving.port if options.port is None else options.port

    with ExitStack() as opened:

        def page() -> Any:
            assistant = opened.enter_context(closing(_assistant(options)))  # closed, it leaves nothing deleted behind
            assistant.warm()
            return build_page(assistant, assistant.library)

        serve(page, host, port, lambda address: print(f"Open {address} in a browser. Ctrl-C stops.", flush=True))
    return 0


def eval(options: argparse.Namespace) -> int:
    from qa.evaluate.evaluate import evaluate
    from qa.index.places import home
    from qa.show.progress import progress_bar

    library = _library(options)
    _ready(library)
    out = options.out or home() / "evals" / "runs" / f"{datetime.now():%Y%m%d-%H%M%S}.jsonl"
    with progress_bar() as progress:
        report = evaluate(library, _question_file(options), out, distractors=options.distractors, progress=progress)
    _print_report(report, options.markdown)
    print(f"run: {out}", file=sys.stderr)
    return 0


def score(options: argparse.Namespace) -> int:
    from qa.evaluate.score import score

    _print_report(score(options.file), options.markdown)
    return 0


def _print_report(report: Any, markdown: bool) -> None:
    from rich.console import Console

    from qa.evaluate.report.tables import to_markdown, to_terminal

    if markdown:
        print(to_markdown(report))
    else:
        Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(to_terminal(report))


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
    from qa.evaluate.questions.dataset import load as load_questions
    from qa.evaluate.questions.evidence import locate
    from qa.train.fit import Corpus, Known

    library = _library(options)
    _ready(library)
    dataset = load_questions(_question_file(options))
    places = locate(dataset, lambda id: library.read(id).text)
    known = [Known(resolve(q.question, q.history), places[q.id]) for q in dataset.questions if q.split == "dev"]
    return Corpus(library, known)


def _question_file(options: argparse.Namespace) -> Path:
    from qa.index.places import home

    return options.questions or home() / "evals" / "questions.jsonl"


def _settings(options: argparse.Namespace) -> Settings:
    path = options.settings or (Path(SETTINGS_FILE) if Path(SETTINGS_FILE).is_file() else None)
    settings = load(path) if path else Settings()
    return overlay(settings, {"encoder": {"name": options.encoder}}, "--encoder") if options.encoder else settings


def _library(options: argparse.Namespace) -> Library:
    return qa.Library(options.articles, options.index, _settings(options))


def _assistant(options: argparse.Namespace) -> Assistant:
    library = _library(options)
    _ready(library)
    return qa.Assistant(library)


def _ready(library: Library) -> None:
    """Builds the index where it is missing or behind its folder; one that is damaged is for `qa index`."""
    state = library.state()
    if state not in ("missing", "behind"):
        return
    try:
        _build(library, ())
    except (IndexBusy, IndexUnwritable) as error:
        if state == "missing":
            raise
        print(f"qa: {one_line(error)}; meanwhile the index as it was answers", file=sys.stderr)


def _build(library: Library, paths: Iterable[Path]) -> Changes:
    from qa.show.progress import progress_bar

    with progress_bar() as progress:
        changes = library.build(tuple(paths), progress)
    for path, why in changes.refused:
        print(f"qa: refused {path}: {' '.join(why.split())}", file=sys.stderr)
    for article, note in changes.notes:
        print(f"qa: {article}: {' '.join(note.split())}", file=sys.stderr)
    return changes
