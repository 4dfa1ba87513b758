"""What happens in the chat: a question is asked, stopped, asked again; a kept conversation is drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.answer.asking import Asking
from qa.errors import IndexFault, IndexUnreachable, QAError, UsageError
from qa.show.page.background import Background
from qa.show.page.opening import greeting
from qa.show.page.reading_room import ReadingRoom, room_of
from qa.show.parts.said import Fault, Turn, history_of, turns_of
from qa.show.parts.talk import drawn, fault_html, talk_html, unshown_html

if TYPE_CHECKING:
    from qa import Assistant, Library

_FAULT = QAError("the program failed while answering", "the terminal that serves this page says how")


class _Choice(BaseModel):
    """What the page's settings say of how to ask; None: as the program's settings say."""

    model_config = ConfigDict(extra="ignore")
    quotes: int | None = None
    threshold: float | None = None
    articles: list[str] | None = None


class _Wish(BaseModel):
    """A question that the browser sends, with the conversation it belongs to."""

    model_config = ConfigDict(extra="ignore")
    question: str
    resolved: str | None = None
    choice: _Choice = Field(default_factory=_Choice)

    def asking(self) -> Asking:
        articles = None if self.choice.articles is None else frozenset(self.choice.articles)
        return Asking(quotes=self.choice.quotes, threshold=self.choice.threshold, articles=articles,
                      resolved=self.resolved)


class Talking:
    """Each method answers one event of the chat with new values for the talk and the room beside it."""

    def __init__(self, assistant: Assistant, library: Library, room: ReadingRoom):
        self._assistant, self._library, self._room = assistant, library, room

    def ask(self, event: gr.EventData) -> Iterator[tuple[Any, Any, Any]]:
        """Talk, room and stage: the question at once, each stage as it begins, the answer with its first article."""
        try:
            turns, wish = _sent(event)
        except UsageError as error:
            yield _unreadable(error), gr.skip(), ""
            return
        chosen = wish.choice.articles
        turn = Turn(question=wish.question, resolved=wish.resolved, articles=None if chosen is None else tuple(chosen))
        waiting = self._talk([*turns, turn])
        yield waiting, gr.skip(), ""
        history = history_of(turns)
        with Background(lambda tell: self._assistant.ask(wish.question, history, wish.asking(), tell)) as answering:
            for stage in answering.stages():
                yield waiting, gr.skip(), stage
            try:
                done = turn.with_answer(answering.result())
                # Drawing is inside too: an article may go between its being quoted and its being shown.
                shown = self._talk([*turns, done]), self._beside(done, len(turns))
            except QAError as error:
                # The list would have to be asked for where nothing answers; what stands there stays.
                beside = gr.skip() if isinstance(error, IndexUnreachable) else self._room.shelf()
                shown = self._talk([*turns, turn.with_fault(error)]), beside
        yield *shown, ""

    def draw(self, event: gr.EventData) -> tuple[Any, Any]:
        """The conversation that the browser kept, and the room as after its last answer."""
        try:
            turns, _ = _sent(event, asks=False)
        except UsageError as error:  # kept by another version of this program, say
            return _unreadable(error), self._room.shelf()
        last = next((n for n in reversed(range(len(turns))) if turns[n].answer), None)
        talk = self._talk(turns)
        if (event._data or {}).get("beside") is False:
            return talk, gr.skip()
        try:
            return talk, self._room.shelf() if last is None else self._beside(turns[last], last)
        except QAError:  # its article cannot be read now, and the list says why
            return talk, self._room.shelf()

    def stop(self, event: gr.EventData) -> Any:
        """The conversation whose last question was stopped."""
        turns, _ = _sent(event, asks=False)
        if turns and turns[-1].answer is None:
            turns[-1] = turns[-1].model_copy(update={"stopped": True})
        return self._talk(turns)

    def failed(self, event: gr.EventData) -> Any:
        """The conversation after an error that is the program's own: no question waits for ever."""
        turns, _ = _sent(event, asks=False)
        if turns and turns[-1].answer is None and not turns[-1].stopped:
            turns[-1] = turns[-1].with_fault(_FAULT)
        return self._talk(turns)

    def welcome(self) -> str:
        """The talk before anything was asked."""
        return talk_html([], [], greeting(self._library))

    def _talk(self, turns: Sequence[Turn]) -> str:
        if not turns:
            return self.welcome()
        return talk_html(turns, [self._under(turn, number) for number, turn in enumerate(turns)])

    def _under(self, turn: Turn, number: int) -> str:
        """What stands under a question; where the index cannot serve its articles now, that."""
        try:
            return drawn(turn, number, self._assistant.article).html
        except IndexFault as error:
            return unshown_html(error)

    def _beside(self, turn: Turn, number: int) -> str:
        """The article of the first quote, or the list where there is none."""
        return room_of(turn, number, self._assistant.article) or self._room.shelf()


def _unreadable(error: UsageError) -> str:
    """The talk where what a browser sent is no conversation; what the browser keeps stays as it is."""
    return talk_html([], [], fault_html(Fault(problem=error.problem, remedy=error.remedy)))


def _sent(event: gr.EventData, asks: bool = True) -> tuple[list[Turn], _Wish]:
    """The turns and the wish that a browser sent. Raises UsageError where they are none of ours."""
    data: Mapping[str, Any] = event._data or {}
    try:
        wish = _Wish.model_validate(data if asks else {"question": ""})
    except ValidationError as error:
        raise UsageError("this question cannot be read", "ask it again") from error
    return turns_of(data.get("turns", [])), wish
