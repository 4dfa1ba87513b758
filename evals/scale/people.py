"""What the parts beside the engine cost: reading files, embedding passages and questions, answering."""

from __future__ import annotations

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from evals.scale.clock import Note, medians
from qa import Assistant, Library
from qa.index.embed import SentenceEncoder, bf16_in_hardware
from qa.index.models import locate
from qa.ingest.folder import read_article, scan
from qa.ingest.split import passage_input, passages
from qa.settings import Settings

ROOT = Path(__file__).parents[2]
SEEDS, QUESTIONS = ROOT / "seeds", ROOT / "evals" / "questions.jsonl"


def seed_texts() -> list[str]:
    """What the encoder sees of each passage of the seeds."""
    settings = Settings()
    encoder = _encoder(settings)
    texts = []
    for file in scan(SEEDS):
        article = read_article(file, settings.ingest, encoder.fits).article
        cut = passages(article, encoder.fits, settings.split)
        texts += [passage_input(article.title, article.text[p.start:p.end]) for p in cut]
    return texts


def _encoder(settings: Settings) -> SentenceEncoder:
    return SentenceEncoder(settings.encoder.name, locate(settings.encoder.name), settings.encoder.batch)


def embedding(note: Note) -> None:
    """Passages a second, on one thread and on every core; the packaged model in float32 and as qa runs it."""
    import torch

    texts, encoder = seed_texts() * 4, _encoder(Settings())
    for threads in sorted({1, os.cpu_count() or 1}):
        torch.set_num_threads(threads)
        for name, bf16 in (("float32", False), ("bfloat16", True)):
            if bf16 and not bf16_in_hardware():
                continue
            encoder._bf16 = bf16  # the product has no switch for it: it takes what the processor does best
            encoder.encode(texts[:64])
            wall, worked = medians(7, lambda: encoder.encode(texts))
            note(f"embedding, {name}, threads: {threads}", len(texts) / wall, "passages/s")
            note(f"embedding, {name}, threads: {threads}", 1000 * worked / len(texts), "processor ms a passage")
    torch.set_num_threads(1)
    wall, worked = medians(50, lambda: encoder.encode(["How long did the siege of the hospital last?"], question=True))
    note("embedding a question", 1000 * wall, "ms")
    note("embedding a question", 1000 * worked, "processor ms")


def reading(note: Note) -> None:
    """From file to passages: load, clean, cut."""
    settings = Settings()
    encoder, files = _encoder(settings), scan(SEEDS)

    def once() -> int:
        articles = [read_article(file, settings.ingest, encoder.fits).article for file in files]
        return sum(len(passages(article, encoder.fits, settings.split)) for article in articles)

    note("reading and cutting", 1000 * medians(9, once)[1] / once(), "processor ms a passage")


def answering(note: Note) -> None:
    """A question over the seeds, where the engine costs next to nothing: what every asker pays at any size."""
    import torch

    torch.set_num_threads(1)
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    questions = [row["question"] for row in rows if not row["history"]][:60]
    with TemporaryDirectory() as index:
        library = Library(SEEDS, index)
        library.build()
        assistant = Assistant(library)
        assistant.ask(questions[0])
        taken = [medians(1, lambda question=question: assistant.ask(question)) for question in questions]
    for unit, column in (("ms", 0), ("processor ms", 1)):
        for percent in (50, 95):
            note(f"a question answered, one thread, p{percent}",
                 float(np.percentile([1000 * seconds[column] for seconds in taken], percent)), unit)
