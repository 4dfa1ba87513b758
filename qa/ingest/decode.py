"""Bytes -> text that can be shown and stored: which charset it is, and what could not be read."""

from __future__ import annotations

import codecs
import re

from qa.errors import ArticleError

# Longest first: the mark of UTF-32 begins with that of UTF-16.
MARKS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# The charsets that pages are written in (WHATWG); left to guess among all, the detector takes French for Mac Latin 2.
CHARSETS = ["cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp932", "euc_jp",
            "gb18030",
            "big5", "cp949"]
WIDE_CHARSETS = ["utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be"]
SAMPLE = 200_000  # bytes the detector sees; divisible by four, so that no wide letter is cut
BINARY_SHARE = 0.005  # of control characters, from which bytes are no text
WIDE_SHARE = 0.2  # of NULs, from which bytes may be UTF-16 without its mark; English has a half
_CONTROL = bytes(sorted(set(range(32)) - set(b"\t\n\v\f\r\x1b")))
_CONTROL_TEXT = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(data: bytes, name: str, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text in `data` and notes on how it was read. `declared`: the charset that the file itself names.

    Raises ArticleError where `data` is no text in any charset.
    """
    mark = next((charset for bom, charset in MARKS if data.startswith(bom)), None)
    if mark:
        return printable(data.decode(mark, errors="replace"))
    if data.count(0) > WIDE_SHARE * len(data):
        return _detected(data, name, WIDE_CHARSETS)
    if len(data) - len(data.translate(None, _CONTROL)) > BINARY_SHARE * len(data):
        raise _not_text(name)
    try:
        return printable(data.decode("utf-8", errors="surrogatepass"))
    except UnicodeDecodeError:
        return _not_utf8(data, name, declared)


def _not_utf8(data: bytes, name: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    if declared and (text := _declared(data, declared)) is not None:
        return _noted(text, f"read as {declared}, which it names as its charset")
    repaired = data.decode("utf-8", errors="replace")
    beyond_ascii = sum(c > "\x7f" for c in repaired)
    if beyond_ascii >= 2 * repaired.count("\ufffd"):  # other charsets hardly ever form valid UTF-8 by chance
        return printable(repaired)
    return _detected(data, name, CHARSETS)


def _declared(data: bytes, charset: str) -> str | None:
    try:
        return data.decode("cp1252" if charset.lower() in ("iso-8859-1", "latin1", "ascii") else charset)
    except (LookupError, UnicodeError):  # some codecs raise the wider one ("undefined")
        return None


def _detected(data: bytes, name: str, charsets: list[str]) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    matches = list(from_bytes(data[:SAMPLE], cp_isolation=charsets))
    if not matches:
        raise _not_text(name)
    best = matches[0]
    # Where two charsets look equally likely, or give the same text, it is the commonest of the web.
    likely = [m for m in matches if (m.chaos, m.coherence) == (best.chaos, best.coherence)]
    western = any("cp1252" in m.could_be_from_charset for m in likely) and "cp1252" in charsets
    charset = "cp1252" if western else best.encoding
    return _noted(data.decode(charset, errors="replace"), f"not UTF-8: read as {charset}, which it looks like")


def _noted(text: str, note: str) -> tuple[str, tuple[str, ...]]:
    text, notes = printable(text)
    return text, (note, *notes)


def _not_text(name: str) -> ArticleError:
    return ArticleError(f"{name} is not text in any charset", "save it as UTF-8, or give it the suffix of what it is")


def printable(text: str) -> tuple[str, tuple[str, ...]]:
    """`text` without characters that cannot be stored or shown, and notes saying how many there were."""
    text = _PAIR.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"),
                     text.removeprefix("\ufeff"))
    text, controls = _CONTROL_TEXT.subn(" ", text)
    text = _SURROGATE.sub("\ufffd", text)
    lost = text.count("\ufffd")
    notes = ((f"{controls} control characters (NUL and the like) read as spaces",) if controls else ()) + (
        (f"{lost} characters could not be read and stand as \ufffd",) if lost else ())
    return text, notes
