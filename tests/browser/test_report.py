"""The report in a real Chromium: as a file, and as a tab of the page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from qa.evaluate.report.page import to_html
from qa.evaluate.verdict.compare import compare
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, served
from tests.evaluate.corpus import row, write_rows
from tests.evaluate.html_run import ROWS, WORSE, run, with_words

SIZES = [WIDE, (375, 812)]
# What sticks out to the side, boxes that scroll apart; a plot's own words may not leave its paper either.
OVERFLOWS = """() => [...document.querySelectorAll('body, body *')]
  .filter((e) => e.getClientRects().length && !e.closest('.scroll'))
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
  .map((e) => `${e.tagName}.${e.className.baseVal ?? e.className}`)"""
OVERLAPS = """() => [...document.querySelectorAll('.plot')].flatMap((plot) => {
  const words = [...plot.querySelectorAll('text')].map((t) => [t.textContent, t.getBoundingClientRect()]);
  const meet = (r, s) => r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 3 && s.top < r.bottom - 3;
  return words.flatMap(([a, r], n) => words.slice(n + 1).filter(([, s]) => meet(r, s)).map(([b]) => a + '|' + b));
})"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where plain.html, compared.html and hostile.html lie."""
    folder = tmp_path_factory.mktemp("report")
    report, worse = run(folder), run(folder, WORSE)
    comparison = compare(report, worse, permutations=9)
    hostile = with_words(report, "<img src=x onerror=alert(1)></script><script>alert(2)</script>\u202e" + "x" * 10_000)
    for name, page in (("plain", to_html(report)), ("compared", to_html(worse, comparison)),
                       ("hostile", to_html(hostile))):
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def plain_context(chromium: Browser) -> Iterator[BrowserContext]:
    """The windows of reports that are opened without options; a report keeps nothing in its browser."""
    context = chromium.new_context()
    yield context
    context.close()


@pytest.fixture
def open_report(chromium: Browser, plain_context: BrowserContext, folder: Path):
    """Opens a file of `folder`; afterwards nothing else was asked for and nothing went wrong."""
    pages: list[tuple[Page, list[str], list[str]]] = []

    def open_one(name: str, size: tuple[int, int] = WIDE, **more) -> Page:
        page, asked, troubles = (chromium.new_context(**more) if more else plain_context).new_page(), [], []
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.set_default_timeout(10_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.goto(f"{(folder / 'x').as_uri()[:-1]}{name}")
        pages.append((page, asked, troubles))
        return page

    yield open_one
    for page, asked, troubles in pages:
        page.close() if page.context == plain_context else page.context.close()
        assert {urlsplit(url).scheme for url in asked} <= {"file", "data"}
        assert {urlsplit(url).path.rpartition("/")[2] for url in asked if url.startswith("file:")} <= {
            "plain.html", "compared.html", "hostile.html"}
        assert troubles == []


def shown(page: Page) -> list[str]:
    return page.locator(".q:visible .question").all_text_contents()


def count(page: Page) -> str:
    return page.locator("#count").text_content()


def test_questions_are_filtered_by_words_and_choices_together(open_report):
    page = open_report("plain.html")
    assert count(page) == "8 of 8 questions" and len(shown(page)) == 8
    page.select_option("[name=stage]", "right")
    assert (count(page), shown(page)) == ("4 of 8 questions", ["first?", "rightly?", "test?", "later?"])
    page.select_option("[name=split]", "test")
    assert shown(page) == ["test?", "later?"]
    page.fill("[name=text]", "LATER percent")
    assert (count(page), shown(page)) == ("1 of 8 questions", ["later?"])
    page.fill("[name=text]", "no such words")
    assert count(page) == "0 of 8 questions" and page.locator("#nothing").is_visible()
    page.click("#all")
    assert len(shown(page)) == 8 and not page.locator("#nothing").is_visible()


@pytest.mark.parametrize("name, value, left", [
    ("outcome", "declined", ["declined?", "rightly?"]), ("outcome", "failed", ["fault?"]),
    ("outcome", "missed", ["second?", "declined?", "fault?", "wrongly?"]), ("kind", "why", ["declined?"]),
    ("answerable", "no", ["rightly?", "wrongly?"]),
    ("outcome", "answered", ["first?", "second?", "wrongly?", "test?", "later?"]),
])
def test_each_choice(open_report, name, value, left):
    page = open_report("plain.html")
    page.select_option(f"[name={name}]", value)
    assert shown(page) == left


def test_a_filtered_view_is_an_address(open_report):
    page = open_report("plain.html")
    page.select_option("[name=kind]", "far off")
    page.fill("[name=text]", "wrong & odd=1")
    page.fill("[name=text]", "wrongly")
    address = page.evaluate("location.href")
    assert address.endswith("#text=wrongly&kind=far+off")
    other = open_report(address.rpartition("/")[2])
    assert shown(other) == ["wrongly?"] and other.input_value("[name=kind]") == "far off"
    assert open_report("plain.html#kind=nosuch&evil=1").locator(".q:visible").count() == 8


def test_a_stage_leads_to_its_questions_and_as_many_as_it_says(open_report):
    page = open_report("plain.html")
    links = page.locator("#misses .bars tr")
    for n in range(links.count()):
        number = links.nth(n).locator(".number").text_content()
        links.nth(n).locator("a").click()
        expect(page.locator("#count")).to_have_text(f"{number} of 8 questions")
        expect(page.locator("#questions h2")).to_be_in_viewport()
    page.locator("nav a", has_text="Measures").click()  # a place of the page is no filter
    assert count(page).startswith(f"{number} of")


def test_what_was_won_and_lost_can_be_seen(open_report):
    page = open_report("compared.html")
    page.locator("#compared a", has_text="Questions won").click()
    expect(page.locator("#count")).to_have_text("1 of 8 questions")
    assert shown(page) == ["second?"]
    page.locator(".q:visible summary").click()
    assert "Before: ranked low → now: right (won)." in page.locator(".q:visible .body").text_content()


def test_the_keyboard_is_enough(open_report):
    page = open_report("plain.html")
    page.focus("[name=text]")
    page.keyboard.type("fault")
    for _ in range(7):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".q[open]").count() == 1 and "IndexDamaged" in page.locator(".q[open] .fault").text_content()
    assert page.locator("#filters label").count() == page.locator("#filters :is(input, select)").count()


def test_without_scripts_every_question_is_there(open_report):
    page = open_report("plain.html", java_script_enabled=False)
    assert page.locator(".q:visible").count() == 8 and not page.locator("#filters").is_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["plain.html", "compared.html", "hostile.html"])
def test_nothing_sticks_out_or_overlaps(open_report, name, size):
    page = open_report(name, size)
    page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
    assert page.evaluate(OVERFLOWS) == [] and page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.evaluate(OVERLAPS) == []


@pytest.mark.parametrize("scheme, light", [("light", True), ("dark", False)])
def test_light_and_dark_follow_the_system(open_report, scheme, light):
    page = open_report("plain.html", color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(250, 249, 246)" if light else "rgb(20, 22, 25)")


@pytest.fixture(scope="module")
def folder_of_tab(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("evals")


@pytest.fixture(scope="module")
def with_tab(folder_of_tab: Path):
    with served("-m", "tests.browser.evaluation_server", str(folder_of_tab)) as address:
        yield address


@pytest.fixture
def evals(folder_of_tab: Path) -> Iterator[Path]:
    """The folder of the tab, with a baseline and its questions and nothing else."""
    shutil.rmtree(folder_of_tab / "runs", ignore_errors=True)
    for file in ("from-chat.jsonl", "hold"):
        (folder_of_tab / file).unlink(missing_ok=True)
    run(folder_of_tab, name="baseline.jsonl")
    yield folder_of_tab
    (folder_of_tab / "hold").unlink(missing_ok=True)


def frame(chat):
    return chat.page.frame_locator("#report iframe")


def open_tab(chat) -> None:
    chat.page.click(".tab[data-tab=evaluation]")
    frame(chat).locator("body > :is(header, p)").first.wait_for()
    chat.page.locator(".evaluation-bar").wait_for()


def reports(chat) -> list[str]:
    """The addresses of the reports that the page asked for."""
    return [url for url in chat.requests if urlsplit(url).path == "/evaluation"]


def sticking_out(chat) -> list[str]:
    return chat.page.evaluate("""() => [...document.querySelectorAll('#report, #report *')]
      .filter((e) => e.getClientRects().length && !e.closest('.unseen'))
      .filter((e) => {
        const box = e.getBoundingClientRect();
        return box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
      }).map((e) => `${e.tagName}.${e.className}`)""")


def button(chat, name: str):
    return chat.page.locator("#report").get_by_role("button", name=name)


def shown_line(chat):
    return chat.page.locator(".evaluation-shown")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_tab_shows_the_latest_run_and_the_chat_waits_behind_it(with_tab, evals, open_chat, size):
    chat = open_chat(with_tab, size)
    assert not any("/evaluation" in url for url in chat.requests)  # not before it is looked at
    assert not chat.page.locator("#report").is_visible()
    chat.ask("Why did Iran strike Pakistan?")
    open_tab(chat)
    assert frame(chat).locator("#count").text_content() == "8 of 8 questions"
    assert not chat.page.locator("#talk").is_visible() and sticking_out(chat) == []
    frame(chat).locator("[name=stage]").select_option("wrongly answered")
    assert frame(chat).locator("#count").text_content() == "1 of 8 questions"
    chat.page.click(".tab[data-tab=chat]")
    assert chat.page.locator(".turn").is_visible() and not chat.page.locator("#report").is_visible()
    assert chat.overflows() == []
    open_tab(chat)
    assert frame(chat).locator("#count").text_content() == "1 of 8 questions"  # as it was left
    assert len(reports(chat)) == 1


def test_the_frame_can_touch_nothing_of_the_page(with_tab, evals, open_chat):
    chat = open_chat(with_tab)
    open_tab(chat)
    assert chat.page.locator("#report iframe").get_attribute("sandbox") == "allow-scripts"
    inner = next(f for f in chat.page.frames if f.url.startswith(f"{with_tab}/evaluation?"))
    assert inner.evaluate("origin") == "null"
    look = "() => { try { return parent.document.title } catch (error) { return error.name } }"
    assert inner.evaluate(look) == "SecurityError"


@pytest.mark.parametrize("scheme, chosen, background", [
    ("light", "", "rgb(250, 249, 246)"), ("dark", "", "rgb(20, 22, 25)"), ("light", "?__theme=dark", "rgb(20, 22, 25)"),
])
def test_the_tab_is_as_dark_as_the_page(with_tab, evals, open_chat, scheme, chosen, background):
    chat = open_chat(f"{with_tab}/{chosen}", scheme=scheme)
    open_tab(chat)
    colour = frame(chat).locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert colour == background
    chat.page.evaluate("document.body.classList.toggle('dark')")
    # Not wait_for_function, which evaluates text in the page: its policy forbids that.
    expect(frame(chat).locator("body")).not_to_have_css("background-color", background)


def test_where_nothing_was_evaluated_one_line_says_what_to_run_and_nothing_can_be_asked(tmp_path, open_chat):
    with served("-m", "tests.browser.evaluation_server", str(tmp_path)) as address:
        chat = open_chat(address)
        open_tab(chat)
        assert frame(chat).locator("body").inner_text().strip() == "Nothing has been evaluated yet; run `qa eval`."
        expect(button(chat, "Run the evaluation")).to_be_disabled()
        expect(chat.page.locator(".evaluation-takes")).to_have_text("There are no questions to ask here.")


def test_which_run_is_shown_and_what_another_takes(with_tab, evals, open_chat):
    chat = open_chat(with_tab)
    open_tab(chat)
    expect(shown_line(chat)).to_have_text(re.compile(r"^Shown: the kept baseline of \d+ \w+ \d{4}, \d\d:\d\d$"))
    expect(chat.page.locator(".evaluation-takes")).to_have_text("8 questions, a few seconds")
    expect(chat.page.locator(".evaluation-sets")).to_be_hidden()  # there is one only
    (evals / "runs").mkdir()
    run(evals, rows=ROWS[:3], name="runs/sample.jsonl")
    run(evals, name="baseline.jsonl")
    said = "1 run of other questions: qa score RUN --html FILE"
    expect(shown_line(chat)).to_contain_text(said, timeout=10_000)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_an_evaluation_is_run_watched_and_compared(with_tab, evals, open_chat, size):
    chat = open_chat(with_tab, size)
    open_tab(chat)
    assert frame(chat).locator("#compared").count() == 0
    (evals / "hold").write_text("fault?")
    button(chat, "Run the evaluation").click()
    expect(chat.page.locator(".evaluation-told")).to_have_text("Question 4 of 8, a few seconds left")
    bar = chat.page.get_by_role("progressbar", name="The evaluation")
    assert [bar.get_attribute(f"aria-value{name}") for name in ("min", "now", "max")] == ["0", "3", "8"]
    assert bar.get_attribute("aria-valuetext") == "Question 4 of 8, a few seconds left"
    assert bar.locator("span").evaluate("e => e.style.width") == "37.5%"
    expect(button(chat, "Run the evaluation")).to_be_hidden()
    assert sticking_out(chat) == []
    chat.page.click(".tab[data-tab=chat]")
    chat.page.click(".tab[data-tab=evaluation]")
    expect(button(chat, "Stop")).to_be_visible()
    (evals / "hold").unlink()
    frame(chat).locator("#compared").wait_for()  # the report of the new run, beside the baseline
    expect(shown_line(chat)).to_have_text(re.compile("^Done: 8 questions in \\d+ s. Shown: the run of "))
    expect(button(chat, "Run the evaluation")).to_be_enabled()
    assert len(list((evals / "runs").iterdir())) == 1 and len(reports(chat)) == 2
    chat.page.go_back()  # a new report is no step of the way here
    assert chat.page.url == "about:blank"


def test_stopped_it_leaves_nothing_and_the_report_as_it_was(with_tab, evals, open_chat):
    chat = open_chat(with_tab)
    open_tab(chat)
    frame(chat).locator("[name=stage]").select_option("wrongly answered")
    (evals / "hold").write_text("declined?")
    button(chat, "Run the evaluation").click()
    expect(chat.page.locator(".evaluation-told")).to_contain_text("Question 3 of 8")
    button(chat, "Stop").click()
    expect(chat.page.locator(".evaluation-told")).to_have_text("Stopping at the next question…")
    expect(button(chat, "Stop")).to_be_disabled()
    (evals / "hold").unlink()
    expect(shown_line(chat)).to_contain_text("Stopped; nothing of it was kept. Shown: the kept baseline")
    assert not list((evals / "runs").iterdir()) and len(reports(chat)) == 1
    assert frame(chat).locator("#count").text_content() == "1 of 8 questions"


def test_a_second_window_sees_the_same_and_may_stop_it(with_tab, evals, open_chat):
    one, other = open_chat(with_tab), open_chat(with_tab)
    open_tab(other)
    open_tab(one)
    (evals / "hold").write_text("declined?")
    button(one, "Run the evaluation").click()
    for chat in (one, other):
        expect(chat.page.locator(".evaluation-told")).to_contain_text("Question 3 of 8", timeout=10_000)
    said = other.page.evaluate("async () => (await fetch('/evaluation/run', {method: 'POST', body: '{}', headers: "
                               "{'Content-Type': 'application/json'}})).status")
    assert said == 409
    (evals / "hold").unlink()
    for chat in (one, other):
        frame(chat).locator("#compared").wait_for()
        expect(shown_line(chat)).to_contain_text("Shown: the run of")
    (evals / "hold").write_text("declined?")
    button(one, "Run the evaluation").click()
    button(other, "Stop").click(timeout=10_000)
    (evals / "hold").unlink()
    expect(shown_line(one)).to_contain_text("Stopped; nothing of it was kept.")
    assert len(list((evals / "runs").iterdir())) == 1


def test_keyboard_and_voice_are_enough(with_tab, evals, open_chat):
    chat = open_chat(with_tab)
    open_tab(chat)
    chat.page.focus(".tab[data-tab=evaluation]")
    for _ in range(12):
        chat.page.keyboard.press("Tab")
        if chat.page.evaluate("document.activeElement.textContent") == "Run the evaluation":
            break
    outline = chat.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    expect(button(chat, "Run the evaluation")).to_have_accessible_description("8 questions, a few seconds")
    (evals / "hold").write_text("fault?")
    chat.page.keyboard.press("Enter")
    expect(button(chat, "Stop")).to_be_focused()
    spoken = chat.page.locator(".evaluation-spoken[aria-live=polite]")
    expect(spoken).to_have_text("The evaluation runs, 30 percent done.")
    chat.page.keyboard.press("Enter")
    expect(spoken).to_have_text("Stopping at the next question…")
    expect(button(chat, "Stop")).to_be_focused()
    (evals / "hold").unlink()
    expect(spoken).to_have_text("Stopped; nothing of it was kept.")
    expect(button(chat, "Run the evaluation")).to_be_focused()


def test_the_questions_from_the_chat_are_a_set_of_their_own(with_tab, evals, open_chat):
    write_rows(evals / "from-chat.jsonl", [row("chat-1", [("budget", "It grew by 5 percent.")], kind="from-chat"),
                                           {**row("chat-2", kind="from-chat"), "question": "Gone?"}])
    chat = open_chat(with_tab)
    open_tab(chat)
    chat.page.get_by_label("Questions", exact=True).select_option(label="From the chat")
    expect(shown_line(chat)).to_have_text("No run of these questions yet")
    expect(frame(chat).locator("body > p")).to_contain_text("The questions from the chat have not been asked yet")
    expect(chat.page.locator(".evaluation-takes")).to_have_text("2 questions, a few seconds")
    button(chat, "Run the evaluation").click()
    expect(frame(chat).locator("#count")).to_have_text("2 of 2 questions")
    expect(shown_line(chat)).to_contain_text("Done: 2 questions in")
    assert "1 question failed" in frame(chat).locator("header").text_content()
    chat.page.get_by_label("Questions", exact=True).select_option(label="Shipped questions")
    expect(frame(chat).locator("#count")).to_have_text("8 of 8 questions")
    expect(shown_line(chat)).to_contain_text("Shown: the kept baseline")


def test_what_cannot_be_asked_is_said_in_words(with_tab, evals, open_chat):
    write_rows(evals / "questions.jsonl", [row("a", [("budget", "Rain.")])])
    chat = open_chat(with_tab)
    open_tab(chat)
    button(chat, "Run the evaluation").click()
    expect(shown_line(chat)).to_contain_text("The evaluation failed: ")
    assert "the quote 'Rain.' stands nowhere in article 'budget'" in chat.text(".evaluation-shown")
    assert sticking_out(chat) == []
    (evals / "questions.jsonl").write_text("no row")
    expect(chat.page.locator(".evaluation-takes")).to_contain_text("questions.jsonl:1: not JSON", timeout=10_000)
    expect(button(chat, "Run the evaluation")).to_be_disabled()
    assert sticking_out(chat) == []


@pytest.fixture(scope="module")
def only_read(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("only-read")
    run(folder, name="baseline.jsonl")
    with served("-m", "tests.browser.evaluation_server", str(folder), "read") as address:
        yield address


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_who_may_only_read_is_told_why_nothing_can_be_run(only_read, open_chat, size):
    chat = open_chat(only_read, size)
    open_tab(chat)
    expect(button(chat, "Run the evaluation")).to_be_disabled()
    expect(chat.page.locator(".evaluation-takes")).to_contain_text("it can be asked and read, not changed")
    assert frame(chat).locator("#count").text_content() == "8 of 8 questions" and sticking_out(chat) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing_serious(with_tab, evals, open_chat, size, scheme):
    chat = open_chat(with_tab, size, scheme)
    open_tab(chat)
    assert violations(chat.page) == []
