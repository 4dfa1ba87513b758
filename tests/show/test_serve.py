"""Serving: one address, nothing but the page, an end without noise."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qa.errors import QAError, ServeError
from qa.show.page.masthead import TITLE
from qa.show.web.serve import address, listen, serve

ROOT = Path(__file__).parents[2]


class Server:
    """The page of tests.show.small_server, in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "tests.show.small_server"], cwd=ROOT, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.address = self.process.stdout.readline().strip()

    def get(self, path: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and body of a request; no proxy is asked."""
        request = urllib.request.Request(self.address + path, data, headers)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as response:
                return response.status, response.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, ""

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl-C; exit code and what else was printed."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=15)
        return self.process.returncode, out, err


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


@pytest.mark.parametrize("path", [
    "/gradio_api/file=/etc/hostname", f"/gradio_api/file={ROOT}/pyproject.toml", "/docs", "/redoc", "/openapi.json",
    "/monitoring", "/gradio_api/runs",
])
def test_nothing_of_the_machine_is_served_but_the_page(server, path):
    assert server.get(path)[0] == 404


def test_no_file_is_taken_but_by_the_page_itself(server):
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nwords\r\n--x--\r\n'
    assert server.get("/gradio_api/upload", body, **{"Content-Type": "multipart/form-data; boundary=x"})[0] == 404


def test_the_style_sheets_are_all_in_the_page_the_common_one_first(server):
    head = json.loads(server.get("/config")[1])["head"]
    sheets = sorted((ROOT / "qa" / "show" / "page" / "assets").glob("*.css"))
    common = next(sheet for sheet in sheets if sheet.name == "style.css")
    found = [head.find(f"<style>{sheet.read_text(encoding='utf-8')}</style>")
             for sheet in (common, *(sheet for sheet in sheets if sheet != common))]
    assert len(found) > 1 and -1 not in found and found == sorted(found)


def test_routes_beside_the_page_come_before_it(server):
    assert server.get("/articles/remove", b"") == (200, '"removed"')
    assert json.loads(server.get("/access")[1]) == {"may_change": True, "why": ""}


def test_the_address_answers_before_the_page_is_made():
    server = Server()
    try:
        early, ready = server.get("/", **{"Accept": "text/html"}), server.get("/ready")
        assert early[0] == 200 and "Starting…" in early[1] and f"<title>{TITLE}</title>" in early[1]
        assert not re.findall(r"(?:src|href)=|@import|url\(|//(?! Answered)", early[1])
        assert json.loads(ready[1]) == {"ready": False, "stage": "starting", "problem": None, "reachable": None}
        assert "gradio_config" in server.get("/")[1]  # a program that does not ask for a page to look at waits
        assert "gradio_config" in server.get("/", **{"Accept": "text/html"})[1]
    finally:
        assert server.interrupt() == (0, "", "")


def test_ctrl_c_before_the_page_is_made_is_quiet_too():
    server = Server()
    assert server.interrupt() == (0, "", "")


# The page is made in a thread; what it raises there is raised again where it was asked for, which is what is tested.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("error", [QAError("the page is nowhere", "look"), RuntimeError("a mistake of ours")])
def test_a_page_that_cannot_be_made_ends_the_server_with_what_it_says(error):
    answers = []

    def build():
        raise error

    def ask(address: str) -> None:
        threading.Thread(target=lambda: answers.append(httpx.get(f"{address}/config", timeout=20).status_code)).start()

    with pytest.raises(type(error), match=str(error)):
        serve(build, "127.0.0.1", 0, ask)
    assert answers in ([503], [])  # whoever waited is told; none may have come yet


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
