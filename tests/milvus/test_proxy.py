"""The proxy in front of the server does what the tests of the engine take it to do."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import grpc
import pytest
from pymilvus import AnnSearchRequest, DataType, Function, FunctionType, MilvusClient, RRFRanker
from pymilvus.exceptions import MilvusException
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc

from tests.milvus.lite import Lite
from tests.milvus.messages import PATH
from tests.milvus.proxy import Call, Proxy, overlaps
from tests.milvus.strict import LARGEST, LONGEST, MOST

TEXTS = ["ship harbour ice", "ship ship mayor", "bridge river", "snow ship port crane"]


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """pymilvus writes the trace of every error that it raises."""
    caplog.set_level(logging.CRITICAL + 1, "pymilvus")


@pytest.fixture
def client() -> Iterator[Callable[..., MilvusClient]]:
    """client(proxy, ...): a client of it with a connection of its own, closed with the test."""
    with ExitStack() as opened:
        def connect(proxy: Proxy | Lite, **options) -> MilvusClient:
            made = MilvusClient(proxy.uri, dedicated=True, **options)
            opened.callback(made.close)
            return made

        yield connect


def schema_of(longest: int = 100):
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", DataType.VARCHAR, max_length=16, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    schema.add_field("terms", DataType.VARCHAR, max_length=longest, enable_analyzer=True)
    schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    schema.add_function(Function(name="bm25", function_type=FunctionType.BM25, input_field_names=["terms"],
                                 output_field_names=["sparse"]))
    return schema


def make(client: MilvusClient, name: str, **numbers: float) -> None:
    """The collection `name` of TEXTS, loaded; `numbers` are those of its BM25."""
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 8, "efConstruction": 64})
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=numbers)
    client.create_collection(name, schema=schema_of())
    client.create_index(name, indexes, sync=False)  # or pymilvus waits half a second for each
    client.load_collection(name)
    client.upsert(name, rows(*range(len(TEXTS))))


def rows(*numbers: int) -> list[dict]:
    return [{"id": str(n), "vector": [1.0, n], "terms": TEXTS[n % len(TEXTS)]} for n in numbers]


def words(client: MilvusClient, name: str, query: str = "ship", limit: int = 5) -> list[tuple[str, float]]:
    """(id, distance) by BM25"""
    [hits] = client.search(name, [query], anns_field="sparse", limit=limit, search_params={"metric_type": "BM25"},
                           timeout=60)
    return [(hit["id"], hit["distance"]) for hit in hits]


def vectors(client: MilvusClient, name: str) -> list[tuple[str, float]]:
    """(id, distance) by cosine"""
    return [(hit["id"], hit["distance"]) for hit in client.search(name, [[1.0, 0.0]], anns_field="vector", limit=4)[0]]


def send(proxy: Proxy, call: Call, timeout: float = 30) -> None:
    """Asks once more what was asked; pymilvus would ask again and again."""
    with grpc.insecure_channel(proxy.address) as channel:
        channel.unary_unary(PATH + call.method)(call.request, timeout=timeout)


def last(proxy: Proxy, method: str) -> Call:
    return [call for call in proxy.calls if call.method == method][-1]


def ids(client: MilvusClient, name: str) -> set[str]:
    return {row["id"] for row in client.query(name, filter='id != ""', output_fields=["id"])}


def test_what_it_has_nothing_to_do_with_comes_and_goes_as_it_is(lite, proxy, prefix, client) -> None:
    direct, through = client(lite), client(proxy(lite))
    make(through, prefix)
    assert vectors(through, prefix) == vectors(direct, prefix) != []
    assert ids(through, prefix) == ids(direct, prefix) == {"0", "1", "2", "3"}
    asked = [AnnSearchRequest(["ship"], "sparse", {"metric_type": "BM25"}, 4),
             AnnSearchRequest([[1.0, 0.0]], "vector", {"metric_type": "COSINE"}, 4)]
    hybrid = [[(hit["id"], hit["distance"]) for hit in one.hybrid_search(prefix, asked, RRFRanker(60), 4)[0]]
              for one in (direct, through)]
    assert hybrid[0] == hybrid[1] != []
    with pytest.raises(MilvusException) as missing:
        through.describe_collection("nothing")
    assert missing.value.code == 100
    through.drop_collection(prefix)


def test_another_database_stays_another_one(lite, proxy, prefix, client) -> None:
    there = proxy(lite)
    client(there).create_database(prefix)
    make(client(there, db_name=prefix), "same")
    assert client(lite, db_name=prefix).has_collection("same") and not client(lite).has_collection("same")


@pytest.mark.parametrize(("given", "answer"), [
    ("root:right", None), ("root:wrong", "please check username and password are correct"),
    ("root:", "please check username and password are correct"), ("key", "please check api key is correct"),
    ("", "missing authorization in header"),
])
def test_only_the_token_wanted_is_let_in(lite, proxy, client, given: str, answer: str | None) -> None:
    guarded = proxy(lite, token="root:right")
    if answer is None:
        assert client(guarded, token=given).list_collections() is not None
        return
    with pytest.raises((MilvusException, grpc.RpcError)) as refused:
        client(guarded, token=given)
    cause = refused.value if isinstance(refused.value, grpc.RpcError) else refused.value.__cause__
    assert cause.code() is grpc.StatusCode.UNAUTHENTICATED and answer in cause.details()
    assert {call.code for call in guarded.calls} == {grpc.StatusCode.UNAUTHENTICATED}


def test_a_token_that_is_no_longer_wanted_is_refused_in_the_middle(lite, proxy, prefix, client) -> None:
    guarded = proxy(lite, token="root:old")
    asker = client(guarded, token="root:old")
    make(asker, prefix)
    guarded.refuse("root:new")
    with pytest.raises((MilvusException, grpc.RpcError), match="auth check failure"):
        words(asker, prefix)
    assert words(client(guarded, token="root:new"), prefix)


def test_a_token_in_no_base64_is_refused(lite, proxy) -> None:
    with grpc.insecure_channel(proxy(lite, token="key").address) as channel:
        with pytest.raises(grpc.RpcError, match="invalid token format"):
            milvus_pb2_grpc.MilvusServiceStub(channel).GetVersion(milvus_pb2.GetVersionRequest(),
                                                                  metadata=[("authorization", "?")])


def test_bm25_distances_have_the_sign_of_milvus_or_that_of_milvus_lite(lite, proxy, prefix, client) -> None:
    plus, minus = client(proxy(lite)), client(proxy(lite, positive=False))
    make(plus, prefix)
    assert [id for id, _ in words(plus, prefix)] == [id for id, _ in words(minus, prefix)] == ["1", "0", "3"]
    assert [-distance for _, distance in words(plus, prefix)] == [distance for _, distance in words(minus, prefix)]
    assert all(distance > 0 for _, distance in words(plus, prefix))
    assert vectors(plus, prefix) == vectors(minus, prefix)  # cosines are left alone
    assert vectors(plus, prefix)[0] == ("0", pytest.approx(1.0))


def test_the_server_says_that_it_is_of_the_version_asked_for(lite, proxy, client) -> None:
    old = client(proxy(lite, version="v2.4.9"))
    assert old.get_server_version() == "v2.4.9"
    assert old.get_server_version(detail=True)["version"] == "v2.4.9"
    assert "milvus_lite" in client(proxy(lite)).get_server_version()


def test_a_call_that_is_dropped_never_arrives_and_one_that_is_lost_does(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    asker = client(between)
    make(asker, prefix)
    asker.upsert(prefix, rows(6))
    upsert = last(between, "Upsert")
    for unkind, arrives in ((between.drop, False), (between.lose, True)):
        unkind("Upsert", nth=2)
        send(between, upsert)
        asker.delete(prefix, ids=["6"])
        with pytest.raises(grpc.RpcError, match="connection reset by peer") as told:
            send(between, upsert)
        assert told.value.code() is grpc.StatusCode.UNAVAILABLE
        assert ("6" in ids(asker, prefix)) == arrives
        send(between, upsert)  # the third
        assert "6" in ids(asker, prefix)
        between.heal()


@pytest.mark.parametrize("arrives", [True, False])
def test_once_it_is_cut_off_nothing_arrives(lite, proxy, prefix, client, arrives: bool) -> None:
    between = proxy(lite)
    asker, direct = client(between), client(lite)
    make(asker, prefix)
    asker.upsert(prefix, rows(6))
    asker.delete(prefix, ids=["6"])
    between.cut("Upsert", nth=2, arrives=arrives)
    delete, upsert = last(between, "Delete"), last(between, "Upsert")
    for call, comes_through in ((upsert, True), (delete, True), (upsert, False), (delete, False), (upsert, False)):
        if comes_through:
            send(between, call)
        else:
            with pytest.raises(grpc.RpcError, match="connection reset by peer"):
                send(between, call)
    assert ("6" in ids(direct, prefix)) == arrives
    between.heal()
    send(between, delete)
    assert "6" not in ids(direct, prefix)


def test_pymilvus_asks_again_by_itself_what_was_dropped(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    asker = client(between)
    make(asker, prefix)
    between.drop("Search", nth=1)
    before = between.count("Search")
    assert words(asker, prefix) and between.count("Search") == before + 2


def test_a_call_is_delayed_by_no_less_than_asked_and_others_are_not(lite, proxy, prefix, client) -> None:
    slow = proxy(lite)
    asker = client(slow)
    make(asker, prefix)
    slow.delay("Search", seconds=0.2)
    slow.delay("Upsert", seconds=600)
    words(asker, prefix)
    assert last(slow, "Search").ended - last(slow, "Search").began >= 0.2
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(asker.upsert, prefix, rows(6))
        slow.wait("Upsert", 2)
        assert ids(asker, prefix) == {"0", "1", "2", "3"}
        slow.heal()
        writing.result()
    assert "6" in ids(asker, prefix)


def test_a_call_that_hangs_ends_when_its_time_is_over_and_never_arrives(lite, proxy, prefix, client) -> None:
    silent = proxy(lite)
    asker = client(silent)
    make(asker, prefix)
    asker.upsert(prefix, rows(6))
    asker.delete(prefix, ids=["6"])
    silent.hang("Upsert")
    with pytest.raises(grpc.RpcError) as late:
        send(silent, last(silent, "Upsert"), timeout=0.3)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    silent.heal()
    assert "6" not in ids(asker, prefix)


def test_a_call_waits_at_its_gate_until_it_is_opened(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    asker, other = client(between), client(lite)
    make(asker, prefix)
    gate = between.hold("Upsert")
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(asker.upsert, prefix, rows(6))
        gate.wait()
        assert "6" not in ids(other, prefix)
        gate.open()
        writing.result()
    assert "6" in ids(other, prefix)


def test_something_can_be_done_as_a_call_comes_such_as_killing_the_server(mortal, proxy, prefix, client) -> None:
    between = proxy(mortal)
    asker = client(between)
    make(asker, prefix)
    between.when("Upsert", nth=2, do=mortal.kill)
    asker.upsert(prefix, rows(6))
    with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
        send(between, last(between, "Upsert"))
    between.heal()
    mortal.start()
    asker.load_collection(prefix)  # the proxy goes on with the server that is there now
    assert ids(asker, prefix) == {"0", "1", "2", "3", "6"}


def test_nobody_answers_while_it_is_stopped_and_it_comes_back_on_the_same_port(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    make(client(between), prefix)
    between.stop()
    with pytest.raises(MilvusException, match="Fail connecting"):
        client(between, timeout=5)
    between.start()
    assert words(client(between), prefix)


@pytest.mark.parametrize("serialise", [True, False])
def test_writes_reach_the_server_one_at_a_time_where_that_is_asked(lite, proxy, prefix, client, serialise) -> None:
    """Seen by a second proxy behind the first. Without it they do come together, so the test would show it."""
    behind = proxy(lite)
    before = proxy(behind, serialise=serialise)
    for n in range(3):
        make(client(lite), f"{prefix}_{n}")
    behind.delay("Upsert", "Delete", "CreateCollection", seconds=0.1)
    asker, start = client(before), threading.Barrier(4)

    def write(job: Callable[[], object]) -> None:
        start.wait()
        job()

    jobs = [*(lambda n=n: asker.upsert(f"{prefix}_{n}", rows(6)) for n in range(2)),
            lambda: asker.delete(f"{prefix}_2", ids=["1"]), lambda: asker.create_collection(f"{prefix}_3", dimension=2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, jobs))
    writes = [call for call in behind.calls if call.method in ("Upsert", "Delete", "CreateCollection")]
    assert len(writes) == 4 and (overlaps(writes) == 0) == serialise


def test_reading_goes_on_while_a_write_waits_for_its_turn(lite, proxy, prefix, client) -> None:
    behind = proxy(lite)
    asker = client(proxy(behind, serialise=True))
    make(asker, prefix)
    gate = behind.hold("Upsert")
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(asker.upsert, prefix, rows(6))
        gate.wait()
        assert words(asker, prefix)
        gate.open()
        writing.result()


def test_calls_are_counted_and_say_what_was_asked_and_how_it_ended(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    asker = client(between)
    make(asker, prefix)
    asker.create_alias(prefix, f"{prefix}_alias")
    asker.delete(prefix, ids=["1"])
    between.drop("Delete")
    with pytest.raises(grpc.RpcError):
        send(between, last(between, "Delete"))
    [upsert] = [call for call in between.calls if call.method == "Upsert"]
    assert upsert.collection == prefix and upsert.code is grpc.StatusCode.OK and upsert.began < upsert.ended
    assert milvus_pb2.UpsertRequest.FromString(upsert.request).num_rows == len(TEXTS)
    assert between.count("Upsert") == 1 and between.count() == len(between.calls)
    assert [call.code for call in between.calls if call.method == "Delete"] == [grpc.StatusCode.OK,
                                                                                grpc.StatusCode.UNAVAILABLE]
    asker.drop_alias(f"{prefix}_alias")


def test_waiting_for_a_call_ends_with_its_coming(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    make(client(between), prefix)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(between.wait, "Upsert", 2)
        assert between.count("Upsert") == 1 and not waiting.done()
        send(between, last(between, "Upsert"))
        waiting.result()


def refused(code: int, words: str):
    return pytest.raises(MilvusException, match=f"code={code}, message=.*{words}")


def test_strings_end_where_those_of_milvus_do_in_bytes(lite, proxy, prefix, client) -> None:
    asker = client(proxy(lite))
    with refused(1100, "maximum length specified for the field"):
        asker.create_collection(f"{prefix}_wide", schema=schema_of(LONGEST + 1))
    asker.create_collection(prefix, schema=schema_of(LONGEST))
    asker.upsert(prefix, [{"id": "1", "vector": [1.0, 0.0], "terms": "é" * (LONGEST // 2)}])
    with refused(1100, f"length of varchar field terms exceeds max length, row number: 0, length: {LONGEST + 1}"):
        asker.upsert(prefix, [{"id": "2", "vector": [1.0, 0.0], "terms": "é" * (LONGEST // 2 + 1)}])


def test_a_collection_needs_a_vector_and_a_name_of_letters(lite, proxy, prefix, client) -> None:
    asker, schema = client(proxy(lite)), MilvusClient.create_schema(auto_id=False)
    schema.add_field("id", DataType.VARCHAR, max_length=16, is_primary=True)
    with refused(1100, "schema does not contain vector field"):
        asker.create_collection(prefix, schema=schema)
    for name in ("1st", "a-b", "ö", ""):
        with pytest.raises((MilvusException, ValueError)):
            asker.create_collection(name, schema=schema_of())
    assert not asker.has_collection(prefix)


def test_one_batch_has_a_key_once(lite, proxy, prefix, client) -> None:
    asker = client(proxy(lite))
    make(asker, prefix)
    with refused(1100, "duplicate primary keys are not allowed"):
        asker.upsert(prefix, rows(7, 8, 7))
    assert "8" not in ids(asker, prefix)


def test_no_search_or_query_has_more_results_than_those_of_milvus(lite, proxy, prefix, client) -> None:
    asker = client(proxy(lite))
    make(asker, prefix)
    assert words(asker, prefix, limit=MOST) and asker.query(prefix, filter='id != ""', limit=MOST)
    with refused(65535, "should be in range"):
        words(asker, prefix, limit=MOST + 1)
    with refused(1100, "invalid max query result window"):
        asker.query(prefix, filter='id != ""', limit=MOST, offset=1)
    with refused(1100, "empty expression should be used with limit"):
        asker.query(prefix)
    asked = [AnnSearchRequest(["ship"], "sparse", {"metric_type": "BM25"}, MOST + 1)]
    with refused(65535, "should be in range"):
        asker.hybrid_search(prefix, asked, RRFRanker(60), 4)
    assert asker.query(prefix, output_fields=["count(*)"]) == [{"count(*)": 4}]


def test_a_collection_that_an_alias_stands_for_is_not_dropped(lite, proxy, prefix, client) -> None:
    asker, alias = client(proxy(lite)), f"{prefix}_alias"
    make(asker, prefix)
    asker.create_alias(prefix, alias)
    with refused(65535, "has associated aliases"):
        asker.drop_collection(prefix)
    with refused(65535, "cannot drop the collection via alias"):
        asker.drop_collection(alias)
    asker.drop_alias(alias)
    asker.drop_collection(prefix)
    assert not asker.has_collection(prefix)


def test_an_alias_that_is_not_there_is_told_by_the_number_of_milvus(lite, proxy, prefix, client) -> None:
    asker = client(proxy(lite))
    make(asker, prefix)
    with refused(1600, "alias not found"):
        asker.describe_alias(f"{prefix}_nothing")
    with refused(1600, "alias not found"):
        asker.alter_alias(prefix, f"{prefix}_nothing")
    with refused(100, "does not exist"):
        client(proxy(lite, strict=False)).describe_alias(f"{prefix}_nothing")


def test_a_collection_is_not_loaded_without_an_index_of_every_vector(lite, proxy, prefix, client) -> None:
    asker = client(proxy(lite))
    asker.create_collection(prefix, schema=schema_of())
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="COSINE", params={"M": 8, "efConstruction": 64})
    asker.create_index(prefix, indexes, sync=False)
    with refused(65535, r"no vector index on field: \[sparse\]"):
        asker.load_collection(prefix)
    indexes = MilvusClient.prepare_index_params()
    indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    asker.create_index(prefix, indexes, sync=False)
    asker.load_collection(prefix)
    assert words(asker, prefix) == []


def test_the_numbers_of_an_index_arrive(lite, proxy, prefix, client) -> None:
    """With the least k1 that a server takes how often a word stands in a text counts for nothing, with a large one it
    does."""
    asker = client(proxy(lite))
    for name, k1 in (("flat", 1e-6), ("steep", 100.0)):
        make(asker, f"{prefix}_{name}", bm25_k1=k1, bm25_b=0.0)
        asker.flush(f"{prefix}_{name}")
    flat, steep = ([distance for _, distance in words(asker, f"{prefix}_{name}")] for name in ("flat", "steep"))
    assert flat[0] == pytest.approx(flat[-1], rel=1e-4) and steep[0] > 1.9 * steep[-1]


def test_a_request_is_no_larger_than_milvus_takes(lite, proxy, prefix, client) -> None:
    with grpc.insecure_channel(proxy(lite).address, [("grpc.max_send_message_length", -1)]) as channel:
        large = milvus_pb2.HasCollectionRequest(collection_name="x" * (LARGEST + 1))
        with pytest.raises(grpc.RpcError) as refused:
            milvus_pb2_grpc.MilvusServiceStub(channel).HasCollection(large)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_closing_lets_nothing_wait(lite, proxy, prefix, client) -> None:
    between = proxy(lite)
    make(client(between), prefix)
    between.hang("Upsert")
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        writing = pool.submit(send, between, last(between, "Upsert"), 60)
        between.wait("Upsert", 2)
        between.close()
        assert time.monotonic() - began < 30 and isinstance(writing.exception(), grpc.RpcError)
