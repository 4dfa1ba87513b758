"""A run in the two files that trec_eval, ir_measures and ranx read.

    run.trec     question Q0 document rank score qa      each hit of a question, best first
    qrels.trec   question 0 document grade               each document that answers it

A document is a passage of the index; where only the articles that answer are known, it is an article, which ranks
where its best hit does. A score is the number of documents from that one to the last, because these tools order by
score alone and break ties each in its own way.

Fields are divided by white space. In an id, white space, control characters and "%" therefore stand as the %XX of
their UTF-8 bytes, which `urllib.parse.unquote` turns back.

Only answerable questions are in the files: nothing is relevant to the others. A question that failed, or that has no
line, has judgements and no ranking; one of which nothing that answers it is in the index has the judgement `%none`,
a document that cannot be found. So each scores 0 and is not left out. ir_measures counts them as they stand;
trec_eval does with its option -c, ranx with `make_comparable=True`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qa.errors import UsageError
from qa.evaluate.runs.run import Run

RUN, QRELS, NAME = "run.trec", "qrels.trec", "qa"
NOWHERE = "%none"  # no id is written so: a "%" in one is followed by two hexadecimal digits


def write_trec(run: Run, folder: Path) -> None:
    """Write `run` as the files `run.trec` and `qrels.trec` of `folder`, both or none.

    Raises UsageError where they cannot be written.
    """
    asked = [(row["id"], line or {}) for row, line in zip(run.rows, run.lines) if row["answerable"]]
    texts = {
        RUN: [text for id, line in asked for text in _ranking(id, line)],
        QRELS: [text for id, line in asked for text in _judgements(id, line)],
    }
    try:
        _write(folder, {name: "".join(f"{text}\n" for text in lines) for name, lines in texts.items()})
    except OSError as error:
        problem = f"{folder} cannot be written ({error.strerror})"
        raise UsageError(problem, "choose another folder with --trec") from error


def escaped(id: str) -> str:
    """`id` without white space; `urllib.parse.unquote` gives it back."""
    return re.sub(r"[\s%\x00-\x1f\x7f]", lambda found: quote(found[0], safe=""), id)


def _ranking(id: str, line: Mapping[str, Any]) -> Iterator[str]:
    key = "article" if line.get("gold_articles") else "passage"
    documents = list(dict.fromkeys(hit[key] for hit in line.get("hits", ())))
    for rank, document in enumerate(documents, 1):
        yield f"{escaped(id)} Q0 {escaped(document)} {rank} {len(documents) - rank + 1} {NAME}"


def _judgements(id: str, line: Mapping[str, Any]) -> Iterator[str]:
    grades = line.get("gold_articles") or dict.fromkeys(line.get("relevant", ()), 1)
    judged = {escaped(document): grade for document, grade in grades.items()} or {NOWHERE: 1}
    for document, grade in judged.items():
        yield f"{escaped(id)} 0 {document} {grade}"


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts = {folder / name: folder / f".{name}.{os.getpid()}.part" for name in texts}
    try:
        for (target, part), text in zip(parts.items(), texts.values()):
            if target.is_dir():
                raise IsADirectoryError(21, f"{target.name} is a folder")
            part.write_text(text, encoding="utf-8", newline="\n")
        for target, part in parts.items():
            part.replace(target)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
