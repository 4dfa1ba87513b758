"""Data -> the file of weights that ships: the whole recipe."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from qa.answer import net
from qa.answer.pieces import Cutter
from qa.index import models
from qa.train.reader import corpus
from qa.train.reader.fit import Line, Recipe, Trainer
from qa.train.reader.near import WordSearch
from qa.train.reader.pairs import Stream

WINDOW = 256  # word pieces of a passage with its title: what the index's encoder reads
SMOKE = Recipe(minutes=0.0, steps=25, draws=4, warmup=0.1)  # about 200 passages
Progress = Callable[[str], None]


def train_reader(
    folder: Path,
    out: Path,
    work: Path,
    recipe: Recipe = Recipe(),
    barred: Collection[str] = (),
    progress: Progress = lambda _: None,
) -> list[Line]:
    """Trains on the data in `folder` and writes the weights to `out`; returns the lines of progress of this call.

    `work` keeps the search index and the checkpoint that a stopped run goes on from. `barred`: titles of articles
    that are kept for validation, beside those that the data keeps itself.
    """
    encoder = models.locate(models.PACKAGED)
    cutter = Cutter(encoder)
    texts = corpus.load(
        folder,
        lambda text: cutter.count(text) <= WINDOW,
        "training",
        corpus.barred_titles(folder, barred),
        progress=lambda stage, done, total: progress(f"{stage} {done}/{total}") if done == total else None,
    )
    stream = Stream(texts, WordSearch(texts, work), recipe.seed)
    trainer = Trainer(encoder, stream, recipe, work / "checkpoint.pt")
    lines: list[Line] = []

    def show(line: Line) -> None:
        lines.append(line)
        progress(told(line))

    trainer.run(show, every=max(1, min(20, recipe.steps // 5)) if recipe.steps else 20)
    net.save(trainer.net, out, {"steps": str(trainer.state.step), "passages": str(trainer.state.examples),
                                "seed": str(recipe.seed)})
    return lines


def with_hardware(recipe: Recipe) -> Recipe:
    """`recipe` in bfloat16 where the processor multiplies it itself."""
    from qa.index.embed import bf16_in_hardware

    return replace(recipe, bf16=bf16_in_hardware())


def told(line: Line) -> str:
    """A line of progress as a person reads it."""
    return (
        f"step {line.step} ({line.share:.1%}) loss {line.loss:.3f} (sentence {line.sentence:.3f}, "
        f"span {line.span:.3f}, passage {line.passage:.3f}), {line.per_second:.1f} passages/s"
    )
