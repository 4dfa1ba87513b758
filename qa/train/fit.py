"""Fits the numbers of the linear reader (`qa/answer/reader.json`) on public questions.

Only articles that the cross-encoder's training held back are used: on those it has read its scores are too good.
They are split three to one: `rank` is fitted on the larger part, `any` and `each` on the smaller, whose
scores the fit of `rank` has not seen. Everything before the fit is the product's own path: the articles
are indexed, searched and read as a user's would be.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from qa.answer import calibrate
from qa.answer.calibrate import Judge, Linear
from qa.answer.features import NAMES, PLAIN
from qa.answer.read import Candidates, FusedReader, best_passages
from qa.answer.search import search
from qa.answer.views import Viewer
from qa.index.library import Library
from qa.records import Place, Span
from qa.settings import Search, Settings
from qa.train import data
from qa.train.reader.corpus import barred_titles, part_of

Floats = calibrate.Floats
Sample = tuple[Floats, NDArray[np.bool_]]  # rows of features, and which of them are right
Progress = Callable[[str, int, int], None]
_RIDGE = 1e-3  # L2 weight of the ranking loss, on standardised features; 1e-4 to 1e-2 ranked alike
_LEAST_SCALE = 1e-3  # of a feature that hardly varies in the sample; its weight must not explode elsewhere
_KEPT = 10_000  # passages; all of a sample, 1 GB, so that each is encoded once
_COSINE_WEIGHTS = (0.0, 1.0, 2.0, 4.0, 6.0, 8.0)  # score points for a cosine of 1
_SHOWN = 10  # sentences a question whose probability matters
_HELD = 4  # one article in so many is kept from `rank`, for `any` and `each`


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its candidates. `right` [n] marks sentences that answer; an answer may also not be found."""

    found: Candidates
    right: NDArray[np.bool_]
    answerable: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A question of one's own, as it is read, with the places that answer it; none: nothing does."""

    text: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A built library and questions over it, none of which is used to report figures."""

    library: Library
    known: Sequence[Known]


def fit_reader(
    folder: Path,
    work: Path,
    own: Corpus,
    seed: int = 1,
    barred: Collection[str] = (),
    progress: Progress = lambda *_: None,
) -> tuple[Judge, dict[str, float]]:
    """The judge fitted on the data in `folder` (its index is kept in `work`) and calibrated on `own`, and figures.

    The figures are of the articles kept from `rank`: right sentence first and in three, of the answerable questions
    found. `barred`: titles kept for validation, the same that the cross-encoder's training was given.
    """
    validation = barred_titles(folder, barred)
    articles, asked = data.sample(folder, seed, lambda title: part_of(title, validation) == "held")
    data.write(articles, work / "articles")
    library = Library(work / "articles", work / "index", Settings())
    library.build(progress=progress)
    examples = collect(library, asked, progress)
    judge = fit(examples, collect_known(own))
    return judge, {
        "articles": len(articles),
        "questions": len(asked),
        "seed": seed,
        **measure(judge, [e for e in examples if e.held]),
    }


def collect(library: Library, asked: Sequence[data.Asked], progress: Progress = lambda *_: None) -> list[Example]:
    """Questions as asked, and as if nothing answered them.

    Of two answerable questions one is asked again with the passages that answer hidden (the topic is
    there, the detail is not), of six one with its whole article hidden (not even the topic is).
    """
    reader = _reader()
    examples = []
    with library.open() as snapshot:
        order = {id: n for n, id in enumerate(snapshot.articles())}
        for done, question in enumerate(asked, 1):
            held = order[question.article] % _HELD == 0
            hits = search(snapshot, question.text, Search(hits=60))
            elsewhere = [h for h in hits if h.place.article != question.article][: Search().hits]
            spans = data.locate(question, snapshot.article(question.article))
            examples += _as_asked(
                reader.candidates(question.text, hits[: Search().hits], snapshot), question, spans, held, done
            )
            if question.spans and elsewhere and done % 6 == 1:
                examples.append(_example(reader.candidates(question.text, elsewhere, snapshot), [], "", held))
            progress("collecting", done, len(asked))
    return examples


def _as_asked(found: Candidates, question: data.Asked, spans: Sequence[Span], held: bool, turn: int) -> list[Example]:
    if question.spans and not spans:
        return []  # cleaned away
    example = _example(found, spans, question.article, held)
    answering = frozenset(p for p, right in zip(found.passages, example.right, strict=True) if right)
    hidden = found.without(answering)
    if turn % 2 == 0 and answering and hidden.places:
        return [example, _example(hidden, [], "", held)]
    return [example]


def collect_known(own: Corpus) -> list[Example]:
    """One's own questions as examples; each is held."""
    reader = _reader()
    with own.library.open() as snapshot:
        found = [reader.candidates(k.text, search(snapshot, k.text, Search()), snapshot) for k in own.known]
    return [
        Example(f, np.asarray([any(p.holds_half(q) for q in k.places) for p in f.places]), bool(k.places), True)
        for f, k in zip(found, own.known, strict=True)
    ]


def _reader() -> FusedReader:
    """A reader to collect candidates with: it reads every passage, so they do not depend on a judge, still to be."""
    return FusedReader(Judge(*[Linear((), (), (), (), 0.0)] * 4), Viewer(kept=_KEPT), passages=Search().hits)


def _example(found: Candidates, spans: Sequence[Span], article: str, held: bool) -> Example:
    answers = [Place(article, start, end) for start, end in spans]
    return Example(
        found, np.asarray([any(p.holds_half(a) for a in answers) for p in found.places], dtype=bool), bool(spans), held
    )


def fit(examples: Sequence[Example], own: Sequence[Example]) -> Judge:
    """The four models. `any` is fitted on held public articles; its scale is that of them and `own` together."""
    sift = _paraphrase(_fit_rank(_to_rank(examples), PLAIN), own)
    examples, own = ([_sifted(e, sift) for e in part] for part in (examples, own))
    rank = _paraphrase(_fit_rank(_to_rank(examples), NAMES), own)
    public, home = ([_Best.of(e, rank) for e in part] for part in ([e for e in examples if e.held], own))
    anything = _platt(
        _fit_logistic([_known(public)], calibrate.ANY_FEATURES, strength=0.1), [_known(public), _known(home)]
    )
    shown = [_shown(public, anything), _shown(home, anything)]
    return Judge(sift, rank, anything, _fit_logistic(shown, calibrate.EACH_FEATURES, strength=100.0))


def _to_rank(examples: Sequence[Example]) -> list[Example]:
    """Those that a ranking is fitted on: not held, and with something right to rank."""
    return [e for e in examples if not e.held and e.right.any()]


def _sifted(example: Example, sift: Linear) -> Example:
    """`example` with the passages only that the reader would read."""
    found, best = example.found, {}
    for passage, score in zip(found.passages, sift(_columns(found.rows, PLAIN)), strict=True):
        best[passage] = max(score, best.get(passage, -np.inf))
    read = set(np.asarray(list(best))[best_passages(list(best.values()), Search().read)])
    kept = [i for i, passage in enumerate(found.passages) if passage in read]
    return replace(example, found=found.among(kept), right=example.right[kept])


def _columns(rows: Floats, names: Sequence[str]) -> Floats:
    """[n, len(NAMES)] -> [n, len(names)]"""
    return rows[:, [NAMES.index(name) for name in names]]


def _shown(best: Sequence[_Best], anything: Linear) -> Sample:
    """([n, len(EACH_FEATURES)], [n] whether it answers) of the sentences whose probability matters."""
    odds = anything(_known(best)[0])
    rows = [calibrate.each_features(o, b.scores)[:_SHOWN] for b, o in zip(best, odds, strict=True)]
    return np.concatenate(rows), np.concatenate([b.right[:_SHOWN] for b in best])


def _pooled(samples: Sequence[Sample]) -> Sample:
    """All rows of several samples: a question counts as one wherever it comes from."""
    rows, right = (np.concatenate(column) for column in zip(*samples, strict=True))
    return rows, right


def _known(best: Sequence[_Best]) -> Sample:
    """([n, len(ANY_FEATURES)], [n] whether anything answers)"""
    rows = [calibrate.any_features(b.rows, b.example.found.absent()) for b in best]
    return np.stack(rows), np.asarray([b.example.answerable for b in best])


def _platt(model: Linear, samples: Sequence[Sample]) -> Linear:
    """`model` with its log-odds stretched and shifted to fit `samples` (Platt 1999): two numbers, little to overfit."""
    rows, right = _pooled([(model(rows)[:, None], right) for rows, right in samples])
    scaling = LogisticRegression(C=100.0).fit(rows, right)
    stretch, shift = float(scaling.coef_[0][0]), float(scaling.intercept_[0])
    return replace(model, weights=tuple(stretch * w for w in model.weights), bias=stretch * model.bias + shift)


def _paraphrase(rank: Linear, own: Sequence[Example]) -> Linear:
    """`rank` with more weight on the sentence's own cosine where `own` questions are answered better for it.

    Public questions repeat the words of their passage, so a fit on them hardly needs this feature; people who
    ask in words of their own do. Public articles rank alike over the whole grid (measured: within 0.02).
    """
    at = rank.names.index("sentence_cosine")

    def with_weight(weight: float) -> Linear:
        return replace(
            rank, weights=tuple(weight * rank.scale[at] if n == at else w for n, w in enumerate(rank.weights))
        )

    answerable = [e for e in own if e.right.any()]
    return max(
        map(with_weight, _COSINE_WEIGHTS),
        key=lambda model: float(np.mean([_reciprocal_rank(_Best.of(e, model).right) for e in answerable])),
    )


def _reciprocal_rank(right: NDArray[np.bool_]) -> float:
    return 1 / (1 + int(np.argmax(right)))


@dataclass(frozen=True, slots=True)
class _Best:
    """An example's distinct sentences, best first."""

    example: Example
    rows: Floats
    scores: Floats
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, example: Example, rank: Linear) -> _Best:
        scores = rank(_columns(example.found.rows, rank.names))
        order = example.found.distinct(scores)
        return cls(example, example.found.rows[order], scores[order], example.right[order])


def _fit_rank(examples: Sequence[Example], names: Sequence[str] = NAMES) -> Linear:
    """Listwise softmax (Cao et al., ICML 2007) over a question's sentences, by L-BFGS; several may be right."""
    tables = [_columns(e.found.rows, names).astype(np.float64) for e in examples]
    rows = np.concatenate(tables)
    mean, scale = rows.mean(axis=0), rows.std(axis=0).clip(_LEAST_SCALE)
    lists = [((table - mean) / scale, e.right) for table, e in zip(tables, examples, strict=True)]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for x, right in lists:
            scores = x @ weights
            total += logsumexp(scores) - logsumexp(scores[right])
            slope += x.T @ softmax(scores) - x[right].T @ softmax(scores[right])
        return total / len(lists) + _RIDGE * weights @ weights, slope / len(lists) + 2 * _RIDGE * weights

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x
    return Linear(tuple(names), tuple(mean), tuple(scale), tuple(weights), 0.0)


def _fit_logistic(samples: Sequence[Sample], names: Sequence[str], strength: float) -> Linear:
    rows, right = _pooled(samples)
    mean, scale = rows.mean(axis=0), rows.std(axis=0).clip(_LEAST_SCALE)
    model = LogisticRegression(C=strength, max_iter=2000).fit((rows - mean) / scale, right)
    return Linear(tuple(names), tuple(mean), tuple(scale), tuple(model.coef_[0]), float(model.intercept_[0]))


def measure(judge: Judge, examples: Sequence[Example]) -> dict[str, float]:
    """Shares of right sentences among answerable examples, and AUROC of telling them from the others."""
    best = [_Best.of(_sifted(e, judge.sift), judge.rank) for e in examples]
    answerable = [b.right for b in best if b.right.any()]
    odds = [judge.probabilities(b.rows, b.scores, b.example.found.absent()).any for b in best]
    return {
        "held_questions": len(best),
        "first": float(np.mean([r[0] for r in answerable])),
        "in_three": float(np.mean([r[:3].any() for r in answerable])),
        "auroc": float(roc_auc_score([b.example.answerable for b in best], odds)),
    }


def save(judge: Judge, path: Path, made: dict[str, float]) -> None:
    """Writes the weights, rounded to what matters, with how they were made."""
    models = {
        name: {
            "names": m.names,
            **{part: [round(float(v), 5) for v in getattr(m, part)] for part in ("mean", "scale", "weights")},
            "bias": round(float(m.bias), 5),
        }
        for name, m in (("sift", judge.sift), ("rank", judge.rank), ("any", judge.any), ("each", judge.each))
    }
    figures = {name: round(value, 4) for name, value in made.items()}
    path.write_text(
        json.dumps({"format": calibrate.FORMAT, "made": figures, **models}, indent=1) + "\n", encoding="utf-8"
    )
