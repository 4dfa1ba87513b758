"""Fits the numbers of the linear reader (`qa/answer/reader.json`) on public questions.

Articles are split three to one: `rank` is fitted on the larger part, `any` and `each` on the smaller, whose
scores the fit of `rank` has not seen. Everything before the fit is the product's own path: the articles
are indexed, searched and read as a user's would be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa.answer import calibrate
from qa.answer.calibrate import Judge, Linear
from qa.answer.features import NAMES
from qa.answer.read import Candidates, FeatureReader
from qa.answer.search import search
from qa.answer.views import Viewer
from qa.index.library import Library
from qa.records import Span
from qa.settings import Search, Settings
from qa.train import data

Floats = calibrate.Floats
Progress = Callable[[str, int, int], None]
_RIDGE = 1e-3  # L2 weight of the ranking loss, on standardised features; 1e-4 to 1e-2 ranked alike
_LEAST_SCALE = 1e-3  # of a feature that hardly varies in the sample; its weight must not explode elsewhere
_KEPT = 10_000  # passages; all of a sample, 1 GB, so that each is encoded once
_SHOWN = 10  # sentences a question whose probability matters
_HELD = 4  # one article in so many is kept from `rank`, for `any` and `each`


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its candidates. `right` [n] marks sentences that answer; none: nothing does."""

    found: Candidates
    right: NDArray[np.bool_]
    held: bool


def fit_reader(folder: Path, work: Path, out: Path, seed: int = 1, progress: Progress = lambda *_: None) -> dict[str, float]:
    """Fits on the data in `folder`, keeps its index in `work`, writes the weights to `out`; returns figures.

    The figures are of the held articles: right sentence first and in three, of the answerable questions found.
    """
    articles, asked = data.sample(folder, seed)
    data.write(articles, work / "articles")
    library = Library(work / "articles", work / "index", Settings())
    library.build(progress=progress)
    examples = collect(library, asked, progress)
    judge = fit(examples)
    figures = measure(judge, [e for e in examples if e.held])
    save(judge, out, {"articles": len(articles), "questions": len(asked), "seed": seed, **figures})
    return figures


def collect(library: Library, asked: Sequence[data.Asked], progress: Progress = lambda *_: None) -> list[Example]:
    """Each question twice: asked of all articles, and asked with its own article hidden, so that nothing answers."""
    # The candidates do not depend on the judge, which may not exist yet.
    reader = FeatureReader(Judge(*[Linear((), (), (), (), 0.0)] * 3), Viewer(kept=_KEPT))
    examples = []
    with library.open() as snapshot:
        order = {id: n for n, id in enumerate(snapshot.articles())}
        for done, question in enumerate(asked, 1):
            held = order[question.article] % _HELD == 0
            hits = search(snapshot, question.text, Search(hits=60))
            elsewhere = [h for h in hits if h.place.article != question.article][:Search().hits]
            spans = data.locate(question, snapshot.article(question.article))
            if spans or not question.spans:
                examples.append(_example(reader.candidates(question.text, hits[:Search().hits], snapshot), spans, question.article, held))
            if question.spans and elsewhere and done % 3 == 0:
                examples.append(_example(reader.candidates(question.text, elsewhere, snapshot), [], "", held))
            progress("collecting", done, len(asked))
    return examples


def _example(found: Candidates, spans: Sequence[Span], article: str, held: bool) -> Example:
    right = [article == p.article and any(2 * (min(p.end, b) - max(p.start, a)) >= b - a for a, b in spans)
             for p in found.places]
    return Example(found, np.asarray(right, dtype=bool), held)


def fit(examples: Sequence[Example]) -> Judge:
    """The three models; see the module's docstring for what each is fitted on."""
    rank = _fit_rank([e for e in examples if not e.held and e.right.any()])
    held = [_Best.of(e, rank) for e in examples if e.held]
    known = np.stack([calibrate.any_features(b.example.found.question, b.rows, b.scores, b.example.found.absent())
                      for b in held])
    anything = _fit_logistic(known, np.asarray([b.right.any() for b in held]), calibrate.ANY_FEATURES, strength=0.1)
    each = np.concatenate([calibrate.each_features(log_odds, b.scores)[:_SHOWN]
                           for b, log_odds in zip(held, anything(known), strict=True)])
    right = np.concatenate([b.right[:_SHOWN] for b in held])
    return Judge(rank, anything, _fit_logistic(each, right, calibrate.EACH_FEATURES, strength=100.0))


@dataclass(frozen=True, slots=True)
class _Best:
    """An example's distinct sentences, best first."""

    example: Example
    rows: Floats
    scores: Floats
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, example: Example, rank: Linear) -> _Best:
        scores = rank(example.found.rows)
        order = example.found.distinct(scores)
        return cls(example, example.found.rows[order], scores[order], example.right[order])


def _fit_rank(examples: Sequence[Example]) -> Linear:
    """Listwise softmax (Cao et al., ICML 2007) over a question's sentences, by L-BFGS; several may be right."""
    rows = np.concatenate([e.found.rows for e in examples]).astype(np.float64)
    mean, scale = rows.mean(axis=0), rows.std(axis=0).clip(_LEAST_SCALE)
    lists = [((e.found.rows - mean) / scale, e.right) for e in examples]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for x, right in lists:
            scores = x @ weights
            total += logsumexp(scores) - logsumexp(scores[right])
            slope += x.T @ softmax(scores) - x[right].T @ softmax(scores[right])
        return total / len(lists) + _RIDGE * weights @ weights, slope / len(lists) + 2 * _RIDGE * weights

    weights = minimize(loss, np.zeros(len(NAMES)), jac=True, method="L-BFGS-B").x
    return Linear(NAMES, tuple(mean), tuple(scale), tuple(weights), 0.0)


def _fit_logistic(rows: Floats, right: NDArray[np.bool_], names: Sequence[str], strength: float) -> Linear:
    mean, scale = rows.mean(axis=0), rows.std(axis=0).clip(_LEAST_SCALE)
    model = LogisticRegression(C=strength, max_iter=2000).fit((rows - mean) / scale, right)
    return Linear(tuple(names), tuple(mean), tuple(scale), tuple(model.coef_[0]), float(model.intercept_[0]))


def measure(judge: Judge, examples: Sequence[Example]) -> dict[str, float]:
    """Shares of right sentences among answerable examples, and AUROC of telling them from the others."""
    best = [_Best.of(e, judge.rank) for e in examples]
    answerable = [b.right for b in best if b.right.any()]
    odds = [judge.probabilities(b.example.found.question, b.rows, b.scores, b.example.found.absent()).any for b in best]
    return {"held_questions": len(best), "first": float(np.mean([r[0] for r in answerable])),
            "in_three": float(np.mean([r[:3].any() for r in answerable])),
            "auroc": float(roc_auc_score([b.right.any() for b in best], odds))}


def save(judge: Judge, path: Path, made: dict[str, float]) -> None:
    """Writes the weights, rounded to what matters, with how they were made."""
    models = {name: {"names": m.names, **{part: [round(float(v), 5) for v in getattr(m, part)] for part in ("mean", "scale", "weights")},
                     "bias": round(float(m.bias), 5)}
              for name, m in (("rank", judge.rank), ("any", judge.any), ("each", judge.each))}
    figures = {name: round(value, 4) for name, value in made.items()}
    path.write_text(json.dumps({"format": calibrate.FORMAT, "made": figures, **models}, indent=1) + "\n", encoding="utf-8")
