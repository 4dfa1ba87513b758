"""The page: questions and quotes on the left, the article they stand in beside them.

What was said is drawn by one gr.HTML and not by gr.Chatbot, which reads its messages as Markdown and
LaTeX; words of articles are shown as they were written or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import gradio as gr

from qa.errors import QAError
from qa.records import Answer
from qa.show.parts.cards import answer_html, failure_html
from qa.show.parts.markup import element
from qa.show.parts.marks import marks_of
from qa.show.page.evaluation_tab import panel_html, tabs_html
from qa.show.parts.room import article_html, notice_html, shelf_html
from qa.show.parts.talk import Turn, pending_html, talk_html
from qa.show.words import counted

if TYPE_CHECKING:
    from qa import Assistant, Library

TITLE = "Ask the articles"
ASKING_AT_ONCE = 4  # questions answered side by side; more than the cores only makes each slower

_EMPTY = "Type a question first."
_GONE = "This answer is no longer kept here; ask the question again."
_FAULT = QAError("the program failed while answering", "the terminal that serves this page says how")


def build_page(assistant: Assistant, library: Library) -> gr.Blocks:
    """The page over `library`, whose questions `assistant` answers. Serve it with `qa.show.web.serve.serve`."""
    return _lay_out(_Page(assistant, library))


class _Page:
    """What happens on the page: each method answers one event with new values for the page's parts."""

    def __init__(self, assistant: Assistant, library: Library):
        self._assistant, self._library = assistant, library

    def masthead(self) -> str:
        """The name of the page and the way to its articles."""
        shelf = element("button", counted(len(self._ids()), "article"), type="button", class_="plain to-shelf")
        return element("h1", TITLE) + element("p", f"{shelf}, quoted word for word", class_="corpus")

    def shelf(self) -> str:
        """The list of articles, for the reading room."""
        try:
            return shelf_html(self._library.list())
        except QAError as error:
            return notice_html(str(error))

    def talk(self, turns: list[Turn] | None = None, note: str = "") -> str:
        return talk_html(turns, note=note) if turns else talk_html([], self._ids(), note)

    def corpus(self) -> tuple[str, str]:
        """Masthead and room as the articles are now."""
        return self.masthead(), self.shelf()

    def start(self) -> tuple[str, str, str, list[Turn], str]:
        """Masthead, talk, room, turns and box of a new chat."""
        return self.masthead(), self.talk(), self.shelf(), [], ""

    def ask(self, typed: str, turns: list[Turn], event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        """Talk, room, turns and box: at once with the question, then with its answer."""
        chosen = (event._data or {}).get("question")
        question = chosen if isinstance(chosen, str) else typed
        if not question.strip():
            yield self.talk(turns, _EMPTY), gr.skip(), turns, ""
            return
        waiting = [*turns, Turn(question, pending_html(), asked=False)]
        yield self.talk(waiting), gr.skip(), waiting, ""
        turn, room = self._answered(question, turns)
        yield self.talk([*turns, turn]), room, [*turns, turn], gr.skip()

    def failed(self, turns: list[Turn]) -> tuple[str, list[Turn]]:
        """Talk and turns after an error that is the program's own: the question does not wait for ever."""
        if turns and not turns[-1].asked:
            turns = [*turns[:-1], replace(turns[-1], html=failure_html(_FAULT))]
        return self.talk(turns), turns

    def open(self, turns: list[Turn], event: gr.EventData) -> str:
        """The room with what was clicked: a mark of an answer, an article of the list, or the list."""
        wanted = event._data or {}
        try:
            if isinstance(wanted.get("article"), str):
                return article_html(self._assistant.article(wanted["article"]))
            return self._place(turns, wanted) if "mark" in wanted else self.shelf()
        except QAError as error:
            return notice_html(str(error))

    def _place(self, turns: list[Turn], wanted: Mapping[str, Any]) -> str:
        turn, index = wanted.get("turn"), wanted["mark"]
        if not _within(turn, turns) or not _within(index, turns[turn].marks):
            return notice_html(_GONE)
        marks = turns[turn].marks
        return article_html(self._assistant.article(marks[index].article), marks, turn, index)

    def _answered(self, question: str, turns: list[Turn]) -> tuple[Turn, str]:
        """The turn that `question` makes after `turns`, and the room beside it."""
        history = [turn.question for turn in turns if turn.asked]
        try:
            # Drawing is inside too: an article may go between its being quoted and its being shown.
            return self._turn(question, self._assistant.ask(question, history), len(turns))
        except QAError as error:
            return Turn(question, failure_html(error), asked=False), self.shelf()

    def _turn(self, question: str, answer: Answer, number: int) -> tuple[Turn, str]:
        read = self._assistant.article
        marks = marks_of(answer, read)
        turn = Turn(question, answer_html(answer, number, marks, read), marks)
        return turn, article_html(read(marks[0].article), marks, number, 0) if answer.answered else self.shelf()

    def _ids(self) -> set[str]:
        try:
            return {row.id for row in self._library.list()}
        except QAError:
            return set()


def _within(index: Any, kept: Any) -> bool:
    """Whether `index`, which a browser sent, points into `kept`."""
    return type(index) is int and 0 <= index < len(kept)


def _lay_out(page: _Page) -> gr.Blocks:
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True) as blocks:
        turns = gr.State([])
        with gr.Row(elem_id="masthead"):
            masthead = _drawn(page.masthead(), "masthead-text", "masthead.js")
            _drawn(tabs_html(), "tabs", "evaluation_tab.js")
            new = gr.Button("New chat", elem_id="new-chat", size="sm")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="left"):
                talk = _drawn(page.talk(), "talk", "talk.js")
                box = gr.Textbox(label="Your question", show_label=False, container=False, autofocus=True,
                                 lines=1, max_lines=6, placeholder="Ask the articles a question",
                                 submit_btn="Ask", elem_id="box")
            room = _drawn(page.shelf(), "room", "room.js")
        gr.HTML(panel_html(), apply_default_css=False, elem_id="report")
        quiet = {"show_progress": "hidden", "api_visibility": "private"}
        asked = gr.on([box.submit, talk.submit], page.ask, [box, turns], [talk, room, turns, box],
                      concurrency_limit=ASKING_AT_ONCE, **quiet)
        asked.failure(page.failed, turns, [talk, turns], **quiet)
        gr.on([talk.select, room.select, masthead.select], page.open, turns, room, concurrency_limit=None, **quiet)
        new.click(page.start, None, [masthead, talk, room, turns, box], cancels=[asked], **quiet)
        # Not the talk: whoever types at once would see their first question vanish.
        blocks.load(page.corpus, None, [masthead, room], queue=False, **quiet)
    return blocks


def _drawn(html: str, elem_id: str, script: str) -> gr.HTML:
    """A part of the page that we draw ourselves, brought to life by the script of that name."""
    lively = files("qa.show.page").joinpath("assets", script).read_text(encoding="utf-8")
    return gr.HTML(html, apply_default_css=False, elem_id=elem_id, js_on_load=lively)
