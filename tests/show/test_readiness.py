"""Loading behind the page: questions wait for it, a failure is said and tried again, an end is prompt."""

from __future__ import annotations

import threading
import time
from threading import Event

import fastapi
import pytest
from fastapi.testclient import TestClient

from qa.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnreachable, QAError, UsageError
from qa.show.web.reach import Reach
from qa.show.web.readiness import Readiness, Stage, readiness_router


class Load:
    """A load that lasts until it is let go, then raises what it is given."""

    def __init__(self, *errors: BaseException | None):
        self.errors, self.go, self.times = list(errors), Event(), 0

    def __call__(self, say) -> None:
        self.times += 1
        say("loading")
        while not self.go.wait(0.01):
            say("loading")
        if self.errors and (error := self.errors.pop(0)) is not None:
            raise error


def wait_for(holds) -> None:
    """Until `holds()`; at most as long as a busy machine needs."""
    until = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_question_waits_until_all_is_loaded():
    load, said = Load(), []
    readiness = Readiness(load, said.append)
    assert readiness.state() == Stage(False, "starting")
    readiness.start()
    readiness.start()
    waited = threading.Thread(target=readiness.wait)
    waited.start()
    time.sleep(0.05)
    assert waited.is_alive() and readiness.state() == Stage(False, "loading")
    load.go.set()
    waited.join(5)
    assert readiness.state() == Stage(True, "ready") and (load.times, said) == (1, [])
    readiness.wait()
    assert load.times == 1


def test_a_failure_is_shown_and_said_and_the_next_question_tries_again():
    said = []
    load = Load(IndexBusy("another process\nis indexing", "wait"), None)
    load.go.set()
    readiness = Readiness(load, said.append)
    readiness.start()
    while not (state := readiness.state()).problem:
        time.sleep(0.01)
    assert state == Stage(False, "failed", "another process is indexing; wait")
    assert [str(error) for error in said] == ["another process\nis indexing; wait"]
    readiness.wait()
    assert readiness.state() == Stage(True, "ready") and load.times == 2


def test_a_question_that_waited_for_what_failed_says_why():
    load = Load(*[QAError("the disk is full", "make room")] * 2)
    load.go.set()
    with pytest.raises(QAError, match="the disk is full; make room"):
        Readiness(load, lambda error: None).wait()


@pytest.mark.parametrize("kind", [IndexUnreachable, IndexMissing])
def test_what_may_pass_by_itself_is_tried_again_by_itself_and_said_once(kind):
    said, load = [], Load(*[kind("it is not there", "wait")] * 3, None)
    load.go.set()
    readiness = Readiness(load, said.append, pause=0.01)
    readiness.start()
    wait_for(lambda: readiness.state().ready)  # nobody asks anything
    assert load.times == 4 and [str(error) for error in said] == ["it is not there; wait"]
    assert readiness.state() == Stage(True, "ready")


def test_the_pause_grows_and_a_question_does_not_wait_for_its_end():
    load = Load(*[IndexUnreachable("the server is away", "wait")] * 2, None)
    load.go.set()
    readiness = Readiness(load, lambda error: None, pause=60)
    readiness.start()
    wait_for(lambda: readiness.state().problem)
    with pytest.raises(IndexUnreachable, match="the server is away; wait"):
        readiness.wait()
    readiness.wait()
    assert load.times == 3
    readiness.stop()


def test_what_would_not_pass_by_itself_is_left_until_somebody_asks():
    load = Load(IndexDamaged("a file is missing", "run `qa index`"), None)
    load.go.set()
    readiness = Readiness(load, lambda error: None, pause=0.01)
    readiness.start()
    wait_for(lambda: readiness.state().problem)
    time.sleep(0.2)  # twenty pauses
    assert load.times == 1


def test_after_the_end_nothing_is_tried_again():
    load = Load(*[IndexUnreachable("the server is away", "wait")] * 9)
    load.go.set()
    readiness = Readiness(load, lambda error: None, pause=0.1)
    readiness.start()
    wait_for(lambda: readiness.state().problem)
    readiness.stop()
    times = load.times
    time.sleep(0.4)
    assert load.times == times


def test_a_fault_that_is_not_of_the_index_is_not_taken_for_one_of_the_question():
    """A UsageError says that what was asked for is wrong: that an article is unknown, say."""
    load = Load(UsageError("the library is not installed", "install it"))
    load.go.set()
    with pytest.raises(QAError, match="is not installed; install it") as told:
        Readiness(load, lambda error: None).wait()
    assert type(told.value) is QAError


def test_a_defect_is_no_silence(monkeypatch):
    traces = []
    monkeypatch.setattr(threading, "excepthook", traces.append)
    load = Load(RuntimeError("a mistake of ours"))
    load.go.set()
    readiness = Readiness(load, lambda error: None)
    with pytest.raises(QAError, match="the program failed while getting ready; the terminal"):
        readiness.wait()
    assert [str(trace.exc_value) for trace in traces] == ["a mistake of ours"]


def test_whoever_waits_can_be_stopped_and_the_load_goes_on():
    class Stopped(Exception):
        pass

    def stop(stage: str) -> None:
        assert stage == "wait"
        raise Stopped

    load = Load()
    readiness = Readiness(load, lambda error: None)
    with pytest.raises(Stopped):
        readiness.wait(stop)
    load.go.set()
    readiness.wait()
    assert load.times == 1


def test_the_end_comes_at_the_next_stage_and_is_no_failure():
    said = []
    readiness = Readiness(Load(), said.append)
    readiness.start()
    begun = time.monotonic()
    readiness.stop()
    assert time.monotonic() - begun < 5 and said == [] and readiness.state().problem is None


def test_the_page_can_ask_how_far_it_is():
    load = Load()
    readiness = Readiness(load, lambda error: None)
    application = fastapi.FastAPI()
    application.include_router(readiness_router(readiness))
    client = TestClient(application)
    assert client.get("/ready").json() == {"ready": False, "stage": "starting", "problem": None, "reachable": None}
    load.go.set()
    readiness.wait()
    assert client.get("/ready").json() == {"ready": True, "stage": "ready", "problem": None, "reachable": None}


class Server:
    """Answers or does not, as it is told, once it is let go; counts how often it is asked."""

    def __init__(self) -> None:
        self.there, self.go, self.asked = True, Event(), 0

    def __call__(self) -> None:
        self.asked += 1
        self.go.wait(20)
        if not self.there:
            raise IndexUnreachable("the server is away", "wait")


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reach(server, clock) -> Reach:
    return Reach(server, clock)


def seen(reach: Reach, there: bool) -> None:
    """Waits for a look that finds the server there or not."""
    wait_for(lambda: (reach.fault() is None) == there and reach.is_known())


def test_a_thousand_that_look_cost_one_request_and_nobody_waits_for_it(reach, server):
    begun = time.monotonic()
    assert [reach.fault() for _ in range(1_000)] == [None] * 1_000 and not reach.is_known()
    assert server.asked <= 1 and time.monotonic() - begun < 5  # it has not answered yet
    server.go.set()
    wait_for(reach.is_known)
    assert [reach.fault() for _ in range(1_000)] == [None] * 1_000 and server.asked == 1


def test_that_it_leaves_and_that_it_returns_is_seen(reach, server, clock):
    server.go.set()
    seen(reach, True)
    server.there = False
    clock.seconds += 4
    seen(reach, False)
    assert str(reach.fault()) == "the server is away; wait"
    server.there = True
    clock.seconds += 1.5  # sooner than while it answered
    seen(reach, True)


def test_what_somebody_finds_out_everybody_knows_and_nobody_waits_for_again(reach, server, clock):
    server.go.set()
    seen(reach, True)
    server.there = False
    with pytest.raises(IndexUnreachable), reach.trying():
        server()
    assert reach.fault() is not None
    tried = server.asked
    with pytest.raises(IndexUnreachable, match="the server is away; wait"), reach.quickly():
        server()
    assert server.asked == tried
    server.there = True
    with reach.trying():
        server()
    assert reach.fault() is None


def test_what_was_known_long_ago_keeps_nobody_from_trying(reach, server, clock):
    tried = []
    with pytest.raises(IndexUnreachable), reach.trying():
        raise IndexUnreachable("the server is away", "wait")
    clock.seconds += 60
    with reach.quickly():  # while a look has begun and is not answered
        tried.append("it")
    assert tried and reach.fault() is None
    server.go.set()


def test_before_anything_is_known_a_list_does_not_wait(reach, server):
    with pytest.raises(IndexUnreachable, match="not been reached yet"), reach.quickly():
        raise AssertionError("it waited for the server")
    server.go.set()
    seen(reach, True)
    with reach.quickly():
        pass


def test_a_server_that_answers_with_a_fault_is_there(clock):
    def refused() -> None:
        raise IndexDamaged("it is damaged", "mend it")

    reach = Reach(refused, clock)
    seen(reach, True)


def test_an_index_on_this_machine_is_never_out_of_reach():
    reach = Reach(None)
    assert (reach.is_watched, reach.is_known(), reach.fault()) == (False, True, None)
    with reach.quickly(), reach.trying():
        pass


def test_whether_the_index_can_be_reached_is_told_at_once(reach, server, clock):
    load = Load()
    load.go.set()
    readiness = Readiness(load, lambda error: None)
    readiness.wait()
    application = fastapi.FastAPI()
    application.include_router(readiness_router(readiness, reach))
    client = TestClient(application)
    ready = {"ready": True, "stage": "ready", "problem": None}
    assert client.get("/ready").json() == {**ready, "reachable": None}  # the server has not answered yet
    server.go.set()
    wait_for(reach.is_known)
    assert client.get("/ready").json() == {**ready, "reachable": True}
    server.there = False
    clock.seconds += 4
    seen(reach, False)
    assert client.get("/ready").json() == {**ready, "problem": "the server is away; wait", "reachable": False}
