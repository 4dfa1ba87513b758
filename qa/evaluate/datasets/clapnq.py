"""ClapNQ: search queries, each with one passage of Wikipedia cut into sentences (Rosenthal et al. 2025).

    DIR/[…_]answerable.jsonl, DIR/[…_]unanswerable.jsonl; a row is
    {"id", "input", "passages": [{"title", "text"}], "output": [{"selected_sentences": [str]}]}

The passages of one title are one article. Every sentence that an annotator selected is evidence by itself, also
where two stand side by side: 7 in 10 annotators selected sentences that do not follow each other, so that no span
holds what they marked; joined, three neighbours would be found only by quoting most of them. A question counts as
not answerable because its own passage does not answer it; another article still might.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.errors import DatasetError
from qa.evaluate.datasets.material import (
    Fault,
    Material,
    Row,
    name_at,
    objects,
    question_row,
    quoted,
    rows_of,
    strings,
    unique,
    words,
)
from qa.evaluate.datasets.names import Names
from qa.evaluate.questions.evidence import occurrences

ANSWERABLE, UNANSWERABLE = "answerable", "unanswerable"


def files(path: Path) -> list[Path]:
    """What the set is read from: one or both of its two files. Raises DatasetError for none, or for several of one."""
    found = [file for kind in (ANSWERABLE, UNANSWERABLE) for file in _one(path, kind)]
    if not found:
        raise DatasetError(f"{path} holds no file of ClapNQ", f"give a folder with {ANSWERABLE}.jsonl")
    return found


def read(path: Path) -> Material:
    """The articles and questions of the folder `path`. Raises DatasetError naming file and line."""
    material, names = Material(), Names()
    ids: dict[str, str] = {}
    texts: dict[str, dict[str, None]] = {}  # a passage that was asked about twice stands once
    for file in files(path):
        for row, fault in rows_of(file):
            passages = [(words(p, "title", fault), words(p, "text", fault)) for p in objects(row, "passages", fault)]
            for title, text in passages:
                ids[title] = ids.get(title) or names.take(title)
                texts.setdefault(title, {})[text] = None
            evidence = unique(_evidence(row, [(ids[title], text) for title, text in passages], fault))
            _check(bool(evidence), file, fault)
            question = question_row(name_at(row, "id", fault), words(row, "input", fault), evidence)
            material.add_row(question, fault)
    for title, passages in texts.items():
        material.add_article(ids[title], title, passages)
    return material


def _one(path: Path, kind: str) -> list[Path]:
    found = sorted(p for p in path.glob("*.jsonl") if p.stem == kind or p.stem.endswith(f"_{kind}"))
    if len(found) > 1:
        names = ", ".join(p.name for p in found)
        raise DatasetError(f"{path} holds {names}", f"leave one {kind} file there")
    return found


def _evidence(row: Row, passages: Sequence[tuple[str, str]], fault: Fault) -> Iterator[Row]:
    for output in objects(row, "output", fault):
        for sentence in strings(output, "selected_sentences", fault):
            holders = [id for id, text in passages if occurrences(sentence, text)]
            if not holders:
                fault(f"the selected sentence {sentence!r:.60} stands in no passage", "copy it from the passage")
            yield from (quoted(id, sentence) for id in holders)


def _check(answerable: bool, file: Path, fault: Fault) -> None:
    if answerable == (file.stem.endswith(UNANSWERABLE)):
        fault(f"the row has {'' if answerable else 'no '}selected sentences", "move it to the other file")
