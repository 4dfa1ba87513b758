"""Loading behind the page: questions wait for it, a failure is said and tried again, an end is prompt."""

from __future__ import annotations

import threading
import time
from threading import Event

import fastapi
import pytest
from fastapi.testclient import TestClient

from qa.errors import IndexBusy, QAError
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
    assert client.get("/ready").json() == {"ready": False, "stage": "starting", "problem": None}
    load.go.set()
    readiness.wait()
    assert client.get("/ready").json() == {"ready": True, "stage": "ready", "problem": None}
