"""A question set is used whole or refused with the file, the line and what to do."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from qa.errors import DatasetError
from qa.evaluate.questions.dataset import Evidence, load
from tests.evaluate.corpus import row, write_rows

STRUCK = ("news/strike", "Iran struck Pakistan on Tuesday.")


def test_a_row_becomes_a_record(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "q.jsonl", [row("a", [STRUCK], history=["Who is Iran?"]), row("b", split="test")])
    first, second = load(path).questions
    assert (first.question, first.history, first.evidence) == ("a?", ("Who is Iran?",), (Evidence(*STRUCK),))
    assert (second.answerable, second.split, second.line) == (False, "test", 2)


def test_evidence_of_an_article_only_has_a_grade_and_no_quote(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "q.jsonl", [row("a", [("budget", 2), ("news/strike", 1)])])
    (question,) = load(path).questions
    assert question.evidence == (Evidence("budget", None, 2), Evidence("news/strike", None, 1))


def test_a_digest_is_of_what_is_asked_after_and_what_is_right(tmp_path: Path) -> None:
    grade, history = [("budget", 2)], {"history": ["Who is Iran?"]}
    rows = [row("a", [STRUCK]), row("b", [STRUCK], kind="why", split="test", conversation="x"),
            row("c", [STRUCK], **history), row("d", [STRUCK], history=["Who?"]), row("e", [(STRUCK[0], "Iran struck")]),
            row("f", [STRUCK] * 2), row("g", grade), row("h", [("budget", 1)]), row("i", [("tax", 2)]), row("j")]
    first, second, *others = (q.digest for q in load(write_rows(tmp_path / "q.jsonl", rows)).questions)
    assert first == second and len(first) == 16 and len({first, *others}) == 9
    told = json.dumps([[], [["news/strike", "Iran struck Pakistan on Tuesday.", 1]]])
    assert first == sha256(told.encode()).hexdigest()[:16]


def test_a_conversation_is_named_or_else_the_question_it_began_with(tmp_path: Path) -> None:
    rows = [row("a", question="Who  GREW?"), row("b", history=["who grew?", "why?"]), row("c", conversation="Strasse"),
            row("d", question="STRASSE"), row("e", question="Straße")]
    told = [q.conversation for q in load(write_rows(tmp_path / "q.jsonl", rows)).questions]
    assert told == ["who grew?", "who grew?", "Strasse", "strasse", "strasse"]


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
    "'conversation' is empty": row("b", conversation=" "),
    "'conversation' is 4": row("b", conversation=4),
    "'grade' is 0": row("b", [("a", 0)]),
    "'grade' is True": row("b", [("a", True)]),
    "unknown key 'quote'": row("b") | dict(evidence=[{"article": "a", "grade": 1, "quote": "x"}]),
    "with and without a quote": row("b", [STRUCK, ("a", 1)]),
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
