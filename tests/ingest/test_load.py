"""Every file is read for what it is, or refused by name with the reason and what to do about it."""

import io
import os
import zipfile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import ArticleError
from qa.ingest.decode import decode, printable
from qa.ingest.folder import Found, read_article
from qa.ingest.load import READERS, read_file
from qa.settings import Ingest
from tests.ingest.files import PAGE, locked_pdf, pdf, wrapped

ENGLISH = "Iran’s attack on Pakistan — “a blunder,” he said at the café. It was the first of its kind in years."


@pytest.fixture
def ingest(tmp_path):
    def read(name, data, **limits):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        about = path.stat()
        return read_article(Found(path.stem, path, about.st_size, about.st_mtime_ns), Ingest(**limits),
                            lambda text: True)
    return read


@pytest.mark.parametrize("name,data,reason", [
    ("empty.txt", b"", "is empty"), ("blank.txt", b" \r\n\t\n", "is empty"),
    ("photo.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a PNG picture"),
    ("paper.txt", pdf([["Words"]]), "is a PDF"), ("page.txt", PAGE.encode(), "is a web page"),
    ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 80, "is an old Office document"),
    ("letter.md", b"{\\rtf1 Hello}", "is an RTF document"), ("plain.pdf", b"Just words.", "does not begin as one"),
    ("plain.docx", b"Just words.", "does not begin as one"), ("noise.txt", bytes(range(256)) * 8,
                                                              "not text in any charset"),
    ("nul.txt", b"\x00" * 5000, "not text"), ("cut.pdf", pdf([["Words"]])[:120], "damaged or no PDF"),
    ("scan.pdf", pdf([[]]), "no text in them"), ("notaword.docx", b"PK\x03\x04" + b"\x00" * 60, "damaged or no DOCX"),
    ("menu.txt", b"Leave a Reply\n\nShare on Facebook\n", "nothing but notices"), ("x.html", b"<html></html>",
        "no article text"),
    ("locked.pdf", locked_pdf(), "locked with a password|AES"),
    ("picture.png", b"\x89PNG", "not a kind of article"), ("none", b"Words.", "not a kind of article"),
])
def test_what_cannot_be_an_article_is_refused_with_the_reason(ingest, name, data, reason):
    with pytest.raises(ArticleError, match=reason) as refusal:
        ingest(name, data)
    assert name in refusal.value.problem and refusal.value.remedy
    assert "\n" not in str(refusal.value)


def test_a_file_too_big_is_refused_before_it_is_read(ingest):
    with pytest.raises(ArticleError, match=r"big.txt has 2.0 MB, more than 1 MB; .*max_file_bytes"):
        ingest("big.txt", b"word " * 400_000, max_file_bytes=1_000_000)


def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    path = tmp_path / "locked.txt"
    path.write_text("Words.")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # the administrator may read everything, "nobody" may not
    try:
        with pytest.raises(ArticleError, match="locked.txt cannot be read .Permission denied"):
            read_file(path, Ingest())
    finally:
        os.seteuid(user)


def test_what_is_no_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    for name, reason in (("pipe.txt", "not a regular file"), ("gone.txt", "No such file")):
        with pytest.raises(ArticleError, match=reason):
            read_file(tmp_path / name, Ingest())


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_unicode_is_read_with_its_mark_or_without(ingest, charset):
    assert ingest("a.txt", ENGLISH.encode(charset)).article.text == ENGLISH


@pytest.mark.parametrize("charset,text", [
    ("cp1252", ENGLISH), ("cp1252", "“Mañana hablaremos”, añadió el señor Muñoz. La situación seguía siendo difícil."),
    ("latin-1", "Le café était fermé à Genève. Les autorités ont déclaré que la frontière resterait fermée."),
    ("cp1251", "Иран нанес удар по Пакистану, сообщили официальные лица. Министр заявил, что ответ будет дан."),
    ("koi8-r", "Иран нанес удар по Пакистану, сообщили официальные лица. Министр заявил, что ответ будет дан."),
    ("shift_jis", "これは日本語の記事です。イランとパキスタンの関係について説明する。"),
    ("gb18030", "伊朗袭击了巴基斯坦境内的武装分子营地。巴基斯坦政府表示强烈谴责。")])
def test_another_charset_is_found_out_and_noted(ingest, charset, text):
    ingested = ingest("a.txt", text.encode(charset))
    assert ingested.article.text == text
    assert [note for note in ingested.notes if note.startswith("not UTF-8: read as ")]


def test_damaged_utf8_keeps_its_other_letters_and_says_so(ingest):
    ingested = ingest("a.txt", ENGLISH.encode().replace(b"Pakistan", b"Pak\xffstan"))
    assert "“a blunder,” he said at the café" in ingested.article.text
    assert ingested.notes == ("1 characters could not be read and stand as \ufffd",)


def test_lone_surrogates_and_nuls_never_reach_the_article(ingest):
    ingested = ingest("a.txt", b"Before \xed\xa0\x80 after. " + ENGLISH.encode() * 9 + b" A NUL \x00 here.")
    ingested.article.text.encode("utf-8")
    assert "Before \ufffd after." in ingested.article.text and "A NUL   here." in ingested.article.text
    assert len(ingested.notes) == 2


def test_windows_line_ends_are_line_ends(ingest):
    assert ingest("a.txt", b"One fact.\r\n\r\nTwo facts.\r\n").article.text == "One fact.\n\nTwo facts."


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_become_storable_text_or_a_refusal(data):
    try:
        text, _ = decode(data, "a.txt")
    except ArticleError:
        return
    text.encode("utf-8")
    assert "\x00" not in text


def test_split_pairs_of_surrogates_are_joined():
    assert printable("\ud83d\ude00") == ("\U0001f600", ())


@pytest.mark.parametrize("suffix", sorted(READERS))
@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=200), cut=st.integers(min_value=0, max_value=2000))
def test_a_damaged_file_of_any_format_is_read_or_refused_never_a_crash(suffix, noise, cut):
    samples = {".pdf": pdf([["Words of a page."]]), ".docx": word_file("Words.")}
    data = samples.get(suffix, PAGE.encode())
    try:
        READERS[suffix](data[:cut] + noise + data[cut + len(noise):], "a" + suffix)
    except ArticleError as refusal:
        assert "a" + suffix in str(refusal)


def test_a_web_page_gives_its_article_and_what_it_states_about_it(ingest):
    article = ingest("a.html", PAGE).article
    assert article.text.split("\n\n") == [
        "Border talks resume",
        "Envoys of both states met on Saturday, the first such meeting since the strikes of January.",
        "A long road", "They agreed to meet again in March & to keep the crossing at Taftan open for traders."]
    assert (article.title, article.author, article.date, article.source, article.url) == (
        "Border talks resume", "Jane Doe", "2024-02-03", "The Daily Sample", "https://example.org/talks")


def test_a_web_page_in_the_charset_it_names(ingest):
    page = PAGE.replace("utf-8", "iso-8859-2").replace("Envoys", "Posłowie")
    ingested = ingest("a.html", page.encode("iso-8859-2"))
    assert "Posłowie of both states" in ingested.article.text
    assert ingested.notes == ("read as iso-8859-2, which it names as its charset",)


@pytest.mark.parametrize("charset", ["undefined", "punycode", "hex", "no-such"])
def test_a_web_page_that_names_no_charset_of_text_is_read_all_the_same(ingest, charset):
    page = PAGE.replace("utf-8", charset).replace("Envoys", "Attachés")
    assert "Attachés of both states" in ingest("a.html", page.encode("cp1252")).article.text


MARKDOWN = """---
author: Jane Doe
date: 2024-02-03
---
# Border *talks* resume

Envoys of **both** states met on
Saturday, [said](https://example.org) a `minister`.

## A long road

1. Open the crossing.
2. Meet again in March.

| Year | Dead |
|------|------|
| 2020 | 11   |

<div>Traders <!-- all of them --> waited.</div>

Leave a Reply
"""


def test_markdown_gives_its_words_without_the_marks(ingest):
    ingested = ingest("a.md", MARKDOWN)
    article = ingested.article
    assert article.text.split("\n\n") == [
        "Border talks resume", "Envoys of both states met on Saturday, said a minister.", "A long road",
        "1. Open the crossing.", "2. Meet again in March.", "Year | Dead", "2020 | 11", "Traders  waited."]
    assert (article.title, article.author, article.date) == ("Border talks resume", "Jane Doe", "2024-02-03")
    assert [r.line for r in ingested.removed] == [21]
    assert [article.text[s.start:s.end] for s in article.sentences if s.heading][:2] == ["Border talks resume",
        "A long road"]


def test_markdown_leaves_code_as_it_is_and_takes_a_spelled_out_line_break_for_a_gap(ingest):
    code = "```\nif a < b and c > d: stop.\n```\n"
    ingested = ingest("a.md", f"One&#10;two&#10;three.\n\n<p>Four&#10;five.</p>\n\n{code}")
    assert ingested.article.text.split("\n\n") == ["One two three.", "Four five.", "if a < b and c > d: stop."]


def word_file(*lines, title=None, author=None):
    document, out = docx.Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line, style="Title" if line == title else None)
    document.core_properties.author = author or "python-docx"
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "2020", "11 dead"
    document.save(out)
    return out.getvalue()


def test_a_word_file_gives_its_paragraphs_and_tables(ingest):
    article = ingest("a.docx", word_file("Border talks", "Envoys met. They left.", title="Border talks",
                                         author="HP User")).article
    assert article.text == "Border talks\n\nEnvoys met. They left.\n\n2020 | 11 dead"
    assert article.title == "Border talks" and article.author is None


def test_a_word_file_that_unpacks_to_a_flood_is_refused(ingest):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 250_000_000)
    with pytest.raises(ArticleError, match="unpacks to 250 MB"):
        ingest("bomb.docx", out.getvalue())


def test_a_pdf_keeps_the_page_of_every_word_and_joins_lines_over_pages(ingest):
    first = "Envoys of both states met on Saturday in the town of Taftan, the first meeting since the strikes. " * 3
    second = "and agreed to keep the crossing open for traders until the end of the month, whatever else happens."
    lines = wrapped(first + "They spoke for hours", 90)
    article = ingest("a.pdf", pdf([["Border talks resume", *lines], wrapped(second, 90)],
                                  title="Border talks resume")).article
    assert article.text == f"Border talks resume\n\n{first}They spoke for hours {second}"
    assert article.title == "Border talks resume"
    assert article.page_of(0) == 1
    assert article.page_of(article.text.index("They spoke")) == 1
    assert article.page_of(article.text.index("and agreed")) == 2


def test_a_page_without_words_counts_as_a_page(ingest):
    prose = "Envoys of both states met on Saturday in the town of Taftan and talked."
    article = ingest("a.pdf", pdf([[], [prose], [], [prose.replace("Saturday", "Sunday")]])).article
    assert [article.page_of(article.text.index(day)) for day in ("Saturday", "Sunday")] == [2, 4]


def test_a_title_in_the_metadata_counts_only_where_the_text_has_it(ingest):
    article = ingest("a.pdf", pdf([["Envoys met in Taftan on Saturday."]], title="Microsoft Word - draft7.doc")).article
    assert article.title is None
