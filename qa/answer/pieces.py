"""A question and a passage as those models see them that read both: word pieces, and which sentence each is of.

What the cross-encoding reader (`cross.py`) and other people's models (`extractive.py`) have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.index.snapshot import Snapshot
from qa.ingest.split import passage_input
from qa.records import Article, Hit, Place, Sentence, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
LONGEST = 320  # word pieces, specials included; a passage of 160 cl100k tokens has about 200 with title and question
LONGEST_ANSWER = 40  # word pieces of an exact answer
_QUESTION = 96  # word pieces of a question that are read; of a longer one the last, where what is asked stands
_OUTSIDE = -1  # the sentence of a piece that is in none: question, title, specials


@dataclass(frozen=True, slots=True)
class PassageInput:
    """A passage to read: its article's title, its words, and its sentences as spans of `text`, in order."""

    title: str
    text: str
    sentences: tuple[Span, ...]

    @property
    def titled(self) -> str:
        """The words with the title before them: what a model reads; `text` is its end."""
        return passage_input(self.title, self.text)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Word pieces of [CLS] question [SEP] title, passage [SEP], or the like, cut at the reader's window.

    ids, types [t] as the model wants them; sentence [t] the index of the sentence that a piece is of, or -1;
    spans [t, 2] where it stands in the passage's text (0, 0 outside of sentences).
    """

    ids: Ints
    types: Ints
    sentence: Ints
    spans: Ints

    def __len__(self) -> int:
        return len(self.ids)


class Cutter:
    """Cuts texts into word pieces with the tokenizer in `folder`. Safe to share by threads."""

    def __init__(self, folder: Path, longest: int = LONGEST):
        from tokenizers import Tokenizer

        file = str(folder / "tokenizer.json")
        self._whole, self._pair = (Tokenizer.from_file(file) for _ in range(2))
        self._whole.no_truncation(), self._whole.no_padding()
        self._pair.enable_truncation(longest, strategy="only_second")
        self._pair.no_padding()

    def cut(self, question: str, passages: Sequence[PassageInput]) -> list[Pieces]:
        """The pieces of `question` with each of `passages`, in order."""
        asked = end_of(question, self._whole, _QUESTION)
        whole = [p.titled for p in passages]
        found = self._pair.encode_batch([(asked, text) for text in whole])
        return [_pieces(f, p, len(text) - len(p.text)) for f, p, text in zip(found, passages, whole, strict=True)]

    def count(self, text: str) -> int:
        """How many word pieces `text` has, specials included."""
        return len(self._whole.encode(text).ids)


def passage_of(hit: Hit, snapshot: Snapshot) -> PassageInput:
    """The passage of `hit`, with the sentences that it holds whole."""
    return cut_out(hit.place, snapshot.article(hit.place.article), snapshot.sentences(snapshot.passage(hit.passage)))


def cut_out(place: Place, article: Article, sentences: Sequence[Sentence]) -> PassageInput:
    """The words of `article` at `place`, and where in them its `sentences` stand."""
    spans = tuple((s.start - place.start, s.end - place.start) for s in sentences)
    return PassageInput(article.title or "", article.text[place.start : place.end], spans)


def end_of(question: str, tokenizer: Tokenizer, most: int) -> str:
    """`question`, or the last `most` word pieces of a longer one: there stands what is asked."""
    spans = tokenizer.encode(question, add_special_tokens=False).offsets
    return question if len(spans) <= most else question[spans[-most][0] :]


def best_span(starts: Floats, ends: Floats, longest: int = LONGEST_ANSWER) -> tuple[int, int, float]:
    """(first, last, start + end) of the best of all spans of at most `longest` pieces; the earliest of equals."""
    total = starts[:, None] + ends[None, :]
    allowed = np.triu(np.tril(np.ones(total.shape, dtype=bool), longest - 1))
    first, last = np.unravel_index(int(np.where(allowed, total, -np.inf).argmax()), total.shape)
    return int(first), int(last), float(total[first, last])


def _pieces(found: Any, passage: PassageInput, shift: int) -> Pieces:
    types, specials = np.asarray(found.type_ids), np.asarray(found.special_tokens_mask, dtype=bool)
    spans = np.asarray(found.offsets, dtype=np.int64).reshape(-1, 2) - shift
    sentence = np.full(len(types), _OUTSIDE, dtype=np.int64)
    if passage.sentences:
        starts, ends = np.asarray(passage.sentences, dtype=np.int64).T
        near = np.searchsorted(starts, spans[:, 0], side="right") - 1
        inside = (types == 1) & ~specials & (near >= 0) & (spans[:, 1] <= ends[near]) & (spans[:, 0] < spans[:, 1])
        sentence[inside] = near[inside]
    return Pieces(np.asarray(found.ids), types, sentence, np.where(sentence[:, None] >= 0, spans, 0))


def batches(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Rows in groups of like length, of at most `most` pieces each with the padding (a long row is a group)."""
    found: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if found and lengths[row] * (len(found[-1]) + 1) <= most:
            found[-1].append(row)
        else:
            found.append([row])
    return found
