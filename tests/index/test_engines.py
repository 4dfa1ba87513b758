"""Every engine finds what an exact computation finds: the same passages, scores and order."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest

from qa.errors import IndexMismatch
from qa.index.analyse import terms
from qa.index.engine import Engine, Fusion, Row
from qa.index.local import engine as embedded
from qa.index.local import generations
from qa.index.local.lexical import Lexical, LexicalWriter
from tests.index.by_eye import SUMMER, WINTER, answers, folder_of, library
from tests.milvus.engines import on_milvus

WORDS = "ship harbour ice mayor winter captain cargo storm bridge river snow port crane dock sea".split()


@contextmanager
def _in_a_folder(folder):
    numbers = itertools.count(1)

    def make(rows, dimensions) -> Engine:
        (path := folder / str(next(numbers))).mkdir()
        embedded.build(path, dimensions, rows)
        return embedded.Embedded(path)

    yield make


# Name -> where engines are made. BM25 distances are above zero in Milvus, and below in Milvus Lite.
ENGINES = {
    embedded.NAME: _in_a_folder,
    "milvus": partial(on_milvus, positive=True),
    "milvus-lite": partial(on_milvus, positive=False),
}


@pytest.fixture(params=ENGINES, scope="module")
def make(request, tmp_path_factory):
    opened = []
    with ENGINES[request.param](tmp_path_factory.mktemp("engines")) as made:
        def _make(rows: list[Row], dimensions: int | None = None) -> Engine:
            opened.append(made(rows, dimensions or rows[0].vector.size))
            return opened[-1]

        yield _make
        for engine in opened:
            engine.close()


def random_rows(count: int, seed: int = 7, dimensions: int = 24) -> list[Row]:
    """Rows of up to 40 words, every tenth the twin of the one before it, ids in no order."""
    rng, rows = np.random.default_rng(seed), []
    numbers = rng.permutation(2**40 + np.arange(count) * 1_000_003)
    for n, number in enumerate(numbers):
        vector = rng.normal(size=dimensions).astype(np.float32)
        row = Row(f"{number:015x}", vector / np.linalg.norm(vector), " ".join(rng.choice(WORDS, rng.integers(1, 41))))
        rows.append(Row(row.passage, rows[-1].vector, rows[-1].text) if n % 10 == 9 else row)
    return rows


ROWS = random_rows(300)


@pytest.fixture(scope="module")
def engine(make):
    return make(ROWS)


def exact_cosines(rows, query):
    vectors = np.stack([row.vector for row in rows]).astype(np.float64)
    scores = vectors @ query / np.linalg.norm(query) / np.linalg.norm(vectors, axis=1)
    # Twins have equal vectors; rounding lets them tie here as well.
    return sorted(((row.passage, round(score, 9)) for row, score in zip(rows, scores, strict=True)),
                  key=lambda pair: (-pair[1], pair[0]))


def exact_bm25(rows, query, k1=1.2, b=0.75):
    """Robertson and Zaragoza 2009, eq. 3.15, with the idf of Lucene and tantivy, ln(1 + (N - n + .5) / (n + .5))."""
    documents = {row.passage: Counter(terms(row.text)) for row in rows}
    mean = sum(sum(d.values()) for d in documents.values()) / len(documents)
    held = {term: sum(term in d for d in documents.values()) for term in query}
    idf = {term: math.log(1 + (len(rows) - n + 0.5) / (n + 0.5)) for term, n in held.items()}
    scores = {}
    for passage, document in documents.items():
        length = k1 * (1 - b + b * sum(document.values()) / mean)
        score = sum(idf[t] * document[t] * (k1 + 1) / (document[t] + length) for t in query)
        if score > 0:
            scores[passage] = score
    return sorted(((p, round(s, 9)) for p, s in scores.items()), key=lambda pair: (-pair[1], pair[0]))


def check(found, expected, k):
    assert [hit.passage for hit in found] == [passage for passage, _ in expected[:k]]
    assert [hit.score for hit in found] == pytest.approx([score for _, score in expected[:k]], abs=1e-4)


@pytest.mark.parametrize("k", [1, 9, 10, 50, 299, 300, 1000])
def test_vectors_are_found_as_by_brute_force(engine, k):
    for query in np.random.default_rng(k).normal(size=(8, 24)).astype(np.float32):
        check(engine.by_vector(query, k), exact_cosines(ROWS, query.astype(np.float64)), k)


def test_a_score_is_the_cosine_whatever_the_lengths(make):
    rows = [Row("00000000000000a", np.array([3, 0], np.float32), "one"),
            Row("00000000000000b", np.array([0, 9], np.float32), "two")]
    engine = make(rows)
    check(engine.by_vector(np.array([8, 6], np.float32), 2), [("00000000000000a", 0.8), ("00000000000000b", 0.6)], 2)


@pytest.mark.parametrize("k", [1, 9, 10, 50, 300])
@pytest.mark.parametrize("query", ["ship", "ship mayor", "snow port crane dock sea", "ship nothing"])
def test_words_are_found_as_by_bm25(engine, query, k):
    query = terms(query)
    check(engine.by_words(query, k), exact_bm25(ROWS, query), k)


def test_a_word_asked_for_twice_weighs_twice(engine):
    check(engine.by_words(["ship", "ship", "mayor"], 20), exact_bm25(ROWS, ["ship", "ship", "mayor"]), 20)


FUSION = Fusion(dense_weight=1.0, lexical_weight=0.5, k=60, pool=15, hits=12)


def rows_apart(seed: int = 4) -> list[Row]:
    """Rows of 1 to 40 words, no two of one length, so that no two score the same: who ties may be ranked either way."""
    rng = np.random.default_rng(seed)
    return [Row(f"{rng.integers(2**59):015x}", rng.normal(size=24).astype(np.float32), " ".join(rng.choice(WORDS, n)))
            for n in rng.permutation(np.arange(1, 41))]


APART = rows_apart()


@pytest.fixture(scope="module")
def engine_apart(make):
    return make(APART)


def exact_hybrid(query, words, fusion, among=None):
    """[(passage, sum of weight / (k + rank) over both searches, cosine, rank by words, BM25)], best first."""
    dense, lexical = exact_cosines(APART, query.astype(np.float64)), exact_bm25(APART, words)
    if among is not None:
        dense, lexical = only(dense, among), only(lexical, among)
    scores = Counter()
    for weight, ranking in ((fusion.dense_weight, dense), (fusion.lexical_weight, lexical)):
        for rank, (passage, _) in enumerate(ranking[:fusion.pool], 1):
            scores[passage] += weight / (fusion.k + rank)
    ranks = {passage: (rank, score) for rank, (passage, score) in enumerate(lexical[:fusion.pool], 1)}
    best = sorted(scores.items(), key=lambda pair: (-round(pair[1], 9), pair[0]))[:fusion.hits]
    return [(passage, score, dict(dense)[passage], *ranks.get(passage, (None, None))) for passage, score in best]


def check_hybrid(found, expected):
    """Ids, order, scores and those of both searches; an engine whose server fuses says no ranks of the vectors."""
    assert [hit.passage for hit in found] == [passage for passage, *_ in expected]
    assert [hit.score for hit in found] == pytest.approx([score for _, score, *_ in expected], rel=1e-4)
    for hit, (_, _, cosine, rank, bm25) in zip(found, expected, strict=True):
        assert hit.dense_score is None or hit.dense_score == pytest.approx(cosine, abs=1e-4)
        assert hit.lexical_rank == rank
        assert hit.lexical_score == (None if bm25 is None else pytest.approx(bm25, abs=1e-4))


@pytest.mark.parametrize("weights", [(1.0, 0.5), (1.0, 1.0), (0.5, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_a_fused_search_is_the_weighted_sum_over_the_ranks_of_both(engine_apart, weights):
    fusion = FUSION._replace(dense_weight=weights[0], lexical_weight=weights[1])
    for seed, words in enumerate((["ship"], ["ship", "mayor"], ["snow", "port", "crane"])):
        query = np.random.default_rng(seed).normal(size=24).astype(np.float32)
        check_hybrid(engine_apart.hybrid(query, words, fusion), exact_hybrid(query, words, fusion))


@pytest.mark.parametrize("words", [[], ["nothing"]])
def test_a_fused_search_for_words_that_are_nowhere_is_that_for_the_vector(engine_apart, words):
    query = np.random.default_rng(3).normal(size=24).astype(np.float32)
    check_hybrid(engine_apart.hybrid(query, words, FUSION), exact_hybrid(query, words, FUSION))


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
def test_a_fused_search_among_some_passages_ranks_them_alone(engine_apart, share):
    query = np.random.default_rng(3).normal(size=24).astype(np.float32)
    among = some_of(APART, share, 5)
    check_hybrid(engine_apart.hybrid(query, ["ship", "mayor"], FUSION, among),
                 exact_hybrid(query, ["ship", "mayor"], FUSION, among))
    assert engine_apart.hybrid(query, ["ship"], FUSION, frozenset()) == []


def some_of(rows, share, seed):
    """A random part of the ids of `rows`; of twins now both are in it, now one."""
    rng = np.random.default_rng(seed)
    return frozenset(row.passage for row in rows if rng.random() < share)


def only(expected, among):
    return [pair for pair in expected if pair[0] in among]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("k", [1, 9, 30, 300, 1000])
def test_among_some_passages_vectors_are_found_as_by_brute_force_over_them(engine, k, share):
    for seed, query in enumerate(np.random.default_rng(k).normal(size=(4, 24)).astype(np.float32)):
        among = some_of(ROWS, share, seed)
        check(engine.by_vector(query, k, among), only(exact_cosines(ROWS, query.astype(np.float64)), among), k)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("query", ["ship", "ship ship mayor", "snow port crane dock sea", "ship nothing"])
def test_among_some_passages_words_are_found_as_by_the_bm25_of_all(engine, query, share):
    """Rarity and mean length stay those of the whole corpus, so a passage keeps its score."""
    query = terms(query)
    for k in (1, 9, 30, 300):
        among = some_of(ROWS, share, k)
        check(engine.by_words(query, k, among), only(exact_bm25(ROWS, query), among), k)


def test_a_score_is_to_the_last_bit_the_same_among_some_passages(engine):
    vector, words = np.random.default_rng(2).normal(size=24).astype(np.float32), ["ship", "ship", "mayor", "ice", "sea"]
    among = some_of(ROWS, 0.3, 1)
    for search in (lambda *a: engine.by_vector(vector, *a), lambda *a: engine.by_words(words, *a)):
        assert search(300, among) == [hit for hit in search(300) if hit.passage in among]


def test_the_best_among_some_is_found_however_many_of_the_others_are_better(engine):
    """No cutting of the best of all to those that are chosen: the very last of all is found."""
    query = np.random.default_rng(8).normal(size=24).astype(np.float32)
    by_vector, by_words = exact_cosines(ROWS, query.astype(np.float64))[-1], exact_bm25(ROWS, ["ship"])[-1]
    check(engine.by_vector(query, 1, frozenset({by_vector[0]})), [by_vector], 1)
    check(engine.by_words(["ship"], 1, frozenset({by_words[0]})), [by_words], 1)


def test_among_none_or_strangers_nothing_is_found_and_strangers_beside_others_do_no_harm(engine):
    vector, known = np.ones(24, np.float32), ROWS[0].passage
    word = terms(ROWS[0].text)[0]
    for among in (frozenset(), frozenset({"0" * 15}), frozenset({"f" * 15, "00000000000000e"})):
        assert engine.by_vector(vector, 5, among) == engine.by_words([word], 5, among) == []
    among = frozenset({known, "f" * 15, "0" * 15})
    assert [hit.passage for hit in engine.by_vector(vector, 5, among)] == [known]
    assert [hit.passage for hit in engine.by_words([word], 5, among)] == [known]


def test_ties_among_some_are_cut_by_passage_id(make):
    ids = [f"{n:015x}" for n in (2**60 - 1, 77, 5, 2**59, 12, 9, 40, 3)]
    engine = make([Row(id, np.array([0, 1], np.float32), "ice on the harbour") for id in ids])
    among = frozenset(ids[:6])
    for k in range(1, 9):
        assert [hit.passage for hit in engine.by_vector(np.array([1, 1], np.float32), k, among)] == sorted(among)[:k]
        assert [hit.passage for hit in engine.by_words(["ice"], k, among)] == sorted(among)[:k]


def test_how_rare_a_word_is_does_not_hang_on_what_is_searched(engine):
    before = engine.frequency("ship")
    engine.by_words(["ship"], 5, some_of(ROWS, 0.1, 1))
    assert engine.frequency("ship") == before == sum("ship" in terms(row.text) for row in ROWS)


def test_an_engine_of_no_passages_finds_nothing(make):
    engine = make([], 24)
    for among in (None, frozenset(), frozenset({ROWS[0].passage})):
        assert engine.by_vector(np.ones(24, np.float32), 5, among) == engine.by_words(["ship"], 5, among) == []
    assert engine.count() == engine.frequency("ship") == 0


def test_long_passages_are_ordered_by_bm25_but_for_near_ties(make):
    """tantivy keeps a length beyond 40 words to about an eighth, which moves a score by a few per cent."""
    rng = np.random.default_rng(3)
    rows = [Row(f"{n:015x}", np.ones(2, np.float32), " ".join(rng.choice(WORDS, rng.integers(60, 200))))
            for n in range(1, 60)]
    exact = dict(exact_bm25(rows, ["ship", "mayor"]))
    scores = [exact[hit.passage] for hit in make(rows).by_words(["ship", "mayor"], 60)]
    assert len(scores) == len(exact)
    assert all(later < earlier * 1.04 for earlier, later in zip(scores, scores[1:], strict=False))


def test_ties_are_cut_by_passage_id(make):
    ids = [f"{n:015x}" for n in (2**60 - 1, 77, 5, 2**59, 12, 9, 40, 3)]
    engine = make([Row(id, np.array([0, 1], np.float32), "ice on the harbour") for id in ids])
    for k in range(1, 9):
        assert [hit.passage for hit in engine.by_vector(np.array([1, 1], np.float32), k)] == sorted(ids)[:k]
        assert [hit.passage for hit in engine.by_words(["ice"], k)] == sorted(ids)[:k]


def test_ties_are_cut_by_passage_id_also_where_they_are_many(make):
    """Not hundreds: a graph of neighbours loses some of many equal vectors."""
    ids = [f"{n:015x}" for n in np.random.default_rng(6).permutation(30) + 1]
    engine = make([Row(id, np.array([0, 1], np.float32), "ice on the harbour") for id in ids])
    for k in (1, 3, 29):
        assert [hit.passage for hit in engine.by_vector(np.array([1, 1], np.float32), k)] == sorted(ids)[:k]
        assert [hit.passage for hit in engine.by_words(["ice"], k)] == sorted(ids)[:k]


def test_nothing_asked_or_nothing_matching_finds_nothing(engine):
    assert engine.by_words([], 5) == engine.by_words(["zebra"], 5) == engine.by_words(["ship"], 0) == []
    assert engine.by_vector(np.ones(24, np.float32), 0) == []
    assert engine.count() == len(ROWS)


@pytest.mark.parametrize("text", ['(', '"', "ship AND (", "title:ship", "ship^", "*", "[a TO", "\\", "+ship -a", "~2"])
def test_what_a_person_types_is_never_a_query_language(engine, text):
    found = engine.by_words(terms(text) + text.split(), 5)
    assert bool(found) == ("ship" in terms(text))


def test_no_word_is_lost_for_its_length(make):
    long, huge = "x" * 90, "y" * 1_000_000
    vector = np.ones(2, np.float32)
    engine = make([Row("00000000000000a", vector, f"{long} end"), Row("00000000000000b", vector, huge)])
    assert [hit.passage for hit in engine.by_words(terms(long), 2)] == ["00000000000000a"]
    assert [hit.passage for hit in engine.by_words(terms(huge), 2)] == ["00000000000000b"]


def test_threads_get_what_one_gets_alone(engine):
    queries = np.random.default_rng(5).normal(size=(40, 24)).astype(np.float32)
    some = some_of(ROWS, 0.3, 6)
    ask = lambda q: (engine.by_vector(q, 10), engine.by_words(["ship", "sea"], 10),  # noqa: E731
                     engine.by_vector(q, 10, some), engine.by_words(["ship", "sea"], 10, some))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, queries)) == [ask(q) for q in queries]


def test_many_segments_answer_as_one(tmp_path):
    """A corpus beyond the writer's memory falls into segments, which must not show."""
    rows = random_rows(3000, seed=11)
    found = []
    for name, share in (("one", len(rows)), ("many", 100)):
        (tmp_path / name).mkdir()
        writer = LexicalWriter(tmp_path / name)
        for start in range(0, len(rows), share):
            some = rows[start:start + share]
            writer.add([row.passage for row in some], [row.text for row in some])
            writer._writer.commit()
        writer.finish()
        lexical = Lexical(tmp_path / name)
        assert lexical.count() == len(rows)
        found.append([(lexical._searcher.num_segments > 1), lexical.search(["ship", "mayor"], 500),
                      lexical.search(["ship", "mayor"], 500, some_of(rows, 0.3, 4))])
    assert [many for many, _, _ in found] == [False, True]
    for one, many in zip(*(searches for _, *searches in found), strict=True):
        assert [hit.passage for hit in one] == [hit.passage for hit in many]


def test_an_index_of_an_earlier_engine_says_what_to_run_and_is_made_anew_without_embedding(tmp_path):
    folder_of(tmp_path / "articles", winter=WINTER, summer=SUMMER)
    lib = library(tmp_path)
    lib.build()
    path = lib.index / "generations" / "1" / generations.MANIFEST
    record = json.loads(path.read_text()) | {"engine": "faiss+tantivy"}
    del record["sha256"]
    path.write_text(json.dumps(record | {"sha256": generations._record_sha256(record)}))
    assert lib.state() == "behind"
    with pytest.raises(IndexMismatch, match="another version of qa; run `qa index`"):
        lib.open()
    lib.encoder.given.clear()
    assert not lib.build() and lib.encoder.given == [] and lib.state() == "current"
    assert list(answers(lib)) == ["summer", "winter"]
