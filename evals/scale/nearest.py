"""What approximate vector indexes cost and find: FAISS' own HNSW and IVF-PQ, which Milvus' index library builds on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from evals.scale.clock import Clock, Note, per_call, size
from qa.index.embed import Floats

Ids = NDArray[np.int64]

POOL = 100  # passages that a search is asked for
_EF_CONSTRUCTION, _EFS = 200, (100, 200, 400)
_PROBES, _REFINED = (16, 64), 4  # lists looked into; times the pool that are compared exactly afterwards
_BLOCK = 1 << 17  # vectors
_TRAINING = 39  # vectors a list is trained on, the least that FAISS wants


def exact(vectors: Floats, questions: Floats) -> Ids:
    """The true nearest passages [questions, POOL]."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    found = np.empty((len(questions), POOL), dtype=np.int64)
    best = np.full((len(questions), POOL), -np.inf, dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):  # a block at a time: the index copies what it takes in
        index.reset()
        index.add(vectors[start:start + _BLOCK])
        scores, ids = index.search(questions, POOL)
        scores, ids = np.hstack([best, scores]), np.hstack([found, ids + start])
        order = np.argsort(-scores, axis=1)[:, :POOL]
        best, found = np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)
    return found


def recall(found: Ids, true: Ids, k: int) -> float:
    """The share of the true `k` nearest that are among the first `k` found."""
    return float(np.mean([len(set(f[:k]) & set(t[:k])) / k for f, t in zip(found, true, strict=True)]))


def hnsw(m: int, vectors: Floats, questions: Floats, true: Ids, folder: Path, note: Note) -> None:
    """Milvus' HNSW with `m` links a node (twice as many at the bottom), and its search width ef."""
    index = faiss.IndexHNSWFlat(vectors.shape[1], m, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = _EF_CONSTRUCTION
    clock = Clock()
    with clock.time(f"HNSW M={m}: build, one thread"):
        index.add(vectors)
    clock.tell(note)
    _note_size(index, f"HNSW M={m}", len(vectors), folder, note)
    for ef in _EFS:
        index.hnsw.efSearch = ef
        _note_search(lambda question: index.search(question, POOL)[1], f"HNSW M={m} ef={ef}", questions, true, note)


def ivfpq(parts: int, vectors: Floats, questions: Floats, true: Ids, folder: Path, note: Note) -> None:
    """IVF-PQ: a byte for each of `parts` parts of a vector; then the same with the best compared exactly."""
    lists = 1 << round(math.log2(4 * math.sqrt(len(vectors))))
    quantizer = faiss.IndexFlatIP(vectors.shape[1])
    index = faiss.IndexIVFPQ(quantizer, vectors.shape[1], lists, parts, 8, faiss.METRIC_INNER_PRODUCT)
    for clustering in (index.cp, index.pq.cp):
        clustering.min_points_per_centroid, clustering.max_points_per_centroid = 1, 64
    chosen = np.random.default_rng(0).permutation(len(vectors))[:max(256 * _TRAINING, 64 * lists)]
    clock, name = Clock(), f"IVF-PQ {parts} bytes, {lists} lists"
    with clock.time(f"{name}: training, one thread"):
        index.train(vectors[np.sort(chosen)])
    with clock.time(f"{name}: adding, one thread"):
        index.add(vectors)
    clock.tell(note)
    _note_size(index, name, len(vectors), folder, note)
    for probes in _PROBES:
        index.nprobe = probes
        _note_search(lambda question: index.search(question, POOL)[1], f"{name}, {probes} probed", questions, true,
                     note)

        def refined(question: Floats) -> Ids:
            ids = index.search(question, _REFINED * POOL)[1][0]
            ids = ids[ids >= 0]
            order = np.argsort(-(vectors[ids] @ question[0]))[:POOL]
            return ids[order][None]

        _note_search(refined, f"{name}, {probes} probed, {_REFINED * POOL} refined", questions, true, note)


def _note_size(index: Any, name: str, count: int, folder: Path, note: Note) -> None:
    path = folder / "index.faiss"
    faiss.write_index(index, str(path))
    note(f"{name}: size", size(path) / count, "bytes a passage")
    path.unlink()


def _note_search(search: Any, name: str, questions: Floats, true: Ids, note: Note) -> None:
    found: list[Ids] = []
    per_call(name, lambda question: found.append(search(question[None])[0]), list(questions), note)
    width = [np.pad(ids, (0, POOL - len(ids)), constant_values=-1) for ids in found]
    for k in (10, POOL):
        note(f"{name}: recall@{k}", recall(np.array(width), true, k), "")


def shape(vectors: Floats, questions: Floats, note: Note) -> None:
    """How the vectors lie, so that made-up ones can be compared with real ones: cosines with the nearest."""
    sample = np.random.default_rng(1).choice(len(vectors), min(200, len(vectors)), replace=False)
    for name, asked in (("passage", vectors[sample]), ("question", questions[:200])):
        cosines = -np.sort(-(asked @ vectors.T), axis=1)
        first = 1 if name == "passage" else 0  # a passage is its own nearest
        for rank in (1, 10, 100):
            note(f"cosine of a {name} with its nearest no. {rank}",
                 float(np.median(cosines[:, first + rank - 1])), "")
        note(f"cosine of a {name} with any passage, mean", float(cosines.mean()), "")
        note(f"cosine of a {name} with any passage, deviation", float(cosines.std()), "")


def measure(vectors: Floats, questions: Floats, kinds: Sequence[str], folder: Path, note: Note) -> None:
    """Every index of `kinds` over `vectors`, in one thread. `folder`: for a file at a time."""
    faiss.omp_set_num_threads(1)
    true = exact(vectors, questions)
    shape(vectors, questions, note)
    for kind in kinds:
        how, number = (hnsw, kind.removeprefix("hnsw")) if kind.startswith("hnsw") else (ivfpq, kind[len("ivfpq"):])
        how(int(number), vectors, questions, true, folder, note)
