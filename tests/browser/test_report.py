"""The report in a real Chromium: as a file, and as a tab of the page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from qa.evaluate.report.page import to_html
from qa.evaluate.verdict.compare import compare
from tests.browser.conftest import NARROW, WIDE, served
from tests.evaluate.html_run import WORSE, run, with_words

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


@pytest.fixture
def open_report(chromium: Browser, folder: Path):
    """Opens a file of `folder`; afterwards nothing else was asked for and nothing went wrong."""
    pages: list[tuple[Page, list[str], list[str]]] = []

    def open_one(name: str, size: tuple[int, int] = WIDE, **more) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        context.set_default_timeout(10_000)
        page, asked, troubles = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.goto(f"{(folder / 'x').as_uri()[:-1]}{name}")
        pages.append((page, asked, troubles))
        return page

    yield open_one
    for page, asked, troubles in pages:
        page.context.close()
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
def evals(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("evals")


@pytest.fixture(scope="module")
def with_tab(evals: Path):
    with served("-m", "tests.browser.fixed_server", str(evals)) as address:
        yield address


def frame(chat):
    return chat.page.frame_locator("#report iframe")


def open_tab(chat) -> None:
    chat.page.click(".tab[data-tab=evaluation]")
    frame(chat).locator("body > :is(header, p)").wait_for()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_tab_shows_the_latest_run_and_the_chat_waits_behind_it(with_tab, evals, open_chat, size):
    run(evals, name="baseline.jsonl")
    chat = open_chat(with_tab, size)
    assert not any("/evaluation" in url for url in chat.requests)  # not before it is looked at
    assert not chat.page.locator("#report").is_visible()
    chat.ask("Why did Iran strike Pakistan?")
    open_tab(chat)
    assert frame(chat).locator("#count").text_content() == "8 of 8 questions"
    assert not chat.page.locator("#box").is_visible() and chat.overflows() == []
    frame(chat).locator("[name=stage]").select_option("wrongly answered")
    assert frame(chat).locator("#count").text_content() == "1 of 8 questions"
    chat.page.click(".tab[data-tab=chat]")
    assert chat.page.locator(".turn").is_visible() and not chat.page.locator("#report").is_visible()
    assert chat.overflows() == []
    open_tab(chat)
    assert frame(chat).locator("#count").text_content() == "1 of 8 questions"  # as it was left
    assert sum("/evaluation" in url for url in chat.requests) == 1


def test_the_frame_can_touch_nothing_of_the_page(with_tab, evals, open_chat):
    run(evals, name="baseline.jsonl")
    chat = open_chat(with_tab)
    open_tab(chat)
    assert chat.page.locator("#report iframe").get_attribute("sandbox") == "allow-scripts"
    inner = next(f for f in chat.page.frames if "/evaluation" in f.url)
    assert inner.evaluate("origin") == "null"
    look = "() => { try { return parent.document.title } catch (error) { return error.name } }"
    assert inner.evaluate(look) == "SecurityError"


@pytest.mark.parametrize("scheme, chosen, background", [
    ("light", "", "rgb(250, 249, 246)"), ("dark", "", "rgb(20, 22, 25)"), ("light", "?__theme=dark", "rgb(20, 22, 25)"),
])
def test_the_tab_is_as_dark_as_the_page(with_tab, evals, open_chat, scheme, chosen, background):
    run(evals, name="baseline.jsonl")
    chat = open_chat(f"{with_tab}/{chosen}", scheme=scheme)
    open_tab(chat)
    colour = frame(chat).locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    assert colour == background
    chat.page.evaluate("document.body.classList.toggle('dark')")
    # Not wait_for_function, which evaluates text in the page: its policy forbids that.
    expect(frame(chat).locator("body")).not_to_have_css("background-color", background)


def test_where_nothing_was_evaluated_one_line_says_what_to_run(fixed, open_chat):
    chat = open_chat(fixed)
    open_tab(chat)
    assert frame(chat).locator("body").inner_text().strip() == "There is no evaluation to show here; run `qa eval`."
