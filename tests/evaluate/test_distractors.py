"""A folder of distractors is made of a file of passages, the same one each time."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qa.errors import DatasetError, UsageError
from qa.evaluate.datasets.distractors import file_name, main, make_distractors

PASSAGES = [("1", "A/B", "First of A."), ("2", "New_York", "A city."), ("3", "A/B", "Second of A."),
            ("4", "A_B", "Another."), ("5", None, "By itself.")]


@pytest.fixture(params=["passages.jsonl", "passages.jsonl.gz"])
def passages(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    data = "".join(json.dumps({"id": i, "group": g, "text": t}) + "\n" for i, g, t in PASSAGES).encode()
    path = tmp_path / request.param
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def contents(folder: Path) -> dict[str, str]:
    return {path.name.split("-", 1)[1]: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_group_is_an_article_with_its_name_above_its_passages(passages: Path, tmp_path: Path) -> None:
    assert make_distractors(passages, tmp_path / "out", articles=4) == 5
    files = [path.read_text() for path in sorted((tmp_path / "out").iterdir())]
    assert sorted(files) == ["5\n\nBy itself.\n", "A B\n\nAnother.\n", "A/B\n\nFirst of A.\n\nSecond of A.\n",
                             "New York\n\nA city.\n"]


def test_the_seed_decides_which(passages: Path, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), *((f"s{n}", n) for n in range(2, 8))):
        make_distractors(passages, tmp_path / name, articles=2, seed=seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert any(contents(tmp_path / "a") != contents(tmp_path / f"s{n}") for n in range(2, 8))


@pytest.mark.parametrize("articles", [0, -1, 5])
def test_more_articles_than_there_are_cannot_be_made(articles: int, passages: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"{articles} articles asked of the 4"):
        make_distractors(passages, tmp_path / "out", articles=articles)
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_among_other_files(passages: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not empty"):
        make_distractors(passages, tmp_path, articles=1)


@pytest.mark.parametrize(("name", "data", "problem"), [
    ("p.jsonl", b'{"id": "1", "group": "a"}', "p.jsonl:1: not a passage"),
    ("p.jsonl", b'{"id": "1", "group": 3, "text": "x"}', "p.jsonl:1: not a passage"),
    ("p.jsonl", b"\n{", "p.jsonl:2: not JSON"),
    ("p.jsonl.gz", b"not gzip", "cannot be read"),
    ("p.jsonl.gz", gzip.compress(b"x" * 99, mtime=0)[:-9], "cannot be read"),
    ("p.jsonl.gz", gzip.compress(b"abc" * 99, mtime=0)[:10] + b"\xff" * 30, "cannot be read"),
    ("elsewhere.jsonl", None, "cannot be read"),
])
def test_a_bad_file_is_named(name: str, data: bytes | None, problem: str, tmp_path: Path) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DatasetError, match=problem):
        make_distractors(tmp_path / name, tmp_path / "out", articles=1)


@given(st.text(min_size=1))
@example("x" * 300)
@example("../..")
def test_a_file_name_is_one_that_every_file_system_takes(group: str) -> None:
    name = file_name(group)
    assert 1 <= len(name) <= 60 and not set(name) & set('/\\:*?"<>|.\0\n')


def test_the_command_says_what_it_wrote(passages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main([str(passages), str(tmp_path / "out"), "--articles", "4", "--seed", "2"])
    assert done.value.code == 0 and "4 articles of 5 passages" in capsys.readouterr().err
    with pytest.raises(SystemExit) as refused:
        main([str(passages), str(tmp_path / "out")])
    assert refused.value.code == 2 and "500 articles asked of the 4" in capsys.readouterr().err
