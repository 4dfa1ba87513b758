"""Serves the page over SearchingAssistant: `python -m tests.show.small_server [USER:PASSWORD | open]`.

Prints its address. "open": as with --no-auth on an address that others reach, though it listens on this machine only.
"""

from __future__ import annotations

import sys
import time

import fastapi

from qa.show.page.chat import build_page
from qa.show.page.opening import greeting, opening_router
from qa.show.web.access import Access, access
from qa.show.web.readiness import Readiness, readiness_router
from qa.show.web.serve import serve
from tests.show.fixed import FixedLibrary
from tests.show.searching import CORPUS, SearchingAssistant


def changing() -> list[fastapi.APIRouter]:
    router, readiness = fastapi.APIRouter(), Readiness(lambda say: None, print)
    router.post("/articles/remove")(lambda: "removed")
    readiness.wait()
    opening = opening_router(lambda: greeting(FixedLibrary(CORPUS)))
    return [router, readiness_router(readiness), opening]


def main() -> None:
    given = sys.argv[1] if sys.argv[1:] else None
    who = Access(may_change=False, local=False) if given == "open" else access("127.0.0.1", given)

    def page():
        time.sleep(0.5)  # as long as it takes to see what is there before it
        return build_page(SearchingAssistant(CORPUS), FixedLibrary(CORPUS))

    serve(page, "127.0.0.1", 0, lambda address: print(address, flush=True), access=who, routers=changing)


if __name__ == "__main__":
    main()
