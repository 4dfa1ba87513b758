"""Text -> terms for word search. The one analysis that every lexical engine and every question goes through.

Folds case and accents, keeps numbers whole (1,500 -> 1500), joins dotted abbreviations (U.K. -> uk),
drops the possessive 's and other shortened endings (didn't -> did), and stems (Snowball English).
Articles keep every word; questions lose the words that only make them questions.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

# Raise by one with every change of what `terms` returns: an index built otherwise would miss words silently.
VERSION = 1

_REMEMBERED = 100_000  # words whose term is kept: text repeats itself, and indexing is several times faster so
_LONGEST = 100  # characters of a term; a longer run of letters is no word, and engines refuse 64 kB terms
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?![^\W_])|\b(?:[^\W\d_]\.)+[^\W\d_]\b(?!\.)")
_DOT_INSIDE = re.compile(r"\.[^\W\d_]")
# The country, where capitals or an article tell it from the pronoun.
_US = re.compile(r"US\b(?<=\bUS)|us\b(?<=\b[Tt]he us)")
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:'[^\W_]+)?")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\uff07": "'"})
_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
                    "\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_SHORTENED = re.compile(r"(?:n't|'(?:s|ll|re|ve|d|m))$")

# Snowball's English stop list, grouped, without the words that carry a question's point
# (before, after, during, more, most, against, between, own, other, not, no, only, same).
STOP_WORDS = frozenset("""
a an the and but or if because as until while of at by for with about into through to from in out on off over
under again further then once here there all any both each few some such nor so than too very
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself
it its itself they them their theirs themselves this that these those
am is are was were be been being have has had having do does did doing would should could ought can will shall may
might must cannot ca wo sha ain
what which who whom whose when where why how
tell say please know
""".split())

_local = threading.local()


def terms(text: str) -> list[str]:
    """The terms of `text` in order, repeats included. No term is empty or holds a space."""
    return [_stem(word) for word in _words(text)]


def question_terms(text: str) -> list[str]:
    """The terms of a question without its stop words; all of them where nothing else is left."""
    words = _words(text)
    return [_stem(word) for word in words if word not in STOP_WORDS] or [_stem(word) for word in words]


def _words(text: str) -> list[str]:
    text = text.translate(_APOSTROPHES)
    if _DOT_INSIDE.search(text):  # seldom, and much quicker to ask than to look for whole abbreviations
        text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    text = _US.sub("usa", text)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return [word for found in _WORD.findall(text.casefold()) if (word := _plain(found))]


@lru_cache(_REMEMBERED)
def _plain(word: str) -> str:
    """`word` without thousands commas, possessive or shortened ending; O'Brien and OBrien are one."""
    if word[0].isdigit():
        word = re.sub(r",(?=\d{3}(?!\d))", "", word)
    return _SHORTENED.sub("", word).replace("'", "")[:_LONGEST]


@lru_cache(_REMEMBERED)
def _stem(word: str) -> str:
    # A stemmer must not be used by two threads at once, so each thread has its own.
    if not hasattr(_local, "stemmer"):
        from Stemmer import Stemmer

        _local.stemmer = Stemmer("english")
    return _local.stemmer.stemWord(word)
