"""A folder of articles and questions: files as they are, gold strings as they stand."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa.errors import DatasetError
from qa.evaluate.datasets import articles
from qa.evaluate.datasets.corpus import prepare
from qa.evaluate.questions.dataset import load

INKY = "Inky escapes\n\nAn octopus fled. He slid  down a\npipe.\n\nSubscribe to our newsletter\n\nStaff were sad.\n"
WOLF = "On the wolf\r\n\r\nStaff were sad. The wolf ran.\r\n"


def row(id: str, *gold: str, articles: tuple[str, ...] = ("inky",), **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "question": f"Who was {id}?",
        "answerable": bool(gold),
        "gold": list(gold),
        "articles": list(articles),
        **more,
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "articles" / "deep").mkdir(parents=True)
    (folder / "articles" / "inky.txt").write_text(INKY)
    (folder / "articles" / "deep" / "wolf.txt").write_bytes(WOLF.encode())
    (folder / "articles" / "deep" / "page.html").write_text(
        "<html><body><article><h1>Rain fell</h1><p>Rain fell on <b>Tuesday</b> in the north of the country.</p>"
        "<p>Nobody minded, said the mayor of the town.</p></article></body></html>"
    )
    (folder / "articles" / "articles.toml").write_text('[inky]\nsource = "The Guardian"\n')
    (folder / "articles" / "README.md").write_text("Not an article.")
    return folder


def questions(source: Path, *rows: Any) -> Path:
    (source / "questions.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    return source


def test_the_files_are_copied_as_they_are_under_their_own_ids(source: Path, tmp_path: Path) -> None:
    made = prepare(f"articles:{questions(source, row('a', 'An octopus fled.'))}", tmp_path / "index")
    copied = {p.relative_to(made.articles).as_posix(): p.read_bytes() for p in made.articles.rglob("*") if p.is_file()}
    assert copied.keys() == {"inky.txt", "deep/wolf.txt", "deep/page.html", "articles.toml"}
    assert all((source / "articles" / name).read_bytes() == data for name, data in copied.items())
    assert made.name == "articles:news"


def test_gold_is_evidence_in_every_named_article_that_says_it(source: Path, tmp_path: Path) -> None:
    both = ("inky", "deep/wolf")
    questions(
        source,
        row("a", "Staff were sad.", "The wolf ran.", articles=both),
        row("b", "slid down a pipe."),
        row("c", "Subscribe to our newsletter"),
        row("d", "Rain fell on Tuesday", articles=("deep/page",)),
        row("e", articles=()),
        row("f", articles=both),
    )
    asked = load(prepare(f"articles:{source}", tmp_path / "index").questions).questions
    assert [[(e.article, e.quote) for e in q.evidence] for q in asked] == [
        [("inky", "Staff were sad."), ("deep/wolf", "Staff were sad."), ("deep/wolf", "The wolf ran.")],
        [("inky", "slid down a pipe.")],
        [("inky", "Subscribe to our newsletter")],
        [("deep/page", "Rain fell on Tuesday")],
        [],
        [],
    ]
    assert [(q.kind, q.split, q.history, q.answerable) for q in asked] == [("who", "test", (), True)] * 4 + [
        ("unanswerable", "test", (), False)
    ] * 2


def test_what_a_row_states_about_itself_wins(source: Path, tmp_path: Path) -> None:
    questions(
        source,
        row(
            "a",
            "The wolf ran.",
            articles=("deep/wolf",),
            kind="news",
            split="dev",
            history=["And then?"],
            conversation="c1",
        ),
        row("b", kind="near-miss"),
    )
    first, second = load(prepare(f"articles:{source}", tmp_path / "index").questions).questions
    assert (first.kind, first.split, first.history, first.conversation) == ("news", "dev", ("And then?",), "c1")
    assert second.kind == "near-miss"


def test_a_changed_article_is_another_corpus_and_a_moved_folder_is_not(source: Path, tmp_path: Path) -> None:
    first = prepare(f"articles:{questions(source, row('a', 'An octopus fled.'))}", tmp_path)
    moved = source.rename(tmp_path / "moved")
    assert prepare(f"articles:{moved}", tmp_path).articles == first.articles
    (moved / "articles" / "deep" / "wolf.txt").write_text("The wolf slept.\n")
    assert prepare(f"articles:{moved}", tmp_path).articles != first.articles


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (
            row("x", "An octopus slept."),
            "the gold 'An octopus slept.' stands nowhere in inky; copy it from the article",
        ),
        (row("x", "n octopus fled."), "the gold 'n octopus fled.' stands nowhere"),
        (row("x", "The wolf ran."), "the gold 'The wolf ran.' stands nowhere in inky"),
        (row("x", "An octopus fled.", articles=()), "the gold 'An octopus fled.' stands nowhere in no article"),
        (row("x", "An octopus fled.", articles=("inky.txt",)), "there is no article 'inky.txt'; give the path"),
        (row("x", answerable=True), "'answerable' is true with 0 strings of gold; mend one of them"),
        (row("x", "An octopus fled.", answerable=False), "'answerable' is false with 1 strings of gold"),
        (row("x", "An octopus fled.", answerable=1), "'answerable' is 1; give true or false"),
        (row("x", " "), "'gold' is empty; give it words"),
        (row("x", source="me"), "the row has an unknown key 'source'; known: id, question"),
        (row("x", split="train"), "split is 'train'; write dev or test"),
        (row("x", kind=3), "'kind' is 3; give a string"),
        (row("x", history=["a", ""]), "'history' is empty; give it words"),
        (row("x", question=None), "'question' is None; give a string"),
        ({"id": "x", "question": "Who?", "answerable": False, "gold": []}, "'articles' is missing; give a list"),
        (row("a"), "id 'a' stands twice; give each question its own id"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line_and_nothing_is_written(
    bad: dict[str, Any], problem: str, source: Path, tmp_path: Path
) -> None:
    questions(source, row("a", "An octopus fled."), bad)
    with pytest.raises(DatasetError) as refused:
        prepare(f"articles:{source}", tmp_path / "index")
    assert str(refused.value).startswith(f"{source / 'questions.jsonl'}:2: {problem}")
    assert "\n" not in str(refused.value) and not (tmp_path / "index").exists()


def test_a_folder_without_articles_or_questions_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="questions.jsonl cannot be read"):
        prepare(f"articles:{source}", tmp_path / "index")
    with pytest.raises(DatasetError, match="there is no folder .*articles; give one with articles/ and questions"):
        articles.read(tmp_path)


def test_an_article_that_is_no_regular_file_is_not_copied(source: Path, tmp_path: Path) -> None:
    (source / "articles" / "gone.txt").symlink_to(source / "nowhere")
    made = prepare(f"articles:{questions(source, row('a', 'An octopus fled.'))}", tmp_path / "index")
    assert not (made.articles / "gone.txt").exists()
