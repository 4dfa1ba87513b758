"""Small reading data made of template sentences, and a tiny encoder, for the tests of the reader's training."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from qa.index import models

TOWNS = ("Arden", "Belmar", "Corvo", "Dunmore", "Elstow", "Farley", "Gorham", "Harwell", "Ilmen", "Jarrow", "Kelso",
         "Lindau", "Morvan", "Naunton", "Orrin", "Pelham", "Quarley", "Rothes", "Selby", "Tarbet", "Ulver", "Verrall")
THINGS = ("bridge", "library", "mill")


def write(folder: Path) -> Path:
    """`folder` with the two files: an article a town, two paragraphs each, answerable and unanswerable questions."""
    folder.mkdir(parents=True, exist_ok=True)
    passages, questions = [], []
    for t, town in enumerate(TOWNS):
        for part in (0, 1):
            id = f"p{t}-{part}"
            text, asked = _paragraph(t, town, part)
            passages.append({"id": id, "group": f"The_town_of_{town}", "text": text})
            questions += [{"id": f"{id}-{n}", "passage": id, **q} for n, q in enumerate(asked)]
    for name, rows in (("passages", passages), ("questions", questions)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


def _paragraph(t: int, town: str, part: int) -> tuple[str, list[dict[str, Any]]]:
    text, questions = f"{town} lies by a river, as Mr. Brown wrote.", []
    for n, thing in enumerate(THINGS):
        year, builder = str(1500 + 100 * part + 13 * t + n), f"{'Ada Bo Cy'.split()[n]} {TOWNS[(t + n) % 22]}son"
        sentence = f"The {'old' if part else 'new'} {thing} was built by {builder} in {year}."
        start = len(text) + 1
        text = f"{text} {sentence}"
        at = start + sentence.index(builder)
        source = "squad1-dev" if t == 0 else "squad1" if n % 2 else "squad2-pairs"
        kind = {"source": source, "kind": "span"}
        asked = f"Who built the {'old' if part else 'new'} {thing} of {town}?"
        questions.append({**kind, "question": asked, "spans": [[at, at + len(builder)]]})
        if source == "squad2-pairs":
            questions.append({**kind, "question": f"who tore down the {thing} of {town}?", "spans": []})
    return text, questions


def tiny_encoder(folder: Path) -> Path:
    """A folder with a BERT of two thin layers and the packaged tokenizer."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48)
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    shutil.copy(models.locate(models.PACKAGED) / "tokenizer.json", folder)
    return folder
