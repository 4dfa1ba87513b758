"""How high the first relevant passage ranks, computed by ir-measures.

Recall@k here is the share of questions with a relevant passage among the first k (trec_eval's
success_k; the "top-k accuracy" of Karpukhin et al. 2020), because any one piece of evidence
answers a question: a second passage that holds the same sentence is not missing. MRR is the mean of
1 / (rank of the first relevant passage), 0 where none was found (Voorhees 1999).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
from ir_measures import RR, Qrel, ScoredDoc, Success

NAMES = {Success @ 1: "recall@1", Success @ 5: "recall@5", Success @ 20: "recall@20", RR: "mrr"}


def rank_measures(relevance: Mapping[str, Sequence[bool]]) -> dict[str, dict[str, float]]:
    """Question id -> measure -> value, from whether each hit is relevant, best hit first.

    A question without a relevant hit, or without any hit, scores 0 and is never dropped.
    """
    qrels, run = [], []
    for id, hits in relevance.items():
        qrels += [Qrel(id, f"hit {n}", int(relevant)) for n, relevant in enumerate(hits)]
        run += [ScoredDoc(id, f"hit {n}", -n) for n in range(len(hits))]
    values: dict[str, dict[str, float]] = {id: dict.fromkeys(NAMES.values(), 0.0) for id in relevance}
    for metric in ir_measures.iter_calc(list(NAMES), qrels, run):
        values[metric.query_id][NAMES[metric.measure]] = metric.value
    return values
