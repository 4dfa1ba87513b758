"""What a question asks for, by its own words."""

from __future__ import annotations

import re

UNANSWERABLE = "unanswerable"
# At one place the earlier wins: "what year" is a when, "how many" no how.
_ASKS = re.compile(
    r"""\b(?:
      (?P<how_many>how\s(?:many|much|long|far|often|old|tall|high|big|large|fast|deep|wide|heavy)
        | (?:what|which)\s(?:number|percentage|percent|amount|proportion)\b)
    | (?P<when>when | (?:what|which|whose)\s(?:year|date|day|month|decade|century|time)s?\b)
    | (?P<where>where | (?:what|which)\s(?:country|city|town|state|place|location|continent)\b)
    | (?P<why>why | how\scome | (?:what|which)\sreasons?\b)
    | (?P<who>who|whom|whose)
    | (?P<how>how)
    | (?P<what>what|which)
    )\b""",
    re.VERBOSE,
)
_YES_NO = re.compile(
    r"(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)"
    r"(?:n't|n\u2019t)?\b"
)


def kind_of(question: str) -> str:
    """ "who", "what", "when", "where", "how-many", "why", "how" or "yes-no"; "other" where no word says so.

    The first word that asks decides, wherever it stands: "In what year …", and search queries, too.
    """
    plain = " ".join(question.casefold().split())
    if _YES_NO.match(plain):
        return "yes-no"
    asks = _ASKS.search(plain)
    return asks.lastgroup.replace("_", "-") if asks and asks.lastgroup else "other"
