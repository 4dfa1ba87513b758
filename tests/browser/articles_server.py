"""Serves the Articles tab alone over a shelf that can be computed by eye:

    python -m tests.browser.articles_server [COUNT] [hostile] [readonly] [slow] [broken]

COUNT articles lie in the folder (5 unless told). "hostile": their titles, sources and names are of tests.show.hostile.
A file's first line is its title and each other line a passage; lines that begin with "Share" are cleaned away. "slow"
takes a second a stage; a file that says "Bug" is a defect of the program. "broken": the list cannot be read.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import fastapi
import gradio as gr
import uvicorn
from fastapi.responses import JSONResponse, Response

from qa.errors import ArticleError, IndexMissing, UsageError
from qa.records import RemovedLine
from qa.settings import Ingest, Settings
from qa.show.page.articles_tab import articles_router, panel_html
from qa.show.web.serve import address, listen
from tests.show.hostile import FRAGMENTS

LIMIT = 200_000  # bytes of one file
TITLES = ("Iran and Pakistan: a border in flames", "Islamabad’s measured strikes amidst crisis",
          "What the strikes say about deterrence", "Jaish al-Adl, explained", "Balochistan between two armies")
SOURCES = ("Financial Express", "The Diplomat", None, "Crisis Group", "Dawn")


@dataclass(frozen=True)
class Row:
    id: str
    title: str | None
    source: str | None
    date: str | None
    words: int
    passages: int
    path: str
    added: str = "2026-11-20T18:02:11"


def plain_row(n: int) -> Row:
    title = TITLES[n] if n < len(TITLES) else f"{TITLES[n % 5]}, part {n // 5 + 1}"
    return Row(f"a{n:04}", title, SOURCES[n % 5], f"2024-01-{n % 28 + 1:02}" if n % 4 else None,
               800 + 37 * (n % 50), 5 + n % 9, f"a{n:04}.txt")


def hostile_row(n: int) -> Row:
    text = FRAGMENTS[n] if n < len(FRAGMENTS) else ("unbroken" * 1_250, "long words " * 400)[n % 2]
    return Row(f"zz/{n} {text}", f"{text} title {n}", f"{text} source", None, n, 1, f"zz/{n} {text}.txt")


class FixedLibrary:
    """Rows and what was cleaned from them, by id."""

    def __init__(self, rows: list[Row], broken: bool = False):
        self.rows = {row.id: row for row in rows}
        self.lines: dict[str, tuple[RemovedLine, ...]] = {row.id: () for row in rows}
        self.settings = Settings(ingest=Ingest(max_file_bytes=LIMIT))
        self.broken = broken

    def list(self) -> list[Row]:
        if self.broken:
            raise IndexMissing("there is no index yet", "run `qa index`")
        return [self.rows[id] for id in sorted(self.rows)]

    def removed_of(self, article_id: str) -> tuple[RemovedLine, ...]:
        if article_id not in self.lines:
            raise UsageError(f"no article {article_id!r} in the index", "see `qa articles` for the ids")
        return self.lines[article_id]


class FixedShelf:
    """Takes text files in, at once or at a second a stage."""

    def __init__(self, library: FixedLibrary, pause: float = 0):
        self._library, self._pause, self._lock = library, pause, threading.Lock()
        self._bytes: dict[str, str] = {}  # sha256 -> name
        self._out: dict[str, list[Row]] = {}  # token -> rows that can come back

    def add(self, name: str, staged: Path, progress: Callable[..., None] = lambda *_: None) -> SimpleNamespace:
        data = staged.read_bytes()
        progress("reading", 0, 1)
        time.sleep(self._pause)
        self._check(name, data)
        lines = data.decode("utf-8").splitlines()
        gone = tuple(RemovedLine(n, "share and subscribe", line) for n, line in enumerate(lines, 1)
                     if line.startswith("Share"))
        kept = [line for line in lines if line and not line.startswith("Share")]
        progress("embedding", 0, len(kept))
        time.sleep(self._pause)
        row = Row(f"added/{name.removesuffix('.txt')}", kept[0], None, None, len(" ".join(kept).split()), len(kept) - 1,
                  f"added/{name}", "2026-11-21T03:30:00")
        with self._lock:
            self._library.rows[row.id], self._library.lines[row.id] = row, gone
            self._bytes[hashlib.sha256(data).hexdigest()] = name
        return SimpleNamespace(article=row, removed=gone, notes=())

    def _check(self, name: str, data: bytes) -> None:
        if "/" in name or "\\" in name or name.startswith("."):
            raise UsageError(f"{name} has a path in its name", "give the file a plain name")
        if not name.endswith(".txt"):
            raise ArticleError(f"{name} is not a kind of article", "known: .txt")
        if not data.strip():
            raise ArticleError(f"{name} is empty", "remove it or fill it")
        if f"added/{name.removesuffix('.txt')}" in self._library.rows:
            raise ArticleError(f"an article named {name} is here already", "rename the file")
        if (other := self._bytes.get(hashlib.sha256(data).hexdigest())) is not None:
            raise ArticleError(f"{name} holds the same bytes as {other}", "leave it out")
        if b"Bug" in data:
            raise RuntimeError("a mistake of ours")

    def may_remove(self, row: Row) -> bool:
        return row.path.startswith("added/")

    def remove(self, ids: list[str]) -> SimpleNamespace:
        with self._lock:
            for id in ids:
                if id not in self._library.rows:
                    raise UsageError(f"there is no article {id} any more", "look at the list anew")
                if not self.may_remove(self._library.rows[id]):
                    raise UsageError(f"{id} lies in the folder", "take its file out of the folder")
            token = f"t{len(self._out)}"
            self._out[token] = [self._library.rows.pop(id) for id in ids]
        time.sleep(self._pause)
        return SimpleNamespace(token=token, articles=tuple(ids))

    def restore(self, token: str) -> tuple[str, ...]:
        with self._lock:
            if token not in self._out:
                raise UsageError("this cannot be undone any more", "add the file again")
            rows = self._out.pop(token)
            self._library.rows |= {row.id: row for row in rows}
        return tuple(row.id for row in rows)

    def forget(self, token: str) -> None:
        self._out.pop(token, None)


def application(library: object, shelf: object) -> fastapi.FastAPI:
    """The tab alone, on a page that stands on it from the start."""
    outer = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.include_router(articles_router(library, shelf))
    assets = files("qa.show.page").joinpath("assets")
    script, *styles = (assets.joinpath(name).read_text(encoding="utf-8")
                       for name in ("articles_tab.js", "style.css", "articles_tab.css"))
    with gr.Blocks(title="Articles", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(panel_html(), elem_id="articles", apply_default_css=False, js_on_load=script)
    recorder = ("document.documentElement.dataset.tab = 'articles'; window.told = [];"
                "for (const name of ['qa:corpus', 'qa:open', 'qa:asked'])"
                " document.addEventListener(name, ({ detail }) => window.told.push([name, detail]));")
    return gr.mount_gradio_app(
        outer, page, path="/", footer_links=[], ssr_mode=False, show_error=False, max_file_size=1,
        theme=gr.themes.Base(font=["system-ui", "Liberation Sans", "sans-serif"]),
        head="".join(f"<style>{style}</style>" for style in styles) + f"<script>{recorder}</script>")


def run(made: fastapi.FastAPI) -> None:
    """Serves `made` on a free port, whose address it prints, until it is stopped."""
    with listen("127.0.0.1", 0) as listener:
        print(address("127.0.0.1", listener.getsockname()[1]), flush=True)
        uvicorn.Server(uvicorn.Config(made, log_level="critical", timeout_graceful_shutdown=1)).run([listener])


class Stage:
    """A library and its shelf, that can be set as `words` say again and again."""

    def __init__(self, *words: str):
        self.library = FixedLibrary([])
        self.shelf, self.words = FixedShelf(self.library), words
        self.set(*words)

    def set(self, *words: str) -> None:
        count = next((int(word) for word in words if word.isdigit()), 5)
        rows = [(hostile_row if "hostile" in words else plain_row)(n) for n in range(count)]
        if "readonly" in words:
            rows.append(replace(plain_row(7), id="added/kept", path="added/kept.txt"))
        self.words = words
        self.library.__init__(rows, "broken" in words)
        self.shelf.__init__(self.library, 1.0 if "slow" in words else 0)

    def set_again(self, words: str) -> None:
        self.set(*words.split())

    def access(self) -> Response:
        """As the guard would say it; not there at all unless reading is all that is allowed."""
        if "readonly" not in self.words:
            return Response(status_code=404)
        why = "Whoever started this page opened it to all for reading and asking only."
        return JSONResponse({"may_change": False, "why": why})


def main(*words: str) -> None:
    stage = Stage(*words)
    made = application(stage.library, stage.shelf)
    for path, answer in (("/access", stage.access), ("/set", stage.set_again)):
        made.router.add_api_route(path, answer, response_model=None)
        made.router.routes.insert(0, made.router.routes.pop())  # before the page, which takes every address left
    run(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
