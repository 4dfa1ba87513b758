"""The first line of a run: what was run, on what, with which settings, on which machine."""

from __future__ import annotations

import dataclasses
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import qa
from qa.evaluate.questions.dataset import Dataset
from qa.evaluate.runs.run import FORMAT, FORMAT_VERSION
from qa.evaluate.runs.schema import Row
from qa.index import models
from qa.settings import MILVUS, Settings

_OF_THE_SERVER = {"uri", "token", "database", "prefix"}


def header(dataset: Dataset, settings: Settings, manifest: Any, distractors: Mapping[str, Any] | None = None,
           source: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The header of a run of `dataset`.

    `distractors` says what other text was around and `source` where the set came from, if anything.
    The rows of the set are in it, so that a question without a line is known to be missing.
    """
    rows = question_rows(dataset)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": qa.__version__,
        "commit": commit(Path(qa.__file__).parent),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "questions": {"file": dataset.path.name, "sha256": dataset.sha256, "count": len(rows), "rows": rows},
        "distractors": distractors,
        "dataset": source,
        "manifest": plain(manifest),
        "settings": plain_settings(settings),
        "models": named_models(settings),
        "machine": machine(),
    }


def named_models(settings: Settings) -> dict[str, str]:
    """What each model that was named instead of the shipped ones is, by its bytes: a folder's name says little.

    The encoder's fingerprint is in the manifest.
    """
    named = {"reader": (settings.answering.reader, models.READER),
             "reranker": (settings.search.reranker, models.RERANKER)}
    return {use: models.fingerprint(models.locate(name, kind)) for use, (name, kind) in named.items() if name}


def question_rows(dataset: Dataset) -> list[dict[str, Any]]:
    """The questions of `dataset` as a header names them."""
    return [{key: getattr(question, key) for key in Row.__annotations__} for question in dataset.questions]


def plain(manifest: Any) -> dict[str, Any]:
    """A manifest as a dict; of a folder, the articles' or the encoder's, only its name.

    A run is shown to others and kept in git.
    """
    told = dataclasses.asdict(manifest) if dataclasses.is_dataclass(manifest) else dict(manifest)
    named = {"folder": lambda path: Path(path).name, "encoder": _folder_name}
    return {key: named[key](value) if key in named else value for key, value in told.items()}


def plain_settings(settings: Settings) -> dict[str, Any]:
    """`settings` as a dict; of a model's folder only its name, as of the articles': a fingerprint says which it is.

    Of a server only how it is asked, and nothing of which it is or how to get in; nothing at all where none is asked.
    """
    told = dataclasses.asdict(settings)
    told["milvus"] = {key: value for key, value in told["milvus"].items() if key not in _OF_THE_SERVER}
    if settings.index.engine != MILVUS:
        del told["milvus"]
    for table, key in (("encoder", "name"), ("answering", "reader"), ("search", "reranker")):
        told[table][key] = _folder_name(told[table][key])
    return told


def _folder_name(model: str) -> str:
    """`model`, a name or a folder, without the path to a folder that is there."""
    folder = Path(model).expanduser()
    return os.path.basename(os.path.abspath(folder)) if model and folder.is_dir() else model


def commit(package: Path) -> str | None:
    """The git commit of the code in `package`, "+changed" where files differ; None where git knows it not."""
    if _git(package, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None  # installed below somebody else's checkout, or nowhere near one
    head, changed = _git(package, "rev-parse", "HEAD"), _git(package, "status", "--porcelain", "--", ".")
    return head and head + ("+changed" if changed else "")


def machine() -> dict[str, Any]:
    """What latency depends on."""
    return {"system": platform.platform(), "python": platform.python_version(),
            "processor": _processor(), "cores": os.cpu_count()}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
