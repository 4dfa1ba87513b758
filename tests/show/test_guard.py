"""The guard: who is let in, under which name, from which page, and what every answer carries."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import ServeError, UsageError
from qa.show.web.access import Access, access, host_name, is_local
from qa.show.web.guard import Guard
from qa.show.web.tries import Tries

ADA = access("127.0.0.1", "ada:love:läce")  # a password may hold a colon
OPEN = Access(may_change=False, local=False)
LOCAL = {"host": "127.0.0.1:7860"}


def basic(words: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(words.encode()).decode()}


class Served:
    """A guard before an application that answers 200 "in" to everything."""

    def __init__(self, who: Access = Access(), answer: tuple[tuple[bytes, bytes], ...] = ()):
        self.now, self.reached = 0.0, []
        self._answer = list(answer)
        self.guard = Guard(self._application, who, lambda: self.now)

    async def _application(self, scope, receive, send) -> None:
        self.reached.append(scope["type"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": self._answer})
            await send({"type": "http.response.body", "body": b"in"})

    def ask(self, method: str = "GET", path: str = "/", kind: str = "http", client: str = "10.0.0.1",
            **headers: str) -> tuple[int, dict[str, str], str]:
        """Status (None for a websocket that is closed), headers and body."""
        sent: list[dict[str, Any]] = []
        named = {key.replace("_", "-"): value for key, value in {**LOCAL, **headers}.items()}
        scope = {"type": kind, "method": method, "path": path, "client": (client, 1),
                 "headers": [(k.encode(), v.encode("latin-1")) for k, v in named.items()]}

        async def send(message) -> None:
            sent.append(message)

        asyncio.run(self.guard(scope, None, send))
        if kind == "websocket":
            return (403 if sent else 200), {}, ""
        body = io.BytesIO(b"".join(m.get("body", b"") for m in sent)).read().decode()
        return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}, body


def status(served: Served, **request: str) -> int:
    return served.ask(**request)[0]


@pytest.mark.parametrize("host, let_in", [
    ("127.0.0.1:7860", True), ("localhost", True), ("LocalHost:80", True), ("[::1]:7860", True), ("127.0.0.2", True),
    ("evil.example:7860", False), ("localhost.evil.example", False), ("127.0.0.1.evil.example", False), ("", False),
    ("192.168.1.5:7860", False), ("0.0.0.0:7860", False), ("localhost, evil.example", False), ("[::1", True),
    ("[::1]evil.example", True),  # no browser names a host like that; what stands before the bracket is loopback
])
def test_on_this_machine_the_page_has_this_machines_names_only(host, let_in):
    assert status(Served(), host=host) == (200 if let_in else 403)


@pytest.mark.parametrize("host, let_in", [
    ("192.168.1.5:7860", True), ("[fe80::1]:7860", True), ("localhost:7860", True), ("evil.example", False),
])
def test_open_to_others_the_page_has_no_name_that_another_site_could_point_here(host, let_in):
    assert status(Served(OPEN), host=host) == (200 if let_in else 403)


def test_behind_a_password_a_name_does_not_matter_unless_only_this_machine_is_meant():
    beyond = Access("ada", "x", local=False)
    assert status(Served(beyond), host="qa.example", **basic("ada:x")) == 200
    assert status(Served(ADA), host="qa.example", **basic("ada:love:läce")) == 403


def test_a_name_that_the_settings_give_is_one_of_the_pages():
    named = access("127.0.0.1", names=" QA.example.org ,other")
    assert [status(Served(named), host=h) for h in ("qa.example.org", "other:80", "evil")] == [200, 200, 403]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("origin, let_in", [
    ("http://127.0.0.1:7860", True), ("https://127.0.0.1:7860", True), ("http://127.0.0.1:3000", False),
    ("http://localhost:7860", False), ("http://evil.example", False), ("null", False), ("", False),
])
def test_another_sites_page_gets_no_answer(method, origin, let_in):
    assert status(Served(), method=method, origin=origin) == (200 if let_in else 403)


@pytest.mark.parametrize("method, site, mode, let_in", [
    ("POST", "cross-site", "no-cors", False), ("POST", "cross-site", "navigate", False),
    ("POST", "same-site", "cors", False), ("GET", "cross-site", "no-cors", False),
    ("GET", "cross-site", "navigate", True),  # a link to here
    ("POST", "same-origin", "cors", True), ("GET", "none", "navigate", True), ("POST", "none", "navigate", True),
])
def test_a_browser_that_says_who_sent_it_is_believed(method, site, mode, let_in):
    served = Served()
    assert status(served, method=method, sec_fetch_site=site, sec_fetch_mode=mode) == (200 if let_in else 403)


def test_programs_that_say_nothing_of_an_origin_are_let_in():
    assert status(Served(), method="POST") == 200


@pytest.mark.parametrize("given_, expected", [
    (basic("ada:love:läce"), 200),
    ({"authorization": basic("ada:love:läce")["authorization"].replace("Basic", "bASIC")}, 200),
    (basic("ada:love"), 401), (basic("ada:love:läce "), 401), (basic("bob:love:läce"), 401), (basic(":"), 401),
    ({"authorization": "Basic !!!"}, 401), ({"authorization": "Basic"}, 401), ({"authorization": ""}, 401), ({}, 401),
    ({"authorization": "Bearer " + base64.b64encode("ada:love:läce".encode()).decode()}, 401),
    ({"authorization": "Basic " + base64.b64encode("ada:love:läce".encode("latin-1")).decode()}, 401),
])
def test_only_the_name_and_the_password_open_the_page(given_, expected):
    for kind in ("http", "websocket"):
        served = Served(ADA)
        code, headers, body = served.ask(kind=kind, **given_)
        assert code in ({200: {200}, 401: {401, 403}}[expected])
        assert served.reached == ([kind] if expected == 200 else [])
        if kind == "http" and expected == 401:
            assert headers["www-authenticate"].startswith("Basic ") and "läce" not in body


@pytest.mark.parametrize("path", ["/", "/articles", "/evaluation", "/gradio_api/mcp/", "/gradio_api/info", "/ready"])
def test_nothing_is_before_the_password(path):
    assert status(Served(ADA), path=path) == 401


def test_wrong_passwords_cost_more_and_more_time_and_the_right_one_ends_that():
    served = Served(ADA)
    assert [status(served, **basic("ada:x")) for _ in range(6)] == [401] * 5 + [429]
    code, headers, body = served.ask(**basic("ada:love:läce"))
    assert code == 429 and headers["retry-after"] == "1" and "too many wrong passwords" in body
    assert status(served, client="10.0.0.2", **basic("ada:love:läce")) == 200  # somebody else
    served.now = 1.0
    assert [status(served, **basic("ada:x")) for _ in range(2)] == [401, 429]
    assert served.ask(**basic("ada:x"))[1]["retry-after"] == "2"
    served.now = 3.0
    assert status(served, **basic("ada:love:läce")) == 200
    assert [status(served, **basic("ada:x")) for _ in range(6)] == [401] * 5 + [429]


def test_a_page_without_a_password_given_yet_is_no_wrong_try():
    served = Served(ADA)
    assert {status(served) for _ in range(50)} == {401}
    assert status(served, **basic("ada:love:läce")) == 200


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60))
def test_the_wait_is_never_longer_than_a_minute(steps):
    tries, now = Tries(), 0.0
    for step, wrong in steps:
        now += step
        assert 0 <= tries.wait("a", now) <= 60
        if wrong and not tries.wait("a", now):
            tries.wrong("a", now)


def test_what_is_remembered_of_wrong_tries_has_an_end_and_a_network_of_ipv6_is_one_client():
    tries = Tries()
    for n in range(5_000):
        tries.wrong(f"10.0.{n // 250}.{n % 250}", 0.0)
    assert len(tries._wrong) == 1_024
    for n in range(5):
        tries.wrong(f"2001:db8::{n}", 0.0)
    assert tries.wait("2001:db8::ffff", 0.0) == 1.0 and tries.wait("2001:db8:1::", 0.0) == 0.0


def test_wrong_tries_are_forgotten_after_a_while():
    tries = Tries()
    for _ in range(12):
        tries.wrong("a", 0.0)
    assert tries.wait("a", 0.0) == 60.0
    tries.wrong("a", 1_000.0)
    assert tries.wait("a", 1_000.0) == 0.0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path, refused", [
    ("/articles", True), ("/articles/remove", True), ("/evaluation/run", True), ("/cases", True),
    ("/cases/forget", True),
    ("/export/json", False), ("/articlesque", False), ("/gradio_api/queue/join", False), ("/gradio_api/mcp/", False),
])
def test_open_to_others_nothing_can_be_changed_and_everything_asked(method, path, refused):
    code, _, body = Served(OPEN).ask(method, path)
    assert code == (403 if refused else 200)
    if refused:
        assert re.fullmatch(r'\{"problem": "this page is open to others without a password .*", "remedy": ".*"\}', body)
    assert Served().ask(method, path)[0] == 200 and Served(OPEN).ask("GET", path)[0] == 200


@pytest.mark.parametrize("path", [
    "/gradio_api/info", "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/heartbeat/a1",
    "/gradio_api/mcp",
    "/gradio_api/mcp/", "/gradio_api/call/ask", "/gradio_api/call/v2/read", "/gradio_api/call/search/0a1b",
    "/gradio_api/run/predict", "/gradio_api/cancel", "/config", "/assets/index.js", "/theme.css",
])
def test_what_the_page_and_programs_need_of_gradio_is_open(path):
    assert Served().ask("POST", path)[0] == 200


@pytest.mark.parametrize("path", [
    "/gradio_api/upload", "/gradio_api/upload_progress", "/gradio_api/file=/etc/hostname",
    "/gradio_api/file/etc/hostname",
    "/gradio_api/proxy=https://example.org", "/gradio_api/call/start", "/gradio_api/call/v2/talk",
    "/gradio_api/run/start",
    "/gradio_api/api/ask", "/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/deep_link",
    "/gradio_api/mcp/sse", "/gradio_api/mcp/messages/", "/gradio_api/mcp/schema", "/gradio_api/openapi.json",
    "/gradio_api/vibe-edit", "/gradio_api/runs", "/gradio_api/dev/reload", "/gradio_api", "/login", "/monitoring",
    "/monitoring/summary", "/gradio_api/stream/1/2/3/playlist.m3u8", "/gradio_api/call/ask/../start",
])
def test_the_rest_of_gradio_is_closed(path):
    served = Served()
    assert [served.ask(method, path)[0] for method in ("GET", "POST")] == [404, 404] and served.reached == []


def test_every_answer_says_what_a_browser_may_do_with_it():
    for code, headers, _ in (Served().ask(), Served(ADA).ask(), Served().ask(host="evil")):
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == "'self'", code
        assert not re.search(r"(https?|wss?):|\*", headers["content-security-policy"])
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert (headers["x-frame-options"], headers["cross-origin-resource-policy"]) == ("SAMEORIGIN", "same-origin")


def test_an_answer_with_a_policy_of_its_own_keeps_it():
    _, headers, _ = Served(answer=((b"Content-Security-Policy", b"default-src 'none'"),)).ask()
    assert headers["Content-Security-Policy"] == "default-src 'none'" and "content-security-policy" not in headers


def test_a_window_reads_a_sentence_and_a_program_json():
    _, headers, body = Served(ADA).ask(accept="text/html,*/*")
    assert headers["content-type"].startswith("text/plain") and body.startswith("A name and a password are needed; ")
    _, headers, body = Served(ADA).ask()
    assert headers["content-type"] == "application/json" and body.startswith('{"problem": "a name and a password')


def test_a_name_from_a_request_is_shown_as_plain_letters():
    _, headers, body = Served().ask(host="<script>\xe9" + "x" * 500)
    assert len(body) < 400 and headers["content-type"] == "application/json" and "\\\\xe9" in body


@pytest.mark.parametrize("host, local", [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True),
                                         ("0.0.0.0", False), ("::", False), ("192.168.1.5", False),
                                         ("::ffff:7f00:1", True), ("::ffff:a00:1", False)])
def test_which_addresses_are_this_machines_alone(host, local):
    assert is_local(host) is local


@pytest.mark.parametrize("host", ["no..host", "no such host", ""])
def test_what_is_no_address_is_said(host):
    with pytest.raises(ServeError, match="is not an address of this machine"):
        is_local(host)


def test_others_are_let_near_only_where_that_is_said():
    with pytest.raises(UsageError) as refusal:
        access("0.0.0.0")
    assert "--auth USER:PASSWORD" in str(refusal.value) and "--no-auth" in str(refusal.value)
    assert "QA_AUTH" in str(refusal.value)
    open_, closed = access("0.0.0.0", no_auth=True), access("0.0.0.0", "ada:x")
    assert (open_.may_change, open_.local, open_.password) == (False, False, None) and "--no-auth" in open_.why
    assert (closed.may_change, closed.local, closed.why) == (True, False, "")
    assert access("127.0.0.1").may_change and access("127.0.0.1", no_auth=True).may_change
    assert access("0.0.0.0", "ada:x", no_auth=True).password is None  # the option against the variable


@pytest.mark.parametrize("auth", ["", "ada", "ada:", ":x", ":", "ada:x\n", "a\tda:x", "ada:\udcff", "ada:\x00"])
def test_a_password_of_another_form_is_refused_and_not_repeated(auth):
    with pytest.raises(UsageError) as refusal:
        access("127.0.0.1", auth)
    assert "USER:PASSWORD" in str(refusal.value) and (len(auth) < 2 or auth.strip() not in str(refusal.value).split())


def test_a_password_is_not_shown_with_its_access():
    assert "love" not in repr(ADA)


@given(st.text(alphabet="a[]:.1%", max_size=12))
def test_any_host_header_is_read(host):
    assert isinstance(host_name(host), str) and isinstance(Access().accepts(host), bool)
