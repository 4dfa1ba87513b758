"""The command line as a person or a script meets it: a process, its output, its exit code.

A process that loads the models takes seconds to import what they need. Where only the words and the exit code matter
and another test runs the same command as a process, `here` runs it in this one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa import Library
from qa.cli import main
from tests.conftest import ROOT, SEEDS

KEYS = ["id", "question", "resolved_question", "answered", "probability", "quotes", "closest", "reason", "seconds"]
QUOTE_KEYS = [
    "n",
    "article",
    "title",
    "start",
    "end",
    "text",
    "highlight",
    "probability",
    "paragraph",
    "page",
    "article_sha256",
    "also_in",
]


def qa(*arguments: str | Path, stdin: str | bytes = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    done = subprocess.run([sys.executable, "-m", "qa", *map(str, arguments)], input=data, capture_output=True, cwd=cwd)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def here(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What `qa` does with nothing on standard input, without a process of its own."""
    capsys.readouterr()
    code = main([*map(str, arguments)])
    return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())


def on(library: Library) -> Sequence[str | Path]:
    return "--articles", library.articles, "--index", library.index


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The only line of standard error, of a command that failed with `code` and showed no trace."""
    assert done.returncode == code and "Traceback" not in done.stderr, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_json_is_the_contract(library: Library) -> None:
    done = qa("ask", "--json", "How many officers did Jaish al-Adl kill?", *on(library))
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and list(answer) == KEYS
    assert list(answer["seconds"]) == ["resolve", "search", "read", "total"]
    shown = answer["quotes"] or answer["closest"]
    assert shown and all(list(quote) == QUOTE_KEYS for quote in shown)
    for n, quote in enumerate(shown, 1):
        article = library.read(quote["article"])
        assert article.text[quote["start"] : quote["end"]] == quote["text"] and quote["n"] == n
        assert quote["article_sha256"] == article.sha256


def test_lines_of_questions_are_answered_in_order_and_a_bad_line_loses_nothing(library: Library) -> None:
    lines = [
        '{"id": "a", "question": "Who is Imran Khan?"}',
        "not json",
        "",
        '{"id": "c", "question": "  "}',
        '{"id": "d", "question": "When was it set up?", "history": ["Who is Jaish al-Adl?"]}',
        '{"id": "e", "question": "Who?", "history": "none"}',
        "[" * 100_000,
    ]
    done = qa("ask", "--jsonl", *on(library), stdin="\ufeff" + "\n".join(lines))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["a", None, "c", "d", "e", None] and done.returncode == 1
    assert ["error" in row for row in rows] == [False, True, True, False, True, True]
    assert "Jaish" in rows[3]["resolved_question"]
    assert rows[1]["error"].startswith("line 2: ") and rows[2]["error"].startswith("line 4: ")


def test_a_person_reads_quotes_with_their_place(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    done = here(capsys, "ask", "Which Sunni group attacked a police station?", *on(library))
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert "“" in done.stdout and "paragraph" in done.stdout


def test_articles_are_listed_and_their_text_is_what_offsets_refer_to(library: Library) -> None:
    rows = json.loads(qa("articles", "--json", *on(library)).stdout)
    assert [list(row) for row in rows] == [["id", "title", "words", "passages", "sha256"]] * 5
    text = qa("articles", "--text", rows[0]["id"], *on(library)).stdout
    assert text == library.read(rows[0]["id"]).text
    assert "JavaScript" in qa("articles", "--removed", *on(library)).stdout
    assert rows[1]["id"] in qa("articles", *on(library)).stdout


def test_refused_files_are_named_and_the_rest_is_indexed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "good.txt").write_text("Herring gulls nest on the roofs of Aberdeen every spring.\n")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "noise.txt").write_bytes(bytes(range(256)) * 40)
    os.mkfifo(folder / "pipe.txt")  # whoever opens it waits for ever
    done = qa("index", "--articles", folder, "--index", tmp_path / "index")
    assert done.returncode == 1 and "1 added" in done.stdout
    assert all(f"{name}.txt" in done.stderr for name in ("empty", "noise", "pipe"))
    assert "Traceback" not in done.stderr
    again = here(capsys, "ask", "--json", "Where do gulls nest?", "--articles", folder, "--index", tmp_path / "index")
    assert again.returncode == 0 and json.loads(again.stdout)["question"] == "Where do gulls nest?"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["ask"], 2, "no question"),
        (["ask", ""], 2, "question"),
        (["ask", "   "], 2, "question is empty"),
        (["ask", "x" * 100_000], 2, "100,000 characters"),
        (["ask", "--loud", "Who?"], 2, "--loud"),
        (["ask", "Who?", "--jsonl"], 2, "--jsonl"),
        (["fly"], 2, "fly"),
        ([], 2, "COMMAND"),
        (["articles", "--text", "nothing"], 2, "nothing"),
        (["ask", "Who?", "--settings", "none.toml"], 2, "none.toml"),
        (["score", "none.jsonl"], 2, "none.jsonl"),
        (["eval", "--questions", "none.jsonl"], 2, "none.jsonl"),
        (["chat", "--port", "99999"], 1, "99999"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(library: Library, arguments: list[str], code: int, says: str) -> None:
    corpus = on(library) if arguments and arguments[0] in ("ask", "articles", "eval", "chat") else ()
    assert says in one_line(qa(*arguments, *corpus), code)


def test_no_articles(tmp_path: Path) -> None:
    for folder in (tmp_path / "gone", tmp_path):
        assert str(folder) in one_line(qa("ask", "Who?", "--articles", folder, "--index", tmp_path / "index"), 1)


def test_a_damaged_index_says_what_to_run_and_that_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, index = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    (folder / "a.txt").write_text("The tide at Saint-Malo rises by twelve metres.\n")
    corpus = ("--articles", folder, "--index", index)
    assert here(capsys, "index", *corpus).returncode == 0
    manifest = next(index.glob("generations/*/manifest.json"))
    manifest.write_text(manifest.read_text()[:40])
    assert "qa index" in one_line(qa("ask", "How far does the tide rise?", *corpus), 1)
    assert here(capsys, "index", *corpus).returncode == 0
    assert here(capsys, "ask", "How far does the tide rise?", *corpus).returncode == 0


def test_settings_are_checked(tmp_path: Path) -> None:
    (tmp_path / "qa.toml").write_text("[answering]\nthreshhold = 0.5\n")
    done = qa("ask", "Who?", "--articles", SEEDS, "--index", tmp_path / "index", cwd=tmp_path)
    assert "threshhold" in one_line(done, 2)


def test_a_reader_that_stops_listening_is_no_fault(library: Library) -> None:
    command = f"{sys.executable} -m qa articles --json --articles {library.articles} --index {library.index}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | true"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("line", "remedy"), [
    ("[search]\nread = 0", "give 1 or more"), ("[answering]\nquotes = 0", "give 1 or more"),
    ("[answering]\nthreshold = 7.0", "from 0 to 1"), ("[search]\nhits = 'x'", "give a whole number"),
])
def test_a_setting_that_would_always_decline_is_refused(
    tmp_path: Path, line: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "qa.toml").write_text(line)
    assert main(["articles", "--settings", str(tmp_path / "qa.toml")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and remedy in said[0]
