"""Data -> the file of weights that ships: the whole recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from safetensors import SafetensorError

from qa.answer import net
from qa.answer.pieces import Cutter
from qa.errors import UsageError
from qa.index import models
from qa.index.embed import load_encoder
from qa.settings import Encoder as EncoderSettings
from qa.train.reader import corpus
from qa.train.reader.fit import Line, Recipe, Trainer
from qa.train.reader.near import HybridSearch
from qa.train.reader.pairs import Stream

WINDOW = 256  # word pieces of a passage with its title: what the index's encoder reads
SMOKE = Recipe(minutes=0.0, steps=25, draws=4, rate=2e-4, head_rate=1e-3, warmup=0.1, articles=10)  # about 200 passages
Progress = Callable[[str], None]


def train_reader(
    folder: Path,
    out: Path,
    work: Path,
    recipe: Recipe = Recipe(),
    barred: Collection[str] = (),
    start: Path | None = None,
    progress: Progress = lambda _: None,
) -> list[Line]:
    """Trains on the data in `folder` and writes the weights to `out`; returns the lines of progress of this call.

    `work` keeps the search's index, and for each run (recipe, data, `start`) a checkpoint that it goes on from.
    `barred`: titles of articles that are kept for validation, beside those that the data keeps itself. `start`: weights
    to begin with in place of the encoder's own. Raises UsageError where they are none.
    """
    encoder = models.locate(models.PACKAGED)
    check_weights(encoder, start)
    texts = _texts(folder, recipe, encoder, barred, progress)
    search = HybridSearch(texts, work, load_encoder(EncoderSettings()), progress=partial(_say, progress))
    checkpoint = work / f"run-{run_name(recipe, search.name, start)}" / "checkpoint.pt"
    trainer = Trainer(encoder, Stream(texts, search, recipe.seed), recipe, checkpoint, start)
    lines: list[Line] = []

    def show(line: Line) -> None:
        lines.append(line)
        progress(told(line))

    trainer.run(show, every=max(1, min(20, recipe.steps // 5)) if recipe.steps else 20)
    if not lines:
        progress(f"nothing left to train: {checkpoint} is of a run that came to its end")
    notes = {"steps": trainer.state.step, "passages": trainer.state.examples, "seed": recipe.seed}
    net.save(trainer.net, out, {name: str(value) for name, value in notes.items()})
    return lines


def check_weights(encoder: Path, path: Path | None) -> None:
    """Raises UsageError where `path` does not hold a reader's weights, before hours are spent on the way to them."""
    if path is None:
        return
    try:
        net.load(encoder, path)
    except (OSError, ValueError, SafetensorError) as error:
        raise UsageError(
            f"{path} does not hold a reader's weights ({error})", "give a file that `qa train-reader` wrote"
        ) from error


def _texts(
    folder: Path, recipe: Recipe, encoder: Path, barred: Collection[str], progress: Progress
) -> corpus.Corpus:
    cutter = Cutter(encoder)
    return corpus.load(
        folder,
        lambda text: cutter.count(text) <= WINDOW,
        "training",
        corpus.barred_titles(folder, barred),
        most=recipe.articles,
        progress=lambda stage, done, total: _say(progress, stage, done, total) if done == total else None,
    )


def _say(progress: Progress, stage: str, done: int, total: int) -> None:
    progress(f"{stage} {done}/{total}")


def run_name(recipe: Recipe, data: str, start: Path | None) -> str:
    """Equal for what goes on as the same run: everything that decides its weights but how long it may take."""
    told = asdict(replace(recipe, minutes=0.0, steps=0, save_every=0.0)) | {"data": data}
    told["start"] = start and hashlib.sha256(start.read_bytes()).hexdigest()
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


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
