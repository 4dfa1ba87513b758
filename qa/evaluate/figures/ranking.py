"""How high the passages that answer rank, computed by ir-measures.

Recall@k here is the share of questions with a relevant passage among the first k (the "top-k accuracy"
of Karpukhin et al. 2020, the success_k of trec_eval), because any one piece of evidence answers a
question: a second passage that holds the same sentence is not missing. MRR is the mean of 1 / (rank of
the first relevant passage), 0 where none was found (Voorhees 1999). nDCG@10 counts every relevant
passage of the index, by grade where a set has grades (Järvelin & Kekäläinen 2002).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ir_measures
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

NAMES = {Success @ 1: "recall@1", Success @ 5: "recall@5", Success @ 20: "recall@20", RR: "mrr", nDCG @ 10: "ndcg@10"}

Found = tuple[Sequence[str], Mapping[str, int]]  # ids best first, and the grade of each relevant id


def found(line: Mapping[str, Any] | None) -> Found:
    """The passages that a line's search found, and those that answer; of articles where only they are known."""
    if line is None:
        return (), {}
    hits = line["hits"] if not line["error"] else ()
    if line["gold_articles"]:
        grades = {article: int(grade) for article, grade in line["gold_articles"].items()}
        return list(dict.fromkeys(str(hit["article"]) for hit in hits)), grades
    return [str(hit["passage"]) for hit in hits], dict.fromkeys(map(str, line["relevant"]), 1)


def rank_measures(searches: Mapping[str, Found]) -> dict[str, dict[str, float]]:
    """Question id -> measure -> value. One without a relevant passage, or without any hit, scores 0."""
    qrels, run = [], []
    for id, (hits, grades) in searches.items():
        qrels += [Qrel(id, passage, grade) for passage, grade in grades.items()]
        run += [ScoredDoc(id, passage, -n) for n, passage in enumerate(hits)]
    values: dict[str, dict[str, float]] = {id: dict.fromkeys(NAMES.values(), 0.0) for id in searches}
    for metric in ir_measures.iter_calc(list(NAMES), qrels, run):
        values[metric.query_id][NAMES[metric.measure]] = metric.value
    return values
