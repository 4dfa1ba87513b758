"""`qa index` and `qa articles`."""

from __future__ import annotations

import argparse
import json
import sys

from qa.commands.doors import build, columns, library, ready_library


def index(options: argparse.Namespace) -> int:
    from qa.show.terminal.tables import changes_text

    opened = library(options)
    changes = build(opened, options.paths)
    print(changes_text(changes))
    print(f"index: {opened.index}")
    return int(bool(changes.refused))


def articles(options: argparse.Namespace) -> int:
    opened = ready_library(options)
    if options.text is not None:
        sys.stdout.write(opened.read(options.text).text)
    elif options.removed:
        for article, lines in opened.removed().items():
            for line in lines:
                print(f"{article}:{line.line}\t{line.kind}\t{line.text}")
    elif options.json:
        keys = ("id", "title", "words", "passages", "sha256")
        print(
            json.dumps(
                [{key: getattr(row, key) for key in keys} for row in opened.list()], ensure_ascii=False, indent=1
            )
        )
    else:
        from qa.show.terminal.tables import articles_table

        print(articles_table(opened.list(), columns()), end="")
    return 0
