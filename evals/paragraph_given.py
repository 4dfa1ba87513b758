"""What the cross-encoder reads out of a passage that it is given: the sentence, the words, and that there are none.

    python -m evals.paragraph_given [--squad FILE] [--clapnq DIR] [--weights FILE]

SQuAD: the whole paragraph is given. "Right sentence" is the share of answerable questions whose best sentence holds
half of an annotator's words; F1 is that of SQuAD 2.0's own script, unanswerable questions counted, declining below
the threshold that serves the other half of the articles best. ClapNQ: the sentence is right if an annotator selected
it; beside it stands the cosine of the encoder. Intervals (95 %) are over articles, drawn whole.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from qa.answer.cross import WEIGHTS, CrossReader
from qa.answer.pieces import PassageInput
from qa.evaluate.figures.bootstrap import interval, resamples
from qa.evaluate.figures.statistics import auroc
from qa.index.embed import load_encoder
from qa.ingest.sentences import sentences
from qa.settings import Encoder
from qa.train.reader.measure import Given, answerability, judge

WINDOW = 900  # characters of a passage that are read at once, as in an index


def main() -> None:
    options = _options()
    reader = CrossReader(options.weights)
    if options.squad:
        _squad(reader, list(_paragraphs(options.squad)))
    if options.clapnq:
        _clapnq(reader, options.clapnq)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--squad", type=Path, metavar="FILE", help="SQuAD 1.1 or 2.0")
    parser.add_argument("--clapnq", type=Path, metavar="DIR", help="answerable.jsonl and unanswerable.jsonl")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, metavar="FILE", help="default: those that ship")
    options = parser.parse_args()
    if not (options.squad or options.clapnq):
        parser.error("give --squad or --clapnq")
    return options


def _say(name: str, value: float, drawn: np.ndarray) -> None:
    low, high = interval(drawn)
    print(f"{name:44} {value:.3f} ({low:.3f} to {high:.3f})", flush=True)


def _mean(name: str, values: np.ndarray, groups: list[str]) -> None:
    weights = resamples(groups).astype(float)
    _say(f"{name}, {len(values):,}", float(values.mean()), weights @ values / weights.sum(axis=1))


def _ranked(name: str, scores: np.ndarray, positive: np.ndarray, groups: list[str]) -> None:
    weights = resamples(groups).astype(float)
    value = auroc(scores, positive, np.ones((1, len(scores))))[0]
    _say(f"{name}, {len(scores):,}", float(value), auroc(scores, positive, weights))


def _paragraphs(path: Path) -> Iterator[Given]:
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"].replace("\n", " ")
            cut = tuple((s.start, s.end) for s in sentences(text, [(0, len(text))]))
            passage = PassageInput(article["title"].replace("_", " "), text, cut)
            for asked in paragraph["qas"]:
                found = () if asked.get("is_impossible") else asked["answers"]
                spans = {(a["answer_start"], a["answer_start"] + len(a["text"])) for a in found}
                yield Given(asked["question"], passage, tuple(sorted(spans)), article["title"])


def _squad(reader: CrossReader, given: list[Given]) -> None:
    found = judge(reader, given)
    some, articles = found.answerable, np.asarray(found.articles)
    _mean("SQuAD right sentence, answerable", found.right[some].astype(float), list(articles[some]))
    _mean("SQuAD F1 of the words, answerable", found.exact[some], list(articles[some]))
    if not some.all():
        _mean("SQuAD F1 of the words, all", found.gained, list(articles))
        _ranked("SQuAD AUROC answerable or not", found.sure, some.astype(float), list(articles))


def _clapnq(reader: CrossReader, folder: Path) -> None:
    rows, sure = [], []
    for name in ("answerable", "unanswerable"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            chosen = {s.strip() for output in row["output"] for s in output["selected_sentences"]}
            windows = list(_windows(row["passages"][0]))
            scores = reader.score(row["input"], windows)
            sure.append((max(map(answerability, scores)), float(name == "answerable"), row["passages"][0]["title"]))
            if chosen and name == "answerable":
                rows.append((row, chosen, windows, np.concatenate([s.sentences for s in scores])))
    titles = [row["passages"][0]["title"] for row, *_ in rows]
    encoder = load_encoder(Encoder())
    read, similar = [], []
    for row, chosen, windows, scores in rows:
        texts = [w.text[a:b] for w in windows for a, b in w.sentences]
        cosine = encoder.encode(texts) @ encoder.encode([row["input"]], question=True)[0]
        right = np.asarray([any(t in c or c in t for c in chosen) for t in texts], float)
        read.append(right[int(np.argmax(scores))]), similar.append(right[int(np.argmax(cosine))])
    _mean("ClapNQ sentence among selected, reader", np.asarray(read), titles)
    _mean("ClapNQ sentence among selected, cosine", np.asarray(similar), titles)
    _mean("ClapNQ difference", np.asarray(read) - np.asarray(similar), titles)
    scores, positive, groups = map(list, zip(*sure, strict=True))
    _ranked("ClapNQ AUROC answerable or not", np.asarray(scores), np.asarray(positive), groups)


def _windows(passage: dict) -> Iterator[PassageInput]:
    """The passage's own sentences in windows of about the size of the index's passages."""
    text, spans = "", []
    for sentence in (s.strip() for s in passage["sentences"]):
        if spans and len(text) + len(sentence) > WINDOW:
            yield PassageInput(passage["title"], text.rstrip(), tuple(spans))
            text, spans = "", []
        if sentence:
            spans.append((len(text), len(text) + len(sentence)))
            text += sentence + " "
    if spans:
        yield PassageInput(passage["title"], text.rstrip(), tuple(spans))


if __name__ == "__main__":
    main()
