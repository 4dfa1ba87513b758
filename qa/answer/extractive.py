"""A reader made of any question-answering model of transformers, as they are trained on SQuAD.

Such a model says of each word piece how well an answer starts and ends there, and says the same of [CLS], where
"no answer in here" stands. Source of the comparison with it: Devlin et al. 2019 (BERT), section 4.3 on SQuAD 2.0:

    score of a sentence = max over spans in it of start + end, minus start + end at [CLS]
    its probability     = sigmoid(score): of that span in a choice between it and no answer
    that any answers    = the highest of them

These probabilities are the model's own. They are not calibrated on anything here, and one trained on SQuAD 1.1, where
every question has an answer, knows no "no answer" at all; `answering.threshold` goes with the reader that ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from qa.answer.calibrate import sigmoid
from qa.answer.pieces import Floats, PassageInput, Pieces, batches, best_span, end_of, passage_of
from qa.answer.read import Reading
from qa.index.snapshot import Snapshot
from qa.records import Hit, Place, ReadSentence, Span

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_AT_ONCE = 3_072  # word pieces in a forward pass, padding included: eight whole windows
_UNREAD = -1e4  # the score of a sentence without a word piece; finite, for a run is JSON


@dataclass(frozen=True, slots=True)
class Found:
    """The best exact answer of a sentence: (start, end) in its characters, and its score above no answer."""

    score: float = _UNREAD
    span: Span | None = None


class Model(Protocol):
    """What a model must tell. `foreign.SpanModel` is one. Safe to share by threads."""

    window: int
    start: int
    tokenizer: Tokenizer

    def logits(self, windows: Sequence[Pieces]) -> list[tuple[Floats, Floats]]: ...


class ExtractiveReader:
    """Reads hits with a question-answering model. Safe to share by threads."""

    def __init__(self, model: Model):
        self._model, self._cutter = model, Cutter(model.tokenizer, model.window)

    def read(self, question: str, hits: Sequence[Hit], snapshot: Snapshot) -> Reading:
        """Every sentence of `hits` once, where it scores best, with the best exact answer in it."""
        passages = [passage_of(hit, snapshot) for hit in hits]
        best: dict[Place, ReadSentence] = {}
        for hit, passage, found in zip(hits, passages, self.score(question, passages), strict=True):
            for (start, end), one in zip(passage.sentences, found, strict=True):
                place = Place(hit.place.article, hit.place.start + start, hit.place.start + end)
                if place not in best or one.score > best[place].score:
                    probability = float(sigmoid(np.asarray(one.score)))
                    best[place] = ReadSentence(place, hit.passage, one.score, probability, one.span)
        sentences = tuple(sorted(best.values(), key=lambda s: -s.score))
        return Reading(sentences, sentences[0].probability if sentences else 0.0)

    def score(self, question: str, passages: Sequence[PassageInput]) -> list[list[Found]]:
        """What was found in each sentence of each passage, in order; where windows overlap, the better."""
        found = [[Found()] * len(passage.sentences) for passage in passages]
        cut = [(n, window) for n, passage in enumerate(passages) for window in self._cutter.cut(question, passage)]
        for rows in batches([len(window) for _, window in cut], _AT_ONCE):
            read = self._model.logits([cut[row][1] for row in rows])
            for row, (starts, ends) in zip(rows, read, strict=True):
                n, window = cut[row]
                _keep_better(found[n], _sentences(window, starts, ends, self._model.start, passages[n]))
        return found


class Cutter:
    """Cuts question and passage into windows of at most `window` pieces. Safe to share by threads.

    Windows of a passage overlap by a third, so that an answer at the edge of one is whole, and amid other words, in
    the next. Of a question no more than a quarter of a window is read, and the last of it, where what is asked stands.
    """

    def __init__(self, tokenizer: Tokenizer, window: int):
        from tokenizers import Tokenizer

        # Copies: switching cutting on and off on a shared one fails under threads ("Already borrowed").
        self._whole, self._pair = (Tokenizer.from_str(tokenizer.to_str()) for _ in range(2))
        self._whole.no_truncation(), self._whole.no_padding()
        self._pair.enable_truncation(window, stride=window // 3, strategy="only_second")
        self._pair.no_padding()
        self._question = window // 4

    def cut(self, question: str, passage: PassageInput) -> list[Pieces]:
        """The windows of `question` with `passage`, its title before it, from the first to the last word."""
        text = passage.titled
        first = self._pair.encode(end_of(question, self._whole, self._question), text)
        return [_window(found, text, passage) for found in (first, *first.overflowing)]


def load_reader(name: str) -> ExtractiveReader:
    """The reader that uses the model `name`, of a folder or the hub. Raises UsageError as `SpanModel` does."""
    from qa.answer.foreign import SpanModel

    return ExtractiveReader(SpanModel(name))


def _sentences(window: Pieces, starts: Floats, ends: Floats, start: int, passage: PassageInput) -> list[Found]:
    """What one window says of each sentence of its passage."""
    cls = int((window.ids == start).argmax())
    nothing = float(starts[cls] + ends[cls])
    found = []
    for n, (begin, stop) in enumerate(passage.sentences):
        own = (window.sentence == n).nonzero()[0]
        if not len(own):
            found.append(Found())
            continue
        first, last, score = best_span(starts[own], ends[own])
        span = int(window.spans[own[first], 0]) - begin, min(int(window.spans[own[last], 1]), stop) - begin
        found.append(Found(score - nothing, span))
    return found


def _keep_better(found: list[Found], other: Sequence[Found]) -> None:
    for n, one in enumerate(other):
        if one.score > found[n].score:
            found[n] = one


def _window(found: Any, text: str, passage: PassageInput) -> Pieces:
    """`found`: an encoding of the tokenizers library; `text`: what was cut, the passage at its end."""
    shift = len(text) - len(passage.text)
    spans = np.asarray([_trimmed(text, span) for span in found.offsets], dtype=np.int64).reshape(-1, 2) - shift
    sentence = np.full(len(spans), -1, dtype=np.int64)
    if passage.sentences:
        begins, stops = np.asarray(passage.sentences, dtype=np.int64).T
        near = np.searchsorted(begins, spans[:, 0], side="right") - 1
        of_passage = np.asarray([which == 1 for which in found.sequence_ids])
        inside = of_passage & (near >= 0) & (spans[:, 0] < stops[near]) & (spans[:, 0] < spans[:, 1])
        sentence[inside] = near[inside]
    ids, types = np.asarray(found.ids, np.int64), np.asarray(found.type_ids, np.int64)
    return Pieces(ids, types, sentence, np.where(sentence[:, None] >= 0, spans, 0))


def _trimmed(text: str, span: Span) -> Span:
    """`span` without blanks at its ends: many tokenizers count the blank before a word to its first piece."""
    piece = text[span[0] : span[1]]
    return span[0] + len(piece) - len(piece.lstrip()), span[1] - len(piece) + len(piece.rstrip())
