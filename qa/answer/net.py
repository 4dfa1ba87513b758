"""The cross-encoding reader's network: a small BERT over question and passage, and three heads.

A sentence's score comes from its pieces' vectors (their mean and two learned weighings), the vector of [CLS] and the
best start and end of an exact answer in it; scores of different passages are comparable, and 0 stands for "nothing
answers". Starts and ends are scores per piece, with [CLS] for "no answer in here". One more says whether the passage
answers at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from qa.answer.pieces import Pieces
from qa.index.embed import quiet

_NO = -1e4  # a score that cannot win and does not overflow
_VIEWS = 2  # learned weighings of a sentence's pieces
_HIDDEN = 256


class Batch(NamedTuple):
    """ids, types, mask [b, t]; sentence [b, t] -1 outside; count: the most sentences of a passage here"""

    ids: Tensor
    types: Tensor
    mask: Tensor
    sentence: Tensor
    count: int


class Scores(NamedTuple):
    """sentences [b, s], starts and ends [b, t] ([CLS] at 0), passages [b]; float32, very low where there is none"""

    sentences: Tensor
    starts: Tensor
    ends: Tensor
    passages: Tensor


def collate(rows: Sequence[Pieces]) -> Batch:
    """Pads `rows` to the longest."""
    longest = max(map(len, rows))
    ids, types, mask = (torch.zeros(len(rows), longest, dtype=torch.long) for _ in range(3))
    sentence = torch.full((len(rows), longest), -1, dtype=torch.long)
    for n, row in enumerate(rows):
        ids[n, : len(row)], types[n, : len(row)] = torch.from_numpy(row.ids), torch.from_numpy(row.types)
        mask[n, : len(row)], sentence[n, : len(row)] = 1, torch.from_numpy(row.sentence)
    return Batch(ids, types, mask, sentence, int(sentence.max()) + 1)


class Net(nn.Module):
    """The encoder in `folder` with the reader's heads. Word embeddings stay as they are."""

    def __init__(self, folder: Path):
        super().__init__()
        from transformers import BertModel

        with quiet():
            self.encoder = BertModel.from_pretrained(
                folder, add_pooling_layer=False, attn_implementation="eager", local_files_only=True,
                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, dtype=torch.float32,
            )
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.spans = nn.Linear(width, 2)
        self.weigh = nn.Linear(width, _VIEWS)
        self.mix = nn.Linear((2 + _VIEWS) * width, _HIDDEN)
        self.score = nn.Linear(_HIDDEN, 1)
        self.evidence = nn.Linear(2, 1, bias=False)  # best start and end in the sentence -> its score
        self.passage = nn.Linear(width, 1)
        nn.init.zeros_(self.evidence.weight)

    def forward(self, batch: Batch, bf16: bool = False) -> Scores:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            vectors = self.encoder(
                input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.mask
            ).last_hidden_state
        return self._heads(vectors.float(), batch)

    def _heads(self, vectors: Tensor, batch: Batch) -> Scores:
        """vectors [b, t, width]"""
        allowed = batch.sentence >= 0
        allowed[:, 0] = True
        starts, ends = (x.masked_fill(~allowed, _NO) for x in self.spans(vectors).unbind(-1))
        inside = batch.sentence[:, None, :] == torch.arange(max(1, batch.count))[None, :, None]  # [b, s, t]
        pooled = [_mean(inside, vectors), *_weighed(inside, self.weigh(vectors), vectors)]
        whole = vectors[:, :1].expand(-1, inside.shape[1], -1)
        best = torch.stack([x[:, None, :].masked_fill(~inside, _NO).amax(-1) for x in (starts, ends)], -1)
        exists = inside.any(-1)
        score = self.score(gelu(self.mix(torch.cat([*pooled, whole], -1)))) + self.evidence(best.clamp(-20, 20))
        return Scores(score[..., 0].masked_fill(~exists, _NO), starts, ends, self.passage(vectors[:, 0])[:, 0])


def read(net: Net, rows: Sequence[Pieces]) -> Scores:
    """The scores of `rows`, for use and not for training."""
    with torch.inference_mode():
        return net(collate(rows))


def _mean(inside: Tensor, vectors: Tensor) -> Tensor:
    """[b, s, t], [b, t, w] -> [b, s, w]: the mean of each sentence's pieces"""
    weights = inside.float()
    return (weights / weights.sum(-1, keepdim=True).clamp(min=1)) @ vectors


def _weighed(inside: Tensor, logits: Tensor, vectors: Tensor) -> list[Tensor]:
    """As `_mean`, with weights that go by `logits` [b, t, views]; one [b, s, w] a view"""
    return [
        x[:, None, :].masked_fill(~inside, _NO).softmax(-1) @ vectors for x in logits.unbind(-1)
    ]


def changed(net: Net) -> dict[str, Tensor]:
    """The tensors that training changes, by name: everything but the word embeddings."""
    return {name: value for name, value in net.named_parameters() if value.requires_grad}


def save(net: Net, path: Path, notes: dict[str, str] | None = None) -> None:
    """What training changed, in float16, with `notes` as the file's metadata; whole or not at all."""
    from safetensors.torch import save_file

    part = path.with_name(f"{path.name}.part")
    save_file({n: v.detach().half().contiguous() for n, v in changed(net).items()}, part, metadata=notes)
    part.chmod(0o644)  # it is written for its owner alone, and an installation is read by others
    part.replace(path)


def load(folder: Path, path: Path) -> Net:
    """The encoder in `folder` with the weights of `path` over it. Raises ValueError where they do not fit."""
    from safetensors.torch import load_file

    net = Net(folder)
    weights, wanted = load_file(path), changed(net)
    if {n: v.shape for n, v in weights.items()} != {n: v.shape for n, v in wanted.items()}:
        raise ValueError(f"{path} does not hold the weights of this reader")
    if not all(torch.isfinite(v).all() for v in weights.values()):
        raise ValueError(f"{path} holds numbers that are none")
    with torch.no_grad():
        for name, value in wanted.items():
            value.copy_(weights[name].float())
    return net.eval()
