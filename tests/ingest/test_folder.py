"""What a folder holds: ids, what is left alone, what is refused; and what articles.toml states."""

import os

import pytest

from qa.errors import ArticleError, NoArticles, SettingsError
from qa.ingest.folder import read_article, scan
from qa.ingest.origins import Origin, load_origins
from qa.settings import Ingest


def write(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def ids(folder):
    return [found.id for found in scan(folder)]


def refusal(folder, id):
    with pytest.raises(ArticleError) as error:
        read_article(next(f for f in scan(folder) if f.id == id), Ingest(), lambda text: True)
    return str(error.value)


def test_an_id_is_the_path_below_the_folder_without_its_suffix(tmp_path):
    write(tmp_path, b_dot_txt="B.", a_dot_md="A.", sub__deep__c_dot_html="C.", v1_dot_2_dot_txt="V.")
    assert ids(tmp_path) == ["a", "b", "sub/deep/c", "v1.2"]


def test_the_suffix_is_kept_where_two_ids_would_be_the_same(tmp_path):
    write(tmp_path, a_dot_txt="1.", a_dot_md="2.", b_dot_txt="3.", sub__a_dot_txt="4.")
    assert ids(tmp_path) == ["a.md", "a.txt", "b", "sub/a"]
    write(tmp_path, a_dot_txt_dot_pdf="5.")  # its short id is the long one of a.txt
    assert ids(tmp_path) == ["a.md", "a.txt", "a.txt.pdf", "b", "sub/a"]


def test_hidden_files_read_mes_and_articles_toml_are_left_alone(tmp_path):
    write(tmp_path, _dot_hidden_dot_txt="x", README_dot_md="x", articles_dot_toml="", _dot_git__a_dot_txt="x",
          a_dot_txt="A.")
    assert ids(tmp_path) == ["a"]


def test_other_files_are_refused_by_name(tmp_path):
    write(tmp_path, a_dot_txt="A.", a_dot_png="x", notes="x")
    assert ids(tmp_path) == ["a", "a.png", "notes"]
    assert "a.png is not a kind of article; known: .txt" in refusal(tmp_path, "a.png")


def test_links_are_followed_but_never_round_in_a_circle(tmp_path):
    folder, elsewhere = tmp_path / "articles", tmp_path / "elsewhere"
    write(folder, sub__a_dot_txt="A.")
    write(elsewhere, b_dot_txt="B.")
    (folder / "other").symlink_to(elsewhere)
    (folder / "sub" / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "up").symlink_to(tmp_path)
    (elsewhere / "again").symlink_to(elsewhere)
    assert ids(folder) == ["other/again", "other/b", "self.txt", "sub/a", "sub/loop", "up"]
    assert "leads back into the articles folder; remove it" in refusal(folder, "sub/loop")
    assert "leads back" in refusal(folder, "up") and "leads back" in refusal(folder, "other/again")
    assert "self.txt cannot be read (Too many levels of symbolic links)" in refusal(folder, "self.txt")


def test_a_name_that_is_no_text_is_refused_in_printable_words(tmp_path):
    with open(os.fsencode(tmp_path) + b"/caf\xe9.txt", "w") as file:
        file.write("Words.")
    (found,) = scan(tmp_path)
    found.id.encode("utf-8")
    assert r"caf\xe9.txt has a name that is not readable text; rename it" in refusal(tmp_path, found.id)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(NoArticles, match="no articles folder .*nowhere"):
        scan(tmp_path / "nowhere")
    assert scan(tmp_path) == []


def test_size_and_time_of_change_are_those_of_the_file(tmp_path):
    write(tmp_path, a_dot_txt="Words.")
    (found,) = scan(tmp_path)
    assert (found.size, found.mtime_ns) == (6, (tmp_path / "a.txt").stat().st_mtime_ns)


def test_articles_toml_wins_over_the_files_own_words(tmp_path):
    write(tmp_path, a_dot_txt="The Files Title\n\nBy Jane Doe\n\nWords that make a sentence here.", articles_dot_toml=(
        '[a]\ntitle = "Another title"\nsource = "The Sample"\ndate = 2024-01-27\n["sub/b"]\nurl = "https://x.org"\n'))
    origins = load_origins(tmp_path)
    assert origins["sub/b"] == Origin(url="https://x.org")
    (found,) = scan(tmp_path)
    article = read_article(found, Ingest(), lambda text: True, origins).article
    assert (article.title, article.source, article.date, article.author) == (
        "Another title", "The Sample", "2024-01-27", "Jane Doe")
    assert article.text.startswith("The Files Title\n\n")
    assert [article.text[s.start:s.end] for s in article.sentences if s.heading] == ["The Files Title"]


@pytest.mark.parametrize("toml,problem", [
    ('[a]\nheadline = "x"', "'a' unknown key headline; known: title, source, date, url, author"),
    ('a = "x"', "'a' is not a table"), ("[a]\ntitle = 3", "title is 3"), ('[a]\ntitle = " "', "title is ' '"),
    ("[a", "is not TOML")])
def test_a_mistake_in_articles_toml_is_named(tmp_path, toml, problem):
    write(tmp_path, articles_dot_toml=toml)
    with pytest.raises(SettingsError) as error:
        load_origins(tmp_path)
    assert problem in str(error.value) and "articles.toml" in str(error.value)


def test_no_articles_toml_states_nothing(tmp_path):
    assert load_origins(tmp_path) == {}
