"""The table that a comparison prints."""

from evals.peers.corpus import Question
from evals.peers.table import HEAD, Result, busy, hits, markdown

QUESTIONS = tuple(Question(f"q{n}", "Who?", (("a", "she did it"),)) for n in range(8))
WHOLE = {"load": 1.0, "index": 0.5, "memory_mb": 100.0}


def result(*shown: tuple[str, str]) -> Result:
    answer = {"seconds": 0.01, "processor_seconds": 0.009, "declined": False, "shown": shown}
    return Result(WHOLE, [answer] * len(QUESTIONS))


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def test_what_is_shown_late_counts_only_where_that_many_words_are_read() -> None:
    late = hits(result(("b", "x " * 60), ("a", "she did it")), QUESTIONS[:8])
    assert [column[0] for column in late.values()] == [False, True, False, True, True, True]


def test_a_system_that_failed_has_a_row_that_says_so_and_the_others_theirs() -> None:
    table = cells(markdown({"peer_qa": result(("a", "she did it")), "peer_txtai": Result({}, (), "no | module")},
                           QUESTIONS))
    assert all(len(row) == len(HEAD) for row in table)
    assert table[2][:6] == ["**qa**", "1.0", "0.50", "10.0 (10.0)", "100", "1.00 (0.68–1.00)"]
    assert table[3][:3] == ["txtai", "failed: no / module", ""]


def test_only_a_difference_beyond_chance_is_marked() -> None:
    ours, theirs = result(("a", "she did it")), result(("a", "nobody"))
    table = cells(markdown({"peer_qa": ours, "peer_txtai": theirs}, QUESTIONS))
    assert table[3][5] == "1.00 (0.68–1.00)" and table[3][7].startswith(r"0.00\* ")
    few = Result(WHOLE, theirs.answers[:5])
    table = cells(markdown({"peer_qa": Result(WHOLE, ours.answers[:5]), "peer_txtai": few}, QUESTIONS[:5]))
    assert table[3][7].startswith("0.00 (")


def test_nothing_is_shown_of_a_question_that_names_nothing() -> None:
    assert cells(markdown({"peer_qa": result()}, QUESTIONS))[2][-2:] == ["0", "0.00"]


def test_a_busy_machine_is_told_and_an_idle_one_is_not() -> None:
    idle, waited = result(), Result(WHOLE, [{"seconds": 0.03, "processor_seconds": 0.01}])
    assert busy({"peer_qa": idle, "peer_txtai": Result({}, (), "no module")}) == []
    assert busy({"peer_qa": waited, "peer_txtai": idle}) == ["qa 3.0"]
