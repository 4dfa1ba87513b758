"""Which engine keeps the index, as a person or a script says it: options, environment, file; shares, going back,
what is incomplete; and that nothing says the token."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qa import Library
from qa.cli import _COMMANDS, _parser, main
from qa.commands import doors
from qa.commands.doors import settings
from qa.commands.evaluation import _public_set
from qa.errors import IndexMissing
from qa.evaluate.datasets.apart import apart
from qa.evaluate.datasets.surround import surround
from qa.evaluate.runs.header import plain_settings
from qa.settings import Index, Milvus, Settings
from tests.index.by_eye import AUTUMN, SUMMER, WINTER, Letters, folder_of, library
from tests.milvus.lite import Lite
from tests.test_cli import one_line

SECRET = "hush-hush"
NOBODY = "http://127.0.0.1:9"  # a port at which nothing listens
WITH_CORPUS = {"ask", "chat", "index", "articles", "eval", "fit-reader"}
_VARIABLES = ("QA_MILVUS_URI", "QA_MILVUS_TOKEN", "QA_MILVUS_DATABASE", "QA_MILVUS_PREFIX")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of whoever runs the tests."""
    for variable in _VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)


def chosen(*arguments: str) -> Settings:
    return settings(_parser().parse_args(["ask", "Who?", *arguments]))


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("command", [name for name, *_ in _COMMANDS])
def test_every_command_that_reads_articles_takes_the_engine(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = capsys.readouterr().out
    for words in ("--engine {embedded,milvus}", "--milvus-uri URI", "QA_MILVUS_TOKEN"):
        assert (words in told) == (command in WITH_CORPUS), f"{command}: {words}"
    assert "--milvus-token" not in told


def test_the_environment_wins_over_the_file_and_an_option_over_both(monkeypatch: pytest.MonkeyPatch,
                                                                  tmp_path: Path) -> None:
    file = tmp_path / "file.toml"
    file.write_text('[index]\nengine = "milvus"\n[milvus]\nuri = "http://file:1"\ntoken = "of the file"\n'
                    'database = "filed"\nprefix = "filed"\ntimeout = 3\n')
    told = chosen("--settings", str(file))
    assert told.index.engine == "milvus" and told.milvus == Milvus("http://file:1", "of the file", "filed", "filed", 3)
    for variable, value in zip(_VARIABLES, ("http://shell:2", SECRET, "shelled", "shelled"), strict=True):
        monkeypatch.setenv(variable, value)
    told = chosen("--settings", str(file))
    assert told.milvus == Milvus("http://shell:2", SECRET, "shelled", "shelled", 3)
    told = chosen("--settings", str(file), "--milvus-uri", "http://option:3")
    assert told.milvus == Milvus("http://option:3", SECRET, "shelled", "shelled", 3)
    assert chosen("--settings", str(file), "--engine", "embedded").index.engine == "embedded"


def test_the_address_as_an_option_chooses_the_engine_and_as_a_variable_does_not(
        monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen().index.engine == "embedded"
    assert chosen("--milvus-uri", NOBODY).index.engine == "milvus"
    monkeypatch.setenv("QA_MILVUS_URI", NOBODY)
    assert chosen().index.engine == "embedded"
    assert chosen("--engine", "milvus").milvus.uri == NOBODY
    monkeypatch.setenv("QA_MILVUS_PREFIX", "")  # as good as not set
    assert chosen().milvus.prefix == Milvus().prefix


@pytest.mark.parametrize("arguments, says", [
    (["articles", "--engine", "milvus"], "needs the address of a server; give one with --milvus-uri"),
    (["articles", "--engine", "embedded", "--milvus-uri", NOBODY], "--milvus-uri does not go with --engine embedded"),
    (["articles", "--milvus-uri", "far:19530"], "no address of a Milvus server"),
    (["index", "--shard", "4/3"], "'4/3' is no share of the articles; give one such as 2/3"),
    (["index", "--shard", ""], "'' is no share of the articles"),
    (["index", "--shard", "1/3", "added"], "--shard is of the whole folder; leave out the paths, or --shard"),
    (["index", "--roll-back", "added"], "--roll-back is of the whole folder; leave out the paths, or --roll-back"),
    (["index", "--shard", "1/3"], "share 1/3 of an index in a folder cannot be built"),
    (["index", "--roll-back"], "keeps no earlier build"),
])
def test_what_is_asked_wrongly_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str],
                                           says: str) -> None:
    folder_of(tmp_path / "articles", winter=WINTER)
    code, out, err = run(capsys, *arguments, "--articles", tmp_path / "articles", "--index", tmp_path / "index")
    assert code == 2 and out == "" and err.startswith("qa: ") and err.count("\n") == 1 and says in err
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("arguments", [["--shard", "1/2", "--roll-back"], ["--engine", "paper"]])
def test_the_parser_refuses_what_does_not_go_together(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["index", *arguments])
    assert refused.value.code == 2 and capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Options for an article and a server that is not there, with secrets in its address and in the environment."""
    folder_of(tmp_path / "articles", winter=WINTER)
    (tmp_path / "qa.toml").write_text("[milvus]\nindex_patience = 0.1\npatience = 0.1\n")
    monkeypatch.setenv("QA_MILVUS_TOKEN", f"root:{SECRET}")
    return "--articles", "articles", "--index", "index", "--milvus-uri", f"http://root:{SECRET}@127.0.0.1:9"


@pytest.mark.parametrize("arguments", [["index", "--shard", "1/2"], ["index", "--roll-back"], ["articles"],
                                       ["articles", "--incomplete"], ["eval"]])
def test_a_server_that_is_not_there_is_one_line_without_its_secrets(
        nobody: Sequence[str], capfd: pytest.CaptureFixture[str], arguments: Sequence[str]) -> None:
    code, out, err = run(capfd, *arguments, *nobody)
    assert (code, out, err.count("\n")) == (1, "", 1) and "127.0.0.1:9 is unreachable" in err and SECRET not in err


@pytest.mark.parametrize("arguments", [["ask", "Who?"], ["index"]])
def test_where_traces_are_asked_for_the_secrets_are_not_said_either(
        nobody: Sequence[str], monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]) -> None:
    monkeypatch.setenv("QA_TRACEBACK", "1")
    done = subprocess.run([sys.executable, "-m", "qa", *arguments, *nobody], capture_output=True, text=True)
    assert "127.0.0.1:9 is unreachable" in one_line(done, 1) and SECRET not in done.stdout + done.stderr


def test_a_setting_of_the_wrong_kind_does_not_say_the_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "qa.toml").write_text(f'[milvus]\ntoken = ["{SECRET}"]\n')
    code, _, err = run(capsys, "articles")
    assert code == 2 and "token is not a text" in err and SECRET not in err


def test_what_is_incomplete_is_listed_and_nothing_is_indexed_for_it(tmp_path: Path,
                                                                    capsys: pytest.CaptureFixture[str]) -> None:
    folder_of(tmp_path / "articles", winter=WINTER, summer=SUMMER)
    on = ("--articles", tmp_path / "articles", "--index", tmp_path / "index")
    asked = "articles", "--incomplete", *on
    assert run(capsys, *asked) == (1, "summer\tnot indexed yet\nwinter\tnot indexed yet\n", "")
    assert not (tmp_path / "index").exists()
    assert run(capsys, "index", *on)[:2] == (0, "+ summer\n+ winter\n2 added, 0 updated, 0 removed, 0 unchanged\n"
                                                f"index: {tmp_path / 'index'}\n")
    assert run(capsys, *asked) == (0, "", "qa: nothing is incomplete\n")
    folder_of(tmp_path / "articles", winter=AUTUMN)
    assert run(capsys, *asked) == (1, "winter\tchanged since it was indexed\n", "")


def test_shares_a_new_build_and_the_way_back_on_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    words = {f"a{n}": f"Ship {n} came in. {WINTER}" for n in range(6)}
    folder_of(tmp_path / "articles", **words)
    file = tmp_path / "other.toml"
    file.write_text("[split]\ntarget_tokens = 20\n")
    (tmp_path / "lite").mkdir()
    monkeypatch.setenv("QA_MILVUS_TOKEN", f"root:{SECRET}")
    monkeypatch.setenv("QA_MILVUS_PREFIX", "team")
    with Lite(tmp_path / "lite") as lite:
        on = ("--articles", tmp_path / "articles", "--index", tmp_path / "index", "--milvus-uri", lite.uri)
        said = [run(capsys, "index", "--shard", "2/2", *on)]
        assert said[-1][0] == 0 and said[-1][1].endswith(f"index: team on {lite.uri}\n")
        said.append(run(capsys, "articles", "--incomplete", *on))
        code, out, _ = said[-1]
        assert code == 1 and out.startswith("share 1/2\tnot begun") and all(line.count("\t") == 1
                                                                            for line in out.splitlines())
        said.append(run(capsys, "index", "--shard", "1/2", *on))
        said.append(run(capsys, "articles", "--incomplete", *on))
        assert said[-1] == (0, "", "qa: nothing is incomplete\n")
        said.append(run(capsys, "articles", "--json", *on))
        before = json.loads(said[-1][1])
        assert [row["id"] for row in before] == sorted(words)

        other = ("--settings", file)
        said.append(run(capsys, "index", *on, *other))
        said.append(run(capsys, "articles", "--json", *on, *other))
        assert [row["passages"] for row in json.loads(said[-1][1])] != [row["passages"] for row in before]
        said.append(run(capsys, "index", "--roll-back", *on, *other))
        code, out, _ = said[-1]
        assert code == 0 and "answers now in place of" in out and out.endswith(f"index: team on {lite.uri}\n")
        said.append(run(capsys, "articles", "--json", "--articles", tmp_path / "not here", *on[2:]))
        assert json.loads(said[-1][1]) == before  # a machine that only asks needs no folder
    assert SECRET not in str(said)


class Told(Library):
    """A library on a server whose index is as it is told; counts its builds."""

    def __init__(self, articles: Path, state: str):
        super().__init__(articles, articles.parent / "index", Settings(Index(), milvus=Milvus()), Letters())
        self.settings = Settings(index=Index(engine="milvus"))
        self.told, self.builds = state, 0

    def state(self) -> str:
        return self.told

    def build(self, *given: object, **named: object):
        self.builds += 1
        return super().build(*given, **named)


@pytest.mark.parametrize("state, builds", [("missing", 1), ("building", 0), ("current", 0), ("mismatch", 0)])
def test_who_asks_a_server_indexes_only_where_nothing_is_there(tmp_path: Path, state: str, builds: int) -> None:
    folder_of(tmp_path / "articles", winter=WINTER)
    opened = Told(tmp_path / "articles", state)
    doors.ready(opened)
    assert opened.builds == builds


def test_a_machine_without_a_folder_makes_no_empty_index(tmp_path: Path) -> None:
    opened = Told(tmp_path / "articles", "missing")
    with pytest.raises(IndexMissing, match="nothing is indexed in .*, and there is no folder .*; run `qa index` wh"):
        doors.ready(opened)
    assert opened.builds == 0 and not (tmp_path / "articles").exists()
    opened.told = "current"
    doors.ready(opened)


# --- what is written and measured ----------------------------------------------------------------------------

ON_A_SERVER = Settings(index=Index(engine="milvus"),
                       milvus=Milvus(f"http://root:{SECRET}@far:19530", SECRET, "crew", "team"))


def test_a_run_says_how_the_server_was_asked_and_not_which_it_is() -> None:
    told = plain_settings(ON_A_SERVER)
    assert told["index"] == {"engine": "milvus"} and told["milvus"]["hnsw_ef"] == Milvus().hnsw_ef
    assert not {"uri", "token", "database", "prefix"} & told["milvus"].keys()
    assert not [secret for secret in (SECRET, "far", "crew", "team") if secret in json.dumps(told)]


def test_a_run_on_this_machine_says_nothing_of_a_server() -> None:
    """Else every setting of a server would be a difference from the runs before there were any."""
    assert "milvus" not in plain_settings(replace(ON_A_SERVER, index=Index()))


def test_what_is_only_measured_never_takes_the_place_of_the_articles(tmp_path: Path) -> None:
    """On one server a folder of its own does not keep two indexes apart."""
    folder_of(tmp_path / "set" / "articles", one=SUMMER)
    question = {"id": "a", "question": "When did rain come?", "answerable": True, "gold": ["on Friday"],
                "articles": ["one"]}
    (tmp_path / "set" / "questions.jsonl").write_text(json.dumps(question) + "\n")
    arguments = ["eval", "--dataset", f"articles:{tmp_path / 'set'}", "--index", str(tmp_path / "index"),
                 "--milvus-uri", NOBODY]
    prefix = _public_set(_parser().parse_args(arguments))[0].settings.milvus.prefix
    assert prefix.startswith("apart_articles_") and prefix.endswith("_qa") and prefix.isidentifier()
    assert apart(ON_A_SERVER, "squad-1f2e").milvus == replace(ON_A_SERVER.milvus, prefix="apart_squad_1f2e_team")


def test_distractors_are_indexed_beside_the_articles(tmp_path: Path) -> None:
    folder_of(tmp_path / "articles", winter=WINTER)
    folder_of(tmp_path / "others", summer=SUMMER)
    (tmp_path / "lite").mkdir()
    with Lite(tmp_path / "lite") as lite:
        mine = library(tmp_path, settings=replace(ON_A_SERVER, milvus=Milvus(uri=lite.uri, prefix="team")))
        mine.build()
        around, told = surround(mine, tmp_path / "others", lambda *_: None)
        assert told["articles"] == 1 and len(around.list()) == 2
        assert [row.id for row in mine.list()] == ["winter"]
