"""Articles -> passages: whole sentences, about 160 tokens, overlapping, inside the encoder's window."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import QAError
from qa.ingest.sentences import halves
from qa.records import Article, Passage, Sentence
from qa.settings import Split

if TYPE_CHECKING:
    from tiktoken import Encoding

Fits = Callable[[str], bool]

VOCABULARY = Path(__file__).parents[1] / "data" / "cl100k_base.tiktoken"
# The hash that tiktoken itself expects of this file (tiktoken_ext/openai_public.py), as is the pattern below.
VOCABULARY_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|"
    r"\s*[\r\n]|\s+(?!\S)|\s"
)
TITLE_LETTERS = 150  # decomposed letters of a title the encoder sees; a word piece holds at least one of them


@cache
def encoding() -> Encoding:
    """cl100k_base built from the package's own copy, because tiktoken would fetch its own from the network.

    Raises QAError where the file is missing or not the one tiktoken expects.
    """
    from tiktoken import Encoding

    data = VOCABULARY.read_bytes() if VOCABULARY.is_file() else b""
    if hashlib.sha256(data).hexdigest() != VOCABULARY_SHA256:
        raise QAError(f"the packaged vocabulary {VOCABULARY} is missing or altered", "install cited-qa again")
    pairs = (line.split() for line in data.splitlines() if line)
    ranks = {base64.b64decode(token): int(rank) for token, rank in pairs}
    return Encoding("cl100k_base", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})


def count_tokens(text: str) -> int:
    """How many cl100k tokens `text` has; text that spells a special token counts as ordinary text."""
    return len(encoding().encode_ordinary(text))


def passage_input(title: str | None, text: str) -> str:
    """What the encoder sees of a passage: its article's title, then its words."""
    short = _short_title(title) if title else ""
    return text if not short or text.startswith(short) else f"{short}\n{text}"


@lru_cache(maxsize=1024)
def _short_title(title: str) -> str:
    """The words of `title` that leave the encoder's window room for the passage."""
    lengths = accumulate(len(unicodedata.normalize("NFD", letter)) for letter in title)
    end = sum(length <= TITLE_LETTERS for length in lengths)
    if end == len(title):
        return title
    return title[:title.rfind(" ", 0, end) if " " in title[:end] else end].rstrip()


def fit_sentences(sentences: Sequence[Sentence], text: str, title: str | None, fits: Fits) -> tuple[Sentence, ...]:
    """`sentences` with those beyond the encoder's window halved between words until every piece fits."""
    return tuple(piece for s in sentences for piece in _fitting(s, text, title, fits))


def _fitting(sentence: Sentence, text: str, title: str | None, fits: Fits) -> Iterator[Sentence]:
    if sentence.end - sentence.start == 1 or fits(passage_input(title, text[sentence.start:sentence.end])):
        yield sentence
        return
    for start, end in halves(text, sentence.start, sentence.end):
        yield from _fitting(replace(sentence, start=start, end=end, whole=False), text, title, fits)


def passages(article: Article, fits: Fits, settings: Split) -> list[Passage]:
    """The passages of `article` in order; every sentence is in at least one, whole.

    A passage holds as many sentences as `settings.target_tokens` and the encoder's window (`fits`, asked
    about `passage_input`) allow, at least one, and repeats the last `overlap_sentences` of the one before.
    """
    sentences = article.sentences
    tokens = [count_tokens(article.text[s.start:s.end]) + 1 for s in sentences]  # + 1: the gap before it
    found, covered = [], 0
    while covered < len(sentences):
        first, last = _reach(sentences, tokens, covered, settings)
        while last > covered + 1 and not _fit(article, first, last, fits):
            last -= 1
        while first < covered and not _fit(article, first, last, fits):
            first += 1
        found.append(_passage(article, first, last))
        covered = last
    return found


def _reach(sentences: Sequence[Sentence], tokens: Sequence[int], covered: int, settings: Split) -> tuple[int, int]:
    """The sentences [first, last) of the passage that goes on at `covered`, by tokens alone.

    What is repeated gives way to the first new sentence; a heading goes with what follows it.
    """
    first = max(0, covered - settings.overlap_sentences)
    while first < covered and sum(tokens[first:covered + 1]) > settings.target_tokens:
        first += 1
    last, total = covered + 1, sum(tokens[first:covered + 1])
    while last < len(sentences) and total + tokens[last] <= settings.target_tokens:
        total += tokens[last]
        last += 1
    content = next((i for i in range(last, covered, -1) if not sentences[i - 1].heading), last)
    return first, content if last < len(sentences) else last


def _fit(article: Article, first: int, last: int, fits: Fits) -> bool:
    start, end = article.sentences[first].start, article.sentences[last - 1].end
    return fits(passage_input(article.title, article.text[start:end]))


def _passage(article: Article, first: int, last: int) -> Passage:
    start, end = article.sentences[first].start, article.sentences[last - 1].end
    return Passage(id=Passage.make_id(article.id, article.sha256, start, end), article=article.id,
                   start=start, end=end, tokens=count_tokens(article.text[start:end]))
