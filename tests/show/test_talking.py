"""What the chat gives for what a browser sends, where a browser of ours would not."""

from __future__ import annotations

import gradio as gr
import pytest

from qa.show.page.reading_room import ReadingRoom
from qa.show.page.talking import Talking
from tests.show.fixed import FixedAssistant, FixedLibrary, seeds
from tests.show.parsed import Parsed


@pytest.mark.parametrize("sent, said", [
    ({"question": "Why?", "turns": [{"question": "q"}] * 501}, "This conversation cannot be read.Start a new chat."),
    ({"question": 7}, "This question cannot be read.Ask it again."),
])
def test_what_is_no_question_is_said_in_words_and_nothing_waits(sent, said):
    assistant, library = FixedAssistant(seeds()), FixedLibrary(seeds())
    talking = Talking(assistant, library, ReadingRoom(assistant, library))
    [(talk, _, stage)] = talking.ask(gr.EventData(None, sent))
    page = Parsed(talk)
    assert page.of_class("fault") == [f"This could not be looked up{said}"] and page.of_class("pending") == []
    assert stage == "" and assistant.askings == []
