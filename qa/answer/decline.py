"""Why a question is declined, said from what was seen. These are the program's words, never an article's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.index.analyse import STOP_WORDS, terms
from qa.index.snapshot import Snapshot
from qa.records import Hit

_TOPIC_COSINE = 0.2  # best passage of far-off questions: at most 0.19 on the dev half; of answerable ones: median 0.51
_TOPIC_PROBABILITY = 0.1  # from here on the reader saw something of it; far-off questions of the dev half have less
EMPTY = "There are no articles to ask yet."
_WORD = r"(?:(?:[A-Z]\.){2,}|[A-Z][\w-]*(?:[’'](?!s\b)\w+)?)"  # U.S., Jean-Luc, O’Brien; without a possessive
_NAME = re.compile(rf"\b{_WORD}(?: {_WORD})*")


def reason(question: str, hits: Sequence[Hit], snapshot: Snapshot, probability: float) -> str:
    """One sentence: no articles, a name that none has, nothing on the topic, or the topic without this detail.

    `probability`: that the articles answer, as the reader sees it.
    """
    if not snapshot.engine.count():
        return EMPTY
    unknown = unknown_names(question, snapshot)
    if unknown:
        other = "; they may use another name" if probability >= _TOPIC_PROBABILITY else ""
        return f"No article mentions {_listed(unknown)}{other}."
    far = max((hit.dense_score or 0.0 for hit in hits), default=0.0) < _TOPIC_COSINE
    if far and probability < _TOPIC_PROBABILITY:
        return "Nothing in the articles is about this."
    return "The articles touch on this, but no sentence was found that answers it."


def not_sure_enough(probability: float, threshold: float) -> str:
    """Where only the threshold that was asked for stands between the reader and an answer."""
    return f"They may: the probability is {probability:.2f}, and you asked for {threshold:.2f} or more."


def unknown_names(question: str, snapshot: Snapshot) -> list[str]:
    """The names in `question`, as written, of which no word stands in any passage."""
    found = []
    for match in _NAME.finditer(question):
        words = [w for w in match[0].split() if w.lower() not in STOP_WORDS]
        # A question's first word is capitalised whatever it is; alone it is no name.
        first_alone = len(words) == 1 and match.start() == 0 and match[0].startswith(words[0])
        if words and not first_alone and all(_absent(word, snapshot) for word in words):
            found.append(" ".join(words))
    return list(dict.fromkeys(found))


def _absent(word: str, snapshot: Snapshot) -> bool:
    return all(snapshot.engine.frequency(term) == 0 for term in terms(word))


def _listed(names: Sequence[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
