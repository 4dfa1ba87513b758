"""What a file of each format says: its lines, and what it states about itself."""

from __future__ import annotations

import html
import io
import logging
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from qa.errors import ArticleError
from qa.ingest.decode import decode, printable

# What parsers of foreign formats raise on damaged files besides their own errors; it differs by file and release.
PARSER_FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError, AssertionError,
                 EOFError, OSError, SyntaxError, struct.error, zipfile.BadZipFile, zlib.error)
UNPACKED_BYTES = 200_000_000  # a .docx that unpacks to more is a bomb, not an article
STATED_CHARS = 3_000  # a title or author in the metadata counts where it also stands this near the start or the end
FRONT_KEYS = ("title", "author", "date", "source", "url")
for _name in ("pypdf", "trafilatura", "htmldate", "charset_normalizer"):
    logging.getLogger(_name).addHandler(logging.NullHandler())  # else their warnings appear amid our own lines


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file says, before cleaning.

    `wrapped`: whether its lines were broken at a width (None: to be found out). `pages`: the line each starts at.
    """

    text: str
    title: str | None = None
    author: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    pages: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    wrapped: bool | None = None


def plain(data: bytes, name: str) -> Raw:
    """A .txt file."""
    text, notes = decode(data, name)
    return Raw(text, notes=notes)


def markdown(data: bytes, name: str) -> Raw:
    """A .md file (CommonMark with tables): its words without the marks, each line where it stands in the file."""
    from markdown_it import MarkdownIt

    text, notes = decode(data, name)
    stated, body = _front_matter(text)
    blocks = MarkdownIt("commonmark").enable("table").parse(body)
    lines = [""] * (body.count("\n") + 2)
    number_of_item = ""
    for block in blocks:
        if block.type == "list_item_open" and block.info:
            number_of_item = f"{block.info}{block.markup} "
        if block.map and block.type in ("inline", "fence", "code_block", "html_block"):
            words = (_inline(block.children or []) if block.type == "inline" else
                     _tagless(block.content) if block.type == "html_block" else block.content.rstrip("\n"))
            words, number_of_item = number_of_item + words, ""
            for number, line in enumerate(words.split("\n"), block.map[0] + (block.type == "fence")):
                lines[number] = f"{lines[number]} | {line}" if lines[number] else line
    heading = _inline(blocks[1].children or []) if blocks and blocks[0].tag == "h1" else None
    title = stated.pop("title", heading)
    return Raw(_headed(title, "\n".join(lines)), title=title, notes=notes, wrapped=False, **stated)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The `key: value` lines between "---" lines at the top that name an origin, and the text without them."""
    match = re.match(r"---[ \t]*\n((?:[^\n]*\n)*?)---[ \t]*(?:\n|$)", text)
    if not match:
        return {}, text
    pairs = (line.partition(":") for line in match[1].splitlines())
    stated = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}
    kept_lines = "\n" * match[0].count("\n")  # so that line numbers stay those of the file
    return {key: stated[key] for key in FRONT_KEYS if stated.get(key)}, kept_lines + text[match.end():]


def _inline(children: list[Any]) -> str:
    words = (" " if c.type in ("softbreak", "hardbreak") else c.content if c.type in ("text", "code_inline") else ""
             for c in children)
    return _unbroken("".join(words)).strip()


def _tagless(markup: str) -> str:
    lines = re.sub(r"<!--.*?-->|<[^<>]*>", "", markup, flags=re.DOTALL).split("\n")
    return "\n".join(_unbroken(html.unescape(line)) for line in lines).rstrip("\n")


def _unbroken(line: str) -> str:
    """`line` as the one line it is in the file: a line break spelled out ("&#10;") is white space like any other."""
    return line.replace("\n", " ")


def web_page(data: bytes, name: str) -> Raw:
    """A .html file: its article without the page around it, and its metadata, by trafilatura."""
    from trafilatura import bare_extraction

    declared = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", data[:4096], re.IGNORECASE)
    text, notes = decode(data, name, declared and declared[1].decode("ascii"))
    page = _parsed(lambda: bare_extraction(text, include_comments=False, with_metadata=True, date_extraction_params={
        "extensive_search": False, "original_date": True}), name, "web page")
    if page is None or not (page.text or "").strip():
        raise ArticleError(f"{name} holds no article text", "save the page once it has loaded, or as plain text")
    return Raw(_headed(page.title, page.text), title=page.title, author=page.author, date=page.date,
               source=page.sitename, url=page.url, notes=notes, wrapped=False)


def pdf(data: bytes, name: str) -> Raw:
    """A .pdf file, page by page."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    own = (PyPdfError, DependencyError)  # the latter is none of the former: a cipher that nothing here can undo
    reader = _parsed(lambda: PdfReader(io.BytesIO(data)), name, "PDF", *own)
    if _parsed(lambda: reader.is_encrypted and not reader.decrypt(""), name, "PDF", *own):
        raise ArticleError(f"{name} is locked with a password", "save a copy without one")
    texts = _parsed(lambda: [page.extract_text().rstrip() for page in reader.pages], name, "PDF", *own)
    text, notes = printable("\n".join(texts))
    if not text.strip():
        raise ArticleError(f"{name} has pages but no text in them", "run text recognition (OCR) on it first")
    about = _parsed(lambda: reader.metadata, name, "PDF", *own)
    return Raw(text, title=_stated(about and about.title, text), author=_stated(about and about.author, text),
               pages=_page_starts(texts), notes=notes, wrapped=True)


def _page_starts(texts: list[str]) -> tuple[int, ...]:
    starts = [1]
    for text in texts[:-1]:
        starts.append(starts[-1] + text.count("\n") + 1)
    return tuple(starts)


def word(data: bytes, name: str) -> Raw:
    """A .docx file: its paragraphs and, a line a row, its tables."""
    from docx import Document
    from docx.opc.exceptions import OpcError

    unpacked = _parsed(lambda: sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(data)).infolist()), name,
                       "DOCX")
    if unpacked > UNPACKED_BYTES:
        raise ArticleError(f"{name} unpacks to {unpacked // 10**6} MB",
                           "take the pictures out or save it as plain text")
    document = _parsed(lambda: Document(io.BytesIO(data)), name, "DOCX", OpcError)
    lines = _parsed(lambda: list(_word_lines(document)), name, "DOCX", OpcError)
    text, notes = printable("\n".join(line for _, line in lines))
    heading = next((line for style, line in lines if style == "Title" and line), None)
    about = _parsed(lambda: document.core_properties, name, "DOCX", OpcError)
    return Raw(text, title=heading or _stated(about.title, text), author=_stated(about.author, text), notes=notes,
               wrapped=False)


def _word_lines(document: Any) -> Iterator[tuple[str, str]]:
    """(style, text) of the paragraphs and table rows of a python-docx document, in order."""
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield from (("Table", " | ".join(cell.text.replace("\n", " ") for cell in row.cells)) for row in block.rows)
        else:
            yield (block.style.name or "") if block.style else "", block.text


def _parsed(parse: Callable[[], Any], name: str, kind: str, *own: type[Exception]) -> Any:
    """What `parse` gives. Whatever a parser raises on a damaged file becomes an ArticleError here."""
    try:
        return parse()
    except (*PARSER_FAULTS, *own) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ArticleError(f"{name} is damaged or no {kind} ({reason})", "save it anew or as plain text") from error


def _stated(value: str | None, text: str) -> str | None:
    """`value` of the metadata where the text states it too; programs put in file names and account names."""
    words = " ".join((value or "").split())
    near = " ".join(f"{text[:STATED_CHARS]} {text[-STATED_CHARS:]}".split())
    return words if len(words.split()) > 1 and words.casefold() in near.casefold() else None


def _headed(title: str | None, text: str) -> str:
    """`text` with the title as its first line, unless that stands at its top already."""
    top = [" ".join(line.split()) for line in text.lstrip().split("\n", 8)[:8]]
    return text if not title or " ".join(title.split()) in top else f"{title}\n\n{text}"
