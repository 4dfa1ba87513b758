"""`qa ask`."""

from __future__ import annotations

import argparse
import json
import sys

from qa.commands.doors import assistant, columns
from qa.errors import UsageError
from qa.jsonl import ask_lines


def ask(options: argparse.Namespace) -> int:
    if options.jsonl == bool(options.question):
        raise UsageError(
            "no question" if not options.jsonl else "--jsonl reads its questions from standard input",
            'ask one: qa ask "…"' if not options.jsonl else "leave out the question",
        )
    opened = assistant(options)
    if options.jsonl:
        return ask_lines(opened, sys.stdin)
    answer = opened.ask(options.question, options.after)
    if options.json:
        from qa.answer.contract import answer_to_dict

        print(json.dumps(answer_to_dict(answer), ensure_ascii=False, indent=2))
    else:
        from qa.show.terminal.render import to_text, use_colour

        names = {row.id: row.title or row.id for row in opened.library.list()}
        colour = use_colour(sys.stdout)
        print(to_text(answer, colour, names, columns()), end="")
    return 0
