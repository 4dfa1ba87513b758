"""The chat's left side: the questions asked so far, and what stands under each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.show.parts.markup import element, escaped
from qa.show.parts.marks import Mark
from qa.show.words import counted

MOST_SHOWN = 300  # characters of a question that the chat repeats; the rest is a pasted document

# Each is shown only where the article that answers it is among the corpus. The last has no answer
# there, so that a first visitor also sees what declining looks like.
EXAMPLES = (
    ("Why did Iran strike Pakistan?", "003_01e841300c2192ad"),
    ("What is Jaish al-Adl?", "001_3740f9f57058e3dc"),
    ("How many people did Pakistan's air strikes kill?", "004_17a6728e9ae6f099"),
    ("When will the ambassadors return?", "002_db01594f68ec3a21"),
    ("Who won Pakistan's parliamentary elections?", "000_c50d7e2c24e6fad1"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and the HTML under it; `asked` is False where no answer came, and it is no history."""

    question: str
    html: str
    marks: tuple[Mark, ...] = ()
    asked: bool = True


def pending_html() -> str:
    """What stands under a question while the articles are searched."""
    return element("p", "Looking through the articles", class_="pending", role="status")


def talk_html(turns: Sequence[Turn], ids: Collection[str] = (), note: str = "") -> str:
    """The conversation, oldest first, or the welcome where nothing was asked yet.

    `ids` are the articles there are, for the welcome's examples; `note` is a passing remark.
    """
    said = "".join(_turn(index, turn) for index, turn in enumerate(turns)) or _welcome(ids)
    remark = element("p", escaped(note), class_="remark", role="status") if note else ""
    return element("div", said + remark, class_="talk", role="log", aria_label="Questions and answers")


def _turn(index: int, turn: Turn) -> str:
    question = turn.question.strip()
    if len(question) > MOST_SHOWN:
        question = f"{question[:MOST_SHOWN]}… ({counted(len(question), 'character')})"
    heading = element("h2", escaped(question), class_="question", dir="auto")
    return element("section", heading + turn.html, class_="turn", id=f"turn-{index}")


def _welcome(ids: Collection[str]) -> str:
    lead = element("p", "Ask a question. The answer is made of sentences quoted word for word, each one click "
                        "from its place in its article; where the articles do not answer, you are told so.")
    asked = "".join(
        element("li", element("button", escaped(question), type="button", class_="example", data_ask=question))
        for question, article in EXAMPLES if article in ids
    )
    examples = element("h3", "For example") + element("ul", asked, class_="examples") if asked else ""
    return element("div", element("h2", "What would you like to know?") + lead + examples, class_="welcome")
