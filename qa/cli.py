"""The command `qa`: parse, call, print, exit code. Every decision is made in the rooms below."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import qa
from qa.errors import IndexBusy, IndexUnwritable, QAError, UsageError
from qa.settings import Settings, load, overlay

if TYPE_CHECKING:
    from qa import Assistant, Library
    from qa.index.builder import Changes

SETTINGS_FILE = "qa.toml"  # read from the current folder where no --settings is given
_PIPE_WIDTH = 160  # columns of a table that is not for a terminal
_INTERRUPTED = 130  # what a shell reports for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 not or not wholly done, 2 asked wrongly."""
    sys.excepthook = _fault
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()  # here, where a reader that has gone is met
        return code
    except QAError as error:
        print(f"qa: {_one_line(error)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("qa: stopped", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader of our output (`| head`) has what it wanted; Python would complain while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of the program itself: one line, and the trace for those who mend it."""
    if os.environ.get("QA_TRACEBACK"):
        sys.__excepthook__(kind, error, trace)
    else:
        print(f"qa: the program failed ({kind.__name__}: {_one_line(error)}); "
              "set QA_TRACEBACK=1 and run it again to see where, and report it", file=sys.stderr)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(UsageError.exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="qa", description="Answers questions over a folder of articles by quoting them, word for word.")
    parser.add_argument("--version", action="version", version=f"qa {qa.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, run, words, add in _COMMANDS:
        command = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        command.set_defaults(run=run)
        add(command)
    return parser


def _corpus(command: argparse.ArgumentParser) -> None:
    command.add_argument("--articles", type=Path, metavar="DIR", help="the folder of articles (default: seeds)")
    command.add_argument("--index", type=Path, metavar="DIR", help="where the index lies (default: index)")
    command.add_argument("--encoder", metavar="NAME", help="a sentence-transformers model, by name or folder (default: the packaged MiniLM)")
    command.add_argument("--settings", type=Path, metavar="FILE", help=f"a TOML file of settings (default: {SETTINGS_FILE})")


def _ask_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", nargs="?", help="the question")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--jsonl", action="store_true", help="read questions as JSON lines from standard input")
    command.add_argument("--after", action="append", default=[], metavar="QUESTION",
                         help="a question asked before this one, for follow-ups; may be repeated, oldest first")
    _corpus(command)


def _index_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", type=Path, metavar="PATH",
                         help="files or folders inside the articles folder; all of it where none is named")
    _corpus(command)


def _articles_options(command: argparse.ArgumentParser) -> None:
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON list")
    form.add_argument("--text", metavar="ID", help="print the cleaned text that offsets refer to")
    form.add_argument("--removed", action="store_true", help="print the lines that cleaning left out, with their kind")
    _corpus(command)


def _chat_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="the address to serve on (default: 127.0.0.1)")
    command.add_argument("--port", type=int, help="the port to serve on (default: 7860)")
    _corpus(command)


def _questions_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--questions", type=Path, metavar="FILE", help="the question set (default: evals/questions.jsonl)")


def _eval_options(command: argparse.ArgumentParser) -> None:
    _questions_option(command)
    command.add_argument("--out", type=Path, metavar="FILE", help="where the run is written (default: evals/runs/)")
    command.add_argument("--distractors", type=Path, metavar="DIR", help="a folder of other articles to search among")
    command.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    _corpus(command)


def _score_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="RUN", help="a run that `qa eval` wrote")
    command.add_argument("--markdown", action="store_true", help="print the tables as Markdown")


def _fit_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", type=Path, metavar="DATA", help="the folder with passages.jsonl.gz and questions.jsonl.gz")
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the weights are written")
    command.add_argument("--work", type=Path, required=True, metavar="DIR", help="a folder for the index of the data")
    command.add_argument("--seed", type=int, default=1, help="which sample of the data (default: 1)")
    _questions_option(command)
    _corpus(command)


def _ask(options: argparse.Namespace) -> int:
    if options.jsonl == bool(options.question):
        raise UsageError("no question" if not options.jsonl else "--jsonl reads its questions from standard input",
                         'ask one: qa ask "…"' if not options.jsonl else "leave out the question")
    assistant = _assistant(options)
    if options.jsonl:
        return _ask_lines(assistant, sys.stdin)
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


def _ask_lines(assistant: Assistant, lines: TextIO) -> int:
    """Answers each line in order. A line that cannot be asked gives {"id", "error"}, and the exit code 1."""
    from qa.answer.contract import answer_to_dict

    failed = False
    for number, line in _raw_lines(lines):
        id = None
        try:
            id, question, history = _question_row(line)
            result = answer_to_dict(assistant.ask(question, history), id)
        except _BadRow as error:
            failed, result = True, {"id": error.id, "error": f"line {number}: {_one_line(error)}"}
        except UsageError as error:
            failed, result = True, {"id": id, "error": f"line {number}: {_one_line(error)}"}
        print(json.dumps(result, ensure_ascii=False), flush=True)
    return int(failed)


def _raw_lines(stream: TextIO) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1. A stray byte becomes U+FFFD and ends nothing."""
    stream.reconfigure(encoding="utf-8-sig", errors="replace")
    return ((number, line) for number, line in enumerate(stream, 1) if line.strip())


class _BadRow(UsageError):
    """A line that is no question; `id` is the one it gives, if it gives any."""

    def __init__(self, problem: str, remedy: str, id: Any = None):
        super().__init__(problem, remedy)
        self.id = id


def _question_row(line: str) -> tuple[Any, str, list[str]]:
    """(id, question, history) of a line of --jsonl. Raises _BadRow."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # the latter: nested without end
        raise _BadRow(f"not JSON ({error})", 'write {"id": …, "question": …, "history": […]}') from None
    if not isinstance(row, dict) or not isinstance(row.get("question"), str):
        raise _BadRow("no question", 'write {"id": …, "question": "…"}', row.get("id") if isinstance(row, dict) else None)
    history = row.get("history") or []
    if not (isinstance(history, list) and all(isinstance(q, str) for q in history)):
        raise _BadRow("history is not a list of questions", 'write "history": ["…"]', row.get("id"))
    return row.get("id"), row["question"], history


def _index(options: argparse.Namespace) -> int:
    from qa.show.tables import changes_text

    library = _library(options)
    changes = _build(library, options.paths)
    print(changes_text(changes))
    print(f"index: {library.index}")
    return int(bool(changes.refused))


def _articles(options: argparse.Namespace) -> int:
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
        print(json.dumps([{key: getattr(row, key) for key in keys} for row in library.list()], ensure_ascii=False, indent=1))
    else:
        from qa.show.tables import articles_table

        print(articles_table(library.list(), _width() if sys.stdout.isatty() else None), end="")
    return 0


def _chat(options: argparse.Namespace) -> int:
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


def _eval(options: argparse.Namespace) -> int:
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


def _score(options: argparse.Namespace) -> int:
    from qa.evaluate.score import score

    _print_report(score(options.file), options.markdown)
    return 0


def _print_report(report: Any, markdown: bool) -> None:
    from rich.console import Console

    from qa.evaluate.report import to_markdown, to_terminal

    if markdown:
        print(to_markdown(report))
    else:
        Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(to_terminal(report))


def _fit(options: argparse.Namespace) -> int:
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
    from qa.evaluate.dataset import load as load_questions
    from qa.evaluate.evidence import locate
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
        print(f"qa: {_one_line(error)}; meanwhile the index as it was answers", file=sys.stderr)


def _build(library: Library, paths: Iterable[Path]) -> Changes:
    from qa.show.progress import progress_bar

    with progress_bar() as progress:
        changes = library.build(tuple(paths), progress)
    for path, why in changes.refused:
        print(f"qa: refused {path}: {' '.join(why.split())}", file=sys.stderr)
    for article, note in changes.notes:
        print(f"qa: {article}: {' '.join(note.split())}", file=sys.stderr)
    return changes


_COMMANDS = (
    ("ask", _ask, "answer a question with quotes, or say that the articles do not", _ask_options),
    ("chat", _chat, "serve the chat as a web page", _chat_options),
    ("index", _index, "bring the index up to date with the folder of articles", _index_options),
    ("articles", _articles, "list the articles", _articles_options),
    ("eval", _eval, "ask the question set and measure the answers", _eval_options),
    ("score", _score, "measure a kept run again", _score_options),
    ("fit-reader", _fit, "fit the reader's weights on public questions", _fit_options),
)
