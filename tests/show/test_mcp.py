"""The page as an MCP server, through the official client, and as an HTTP API, through Gradio's own and without any."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult

from qa.ingest.split import count_tokens
from tests.show.searching import CORPUS, STORM

ROOT = Path(__file__).parents[2]
QUESTION = "When did the storm reach Brest?"
TOOLS = ["ask", "search", "read"]


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """The address of tests.show.small_server; what it wrote to standard error has to be nothing."""
    process = subprocess.Popen([sys.executable, "-m", "tests.show.small_server", *arguments], cwd=ROOT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        address = process.stdout.readline().strip()
        httpx.get(f"{address}/access", timeout=30)
        yield address
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[1]
    assert said == "", said


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    with serving("ada:lovelace") as address:
        yield address


def basic(words: str = "ada:lovelace") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(words.encode()).decode()}


def mcp(address: str, use: Any, **headers: str) -> Any:
    """What `use(session)` gives with a session of the official client."""

    async def run() -> Any:
        async with (httpx.AsyncClient(headers=headers, timeout=30) as client,
                    streamable_http_client(f"{address}/gradio_api/mcp/", http_client=client) as (reading, writing, _),
                    ClientSession(reading, writing) as session):
            await session.initialize()
            return await use(session)

    return asyncio.run(run())


def call(address: str, tool: str, **arguments: Any) -> CallToolResult:
    return mcp(address, lambda session: session.call_tool(tool, arguments))


def text(result: CallToolResult) -> str:
    assert not result.isError and len(result.content) == 1
    return result.content[0].text


def test_there_are_three_tools_described_and_nothing_else(page):
    async def listed(session: ClientSession) -> Any:
        return [await part() for part in (session.list_tools, session.list_resources, session.list_prompts)]

    tools, resources, prompts = mcp(page, listed)
    assert [tool.name for tool in tools.tools] == TOOLS and not resources.resources and not prompts.prompts
    for tool in tools.tools:
        assert len(tool.description) > 200 and "Parameters" not in tool.description
        for name, schema in tool.inputSchema["properties"].items():
            assert schema["type"] in ("string", "integer", "array") and len(schema["description"]) > 20, name
    assert [tool.inputSchema["required"] for tool in tools.tools] == [["question"], ["query"], ["article"]]


def test_each_tool_answers_in_json(page):
    told = json.loads(text(call(page, "ask", question=QUESTION)))
    quote = told["quotes"][0]
    assert told["answered"] and CORPUS[quote["article"]].text[quote["start"]:quote["end"]] == quote["text"]
    assert json.loads(text(call(page, "search", query="the storm", limit=1)))["passages"][0]["n"] == 1
    told = json.loads(text(call(page, "read", article=quote["article"], start=quote["start"])))
    assert told["text"].startswith(quote["text"])


@pytest.mark.parametrize("budget", [150, 300, 500])
def test_what_the_model_gets_keeps_its_budget(page, budget):
    for tool, arguments in (("ask", {"question": QUESTION}), ("search", {"query": "the storm of brest"}),
                            ("read", {"article": STORM.id})):
        got = text(call(page, tool, **arguments, max_tokens=budget))
        assert count_tokens(got) <= budget, tool


@pytest.mark.parametrize("tool, arguments, says", [
    ("ask", {"question": "Fault?"}, "the index is damaged; run qa index"),
    ("ask", {"question": "Q?", "max_tokens": 3}, "max_tokens is 3, too little for any answer; give at least "),
    ("read", {"article": "gone"}, "no article 'gone' in the index; see `qa articles` for the ids"),
    ("search", {"query": "x", "limit": 0}, "limit is 0; give a whole number from 1 to 100"),
])
def test_what_cannot_be_done_is_an_error_in_one_line(page, tool, arguments, says):
    result = call(page, tool, **arguments)
    assert result.isError and result.content[0].text.startswith(says) and "\n" not in result.content[0].text


@pytest.mark.parametrize("tool", ["talk", "open", "masthead_now", "lambda", "room", "ask_1", ""])
def test_nothing_else_of_the_page_is_a_tool(page, tool):
    assert call(page, tool).isError


def test_the_mcp_server_asks_for_the_password_and_works_behind_it(closed):
    names = mcp(closed, lambda session: session.list_tools(), **basic())
    assert [tool.name for tool in names.tools] == TOOLS
    result = mcp(closed, lambda session: session.call_tool("ask", {"question": QUESTION}), **basic())
    assert json.loads(text(result))["answered"]
    for headers in ({}, basic("ada:byron")):
        assert httpx.post(f"{closed}/gradio_api/mcp/", json={}, headers=headers).status_code == 401


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"},
                                     {"Origin": "http://localhost:3000"}])
def test_another_sites_page_cannot_use_the_mcp_server(page, headers):
    assert httpx.post(f"{page}/gradio_api/mcp/", json={}, headers=headers).status_code == 403


def test_a_browser_at_the_mcp_address_loads_nothing_from_elsewhere(page):
    served = httpx.get(f"{page}/gradio_api/mcp/", headers={"Accept": "text/html"})
    assert served.status_code == 200 and "default-src 'self'" in served.headers["content-security-policy"]


def two_steps(page: str, name: str, body: dict[str, Any], version: str = "") -> tuple[str, Any]:
    """Event and data of a call as curl makes it."""
    given = httpx.post(f"{page}/gradio_api/call/{version}{name}", json=body).json()
    lines = httpx.get(f"{page}/gradio_api/call/{name}/{given['event_id']}", timeout=30).text.strip().split("\n")
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


def test_the_same_over_http_in_two_steps(page):
    for body, version in (({"data": [QUESTION]}, ""), ({"data": [QUESTION, [], ["added/storm"], 5, 0]}, ""),
                          ({"question": QUESTION}, "v2/")):
        event, data = two_steps(page, "ask", body, version)
        assert event == "complete" and json.loads(data[0])["answered"]
    assert two_steps(page, "ask", {"data": ["Fault?"]}) == (
        "error", {"error": "the index is damaged; run qa index", "duration": 10, "visible": True, "title": "Error"})


def test_what_is_missing_or_misnamed_is_said(page):
    event, data = two_steps(page, "ask", {"data": []})
    assert event == "error" and data["error"] == "ask was given nothing to ask; docs/api.md lists what it takes"
    for body, says in (({"loud": 1}, "Parameter `loud` is not a valid key-word argument"),
                       ({}, "No value provided for required argument: question")):
        served = httpx.post(f"{page}/gradio_api/call/v2/ask", json=body)
        assert (served.status_code, served.json()["problem"]) == (422, says)


def test_the_same_over_http_in_one_step(page):
    served = httpx.post(f"{page}/gradio_api/run/read", json={"data": ["bridge"]})
    assert served.status_code == 200 and json.loads(served.json()["data"][0])["article"] == "bridge"
    served = httpx.post(f"{page}/gradio_api/run/read", json={"data": ["gone"]})
    assert served.status_code == 500 and served.json()["error"].startswith("no article 'gone' in the index")


def test_the_same_through_gradios_client(page, closed):
    for client in (Client(page, verbose=False), Client(closed, headers=basic(), verbose=False)):
        assert json.loads(client.predict(QUESTION, max_tokens=400, api_name="/ask"))["answered"]
        assert json.loads(client.predict("bridge", api_name="/read"))["next_start"] is None
        with pytest.raises(AppError, match="limit is 0; give a whole number"):
            client.predict("x", limit=0, api_name="/search")


def test_only_the_three_are_offered_and_no_other_can_be_called_by_its_name(page):
    offered = httpx.get(f"{page}/gradio_api/info").json()
    assert sorted(offered["named_endpoints"]) == ["/ask", "/read", "/search"] and not offered["unnamed_endpoints"]
    wires = httpx.get(f"{page}/config").json()["dependencies"]
    private = {wire["api_name"] for wire in wires} - set(TOOLS)
    assert private and all(wire["api_visibility"] == "private" for wire in wires if wire["api_name"] in private)
    for name in private:
        for way in ("call", "call/v2", "run", "api"):
            assert httpx.post(f"{page}/gradio_api/{way}/{name}", json={"data": []}).status_code == 404
