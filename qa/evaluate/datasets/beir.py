"""BEIR: documents, queries and graded judgements (Thakur et al. 2021). Which article answers is known, not where.

    DIR/corpus.jsonl     {"_id", "title"?, "text"}
    DIR/queries.jsonl    {"_id", "text"}
    DIR/qrels/test.tsv   query-id, corpus-id, score, tab-separated; else dev.tsv, else the only .tsv there

A query is asked where some document has a score of 1 or more for it; nobody says that the others cannot be
answered. An article's id is its document's `_id`, with "_" for what a file's name cannot hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from qa.errors import DatasetError
from qa.evaluate.datasets.material import Fault, Material, Row, bytes_of, name_at, question_row, rows_of, typed, words
from qa.evaluate.datasets.names import Names
from qa.evaluate.jsonl import bad_line

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels"
_SCORED = "write query-id, corpus-id and a whole number, with tabs between"


def files(path: Path) -> list[Path]:
    """What the set is read from. Raises DatasetError where it cannot tell which judgements are meant."""
    found = {file.stem: file for file in sorted((path / QRELS).glob("*.tsv"))}
    judged = found.get("test") or found.get("dev") or (next(iter(found.values())) if len(found) == 1 else None)
    if judged is None:
        names = ", ".join(file.name for file in found.values()) or "no .tsv file"
        raise DatasetError(f"{path / QRELS} holds {names}", "put the judgements in qrels/test.tsv")
    return [path / CORPUS, path / QUERIES, judged]


def read(path: Path) -> Material:
    """The articles and questions of the folder `path`. Raises DatasetError naming file and line."""
    corpus, queries, judged = files(path)
    material = Material()
    ids = _read_corpus(corpus, material)
    texts = dict(_queries(queries))
    evidence = _read_judgements(judged, texts, ids)
    split = {"split": "dev"} if judged.stem == "dev" else {}
    for query, text in texts.items():
        if query in evidence:
            material.rows[query] = question_row(query, text, evidence[query], **split)
    return material


def _read_corpus(path: Path, material: Material) -> dict[str, str]:
    """Adds the documents to `material`; document -> article id."""
    names, ids = Names(), {}
    for row, fault in rows_of(path):
        document = _new(name_at(row, "_id", fault), ids, fault)
        title = typed(row, "title", str, fault) if row.get("title") is not None else None
        ids[document] = names.take(document)
        material.add_article(ids[document], title, [typed(row, "text", str, fault)])
    return ids


def _queries(path: Path) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for row, fault in rows_of(path):
        query = _new(name_at(row, "_id", fault), seen, fault)
        seen[query] = words(row, "text", fault)
        yield query, seen[query]


def _new(id: str, before: dict[str, str], fault: Fault) -> str:
    if id in before:
        fault(f"'_id' {id!r} stands twice", "give each its own")
    return id


def _read_judgements(path: Path, queries: dict[str, str], ids: dict[str, str]) -> dict[str, list[Row]]:
    """Query -> its evidence, for queries that have any."""
    evidence: dict[str, list[Row]] = {}
    seen: set[tuple[str, str]] = set()
    for query, document, score, fault in _judgements(path):
        for id, known, file in ((query, queries, QUERIES), (document, ids, CORPUS)):
            if id not in known:
                fault(f"{id!r} does not stand in {file}", "add it there, or remove this line")
        if (query, document) in seen:
            fault(f"{query!r} and {document!r} are judged twice", "keep one of them")
        seen.add((query, document))
        if score > 0:
            evidence.setdefault(query, []).append({"article": ids[document], "grade": score})
    return evidence


def _judgements(path: Path) -> Iterator[tuple[str, str, int, Fault]]:
    for number, raw in enumerate(bytes_of(path).removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        fault = partial(bad_line, path, number)
        if not raw.strip() or (number == 1 and raw.lower().startswith((b"query", b"qid"))):
            continue
        try:
            query, document, score = raw.decode("utf-8").split("\t")
            yield query.strip(), document.strip(), int(score), fault
        except ValueError:  # not UTF-8, other columns, no whole number
            fault("not a judgement", _SCORED)
