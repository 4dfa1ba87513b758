"""Trains the reader's network on a stream of groups: seeded, in a budget of steps or minutes, from a checkpoint on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from qa.answer.net import Net, Scores, changed, collate, load
from qa.answer.pieces import Cutter, Pieces, batches
from qa.train.reader.pairs import Group


@dataclass(frozen=True, slots=True)
class Recipe:
    """The numbers of a run. `minutes` of 0 means `steps`; else the learning rate falls with the time spent."""

    seed: int = 1
    minutes: float = 65.0
    steps: int = 0
    draws: int = 10  # a step
    rate: float = 1.3e-4  # highest learning rate of the encoder
    head_rate: float = 4e-4  # of the heads
    warmup: float = 0.04  # share of the budget
    decay: float = 0.01  # weight decay
    clip: float = 1.0  # largest norm of the gradient
    span_weight: float = 0.7  # of the loss of starts and ends beside that of sentences
    passage_weight: float = 0.3  # of the loss of "does this passage answer"
    pieces: int = 1_500  # in a forward pass, padding included; 3,000 took a fifth longer, out of the cache
    bf16: bool = False
    save_every: float = 240.0  # seconds
    articles: int | None = None  # trains on the first so many articles; None: on all


class Draws(Protocol):
    """A stream of groups that can be entered anywhere."""

    def draw(self, number: int) -> list[Group]: ...


@dataclass
class State:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    examples: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of progress: means since the last one."""

    step: int
    share: float
    loss: float
    sentence: float
    span: float
    passage: float
    rate: float
    per_second: float


Progress = Callable[[Line], None]


@dataclass
class _Sums:
    """Losses since the last line of progress."""

    values: Tensor = field(default_factory=lambda: torch.zeros(3))
    steps: int = 0
    examples: int = 0
    seconds: float = 0.0


class Trainer:
    """One run. `checkpoint` is read if it is there, so that a run goes on where it stopped.

    `start`: weights of an earlier run to begin with, of which nothing else is taken over; else the encoder's own.
    """

    def __init__(
        self, folder: Path, stream: Draws, recipe: Recipe, checkpoint: Path | None = None, start: Path | None = None
    ):
        torch.manual_seed(recipe.seed)
        self.net = load(folder, start).train() if start else Net(folder)
        self._cutter = Cutter(folder)
        self._stream, self._recipe, self._checkpoint = stream, recipe, checkpoint
        self.state = State()
        self._optimizer = torch.optim.AdamW(_parameters(self.net, recipe), betas=(0.9, 0.98), eps=1e-6)
        if checkpoint is not None and checkpoint.is_file():
            self._restore(checkpoint)

    def run(self, progress: Progress = lambda _: None, every: int = 20, until: int | None = None) -> None:
        """Trains to the end of the budget, or to step `until`."""
        sums, saved = _Sums(), time.monotonic()
        while self._share() < 1 and (until is None or self.state.step < until):
            began = time.monotonic()
            losses, examples = self._step()
            spent = time.monotonic() - began
            self.state.step, self.state.examples = self.state.step + 1, self.state.examples + examples
            self.state.seconds += spent
            sums.values, sums.steps = sums.values + losses, sums.steps + 1
            sums.examples, sums.seconds = sums.examples + examples, sums.seconds + spent
            if self.state.step % every == 0:
                progress(self._line(sums))
                sums = _Sums()
            if self._checkpoint and time.monotonic() - saved > self._recipe.save_every:
                self.save(self._checkpoint)
                saved = time.monotonic()
        if self._checkpoint:
            self.save(self._checkpoint)

    def save(self, path: Path) -> None:
        """Everything that going on needs, written whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        state = {"net": changed(self.net), "optimizer": self._optimizer.state_dict(), "state": vars(self.state)}
        torch.save(state, part)
        os.replace(part, path)

    def _restore(self, path: Path) -> None:
        kept = torch.load(path, weights_only=True)
        with torch.no_grad():
            for name, value in changed(self.net).items():
                value.copy_(kept["net"][name])
        self._optimizer.load_state_dict(kept["optimizer"])
        self.state = State(**kept["state"])

    def _share(self) -> float:
        """How much of the budget is spent, 0..1."""
        if self._recipe.minutes:
            return min(1.0, self.state.seconds / (60 * self._recipe.minutes))
        return min(1.0, self.state.step / self._recipe.steps)

    def _factor(self) -> float:
        """Of the learning rate: up in the warmup, then down in a line."""
        share, warmup = self._share(), self._recipe.warmup
        return (share + 1e-3) / (warmup + 1e-3) if share < warmup else max(0.01, (1 - share) / (1 - warmup))

    def _step(self) -> tuple[Tensor, int]:
        first = self.state.step * self._recipe.draws
        groups = [g for n in range(first, first + self._recipe.draws) for g in self._stream.draw(n)]
        losses, examples = group_losses(self.net, self._cutter, groups, self._recipe)
        weights = torch.tensor([1.0, self._recipe.span_weight, self._recipe.passage_weight])
        (losses @ weights).backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), self._recipe.clip)
        for part in self._optimizer.param_groups:
            part["lr"] = part["highest"] * self._factor()
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return losses.detach(), examples

    def _line(self, sums: _Sums) -> Line:
        sentence, span, passage = (sums.values / sums.steps).tolist()
        total = sentence + self._recipe.span_weight * span + self._recipe.passage_weight * passage
        speed = sums.examples / max(sums.seconds, 1e-9)
        rate = self._optimizer.param_groups[0]["lr"]
        return Line(self.state.step, self._share(), total, sentence, span, passage, rate, speed)


def _parameters(net: Net, recipe: Recipe) -> list[dict]:
    """Groups for the optimizer: heads learn faster; biases and norms do not decay."""
    groups = []
    for heads in (False, True):
        rate = recipe.head_rate if heads else recipe.rate
        for decays in (False, True):
            chosen = [
                v for n, v in changed(net).items() if (not n.startswith("encoder.")) == heads and (v.ndim > 1) == decays
            ]
            decay = recipe.decay if decays else 0.0
            groups.append({"params": chosen, "lr": rate, "highest": rate, "weight_decay": decay})
    return groups


def group_losses(net: Net, cutter: Cutter, groups: Sequence[Group], recipe: Recipe) -> tuple[Tensor, int]:
    """([3] mean losses of sentences (a group), spans (a passage) and passages (a passage), how many passages)."""
    rows = [(g, p) for g, group in enumerate(groups) for p in range(len(group.passages))]
    pieces = [piece for group in groups for piece in cutter.cut(group.question, group.passages)]
    sentences: list[Tensor | None] = [None] * len(rows)
    spans, passages = [], []
    for chosen in batches([len(p) for p in pieces], recipe.pieces):
        cut = [pieces[n] for n in chosen]
        out = net(collate(cut), bf16=recipe.bf16)
        for at, n in enumerate(chosen):
            sentences[n] = out.sentences[at]
        places = [(groups[rows[n][0]], rows[n][1]) for n in chosen]
        spans += _span_losses(out, cut, places)
        passages += _passage_losses(out, places)
    lists, row = [], 0
    for group in groups:
        count = len(group.passages)
        lists.append(_list_loss(sentences[row : row + count], group))  # type: ignore[arg-type]  # every row was visited
        row += count
    zero = torch.zeros(())
    means = [torch.stack(x).mean() if x else zero for x in (lists, spans, passages)]
    return torch.stack(means), len(rows)


def _list_loss(scores: Sequence[Tensor], group: Group) -> Tensor:
    """Softmax over all sentences of the group and 0 for "nothing answers"; several may be right."""
    scores = [s.new_zeros(1) if not len(s) else s for s in scores]
    right = [scores[p][s] for p, s in sorted(group.right) if s < len(scores[p]) and scores[p][s] > -1e3]
    none = scores[0].new_zeros(1)
    target = torch.stack(right).logsumexp(0) if right else none[0]
    return torch.cat([none, *scores]).logsumexp(0) - target


def _span_losses(out: Scores, cut: Sequence[Pieces], places: Sequence[tuple[Group, int]]) -> list[Tensor]:
    """The cross-entropy of start and end, halved; [CLS] is right where there is no answer."""
    rows = [n for n, (group, passage) in enumerate(places) if passage not in group.unmarked]
    if not rows:
        return []
    targets = torch.tensor([ends_of(cut[n], places[n][0].spans[places[n][1]]) for n in rows])
    found = cross_entropy(out.starts[rows], targets[:, 0], reduction="none")
    return list((found + cross_entropy(out.ends[rows], targets[:, 1], reduction="none")) / 2)


def ends_of(pieces: Pieces, span: tuple[int, int] | None) -> tuple[int, int]:
    """The first and the last piece of `span`; (0, 0) where there is none or it was cut off."""
    if span is None:
        return 0, 0
    inside = (pieces.sentence >= 0) & (pieces.spans[:, 0] < span[1]) & (pieces.spans[:, 1] > span[0])
    found = inside.nonzero()[0]
    return (int(found[0]), int(found[-1])) if len(found) else (0, 0)


def _passage_losses(out: Scores, places: Sequence[tuple[Group, int]]) -> list[Tensor]:
    answers = torch.tensor([float(any(p == passage for p, _ in group.right)) for group, passage in places])
    return list(binary_cross_entropy_with_logits(out.passages, answers, reduction="none"))
