"""Text -> vectors. The one home of the encoder; torch is loaded when an encoder is, not before.

An encoder reads a limited window of word pieces and would cut silently beyond it; `fits` is the check.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from qa.errors import UsageError
from qa.index import models
from qa.records import Span
from qa.settings import Encoder as EncoderSettings

if TYPE_CHECKING:
    import torch

Floats = NDArray[np.float32]
_LARGEST_WINDOW = 512  # word pieces, for a model that states no limit of its own


class TokenVectors(NamedTuple):
    """A text's word pieces: unit vectors [t, dimensions] and where each stands in the text (code points)."""

    vectors: Floats
    spans: list[Span]


class Encoder(Protocol):
    """What the index and the reader need of a model. Equal fingerprints mean equal vectors."""

    name: str
    fingerprint: str
    dimensions: int

    def fits(self, text: str) -> bool:
        """Whether the encoder reads `text` whole (its own word pieces, specials included)."""

    def encode(self, texts: Sequence[str], question: bool = False) -> Floats:
        """Unit vectors [len(texts), dimensions]; `question`: texts ask rather than tell (some models differ)."""

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """The contextual vector of each word piece of each text, specials left out."""


def load_encoder(settings: EncoderSettings) -> Encoder:
    """The encoder that `settings.name` names. Raises UsageError where it cannot be found or is none."""
    return SentenceEncoder(settings.name, models.locate(settings.name), settings.batch)


class SentenceEncoder:
    """A sentence-transformers model from a folder on this machine, on the CPU. Safe to share by threads."""

    def __init__(self, name: str, folder: Path, batch: int):
        self._model = _load(name, folder)
        self.name, self.fingerprint, self._batch = name, models.fingerprint(folder), max(1, batch)
        self.window: int = min(self._model.max_seq_length or _LARGEST_WINDOW, 8192)
        self.dimensions = int(self._model.get_embedding_dimension())
        self._prompts = _prompts(self._model.prompts)
        self._whole, self._cut = _tokenizers(name, self._model.tokenizer, self.window)
        self._bf16 = bf16_in_hardware()

    def fits(self, text: str) -> bool:
        return len(self._whole.encode(self._prompts[False] + text).ids) <= self.window

    def encode(self, texts: Sequence[str], question: bool = False) -> Floats:
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        prompt = self._prompts[question]
        for rows in _batches(texts, self._batch):
            _, out = self._forward([prompt + texts[row] for row in rows])
            vectors[rows] = _unit(out["sentence_embedding"])
        return vectors

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        found: list[TokenVectors | None] = [None] * len(texts)
        for rows in _batches(texts, self._batch):
            pieces, out = self._forward([texts[row] for row in rows])
            vectors = _unit(out["token_embeddings"])
            for row, piece, vector in zip(rows, pieces, vectors, strict=True):
                kept = [n for n, special in enumerate(piece.special_tokens_mask) if not special]
                found[row] = TokenVectors(vector[kept], [piece.offsets[n] for n in kept])
        return found  # type: ignore[return-value]  # _batches visits every row

    def _forward(self, texts: list[str]) -> tuple[list[Any], dict[str, torch.Tensor]]:
        import torch

        pieces = self._cut.encode_batch(texts)
        features = {"input_ids": torch.tensor([p.ids for p in pieces]),
                    "attention_mask": torch.tensor([p.attention_mask for p in pieces])}
        if "token_type_ids" in self._model.tokenizer.model_input_names:
            features["token_type_ids"] = torch.tensor([p.type_ids for p in pieces])
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bf16):
            return pieces, self._model(features)


def _load(name: str, folder: Path) -> Any:
    with quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise UsageError(f"encoder {name!r} cannot be loaded from {folder} ({reason})",
                             "give a whole sentence-transformers model") from error


@contextmanager
def quiet() -> Iterator[None]:
    """No bars and no advice on standard error while a model loads; the reader's own settings come back after."""
    from transformers.utils import logging as hf

    logger, bars, level = logging.getLogger("sentence_transformers"), hf.is_progress_bar_enabled(), hf.get_verbosity()
    before = logger.level
    hf.disable_progress_bar()
    hf.set_verbosity_error()
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
        hf.set_verbosity(level)
        if bars:
            hf.enable_progress_bar()


def _tokenizers(name: str, tokenizer: Any, window: int) -> tuple[Any, Any]:
    """One tokenizer that never cuts and one that cuts at the window and pads.

    Copies of their own: switching cutting on and off on a shared one fails under threads ("Already borrowed").
    """
    if not getattr(tokenizer, "is_fast", False):
        raise UsageError(f"encoder {name!r} has no tokenizer.json, which says where a word piece stands",
                         "choose a model with a fast tokenizer")
    from tokenizers import Tokenizer

    whole, cut = (Tokenizer.from_str(tokenizer.backend_tokenizer.to_str()) for _ in range(2))
    whole.no_truncation(), whole.no_padding()
    cut.enable_truncation(window)
    cut.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    return whole, cut


def _prompts(prompts: dict[str, str] | None) -> dict[bool, str]:
    """What a model wants before a text (False) and before a question (True); most want nothing."""
    known = prompts or {}
    return {True: known.get("query") or "", False: known.get("document") or known.get("passage") or ""}


def _batches(texts: Sequence[str], size: int) -> Iterator[list[int]]:
    """Rows of `texts` in groups of like length, so that little of a batch is padding."""
    rows = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    for start in range(0, len(rows), size):
        yield rows[start:start + size]


def _unit(vectors: torch.Tensor) -> Floats:
    from torch.nn.functional import normalize

    return normalize(vectors.float(), dim=-1).numpy()


def bf16_in_hardware() -> bool:
    """Whether this CPU multiplies bfloat16 itself.

    There it takes under half the time of float32 and moves a cosine by less than 1e-4 on news text;
    elsewhere it is emulated and several times slower. PyTorch has no public question for it, hence getattr.
    """
    import torch

    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, question, bool)() for question in questions)
