"""The JSON form of an answer: what scripts stand on. Later versions add keys and never change these."""

from __future__ import annotations

from typing import Any

from qa.records import Answer, Hit, Quote, ReadSentence


def answer_to_dict(answer: Answer, id: str | None = None) -> dict[str, Any]:
    """The object that `qa ask --json` prints. Offsets count code points; `highlight` is within the quote."""
    return {
        "id": id,
        "question": answer.question,
        "resolved_question": answer.resolved_question,
        "answered": answer.answered,
        "probability": round(answer.probability, 4),
        "quotes": [quote_to_dict(n, q) for n, q in enumerate(answer.quotes, 1)],
        "closest": [quote_to_dict(n, q) for n, q in enumerate(answer.closest, 1)],
        "reason": answer.reason,
        "seconds": {stage: round(seconds, 4) for stage, seconds in answer.seconds.items()},
    }


def quote_to_dict(n: int, quote: Quote) -> dict[str, Any]:
    """One quote, numbered `n` from 1 within its answer."""
    return {
        "n": n,
        "article": quote.article,
        "title": quote.title,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "highlight": list(quote.highlight) if quote.highlight else None,
        "probability": round(quote.probability, 4),
        "paragraph": quote.paragraph,
        "page": quote.page,
        "article_sha256": quote.article_sha256,
        "also_in": [{"article": p.article, "start": p.start, "end": p.end} for p in quote.also_in],
    }


def trace_to_dict(answer: Answer) -> dict[str, Any]:
    """How the answer came about: its hits and best sentences, also when declined."""
    return {
        "hits": [_hit(h) for h in answer.hits],
        "sentences": [_sentence(s) for s in answer.sentences],
    }


def _hit(hit: Hit) -> dict[str, Any]:
    place = hit.place
    return {
        "passage": hit.passage,
        "article": place.article,
        "start": place.start,
        "end": place.end,
        "fused_score": _short(hit.fused_score),
        "dense_rank": hit.dense_rank,
        "dense_score": _short(hit.dense_score),
        "lexical_rank": hit.lexical_rank,
        "lexical_score": _short(hit.lexical_score),
    }


def _sentence(sentence: ReadSentence) -> dict[str, Any]:
    place = sentence.place
    return {
        "article": place.article,
        "start": place.start,
        "end": place.end,
        "passage": sentence.passage,
        "score": _short(sentence.score),
        "probability": _short(sentence.probability),
        "highlight": list(sentence.highlight) if sentence.highlight else None,
    }


def _short(score: float | None) -> float | None:
    """Six digits: finer than any decision that hangs on a score, and a run is kept in git."""
    return None if score is None else round(score, 6)
