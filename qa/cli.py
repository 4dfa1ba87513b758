"""The command `qa`: parse, call, print, exit code. Every decision is made in the rooms below."""

from __future__ import annotations

import argparse
import math
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NoReturn

import qa
from qa.commands import asking, corpus, evaluation, page, training
from qa.commands.doors import SETTINGS_FILE
from qa.errors import QAError, UsageError, one_line
from qa.settings import EMBEDDED, MILVUS

ENGINES = (EMBEDDED, MILVUS)
_INTERRUPTED = 130  # what a shell reports for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 not or not wholly done, 2 asked wrongly."""
    sys.excepthook = _fault
    threading.excepthook = lambda fault: _fault(fault.exc_type, fault.exc_value, fault.exc_traceback)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code = options.run(options)
        sys.stdout.flush()  # here, where a reader that has gone is met
        return code
    except QAError as error:
        print(f"qa: {one_line(error)}", file=sys.stderr)
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
        print(
            f"qa: the program failed ({kind.__name__}: {one_line(error)}); "
            "set QA_TRACEBACK=1 and run it again to see where, and report it",
            file=sys.stderr,
        )


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a command."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see `{self.prog} --help`", file=sys.stderr)
        raise SystemExit(UsageError.exit_code)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qa", description="Answers questions over a folder of articles by quoting them, word for word."
    )
    parser.add_argument("--version", action="version", version=f"qa {qa.__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, run, words, add in _COMMANDS:
        command = subparsers.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
        command.set_defaults(run=run)
        add(command)
    return parser


def _corpus(command: argparse.ArgumentParser) -> None:
    command.add_argument("--articles", type=Path, metavar="DIR", help="the folder of articles (default: seeds)")
    command.add_argument("--index", type=Path, metavar="DIR", help="where the index lies (default: index)")
    command.add_argument(
        "--encoder",
        metavar="NAME",
        help="a sentence-transformers model, by name or folder (default: the packaged MiniLM)",
    )
    command.add_argument(
        "--settings", type=Path, metavar="FILE", help=f"a TOML file of settings (default: {SETTINGS_FILE})"
    )
    _engine(command)


def _engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine", choices=ENGINES, help="what keeps the index: embedded (the folder --index; the default) or milvus"
    )
    command.add_argument(
        "--milvus-uri",
        metavar="URI",
        help="the Milvus server, such as http://host:19530; gives --engine milvus by itself. QA_MILVUS_URI, "
        "QA_MILVUS_TOKEN, QA_MILVUS_DATABASE and QA_MILVUS_PREFIX in the environment stand in for the settings file; "
        "the token has no option, because other users of this machine could read it off the list of processes",
    )


def _reading(command: argparse.ArgumentParser) -> None:
    _corpus(command)
    command.add_argument(
        "--reader",
        metavar="NAME",
        help="a transformers question-answering model, by name or folder (default: the one that ships)",
    )
    command.add_argument(
        "--reranker",
        metavar="NAME",
        help="a sentence-transformers CrossEncoder, by name or folder, that reorders what was found (default: none)",
    )


def _ask_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", nargs="?", help="the question")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("--jsonl", action="store_true", help="read questions as JSON lines from standard input")
    command.add_argument(
        "--after",
        action="append",
        default=[],
        metavar="QUESTION",
        help="a question asked before this one, for follow-ups; may be repeated, oldest first",
    )
    _reading(command)


def _index_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files or folders inside the articles folder; all of it where none is named",
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument(
        "--shard",
        metavar="I/N",
        help="do only share I of N of the whole folder, while other machines do the others (engine milvus); run it "
        "again to finish one that was interrupted",
    )
    what.add_argument(
        "--roll-back",
        action="store_true",
        help="index nothing; make the build before the present one answer again (engine milvus)",
    )
    _corpus(command)


def _articles_options(command: argparse.ArgumentParser) -> None:
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print a JSON list")
    form.add_argument("--text", metavar="ID", help="print the cleaned text that offsets refer to")
    form.add_argument("--removed", action="store_true", help="print the lines that cleaning left out, with their kind")
    form.add_argument(
        "--incomplete",
        action="store_true",
        help="index nothing; print what is still to be indexed, an article or the share of another machine, a tab, and "
        "why. Exit code 0: nothing is; 1: something is, or it cannot be told",
    )
    _corpus(command)


def _chat_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", help="the address to serve on (default: 127.0.0.1)")
    command.add_argument("--port", type=int, help="the port to serve on (default: 7860)")
    who = command.add_mutually_exclusive_group()
    who.add_argument(
        "--auth",
        metavar="USER:PASSWORD",
        help="ask everybody for this name and password; in the variable QA_AUTH other users of this machine cannot "
        "read it off the list of processes",
    )
    who.add_argument(
        "--no-auth",
        action="store_true",
        help="ask nobody, even where others can reach the page; they can then ask and read, and change nothing",
    )
    _reading(command)


def _questions_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--questions", type=Path, metavar="FILE", help="the question set (default: evals/questions.jsonl)"
    )


def _eval_options(command: argparse.ArgumentParser) -> None:
    _questions_option(command)
    command.add_argument(
        "--dataset",
        metavar="FORMAT:PATH",
        help="a public question set with its own articles: squad:FILE, clapnq:DIR, beir:DIR or articles:DIR",
    )
    command.add_argument("--limit", type=int, metavar="N", help="ask only N of the questions, drawn at random")
    command.add_argument("--seed", type=int, default=1, metavar="S", help="which N (default: 1)")
    command.add_argument("--distractors", type=Path, metavar="DIR", help="a folder of other articles to search among")
    command.add_argument("--out", type=Path, metavar="FILE", help="where the run is written (default: evals/runs/)")
    command.add_argument(
        "--against",
        type=Path,
        nargs="?",
        const=evaluation.KEPT,
        metavar="RUN",
        help="a run to compare with; exit code 1 where this one is worse (default: evals/baseline.jsonl, "
        "with the shipped questions; none: nothing)",
    )
    command.add_argument(
        "--check", action="store_true", help="ask nothing; say what is wrong with the question set itself"
    )
    _report_options(command)
    _reading(command)


def _score_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, metavar="RUN", help="a run that `qa eval` wrote")
    command.add_argument("--against", type=Path, metavar="RUN", help="a run to compare with; exit code 1 where worse")
    _report_options(command)


def _report_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--html", type=Path, metavar="FILE", help="write the report as one HTML page")
    command.add_argument("--trec", type=Path, metavar="DIR", help="write run.trec and qrels.trec for trec_eval")
    command.add_argument("--misses", action="store_true", help="list every miss with the stage at which it happened")
    command.add_argument("--markdown", action="store_true", help="print the tables as Markdown")


def _fit_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "data", type=Path, metavar="DATA", help="the folder with passages.jsonl.gz and questions.jsonl.gz"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the weights are written")
    command.add_argument("--work", type=Path, required=True, metavar="DIR", help="a folder for the index of the data")
    command.add_argument("--seed", type=_seed, default=1, help="which sample of the data (default: 1)")
    _barred_option(command)
    _questions_option(command)
    _corpus(command)


def _minutes(text: str) -> float:
    """A length of time that ends, and not before it began."""
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} minutes is not a time to train for; give more than 0")
    return minutes


def _seed(text: str) -> int:
    """What every generator takes as a seed."""
    if not 0 <= (seed := int(text)) < 2**32:
        raise argparse.ArgumentTypeError(f"{text} is no seed; give a whole number from 0 to {2**32 - 1:,}")
    return seed


def _barred_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--barred", type=Path, metavar="FILE", help="titles of articles that are kept for validation, one a line"
    )


def _train_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "data", type=Path, metavar="DATA", help="the folder with passages.jsonl.gz and questions.jsonl.gz"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the weights are written")
    command.add_argument(
        "--work", type=Path, metavar="DIR", help="a folder for the search index and the checkpoint (default: FILE.work)"
    )
    _barred_option(command)
    command.add_argument(
        "--from", dest="start", type=Path, metavar="FILE", help="weights to go on from (default: the encoder's own)"
    )
    command.add_argument("--minutes", type=_minutes, default=65.0, metavar="M", help="how long it trains (default: 65)")
    command.add_argument("--seed", type=_seed, default=1, metavar="S", help="of the order and the heads (default: 1)")
    command.add_argument("--smoke", action="store_true", help="some 200 passages only, to see that it runs")


def _resolver_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("data", type=Path, metavar="DATA", help="CANARD's JSON file: follow-ups with human rewrites")
    command.add_argument(
        "--questions", type=Path, required=True, metavar="FILE", help="questions.jsonl.gz of the reader's training data"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the weights are written")
    command.add_argument("--seed", type=_seed, default=7, metavar="S", help="which titles are held (default: 7)")


_COMMANDS = (
    ("ask", asking.ask, "answer a question with quotes, or say that the articles do not", _ask_options),
    ("chat", page.chat, "serve the chat as a web page", _chat_options),
    ("index", corpus.index, "bring the index up to date with the folder of articles", _index_options),
    ("articles", corpus.articles, "list the articles", _articles_options),
    ("eval", evaluation.eval, "ask the question set and measure the answers", _eval_options),
    ("score", evaluation.score, "measure a kept run again", _score_options),
    ("train-reader", training.train_reader, "train a cross-encoding reader on public questions", _train_options),
    ("fit-reader", training.fit_reader, "fit the reader's weights on public questions", _fit_options),
    ("fit-resolver", training.fit_resolver, "fit the weights that resolve follow-ups", _resolver_options),
)
