"""The chat's left side: the questions asked so far, and what stands under each."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.errors import QAError
from qa.records import Answer
from qa.show.parts.cards import answer_html, sentence, thumbs_html, tool
from qa.show.parts.marks import Mark, Read, marks_of
from qa.show.parts.markup import element, escaped
from qa.show.parts.said import Fault, Turn, restored
from qa.show.words import counted

MOST_SHOWN = 300  # characters of a question that the chat repeats; the rest is a pasted document

# Each is shown only where the article that answers it is among the corpus. The last has no answer
# there, so that a first visitor also sees what declining looks like.
EXAMPLES = (
    ("Why did Iran strike Pakistan?", "003_01e841300c2192ad"),
    ("What is Jaish al-Adl?", "001_3740f9f57058e3dc"),
    ("How many people did Pakistan's air strikes kill?", "004_17a6728e9ae6f099"),
    ("When will the ambassadors return?", "002_db01594f68ec3a21"),
    ("How much did the price of oil rise?", "000_c50d7e2c24e6fad1"),
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The HTML under a question, and the places in articles that its cards point at."""

    html: str
    marks: tuple[Mark, ...] = ()


def drawn(turn: Turn, number: int, read: Read) -> Drawn:
    """What stands under the `number`-th question (from 0): its answer, a fault, or that it waits or was stopped."""
    if turn.fault is not None:
        return Drawn(fault_html(turn.fault))
    if turn.answer is None:
        return Drawn(_stopped_html() if turn.stopped else _pending_html())
    again = restored(turn.answer, read)
    gone = "".join(element("p", f"A quote from {element('bdi', escaped(name))} is not shown: its words do not stand "
                                "there any more. Ask again to find what does.", class_="lost") for name in again.lost)
    if again.answer is None:
        return Drawn(element("div", gone, class_="fault", role="status"))
    marks = marks_of(again.answer, read)
    thumbs = element("p", _thumbs(again.answer, turn), class_="rate")
    return Drawn(_asked_of(turn) + answer_html(again.answer, number, marks, read, turn.rated) + gone + thumbs, marks)


def _asked_of(turn: Turn) -> str:
    if turn.articles is None:
        return ""
    return element("p", f"Asked of {counted(len(turn.articles), 'chosen article')} only.", class_="asked-of")


def _thumbs(answer: Answer, turn: Turn) -> str:
    what = "This answer" if answer.answered else "That the articles do not say"
    label = element("span", "Is this answer right?" if answer.answered else "Is it right to decline?")
    return label + thumbs_html("answer", turn.rated, what)


def fault_html(fault: Fault) -> str:
    """A fault, in words that nobody can take for a declining."""
    remedy = element("p", escaped(sentence(fault.remedy)), class_="remedy") if fault.remedy else ""
    heading = element("p", "This could not be looked up", class_="verdict")
    return element("div", heading + element("p", escaped(sentence(fault.problem))) + remedy,
                   class_="fault", role="alert")


def unshown_html(error: QAError) -> str:
    """In the place of an answer whose articles cannot be read now; what the browser keeps of it stays."""
    heading = element("p", "This answer is kept, and cannot be shown now", class_="verdict")
    return element("div", heading + element("p", escaped(sentence(error.problem))), class_="fault unshown",
                   role="status")


def _pending_html() -> str:
    """What stands under a question while it is answered; the script writes the stage into it."""
    return element("p", "Looking through the articles", class_="pending", role="status")


def _stopped_html() -> str:
    return element("p", "Stopped before there was an answer.", class_="stopped", role="status")


def talk_html(turns: Sequence[Turn], under: Sequence[str], welcome: str = "") -> str:
    """The conversation, oldest first, with the HTML `under` each question; `welcome` where nothing was asked yet."""
    said = "".join(map(_turn, range(len(turns)), turns, under)) or welcome
    # What the browser keeps and sends with the next question.
    kept = json.dumps([turn.model_dump(mode="json") for turn in turns], ensure_ascii=True)
    return element("div", said, class_="talk", role="log", aria_label="Questions and answers", tabindex=0,
                   data_turns=kept)


def welcome_html(ids: Collection[str] | None) -> str:
    """What a person sees first. `ids` are the articles there are, for the examples; None: not known yet."""
    if ids is None:
        return _greeting("A moment, please", "The articles are being read, which takes longest the first time. You can "
                                             "ask already; the answer comes as soon as they are.")
    if not ids:
        add = element("button", "Add articles", type="button", class_="primary to-articles")
        return _greeting("What would you like to read?", "There are no articles to ask yet. Add some: text, Markdown, "
                                                         "HTML, PDF or Word files.", element("p", add))
    asked = "".join(
        element("li", element("button", escaped(question), type="button", class_="example", data_ask=question))
        for question, article in EXAMPLES if article in ids
    )
    examples = element("h3", "For example") + element("ul", asked, class_="examples") if asked else ""
    return _greeting("What would you like to know?",
                     "Ask a question. The answer is made of sentences quoted word for word, each one click from its "
                     "place in its article; where the articles do not answer, you are told so.", examples)


def away_html() -> str:
    """What a person sees first while the server of the index does not answer."""
    return _greeting("One moment, please", "The articles are out of reach: the server that holds their index does not "
                                           "answer. This page goes on by itself once it does.")


def _greeting(heading: str, lead: str, more: str = "") -> str:
    return element("div", element("h2", heading) + element("p", lead) + more, class_="welcome")


def _turn(index: int, turn: Turn, under: str) -> str:
    question = turn.question.strip()
    if len(question) > MOST_SHOWN:
        question = f"{question[:MOST_SHOWN]}… ({counted(len(question), 'character')})"
    heading = element("h2", escaped(question), class_="question", dir="auto")
    return element("section", heading + under + _turn_tools(turn), class_="turn", id=f"turn-{index}", data_turn=index)


def _turn_tools(turn: Turn) -> str:
    if turn.answer is None and turn.fault is None and not turn.stopped:
        return ""
    return element("p", tool("Edit question", "edit", "Edit this question and ask it again; later ones are dropped")
                   + tool("Ask again", "retry", "Ask this question again; later ones are dropped"), class_="turn-tools")
