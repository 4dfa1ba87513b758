"""Other people's models: question-answering ones of transformers, CrossEncoders of sentence-transformers.

Their one home. Torch is loaded when a model is made here, not before; weights are float32, whatever they are kept in,
and no code that comes with a model is run.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qa.errors import QAError, UsageError
from qa.index import models
from qa.index.embed import quiet
from qa.index.models import READER, RERANKER, Kind

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from qa.answer.pieces import Pieces

Floats = NDArray[np.float32]
_WINDOW = 384  # word pieces, specials included; what such models are trained on (run_squad.py of BERT)
_MOST = 8_192  # word pieces that a CrossEncoder reads at most, whatever it allows; a passage has some hundreds
_SHORTEST = 16  # word pieces; below it no room is left beside a question
_PAIRS = 16  # question and passage together, in a forward pass of a CrossEncoder


class SpanModel:
    """A question-answering model of transformers from a folder on this machine, on the CPU. Safe to share by threads.

    window: the word pieces that it reads at once, specials included. start: the id of the piece whose scores stand
    for "no answer in here". tokenizer: its tokenizer, to be copied and not to be changed.
    Raises UsageError where the model cannot be found, is of another kind, or cannot say where a word piece stands.
    """

    def __init__(self, name: str):
        self.name, folder = name, models.locate(name, READER)
        with _loading(READER, name, folder):
            from transformers import AutoModelForQuestionAnswering, AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            self._model = _whole(AutoModelForQuestionAnswering, READER, name, folder).eval()
        self.tokenizer = _fast(name, tokenizer)
        self.start = _start(name, tokenizer)
        self.window = _window(READER, name, tokenizer, self._model.config, _WINDOW)
        self._pad, self._typed = tokenizer.pad_token_id or 0, "token_type_ids" in tokenizer.model_input_names

    def logits(self, windows: Sequence[Pieces]) -> list[tuple[Floats, Floats]]:
        """For each window, in order, how well an answer starts [t] and ends [t] at each of its pieces."""
        import torch

        with torch.inference_mode():
            out = self._model(**{key: torch.from_numpy(rows) for key, rows in self._rows(windows).items()})
        starts, ends = out.start_logits.float().numpy(), out.end_logits.float().numpy()
        _check_numbers(READER, self.name, starts, ends)
        return [(starts[n, : len(window)], ends[n, : len(window)]) for n, window in enumerate(windows)]

    def _rows(self, windows: Sequence[Pieces]) -> dict[str, NDArray[np.int64]]:
        """The model's input, each [b, t], padded to the longest."""
        shape = len(windows), max(map(len, windows))
        ids, mask, types = np.full(shape, self._pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for n, window in enumerate(windows):
            ids[n, : len(window)], mask[n, : len(window)], types[n, : len(window)] = window.ids, 1, window.types
        return {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": types} if self._typed else {})


class PairModel:
    """A CrossEncoder of sentence-transformers, on the CPU. Safe to share by threads, which it serves in turn.

    Raises UsageError where it cannot be found, is another kind of model, or gives a pair more than one score.
    """

    def __init__(self, name: str):
        self.name, folder = name, models.locate(name, RERANKER)
        with _loading(RERANKER, name, folder):
            import torch
            from sentence_transformers import CrossEncoder

            self._model = CrossEncoder(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32},
                activation_fn=torch.nn.Identity(),  # the order is the same, and a sigmoid makes ties of the best
            )
            labels = self._model.num_labels
            if labels == 1:  # CrossEncoder does not tell which weights the folder lacked
                _whole(type(self._model.model), RERANKER, name, folder)
        if labels != 1:
            raise UsageError(f"reranker {name!r} gives {labels} scores to a passage, not one",
                             "choose a CrossEncoder with one label")
        window = _window(RERANKER, name, self._model.tokenizer, self._model.model.config, _MOST)
        self._model.max_seq_length = min(window, self._model.max_seq_length or _MOST)
        self._one = threading.Lock()  # its tokenizer fails when two threads set its cutting ("Already borrowed")

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """How well each of `texts` goes with `question` [len(texts)]; higher is better, in the model's own measure."""
        if not texts:
            return np.empty(0, np.float32)
        pairs = [(question, text) for text in texts]
        with self._one:
            found = self._model.predict(pairs, batch_size=_PAIRS, show_progress_bar=False)
        scores = np.asarray(found, dtype=np.float32)
        _check_numbers(RERANKER, self.name, scores)
        return scores


@contextmanager
def _loading(kind: Kind, name: str, folder: Path) -> Iterator[None]:
    """Quiet, and what libraries raise of a folder that is not whole becomes one UsageError."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    with quiet():
        try:
            yield
        except (
            OSError, ValueError, KeyError, RuntimeError, ImportError,
            SafetensorError, StrictDataclassError, pickle.UnpicklingError,
            EOFError,  # weights of no bytes: a download that was broken off
            TypeError, AttributeError, ZeroDivisionError,  # JSON of another shape, or sizes that cannot be
        ) as error:
            reason = " ".join(str(error).strip().partition("\n")[0].split()) or type(error).__name__
            raise UsageError(f"{kind.noun} {name!r} cannot be loaded from {folder} ({reason})",
                             f"give a whole {kind.family} model") from error


def _whole(loads: Any, kind: Kind, name: str, folder: Path) -> Any:
    """The model that `loads` finds in `folder`. Raises UsageError where weights are missing.

    transformers makes up what a folder lacks, at random: the head, where the model was made for something else.
    """
    import torch

    model, found = loads.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, dtype=torch.float32, output_loading_info=True
    )
    lacking = sorted(found["missing_keys"])
    if lacking:
        some = f"{lacking[0]} and {len(lacking) - 1} more" if len(lacking) > 1 else lacking[0]
        raise UsageError(f"{kind.noun} {name!r} is no {kind.family} model (it has no weights for {some})",
                         f"give a model that was trained as one, or leave it out for {kind.default}")
    return model


def _fast(name: str, tokenizer: Any) -> Tokenizer:
    """The tokenizer that knows where in a text each word piece stands."""
    if not getattr(tokenizer, "is_fast", False):
        raise UsageError(f"reader {name!r} has no tokenizer.json, which says where a word piece stands",
                         "choose a model with a fast tokenizer")
    return tokenizer.backend_tokenizer


def _start(name: str, tokenizer: Any) -> int:
    """The id of [CLS], or of what the model has in its place."""
    start = tokenizer.cls_token_id
    if start is None or start not in tokenizer("a", "b")["input_ids"]:
        raise UsageError(f"reader {name!r} puts no [CLS] before what it reads, whose score is that of no answer",
                         "choose a model of the BERT family")
    return start


def _window(kind: Kind, name: str, tokenizer: Any, config: Any, most: int) -> int:
    """Word pieces that may be read at once: what tokenizer and model allow, and `most`.

    RoBERTa and its kin count positions from one behind the padding's id, so that the first are of no use; to others
    it costs a piece of a window. An id beyond the positions belongs to a model that counts from 0.
    """
    positions, pad = getattr(config, "max_position_embeddings", None) or 0, tokenizer.pad_token_id or 0
    usable = positions - pad - 1 if positions > pad + 1 else positions
    longest = min(most, tokenizer.model_max_length, usable if usable > 0 else most)  # XLNet has -1: any number
    if longest < _SHORTEST:
        raise UsageError(f"{kind.noun} {name!r} reads only {longest} word pieces at once",
                         f"choose a model that reads {_WINDOW}")
    return longest


def _check_numbers(kind: Kind, name: str, *scores: Floats) -> None:
    """Raises QAError for what is no number: it would sort anywhere, and pass for an answer or for none."""
    if not all(np.isfinite(found).all() for found in scores):
        raise QAError(f"{kind.noun} {name!r} gave a score that is no number", "its weights are damaged; choose another")
