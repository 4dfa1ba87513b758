"""The page: questions and quotes on the left, the article they stand in beside them; articles and evaluation behind.

What was said is drawn by one gr.HTML and not by gr.Chatbot, which reads its messages as Markdown and
LaTeX; words of articles are shown as they were written or not at all. The browser keeps the conversation
and sends it with each question, so that a server that starts anew loses nothing.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import gradio as gr

from qa.errors import IndexUnreachable, QAError
from qa.settings import Settings
from qa.show.page import articles_tab, evaluation_tab
from qa.show.page.composer import composer_html, dialogs_html
from qa.show.page.masthead import TITLE, masthead_html, reach_html
from qa.show.page.reading_room import ReadingRoom
from qa.show.page.talking import Talking
from qa.show.web.api import add_api

if TYPE_CHECKING:
    from qa import Assistant, Library

ASKING_AT_ONCE = 4  # questions answered side by side; more than the cores only makes each slower


def build_page(assistant: Assistant, library: Library, settings: Settings | None = None) -> gr.Blocks:
    """The page over `library`, whose questions `assistant` answers. Serve it with `qa.show.web.serve.serve`."""
    room = ReadingRoom(assistant, library)
    talking, answering = Talking(assistant, library, room), (settings or Settings()).answering
    quiet = {"show_progress": "hidden", "api_visibility": "private"}

    # Answered at once and beside the queue: of two events that share its stream, Gradio's script sometimes loses one.
    at_once = {**quiet, "trigger_mode": "multiple", "queue": False}

    def masthead_now() -> str:
        return masthead_html(_count(library))

    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, fill_height=True) as blocks:
        add_api(assistant, library)  # before any event: of two functions with one name the later gets a number
        masthead = _drawn(masthead_now(), "masthead", "masthead.js")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="left"):
                talk = _drawn(talking.welcome(), "talk", "talk.js", "rating.js")
                stage = _drawn("", "stage", "stage.js")
                composer = _drawn(composer_html(answering.max_question_chars), "composer", "composer.js")
            reading = _drawn(room.shelf(), "room", "room.js")
        _drawn(reach_html(), "reach", "reach.js")
        _drawn(articles_tab.panel_html(), "articles", "articles_tab.js")
        _drawn(evaluation_tab.panel_html(), "report", "evaluation_tab.js")
        _drawn(dialogs_html(answering), "dialogs", "settings.js", "earlier.js")

        asked = composer.submit(talking.ask, None, [talk, reading, stage], concurrency_limit=ASKING_AT_ONCE,
                                trigger_mode="multiple", **quiet)
        asked.failure(None, None, None, js="() => { window.qa.failed(); }", **quiet)
        composer.stop(talking.stop, None, talk, cancels=[asked], **at_once)
        # Not `change`, which Gradio sends by itself whenever the talk is drawn.
        talk.edit(talking.draw, None, [talk, reading], **at_once)
        talk.clear(talking.failed, None, talk, **at_once)
        reading.select(room.open, None, reading, **at_once)
        masthead.select(masthead_now, None, masthead, **at_once)
        # Not the talk: whoever types at once would see their first question vanish.
        blocks.load(masthead_now, None, masthead, queue=False, **quiet)
    return blocks


def _count(library: Library) -> int | None:
    """How many articles there are; None where that cannot be asked for now."""
    try:
        return len(library.list())
    except IndexUnreachable:
        return None
    except QAError:
        return 0


def _drawn(html: str, elem_id: str, *scripts: str) -> gr.HTML:
    """A part of the page that we draw ourselves, brought to life by the scripts of those names."""
    assets = files("qa.show.page").joinpath("assets")
    # After what they share, which is made once, by whichever part comes first; each in a block of its own.
    shared, *own = (assets.joinpath(name).read_text(encoding="utf-8") for name in ("store.js", *scripts))
    lively = [shared, *(f"{{\n{script}\n}}" for script in own)]
    return gr.HTML(html, apply_default_css=False, elem_id=elem_id, js_on_load="\n".join(lively))
