"""What the Articles tab asks of the server: one clear line for every refusal, and nothing left behind."""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
import threading
import time
from importlib.resources import files
from pathlib import Path

import fastapi
import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect

from qa.show.page.articles_tab import articles_router, panel_html
from qa.show.web.access import Access
from tests.browser.articles_server import LIMIT, FixedLibrary, FixedShelf, plain_row
from tests.show.hostile import FRAGMENTS
from tests.show.parsed import Parsed

GOOD = b"A good title\nFirst words.\nShare this on Facebook\nMore words.\n"


@pytest.fixture
def library() -> FixedLibrary:
    return FixedLibrary([plain_row(n) for n in range(3)])


@pytest.fixture
def waiting_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where uploads wait."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def client(library: FixedLibrary, waiting_room: Path) -> TestClient:
    return client_of(library, FixedShelf(library))


def client_of(library: object, shelf: object, access: Access | None = None) -> TestClient:
    application = fastapi.FastAPI()
    application.include_router(articles_router(library, shelf))
    if access:
        application.state.access = access
    return TestClient(application)


def add(client: TestClient, name: str, data: object) -> list[dict]:
    """The lines that adding `data` as `name` gives."""
    answer = client.post("/articles", params={"name": name}, content=data)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def ids(client: TestClient) -> list[str]:
    return [article["id"] for article in client.get("/articles").json()["articles"]]


def test_the_list_says_of_each_article_what_the_table_shows(client):
    told = client.get("/articles").json()
    assert told["articles"][1] == {
        "id": "a0001", "title": "Islamabad’s measured strikes amidst crisis", "name": "a0001.txt",
        "source": "The Diplomat", "date": "2024-01-02", "words": 837, "passages": 6, "added": "2026-11-20T18:02:11",
        "deletable": False}
    assert (told["may_change"], told["why_not"], told["max_bytes"]) == (True, "", LIMIT)


def test_the_list_says_why_nothing_may_be_changed(library):
    shut = Access(may_change=False)
    told = client_of(library, FixedShelf(library), shut).get("/articles").json()
    assert (told["may_change"], told["why_not"]) == (False, shut.why) and shut.why


def test_a_file_is_taken_in_stage_by_stage_and_what_was_cleaned_away_can_be_read(client, waiting_room):
    *stages, last = add(client, "good.txt", GOOD)
    assert [line["stage"] for line in stages] == ["reading", "embedding"]
    done = last["done"]
    assert (done["id"], done["title"], done["name"], done["deletable"]) == (
        "added/good", "A good title", "added/good.txt", True)
    assert (done["words"], done["passages"], done["removed"], done["notes"]) == (7, 2, 1, [])
    assert client.get("/articles/removed", params={"id": "added/good"}).json() == {
        "lines": [{"line": 3, "kind": "share and subscribe", "text": "Share this on Facebook"}]}
    assert "added/good" in ids(client) and list(waiting_room.iterdir()) == []


@pytest.mark.parametrize("name", ["Über ☃ & 50 %+1?.txt", "مقال.txt", "a  b.txt", "<img src=x onerror=alert(1)>.txt"])
def test_a_name_arrives_as_it_is(client, name):
    assert add(client, name, GOOD)[-1]["done"]["name"] == f"added/{name}"


@pytest.mark.parametrize("name, data, said", [
    ("../good.txt", b"words", "../good.txt has a path in its name"),
    ("picture.png", b"words", "picture.png is not a kind of article"),
    ("empty.txt", b"", "empty.txt is empty"),
    ("first.txt", b"other words", "an article named first.txt is here already"),
    ("again.txt", GOOD, "again.txt holds the same bytes as first.txt"),
    ("large.txt", b"x" * (LIMIT + 1), "large.txt has more than 0.2 MB"),
    ("unsaid.txt", iter([b"x" * LIMIT, b"x", b"x" * LIMIT]), "unsaid.txt has more than 0.2 MB"),
    ("", b"words", "a file without a name cannot be taken in"),
])
def test_a_refused_file_is_named_and_leaves_nothing_behind(client, waiting_room, name, data, said):
    add(client, "first.txt", GOOD)
    before = ids(client)
    last = add(client, name, data)[-1]
    assert last["problem"] == said and last["remedy"]
    assert ids(client) == before and list(waiting_room.iterdir()) == []


def test_a_file_of_just_the_limit_is_taken(client):
    assert "done" in add(client, "just.txt", b"Title\nwords".ljust(LIMIT))[-1]


def test_a_disk_that_takes_no_file_is_said_in_one_line(client, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    [line] = add(client, "good.txt", GOOD)
    assert line["problem"] == "good.txt could not be stored (No such file or directory)"


def test_a_mistake_of_ours_is_one_plain_line_and_its_trace_goes_to_the_terminal(client, waiting_room, capsys):
    last = add(client, "bug.txt", b"Title\nBug\n")[-1]
    assert last == {"problem": "the program failed while doing this",
                    "remedy": "the terminal that serves this page says how"}
    assert "RuntimeError: a mistake of ours" in capsys.readouterr().err
    assert list(waiting_room.iterdir()) == []


def test_a_mistake_in_any_other_answer_is_told_the_same_way(capsys):
    answer = client_of(None, None).get("/articles/removed?id=a")
    assert answer.status_code == 500 and answer.json()["problem"] == "the program failed while doing this"
    assert "AttributeError" in capsys.readouterr().err


def test_an_index_that_cannot_be_read_is_one_line(library):
    library.broken = True
    answer = client_of(library, FixedShelf(library)).get("/articles")
    assert answer.status_code == 503
    assert answer.json() == {"problem": "there is no index yet", "remedy": "run `qa index`"}


def test_what_was_added_can_be_deleted_and_brought_back(client):
    add(client, "good.txt", GOOD)
    gone = client.post("/articles/remove", json={"ids": ["added/good"]}).json()
    assert gone["articles"] == ["added/good"] and "added/good" not in ids(client)
    assert client.post("/articles/restore", json={"token": gone["token"]}).json() == {"articles": ["added/good"]}
    assert "added/good" in ids(client)


def test_what_was_forgotten_cannot_be_brought_back(client):
    add(client, "good.txt", GOOD)
    token = client.post("/articles/remove", json={"ids": ["added/good"]}).json()["token"]
    assert client.post("/articles/forget", json={"tokens": [token, "unknown"]}).status_code == 200
    answer = client.post("/articles/restore", json={"token": token})
    assert (answer.status_code, answer.json()["problem"]) == (400, "this cannot be undone any more")


@pytest.mark.parametrize("id, said", [("a0001", "a0001 lies in the folder"),
                                      ("gone", "there is no article gone any more")])
def test_what_was_not_added_here_stays(client, id, said):
    answer = client.post("/articles/remove", json={"ids": [id]})
    assert (answer.status_code, answer.json()["problem"]) == (400, said)
    assert len(ids(client)) == 3


def test_lines_of_an_article_that_is_gone_are_refused_in_words(client):
    answer = client.get("/articles/removed", params={"id": "gone"})
    assert (answer.status_code, answer.json()["problem"]) == (400, "this article is not here any more")


def test_the_list_is_there_while_files_wait_for_their_turn(library, waiting_room):
    """As many as can wait at once: more of them hold up changes, and nothing else."""
    go = threading.Event()

    class Stuck(FixedShelf):
        def _check(self, name, data):
            assert go.wait(20)

    client = client_of(library, Stuck(library))
    with client:
        adding = [threading.Thread(target=add, args=(client, f"{n}.txt", b"Title\nwords %d" % n)) for n in range(10)]
        for thread in adding:
            thread.start()
        assert len(ids(client)) == 3
        go.set()
        for thread in adding:
            thread.join(20)
        assert len(ids(client)) == 13


def test_a_browser_that_goes_away_amid_a_file_leaves_nothing_behind(library, waiting_room):
    application = client_of(library, FixedShelf(library)).app
    messages = iter([{"type": "http.request", "body": b"Title\nhalf of", "more_body": True},
                     {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    asyncio.run(application({"type": "http", "method": "POST", "path": "/articles", "query_string": b"name=half.txt",
                             "headers": [], "http_version": "1.1", "scheme": "http", "root_path": ""}, receive, send))
    assert list(waiting_room.iterdir()) == [] and len(library.rows) == 3


def test_a_browser_that_goes_away_after_a_file_leaves_nothing_behind_but_the_article(library, waiting_room):
    application = client_of(library, FixedShelf(library)).app
    messages = iter([{"type": "http.request", "body": GOOD, "more_body": False}])

    async def receive():
        return next(messages)

    async def send(message):
        raise OSError("nobody is there")

    scope = {"type": "http", "method": "POST", "path": "/articles", "query_string": b"name=good.txt", "headers": [],
             "http_version": "1.1", "scheme": "http", "root_path": "", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        asyncio.run(application(scope, receive, send))
    for _ in range(200):
        if not list(waiting_room.iterdir()):
            break
        time.sleep(0.05)
    assert list(waiting_room.iterdir()) == [] and "added/good" in library.rows


@pytest.mark.parametrize("fragment", [text for text in FRAGMENTS if not set("/\\") & set(text)])
def test_hostile_names_and_lines_come_back_letter_for_letter(client, library, fragment):
    name = f"a{fragment}b.txt"
    data = f"{name}\nwords\nShare {fragment}".encode()
    done = add(client, name, data)[-1]["done"]
    assert done["name"] == f"added/{name}"
    told = client.get("/articles/removed", params={"id": done["id"]}).json()["lines"]
    assert [line["text"] for line in told] == [line.text for line in library.lines[done["id"]]]


def test_the_tab_is_whole_html_with_every_control_named():
    html = panel_html()
    assert Parsed(re.sub("<input[^>]*>", "", html)).elements and "{{" not in html and "${" not in html
    for control in ("Add files", "Choose files", "Only the shown", "None of the shown", "Search titles"):
        assert control in html
    assert html.count('scope="col"') == 8


def test_the_script_makes_no_html_of_text():
    script = files("qa.show.page").joinpath("assets", "articles_tab.js").read_text(encoding="utf-8")
    assert re.findall("(inner|outer)HTML|insertAdjacent|document.write|ContextualFragment|DOMParser", script) == []
