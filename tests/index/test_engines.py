"""Every engine finds what an exact computation finds: the same passages, scores and order."""

from __future__ import annotations

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from qa.index import embedded
from qa.index.analyse import terms
from qa.index.engine import Engine, Row
from qa.index.lexical import Lexical, LexicalWriter

WORDS = "ship harbour ice mayor winter captain cargo storm bridge river snow port crane dock sea".split()


def _embedded(folder, rows) -> Engine:
    embedded.build(folder, rows[0].vector.size, rows)
    return embedded.Embedded(folder)


ENGINES = {embedded.NAME: _embedded}


@pytest.fixture(params=ENGINES, scope="module")
def make(request, tmp_path_factory):
    opened = []

    def _make(rows: list[Row]) -> Engine:
        opened.append(ENGINES[request.param](tmp_path_factory.mktemp("engine"), rows))
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
    scores = np.stack([row.vector for row in rows]).astype(np.float64) @ query / np.linalg.norm(query)
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
    ask = lambda q: (engine.by_vector(q, 10), engine.by_words(["ship", "sea"], 10))  # noqa: E731
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
        found.append([(lexical._searcher.num_segments > 1), lexical.search(["ship", "mayor"], 500)])
    assert [many for many, _ in found] == [False, True]
    assert [hit.passage for hit in found[0][1]] == [hit.passage for hit in found[1][1]]
