"""`qa index` and `qa articles`."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from qa.commands.doors import build, columns, library, ready_library
from qa.errors import UsageError
from qa.index.share import WHOLE, Share

if TYPE_CHECKING:
    from qa import Library


def index(options: argparse.Namespace) -> int:
    from qa.show.terminal.tables import changes_text

    share = _share(options)
    opened = library(options)
    if options.roll_back:
        print(opened.roll_back())
        print(f"index: {opened.name}")
        return 0
    changes = build(opened, options.paths, share)
    print(changes_text(changes))
    print(f"index: {opened.name}")
    return int(bool(changes.refused))


def _share(options: argparse.Namespace) -> Share:
    """Which articles to do. Raises UsageError where paths are named beside what concerns all of them."""
    for option, given in (("--shard", options.shard is not None), ("--roll-back", options.roll_back)):
        if given and options.paths:
            raise UsageError(f"{option} is of the whole folder", f"leave out the paths, or {option}")
    return WHOLE if options.shard is None else Share.parse(options.shard)


def articles(options: argparse.Namespace) -> int:
    if options.incomplete:
        return _incomplete(library(options))
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


def _incomplete(opened: Library) -> int:
    """Prints what is still to be indexed, a line each: what it is, a tab, and why. 1 where something is."""
    unfinished = opened.unfinished()
    for item in unfinished:
        print("\t".join(" ".join(words.split()) for words in (item.what, item.why)))
    if not unfinished:
        print("qa: nothing is incomplete", file=sys.stderr)
    return int(bool(unfinished))
