"""SQuAD 1.1 and 2.0: one JSON file of articles, their paragraphs and questions (Rajpurkar et al. 2016, 2018).

    {"data": [{"title", "paragraphs": [{"context", "qas": [{"id", "question", "is_impossible"?,
                                                            "answers": [{"text", "answer_start"}]}]}]}]}

Each title is one article of all its paragraphs. An annotator marked the shortest words that answer; they may
stand at many other places, where they answer nothing. So the evidence is the sentence around them, cut as the
program itself cuts sentences; where the words go over sentences, it is all of these. `answer_start` counts
characters; words that do not stand there are an error, for the question cannot be scored without its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

from qa.errors import DatasetError
from qa.evaluate.datasets.material import (
    Fault,
    Material,
    Row,
    bytes_of,
    name_at,
    objects,
    question_row,
    quoted,
    typed,
    unique,
    words,
)
from qa.evaluate.datasets.names import Names
from qa.ingest.decode import printable
from qa.ingest.lines import BLANK
from qa.ingest.sentences import sentences
from qa.records import Sentence


def files(path: Path) -> list[Path]:
    """What the set is read from."""
    return [path]


def read(path: Path) -> Material:
    """The articles and questions of the file `path`. Raises DatasetError naming the place of what is wrong."""
    material, names = Material(), Names()
    texts: dict[str, list[str]] = {}
    ids: dict[str, str] = {}
    for title, context, paragraph, fault in _paragraphs(path):
        if title not in ids:
            ids[title] = names.take(title)
        texts.setdefault(title, []).append(context)
        cut = _sentences(context)
        for qa in objects(paragraph, "qas", fault):
            _add(material, qa, ids[title], context, cut, fault)
    for title, contexts in texts.items():
        material.add_article(ids[title], readable(title), contexts)
    return material


def readable(title: str) -> str:
    """Wikipedia's name of a page ("Steam_engine", "Fr%C3%A9d%C3%A9ric_Chopin") as its heading."""
    return title if " " in title else unquote(title).replace("_", " ")


def _paragraphs(path: Path) -> Iterator[tuple[str, str, Row, Fault]]:
    """(title, text, paragraph, how to raise what is wrong with it)"""
    whole = partial(_fault, str(path))
    for number, entry in enumerate(objects(_json(path, whole), "data", whole), 1):
        title = words(entry, "title", partial(_fault, f"{path}: data {number}"))
        where = f"{path}: {title!r}"
        for n, paragraph in enumerate(objects(entry, "paragraphs", partial(_fault, where)), 1):
            fault = partial(_fault, f"{where}, paragraph {n}")
            yield title, typed(paragraph, "context", str, fault), paragraph, fault


def _json(path: Path, fault: Fault) -> Row:
    try:
        found = json.loads(bytes_of(path).decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is one
        fault(f"not JSON ({error})", "give a file in SQuAD's format")
    if type(found) is not dict:
        fault("not a JSON object", "give a file in SQuAD's format")
    return found


def _add(material: Material, qa: Row, article: str, context: str, cut: Sequence[Sentence], above: Fault) -> None:
    id = name_at(qa, "id", above)
    fault = partial(_beside, above, f"question {id!r}: ")
    question, answers = words(qa, "question", fault), objects(qa, "answers", fault)
    impossible = typed(qa, "is_impossible", bool, fault) if "is_impossible" in qa else not answers
    if impossible == bool(answers):
        fault(f"'is_impossible' is {json.dumps(impossible)} with {len(answers)} answers", "mend one of them")
    evidence = unique(quoted(article, _around(answer, context, cut, fault)) for answer in answers)
    material.add_row(question_row(id, question, evidence), fault)


def _around(answer: Row, context: str, cut: Sequence[Sentence], fault: Fault) -> str:
    """The sentences of `context` that hold `answer`."""
    text, start = typed(answer, "text", str, fault), typed(answer, "answer_start", int, fault)
    if not printable(text)[0].strip(BLANK) or start < 0 or context[start : start + len(text)] != text:
        fault(f"the answer {text!r:.60} does not stand at character {start}", "mend its answer_start, or remove it")
    touched = [s for s in cut if s.start < start + len(text) and start < s.end]
    return context[touched[0].start : touched[-1].end]


def _sentences(context: str) -> tuple[Sentence, ...]:
    context = re.sub("[\ud800-\udfff]", "\ufffd", context)  # halves of pairs, which the splitter cannot take
    return sentences(context, [line.span() for line in re.finditer(r"\S[^\r\n]*", context)])


def _fault(where: str, problem: str, remedy: str) -> NoReturn:
    raise DatasetError(f"{where}: {problem}", remedy)


def _beside(above: Fault, where: str, problem: str, remedy: str) -> Any:
    above(where + problem, remedy)
