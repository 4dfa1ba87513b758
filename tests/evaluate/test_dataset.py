"""A question set is used whole or refused with the file, the line and what to do."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.errors import DatasetError
from qa.evaluate.questions.dataset import Evidence, load
from qa.evaluate.questions.evidence import locate, occurrences
from qa.records import Place
from tests.evaluate.corpus import ARTICLES, row, write_rows

STRUCK = ("news/strike", "Iran struck Pakistan on Tuesday.")


def read(id: str) -> str | None:
    return ARTICLES[id].text if id in ARTICLES else None


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "q.jsonl", [row("a", [STRUCK], history=["Who is Iran?"]), row("b", split="test")])
    first, second = load(path).questions
    assert (first.question, first.history, first.evidence) == ("a?", ("Who is Iran?",), (Evidence(*STRUCK),))
    assert (second.answerable, second.split, second.line) == (False, "test", 2)


def test_byte_order_mark_blank_lines_and_a_missing_last_newline_are_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(row("a")).encode() + b"\r\n\n" + json.dumps(row("b")).encode())
    assert [(q.id, q.line) for q in load(path).questions] == [("a", 1), ("b", 3)]


def test_another_byte_is_another_set(tmp_path: Path) -> None:
    one = load(write_rows(tmp_path / "1.jsonl", [row("a")]))
    same, other = (load(write_rows(tmp_path / name, [row(id)])) for name, id in (("2.jsonl", "a"), ("3.jsonl", "b")))
    assert one.sha256 == same.sha256 != other.sha256


BAD = {
    "not JSON": b"{",
    "NaN is no JSON number": b'{"id": NaN}',
    "not UTF-8": b'{"id": "\xff"}',
    "not a JSON object": b"[1]",
    "nested too deeply": b"[" * 200_000,
    "unknown key 'answer'": row("b", answer="x"),
    "lacks 'kind'": {k: v for k, v in row("b").items() if k != "kind"},
    "'id' is empty": row(" "),
    "'id' is 3": row(3),
    "id 'a' stands in line 1 too": row("a"),
    "'question' is empty": row("b", question=""),
    "half a surrogate": row("b", question="\ud800?"),
    "'history' is 'x'": row("b", history="x"),
    "'history' is empty or not": row("b", history=[4]),
    "'answerable' is 1": row("b", answerable=1),
    "answerable without evidence": row("b", answerable=True),
    "evidence for a question that is not": row("b", [STRUCK], answerable=False),
    "evidence is not a list of objects": row("b") | dict(evidence=["x"]),
    "evidence has an unknown key 'page'": row("b") | dict(evidence=[{"article": "a", "quote": "b", "page": 1}]),
    "evidence lacks 'quote'": row("b") | dict(evidence=[{"article": "a"}]),
    "'quote' is empty": row("b", [("budget", " ")]),
    "'kind' is empty": row("b", kind=""),
    "'kind' is None": row("b", kind=None),
    "split is 'train'": row("b", split="train"),
}


@pytest.mark.parametrize("problem", BAD)
def test_a_bad_row_is_refused_by_file_and_line(problem: str, tmp_path: Path) -> None:
    bad = BAD[problem]
    path = tmp_path / "q.jsonl"
    line = bad if isinstance(bad, bytes) else json.dumps(bad).encode()
    path.write_bytes(json.dumps(row("a")).encode() + b"\n" + line)
    with pytest.raises(DatasetError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:2: ") and problem in str(caught.value)
    assert caught.value.remedy and "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"\n \n", None])
def test_a_set_without_questions_is_refused(data: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DatasetError, match=str(path)):
        load(path)


def test_every_occurrence_of_every_evidence_is_gold(tmp_path: Path) -> None:
    evidence = [("budget", "grew"), ("news/strike", "Talks began."), ("budget", "grew")]
    dataset = load(write_rows(tmp_path / "q.jsonl", [row("a", evidence), row("none")]))
    # "The budget grew. It grew by…": at 11 and at 20. The strike's last sentence: 32+1+18+1+20+1 = 73.
    assert locate(dataset, read) == {
        "a": (Place("budget", 11, 15), Place("budget", 20, 24), Place("news/strike", 73, 85)), "none": ()}


@pytest.mark.parametrize(("evidence", "problem"), [
    (("budget", "Iran struck"), "the quote 'Iran struck' stands nowhere in article 'budget'"),
    (("budget", "the budget grew"), "stands nowhere"),  # another letter is another word
    (("weather", "Rain."), "the corpus has no article 'weather'"),
])
def test_evidence_that_stands_nowhere_is_refused_by_file_and_line(
        evidence: tuple[str, str], problem: str, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "q.jsonl", [row("a", [STRUCK]), row("b", [STRUCK, evidence])])
    with pytest.raises(DatasetError) as caught:
        locate(load(path), read)
    assert str(caught.value).startswith(f"{path}:2: ") and problem in str(caught.value) and caught.value.remedy


def test_white_space_never_decides_and_words_are_never_cut() -> None:
    assert occurrences("It grew", "Once. It\n grew and it grew; It\u00a0grew.") == [(6, 14), (28, 35)]
    assert occurrences("5 percent", "25 percent, 5 percentage, 5 percent") == [(26, 35)]
    assert occurrences("“(a) [b]*”", "x “(a) [b]*” y") == [(2, 12)]


@given(st.lists(st.text("ab.“” ", min_size=1).filter(str.strip), min_size=3, max_size=6), st.data())
def test_words_cut_from_a_text_at_word_borders_are_found_where_they_were(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    start = data.draw(st.integers(0, len(words) - 1))
    begin = len(" ".join(words[:start])) + bool(start)
    wanted = text[begin: begin + len(words[start])]
    first = begin + len(wanted) - len(wanted.lstrip())
    assert any(s <= first < e for s, e in occurrences(wanted, text))
