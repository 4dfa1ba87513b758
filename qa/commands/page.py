"""`qa chat`."""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from typing import Any

from qa.commands.doors import assistant, settings


def chat(options: argparse.Namespace) -> int:
    from qa.evaluate.report.latest import Latest
    from qa.index.places import home
    from qa.show.page.chat import build_page
    from qa.show.web.serve import serve

    serving = settings(options).serving
    host, port = options.host or serving.host, serving.port if options.port is None else options.port

    with ExitStack() as opened:

        def page() -> Any:
            asked = opened.enter_context(closing(assistant(options)))  # closed, it leaves nothing deleted behind
            asked.warm()
            return build_page(asked, asked.library)

        def ready(address: str) -> None:
            print(f"Open {address} in a browser. Ctrl-C stops.", flush=True)

        serve(page, host, port, ready, Latest(home() / "evals"))
    return 0
