"""Serving: one address, nothing but the page, an end without noise."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import fastapi
import pytest
from fastapi.testclient import TestClient

from qa.errors import QAError, ServeError
from qa.show.page.evaluation_tab import PATH, add_report
from qa.show.web.serve import address, listen, serve

ROOT = Path(__file__).parents[2]


class Server:
    """The page of tests.browser.fixed_server, in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "tests.browser.fixed_server"], cwd=ROOT, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.printed = self.process.stdout.readline()
        self.address = self.printed.strip()

    def get(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and body of a request; no proxy is asked."""
        request = urllib.request.Request(self.address + path, data, headers)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
                return response.status, response.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl-C; exit code and what else was printed."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


def application(report) -> fastapi.FastAPI:
    """An application that serves `report` and nothing else."""
    made = fastapi.FastAPI()
    add_report(made, report)
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.interrupt()


def test_the_page_is_whole_and_calls_nobody_else(server):
    status, page = server.get("/")
    assert status == 200 and "What would you like to know?" in page
    assert not re.findall(r"""(?:src|href)=["']?(?:https?:)?//(?!127\.0\.0\.1)[^"' >]*""", page)
    assert not re.findall(r"@import|url\(['\"]?(?:https?:)?//", page)
    assert '"analytics_enabled":false' in page and '"is_colab":false' in page


@pytest.mark.parametrize("path, status", [
    ("/gradio_api/file=/etc/hostname", 403), (f"/gradio_api/file={ROOT}/pyproject.toml", 403), ("/docs", 404),
    ("/redoc", 404), ("/openapi.json", 404), ("/monitoring", 403), ("/gradio_api/runs", 404),
])
def test_nothing_of_the_machine_is_served_but_the_page(server, path, status):
    assert server.get(path)[0] == status


def test_no_endpoint_is_offered_to_other_programs(server):
    assert server.get("/gradio_api/info") == (200, '{"named_endpoints":{},"unnamed_endpoints":{}}')


def test_no_file_is_taken(server):
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nwords\r\n--x--\r\n'
    assert server.get("/gradio_api/upload", body, **{"Content-Type": "multipart/form-data; boundary=x"})[0] == 413


def test_ctrl_c_ends_it_even_with_a_page_open_and_says_nothing():
    server = Server()
    with socket.create_connection(("127.0.0.1", int(server.address.rsplit(":", 1)[1]))) as page:
        page.sendall(b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert page.recv(12) == b"HTTP/1.1 200"
        assert server.interrupt() == (0, "", "")


def test_a_port_in_use_is_named_with_a_way_out_before_anything_is_built():
    def build():
        raise AssertionError("the page was built for a port that is taken")

    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"port {port} on 127.0.0.1 is in use; .*--port {port + 1}$"):
            serve(build, "127.0.0.1", port, print)


@pytest.mark.parametrize("host, port, said", [
    ("203.0.113.7", 7860, "203.0.113.7 is not an address of this machine; use --host 127.0.0.1"),
    ("no such host", 7860, "no such host is not an address of this machine; use --host 127.0.0.1"),
    ("no..host", 7860, "no..host is not an address of this machine; use --host 127.0.0.1"),
    ("127.0.0.1", 70_000, "there is no port 70000; give --port a number from 1 to 65535"),
])
def test_an_address_that_cannot_be_had_is_one_clear_line(host, port, said):
    with pytest.raises(ServeError) as refusal:
        listen(host, port)
    assert str(refusal.value) == said


@pytest.mark.parametrize("host, shown", [("127.0.0.1", "http://127.0.0.1:7"), ("0.0.0.0", "http://127.0.0.1:7"),
                                        ("::", "http://[::1]:7"), ("::1", "http://[::1]:7"), ("box", "http://box:7")])
def test_the_address_shown_can_be_opened(host, shown):
    assert address(host, 7) == shown


def test_the_evaluation_is_a_page_of_its_own_that_may_touch_and_fetch_nothing():
    served = TestClient(application(lambda: "<p>report</p>")).get(PATH)
    assert (served.status_code, served.text) == (200, "<p>report</p>")
    policy = served.headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy and "sandbox allow-scripts" in policy and "frame-ancestors 'self'" in policy


def test_a_report_that_cannot_be_made_is_one_plain_line():
    def broken():
        raise QAError("run <b>x</b>\nis not a run", "run `qa eval`")

    served = TestClient(application(broken)).get(PATH)
    assert served.status_code == 200 and "Traceback" not in served.text
    assert "<p>Run &lt;b&gt;x&lt;/b&gt; is not a run; run `qa eval`.</p>" in served.text


def test_the_report_is_made_when_it_is_asked_for_and_not_before():
    made = []
    client = TestClient(application(lambda: made.append(1) or "page"))
    assert made == []
    client.get(PATH)
    assert made == [1]
