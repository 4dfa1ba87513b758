"""Runs qa and its peers on the same articles and questions, and prints one Markdown table.

    python evals/peers/run.py [--articles DIR] [--questions FILE] [--out DIR] [--systems NAME …]
                              [--peers-python PATH] [--threads N]

Run it with the Python that qa is installed in; the peers run in theirs (`make peers` makes it). Each system has a
process of its own, one after the other, offline, with the same number of threads. Writes the corpus, the raw results
and the table to --out. A system that fails gets a row that says so, the others run on, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)  # run as a file, Python would look for modules in this folder

from evals.peers.corpus import Corpus, CorpusError, check, read_questions, save
from evals.peers.systems import PEERS, SYSTEMS
from evals.peers.table import Result, busy, markdown

LIMIT = 3600  # seconds a system may take
QUIET = {
    # No network and no usage reports, each by its documented switch.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false",
}


def main() -> int:
    given = _arguments()
    given.out = given.out.absolute()  # the workers run in the repository's root
    given.out.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
    environment |= {f"{kind}_NUM_THREADS": str(given.threads) for kind in ("OMP", "MKL", "OPENBLAS", "RAYON")}
    try:
        corpus = _corpus(given, environment)
    except CorpusError as error:
        print(error, file=sys.stderr)
        return 1
    results = {name: _measure(name, given, environment) for name in given.systems}
    text = f"{markdown(results, corpus.questions)}\n\n{_note(corpus, results, given.threads)}\n"
    (given.out / "table.md").write_text(text, encoding="utf-8")
    print(text, end="")
    return int(any(result.failure for result in results.values()))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure qa and its peers on the same articles and questions.")
    parser.add_argument("--articles", type=Path, default=ROOT / "seeds")
    parser.add_argument("--questions", type=Path, default=ROOT / "evals" / "questions.jsonl")
    parser.add_argument("--out", type=Path, default=ROOT / "evals" / "runs" / "peers")
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="NAME",
                        help=f"any of {', '.join(SYSTEMS)}")
    # absolute(), not resolve(): what makes it that environment's Python is that it is reached by its link
    parser.add_argument("--peers-python", type=lambda path: Path(path).absolute(),
                        default=ROOT / ".venv-peers" / "bin" / "python")
    # One: two threads gain little on texts this short, and where they share cores with anything they wait on it.
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def _corpus(given: argparse.Namespace, environment: dict[str, str]) -> Corpus:
    """The corpus, checked and kept. Raises CorpusError."""
    questions, path = read_questions(given.questions), given.out / "texts.json"
    failure = _run(sys.executable, ["texts", given.articles.resolve(), path], environment, given.out / "texts.log")
    if failure:
        raise CorpusError(f"the articles cannot be read: {failure}")
    corpus = Corpus(given.articles.resolve(), json.loads(path.read_text(encoding="utf-8")), questions)
    check(corpus)
    save(corpus, given.out / "corpus.json")
    return corpus


def _measure(name: str, given: argparse.Namespace, environment: dict[str, str]) -> Result:
    """One system's run; its failure, in one line, rather than an exception."""
    print(f"{name} …", file=sys.stderr, flush=True)
    raw, python = given.out / f"{name}.jsonl", given.peers_python if name in PEERS else sys.executable
    raw.unlink(missing_ok=True)
    failure = _run(python, [name, given.out / "corpus.json", raw], environment, given.out / f"{name}.log")
    if failure:
        print(f"{name} failed: {failure}", file=sys.stderr)
        return Result({}, (), failure)
    whole, *answers = (json.loads(line) for line in raw.read_text(encoding="utf-8").splitlines())
    return Result(whole, answers)


def _run(python: Path | str, arguments: list[Path | str], environment: dict[str, str], log: Path) -> str | None:
    """Runs the worker; what it writes goes to `log`. The last thing it said where it failed, else None."""
    command = [python, "-m", "evals.peers.worker", *arguments]
    try:
        with log.open("w", encoding="utf-8") as out:
            done = subprocess.run(command, check=False, cwd=ROOT, env=environment, stdout=out, stderr=out,
                                  timeout=LIMIT)
    except FileNotFoundError:
        return f"no {python}; run `make peers`"
    except subprocess.TimeoutExpired:
        return f"not done after {LIMIT} seconds"
    said = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(said) if line.strip()), "no word") if done.returncode else None


def _note(corpus: Corpus, results: dict[str, Result], threads: int) -> str:
    """What the figures are of: articles, questions, threads, versions; and whether the times can be trusted."""
    versions = {"Python": platform.python_version()}
    for result in results.values():
        versions |= result.whole.get("versions", {})
    waited = busy(results)
    warning = f" Busy machine: by the clock, queries took {', '.join(waited)} times the processor's time."
    return (
        f"{len(corpus.questions)} questions over {len(corpus.articles)} articles; {threads} "
        f"thread{'s' * (threads != 1)}; in brackets 95 % Wilson intervals; \\* differs from qa beyond chance "
        f"(exact sign test, p < 0.05). {', '.join(f'{name} {number}' for name, number in versions.items())}."
    ) + (warning if waited else "")


if __name__ == "__main__":
    sys.exit(main())
