"""Makes a folder of distractor articles from rows of passages.

    python -m qa.evaluate.datasets.distractors passages.jsonl[.gz] OUT_DIR --articles 500 --seed 1

A row is {"id", "group", "text"}; the passages of a group, in the order of the file, are one article
with the group's name as its title. A row whose group is null is an article by itself.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qa.errors import DatasetError, QAError, UsageError
from qa.evaluate.jsonl import json_lines

ARTICLES = 500  # with fewer, the passages of a handful of articles are found by elimination
_MAX_NAME = 60  # characters of a file name; at four bytes each still inside the 255 of a file system


def make_distractors(passages: Path, folder: Path, articles: int = ARTICLES, seed: int = 1) -> int:
    """Write `articles` text files drawn from the groups of `passages` into the new or empty `folder`.

    Gives the number of passages in them. The same file, number and seed give the same folder.
    Raises DatasetError for a bad row or too few groups, UsageError for a folder that is not empty.
    """
    groups = read_groups(passages)
    if not 0 < articles <= len(groups):
        problem = f"{articles} articles asked of the {len(groups)} in {passages}"
        raise UsageError(problem, "give --articles a number within")
    chosen = random.Random(seed).sample(list(groups), articles)
    _fill(folder, {name: groups[name] for name in chosen})
    return sum(len(groups[name]) for name in chosen)


def read_groups(path: Path) -> dict[str, list[str]]:
    """Group name (a row's id where its group is null) -> its passages in order."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetError(f"passages {path} cannot be read ({error})", "give a .jsonl or .jsonl.gz file") from error
    groups: dict[str, list[str]] = {}
    for line, row in json_lines(data, path):
        name, text = _row(row, path, line)
        groups.setdefault(name, []).append(text)
    return groups


def file_name(group: str) -> str:
    """A file name without suffix that every file system takes and no folder hides."""
    return re.sub(r"[^\w-]+", "_", group)[:_MAX_NAME].strip("_") or "untitled"


def _row(row: Mapping[str, Any], path: Path, line: int) -> tuple[str, str]:
    name = row.get("id") if row.get("group") is None else row["group"]
    if type(name) is not str or type(row.get("text")) is not str or not row["text"].strip():
        raise DatasetError(f"{path}:{line}: not a passage", 'write {"id": …, "group": …, "text": …}')
    return name, row["text"]


def _fill(folder: Path, groups: Mapping[str, Sequence[str]]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty", "name a new folder")
        for number, (name, passages) in enumerate(groups.items(), 1):
            # The number keeps "A/B" and "A_B", or "Ab" and "aB" on a Mac, apart.
            target = folder / f"{number:05d}-{file_name(name)}.txt"
            target.write_text("\n\n".join([name.replace("_", " "), *passages]) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror})", "name another folder") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line above. Says on standard error what it wrote and exits."""
    parser = argparse.ArgumentParser(prog="python -m qa.evaluate.datasets.distractors",
                                     description="Make a folder of distractor articles.")
    parser.add_argument("passages", type=Path, help='JSON lines of {"id", "group", "text"}, plain or .gz')
    parser.add_argument("folder", type=Path, help="new folder for the articles")
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    try:
        count = make_distractors(given.passages, given.folder, given.articles, given.seed)
    except QAError as error:
        parser.exit(error.exit_code, f"{error}\n")
    parser.exit(0, f"{given.articles} articles of {count} passages in {given.folder}\n")


if __name__ == "__main__":
    main()
