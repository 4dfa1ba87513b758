"""The cross-encoding reader: question and passages -> a score for each sentence, the exact answer inside, and whether
a passage answers at all. Torch is loaded when a `CrossReader` is made, not before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from qa.answer.pieces import Cutter, PassageInput, Pieces, batches, best_span
from qa.errors import IndexDamaged
from qa.index import models
from qa.records import Span

if TYPE_CHECKING:
    from qa.answer.net import Scores

WEIGHTS = Path(__file__).with_name("cross.safetensors")
UNREAD = -20.0  # the score of a sentence beyond the reader's window; those read lie within about -15 and 15
_LOADING = threading.Lock()  # loading switches the libraries' own messages off and on; two at once would leave them off
_loaded: dict[Path, CrossReader] = {}
_AT_ONCE = 2_048  # word pieces in a forward pass, padding included


@dataclass(frozen=True, slots=True)
class PassageScores:
    """What the reader says of a passage.

    sentences: log-odds-like scores, comparable across the passages of a question, 0 as likely as "nothing answers".
    spans: for each sentence its likeliest exact answer, (start, end) in characters of the sentence; None: unread.
    exact: for each sentence the score of that span against "no answer in this passage".
    passage: the log-odds that the passage answers at all.
    """

    sentences: tuple[float, ...]
    spans: tuple[Span | None, ...]
    exact: tuple[float, ...]
    passage: float


class CrossReader:
    """Scores passages with the weights in `weights` over the encoder that `encoder` names. Safe to share by threads."""

    def __init__(self, weights: Path = WEIGHTS, encoder: str = models.PACKAGED, bf16: bool | None = None):
        from qa.answer import net
        from qa.index.embed import bf16_in_hardware

        folder = models.locate(encoder)
        self._cutter, self._read = Cutter(folder), net.read
        self._net = net.load(folder, weights)
        self._bf16 = bf16_in_hardware() if bf16 is None else bf16
        if self._bf16:
            self._net.encoder.bfloat16()

    def score(self, question: str, passages: Sequence[PassageInput]) -> list[PassageScores]:
        """One `PassageScores` a passage, in order."""
        return self.score_pieces(self._cutter.cut(question, passages), passages)

    def score_pairs(self, pairs: Sequence[tuple[str, PassageInput]]) -> list[PassageScores]:
        """As `score`, for passages each with a question of its own; passages of many questions fill a batch better."""
        pieces = [self._cutter.cut(question, [passage])[0] for question, passage in pairs]
        return self.score_pieces(pieces, [passage for _, passage in pairs])

    def score_pieces(self, pieces: Sequence[Pieces], passages: Sequence[PassageInput]) -> list[PassageScores]:
        found: dict[int, PassageScores] = {}
        for rows in batches([len(p) for p in pieces], _AT_ONCE):
            out = self._read(self._net, [pieces[row] for row in rows])
            for at, row in enumerate(rows):
                found[row] = _scores(out, at, pieces[row], passages[row])
        return [found[row] for row in range(len(pieces))]


def default_cross(weights: Path = WEIGHTS) -> CrossReader:
    """The reader that ships, loaded once. Raises IndexDamaged where its weights cannot be used."""
    with _LOADING:
        if weights not in _loaded:
            try:
                _loaded[weights] = CrossReader(weights)
            except (OSError, ValueError, SafetensorError) as error:
                raise IndexDamaged(
                    f"the reader's weights in {weights} cannot be used ({error})", "install cited-qa again"
                ) from error
        return _loaded[weights]


def _scores(out: Scores, at: int, pieces: Pieces, passage: PassageInput) -> PassageScores:
    sentences, starts, ends = (x[at].numpy() for x in (out.sentences, out.starts, out.ends))
    nothing = float(starts[0] + ends[0])
    scores, spans, exact = [], [], []
    for n, (begin, _) in enumerate(passage.sentences):
        own = (pieces.sentence == n).nonzero()[0]
        if not len(own):
            scores.append(UNREAD), spans.append(None), exact.append(UNREAD)
            continue
        first, last, score = best_span(starts[own], ends[own])
        span = pieces.spans[own[first], 0] - begin, pieces.spans[own[last], 1] - begin
        scores.append(float(sentences[n])), spans.append((int(span[0]), int(span[1]))), exact.append(score - nothing)
    return PassageScores(tuple(scores), tuple(spans), tuple(exact), float(out.passages[at]))
