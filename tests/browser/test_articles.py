"""The Articles tab in a real Chromium, over a shelf that can be computed by eye."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.articles_server import LIMIT, hostile_row, plain_row
from tests.browser.conftest import NARROW, WIDE, served

SMALL = (320, 600)


class Tab:
    """The tab as a person uses it."""

    def __init__(self, page, address):
        self.page, self.address, self.requests, self.troubles = page, address, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("dialog", lambda dialog: (self.troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.open()

    def open(self) -> None:
        self.page.goto(self.address)
        self.page.wait_for_selector("#articles .loading", state="attached")
        self.page.wait_for_selector("#articles .loading", state="hidden")

    def find(self, selector):
        return self.page.locator(f"#articles {selector}")

    def titles(self) -> list[str]:
        return self.find("tbody .open").all_text_contents()

    def search(self, words: str) -> None:
        self.page.get_by_label("Search titles, sources and file names").fill(words)

    def give(self, **files: str) -> None:
        """Chooses files with the button; names are given with _ for the dot."""
        with self.page.expect_file_chooser() as chooser:
            self.find(".choose:visible").click()
        chooser.value.set_files([{"name": name.replace("_", "."), "mimeType": "text/plain", "buffer": text.encode()}
                                 for name, text in files.items()])

    def drop(self, files: list[tuple[str, str]], target: str = "#articles") -> None:
        """Drops files of these names and texts on `target`."""
        self.page.evaluate(_DROP, [files, target])

    def settle(self) -> None:
        """Waits until no file is on its way any more."""
        self.page.wait_for_function(_ENDED)

    def lines(self, state: str) -> list[str]:
        return self.find(f".line[data-state={state}]").all_text_contents()

    def asked(self) -> object:
        """The ids that are asked, as the page keeps them: None for all."""
        return json.loads(self.page.evaluate("localStorage.getItem('qa.articles')") or "null")

    def told(self, name: str) -> list:
        return self.page.evaluate("name => window.told.filter(([n]) => n === name).map(([, detail]) => detail)", name)

    def focus(self) -> str:
        return self.page.evaluate("document.activeElement.textContent || document.activeElement.id")

    def sticks_out(self) -> list[str]:
        return self.page.evaluate(_STICKS_OUT)


_ENDED = """() => { const states = [...document.querySelectorAll('#articles .line')].map((line) => line.dataset.state);
  return states.length > 0 && !states.some((state) => ['waiting', 'sending', 'working'].includes(state)); }"""
_KEYSTROKES = """() => {
  const box = document.querySelector('#articles-search'), begun = performance.now();
  for (const words of ['', 'a', 'ar', 'arm']) {
    box.value = words; box.dispatchEvent(new Event('input')); box.offsetHeight;
  }
  return (performance.now() - begun) / 4; }"""
_DROP = """([files, target]) => {
  const carried = new DataTransfer();
  for (const [name, text] of files) carried.items.add(new File([text], name));
  const at = document.querySelector(target);
  for (const kind of ['dragenter', 'dragover', 'drop'])
    at.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
# Out of the window, or out of its own box to the side; and controls that lie on one another.
_STICKS_OUT = """() => {
  const all = [...document.querySelectorAll('#articles *')].filter((e) => e.getClientRects().length
    && !e.closest('.unseen, bdi, progress')
    && !e.matches('.lines, input, label, thead .ask, thead .delete, thead .ask *'));
  const wide = all.filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1
    || (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline'));
  const controls = all.filter((e) => e.matches('button') && !e.closest('.lines'));
  const boxes = controls.map((e) => [e, e.getBoundingClientRect()]);
  const crossed = boxes.filter(([e, a], i) => boxes.slice(i + 1).some(([, b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
  return [...wide, ...crossed.map(([e]) => e)].map((e) => `${e.tagName}.${e.className} ${e.textContent.slice(0, 30)}`);
}"""


@pytest.fixture
def open_tab(open_window: Callable[..., Page]):
    """Opens the tab of `address`; afterwards nothing may have left this machine or gone wrong."""
    opened: list[Tab] = []

    def open_one(address: str, size: tuple[int, int] = WIDE, scheme: str = "light") -> Tab:
        page = open_window(address, size, scheme)
        page.set_default_timeout(15_000)
        opened.append(Tab(page, address))
        return opened[-1]

    yield open_one
    for tab in opened:
        tab.page.close()
        hosts = {urlsplit(url).hostname for url in tab.requests if not url.startswith(("data:", "blob:"))}
        assert hosts == {"127.0.0.1"}
        assert tab.troubles == []


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with served("-m", "tests.browser.articles_server") as address:
        yield address


def stage(words: str):
    """A fixture: the address of the server, set as `words` say."""

    @pytest.fixture
    def address(server: str) -> str:
        with build_opener(ProxyHandler({})).open(f"{server}/set?words={quote(words)}", timeout=20):
            return server

    return address


five, none, many, slow = stage("5"), stage("0"), stage("3000"), stage("5 slow")
hostile, readonly, broken = stage("38 hostile"), stage("5 readonly"), stage("broken")

GOOD = "A good title\nFirst words.\nShare this on Facebook\nMore words.\nShare by mail\n"


# The list

def test_the_table_says_title_source_date_words_passages_and_added(five, open_tab):
    tab = open_tab(five)
    row = tab.find("tbody tr", ).filter(has_text="Islamabad")
    assert row.locator("th, td").evaluate_all("cells => cells.map(c => c.innerText.trim().replace(/\\s+/g, ' '))") == [
        "", "Islamabad’s measured strikes amidst crisis a0001.txt", "The Diplomat", "2024-01-02", "837", "6",
        "2026-11-20 18:02", "in the folder"]
    assert "in the articles folder" in row.locator(".elsewhere").get_attribute("title")
    assert tab.find(".count").text_content() == "5 articles"
    assert tab.find("td.date").filter(has_text="not stated").count() == 2


def test_the_table_is_sorted_by_any_column_both_ways_and_says_so(five, open_tab):
    tab = open_tab(five)
    words = sorted(plain_row(n).words for n in range(5))
    for name, expected in (("Words", words[::-1]), ("Words", words)):
        tab.page.get_by_role("button", name=name, exact=True).click()
        assert [int(text.split()[0]) for text in tab.find("td.words").all_text_contents()] == expected
    assert tab.find("th.words").get_attribute("aria-sort") == "ascending"
    assert tab.find("[aria-sort]").count() == 1
    tab.page.get_by_role("button", name="Date", exact=True).click()
    dates = tab.find("td.date").all_text_contents()
    assert dates[:3] == ["2024-01-04", "2024-01-03", "2024-01-02"] and "not stated" in dates[3], "unstated comes last"
    tab.page.get_by_role("button", name="Title", exact=True).click()
    assert tab.titles() == sorted(tab.titles())


@pytest.mark.parametrize("words, found", [
    ("jaish", 1), ("DIPLOMAT", 1), ("a0003", 1), ("iran flames", 1), ("flames iran", 1), ("pakistán", 1), ("o", 5)])
def test_the_search_finds_words_of_title_source_and_file_name(five, open_tab, words, found):
    tab = open_tab(five)
    tab.search(words)
    assert len(tab.titles()) == found
    assert tab.find(".spoken-count").text_content() == f"{found} of 5 articles found"


def test_a_search_that_finds_nothing_says_so_and_leads_back(five, open_tab):
    tab = open_tab(five)
    tab.search("<b>cricket</b>")
    assert tab.find("td.nothing p").text_content() == "Nothing found for <b>cricket</b>."
    tab.page.get_by_role("button", name="Show all articles").click()
    assert len(tab.titles()) == 5 and tab.focus() == "articles-search"


def test_a_title_opens_its_article(five, open_tab):
    tab = open_tab(five)
    tab.page.get_by_role("button", name="Jaish al-Adl, explained").click()
    assert tab.told("qa:open") == [{"article": "a0003"}]


def test_thousands_are_searched_but_only_some_drawn(many, open_tab):
    tab = open_tab(many)
    assert len(tab.titles()) == 200
    assert tab.find(".count").text_content() == "3,000 articles; the first 200 are shown"
    tab.search("explained, part 600")
    assert tab.titles() == ["Jaish al-Adl, explained, part 600"]
    assert tab.page.evaluate(_KEYSTROKES) < 400, "milliseconds a keystroke, on whatever machine this is"
    tab.search("")
    tab.page.get_by_role("button", name="Show 200 more").click()
    assert len(tab.titles()) == 400
    assert tab.focus() == tab.titles()[200]


# Adding

def test_files_are_added_by_the_button_and_each_says_how_it_went(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD, empty_txt="", picture_png="x", second_txt="Second title\nIts words.")
    tab.settle()
    assert tab.lines("done") == ["A good titleadded: 7 words in 2 passagesgood.txt2 lines removed by cleaning×",
                                 "Second titleadded: 4 words in 1 passagesecond.txtnothing removed by cleaning×"]
    assert sorted(tab.lines("refused")) == ["empty.txt is empty. Remove it or fill it.×",
                                            "picture.png is not a kind of article. Known: .txt.×"]
    assert tab.find(".tally").text_content() == "2 files added, 2 not added."
    assert {"A good title", "Second title"} < set(tab.titles())
    tab.page.wait_for_function("window.told.some(([name]) => name === 'qa:corpus')")


def test_what_cleaning_removed_unfolds_line_by_line_with_the_reason(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD)
    tab.page.get_by_text("2 lines removed by cleaning").click()
    expect(tab.find(".removed li")).to_have_text(["Line 3, share and subscribeShare this on Facebook",
                                                  "Line 5, share and subscribeShare by mail"])


@pytest.mark.parametrize("target", ["#articles", "#articles tbody", "#articles-search", "body"])
def test_files_are_added_by_dropping_them_anywhere(five, open_tab, target):
    tab = open_tab(five)
    tab.drop([("one.txt", "Dropped one\nwords"), ("two.txt", "Dropped two\nwords")], target)
    tab.settle()
    assert len(tab.lines("done")) == 2 and {"Dropped one", "Dropped two"} < set(tab.titles())
    assert tab.find(".drop").is_hidden() and tab.page.url.rstrip("/") == five


def test_a_drag_over_the_tab_shows_where_it_goes_and_leaving_hides_it(five, open_tab):
    tab = open_tab(five)
    over = "kind => { const d = new DataTransfer(); d.items.add(new File(['x'], 'x.txt'));" \
           "document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: d, bubbles: true, cancelable: true })); }"
    tab.page.evaluate(over, "dragover")
    assert tab.find(".drop").is_visible()
    tab.page.evaluate(over, "dragleave")
    assert tab.find(".drop").is_hidden()


def test_a_dropped_folder_is_refused_by_name_and_the_files_beside_it_are_taken(five, open_tab, tmp_path: Path):
    tab = open_tab(five)
    (tmp_path / "Reports").mkdir()
    (tmp_path / "Reports" / "inside.txt").write_text("Inside")
    (tmp_path / "beside.txt").write_text("Beside the folder\nwords")
    session = tab.page.context.new_cdp_session(tab.page)
    data = {"items": [], "files": [str(tmp_path / "Reports"), str(tmp_path / "beside.txt")], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 700, "y": 400, "data": data})
    tab.settle()
    assert tab.lines("refused") == ["Reports is a folder. Open it and add the files in it.×"]
    assert "Beside the folder" in tab.titles()


def test_too_many_too_large_twice_and_the_same_name_are_each_one_line_and_nothing_else_is_lost(five, open_tab):
    tab = open_tab(five)
    files = [("large.txt", "x" * (LIMIT + 1)), ("a.txt", "Number a\nwords")]
    files += [(f"n{n}.txt", f"Number {n}\nwords") for n in range(196)]
    tab.drop([*files, ("a.txt", "Other\nbytes"), ("b.txt", "Number a\nwords"), ("over.txt", "x"), ("over2.txt", "x")])
    tab.settle()
    refused = tab.lines("refused")
    assert any(text.startswith("2 files of 202 were not taken: at most 200 at a time.") for text in refused)
    assert any(text.startswith("large.txt has 0.2 MB, more than 0.2 MB. Split it") for text in refused)
    assert len(refused) == 4 and sum("here already" in t or "same bytes" in t for t in refused) == 2
    assert len(tab.lines("done")) == 197
    assert tab.find(".count").text_content() == "202 articles; the first 200 are shown"


def test_a_refusal_stays_until_it_is_dismissed_and_the_focus_goes_on(five, open_tab):
    tab = open_tab(five)
    tab.give(one_png="x", two_png="y")
    tab.settle()
    tab.give(good_txt=GOOD)
    tab.settle()
    assert len(tab.lines("refused")) == 2
    tab.find(".line[data-state=refused] .dismiss").first.click()
    assert len(tab.lines("refused")) == 1
    assert tab.page.evaluate("document.activeElement.matches('.dismiss')")
    tab.page.get_by_role("button", name="Dismiss all").click()
    assert tab.find(".files").is_hidden() and tab.focus() == "Add files"


def test_upload_and_stages_are_seen_as_they_come(slow, open_tab):
    tab = open_tab(slow)
    session = tab.page.context.new_cdp_session(tab.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions",
                 {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 120_000})
    tab.give(long_txt="A long one\n" + "words " * 30_000)
    expect(tab.find(".status")).to_have_text(re.compile(r"^sending, [1-9]\d? %$"))
    assert 0 < tab.find("progress").evaluate("bar => bar.value") < 1
    expect(tab.find(".status")).to_have_text("reading")
    expect(tab.find(".status")).to_contain_text("embedding")
    tab.settle()
    assert tab.find(".spoken-files").text_content() == "1 file added."


def test_a_connection_that_is_lost_is_said_and_can_be_tried_again(five, open_tab):
    tab = open_tab(five)
    tab.page.route("**/articles?name=*", lambda route: route.abort())
    tab.give(good_txt=GOOD)
    tab.settle()
    assert tab.lines("lost")[0].startswith("good.txt was not taken: the connection was lost, or the file could not")
    tab.page.unroute("**/articles?name=*")
    tab.page.get_by_role("button", name="Try again").click()
    tab.settle()
    assert len(tab.lines("done")) == 1 and tab.lines("lost") == []


@pytest.mark.parametrize("status, body, said", [
    (200, '{"stage": "reading", "at": 0, "of": 1}\n', "the connection was lost"),
    (502, "<h1>Bad gateway</h1>", "the server refused it (502)"),
    (403, '{"problem": "nothing may be changed here", "remedy": "give --auth"}', "nothing may be changed here")])
def test_an_answer_that_breaks_off_or_refuses_is_no_success(five, open_tab, status, body, said):
    tab = open_tab(five)
    tab.page.route("**/articles?name=*", lambda route: route.fulfill(status=status, body=body))
    tab.give(good_txt=GOOD)
    tab.settle()
    assert said in tab.find(".line").text_content() and tab.lines("done") == []


def test_a_mistake_of_the_program_is_one_plain_line(five, open_tab):
    tab = open_tab(five)
    tab.give(bug_txt="Title\nBug")
    tab.settle()
    assert tab.lines("refused")[0].startswith("bug.txt: the program failed while doing this. The terminal")


# Deleting

def test_what_was_added_here_is_deleted_and_brought_back_and_the_focus_is_never_lost(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD)
    tab.settle()
    assert tab.find("tbody .remove").count() == 1, "the others lie in the folder"
    tab.page.get_by_role("button", name="Delete A good title").click()
    expect(tab.find(".undo")).to_be_focused()
    assert "A good title" not in tab.titles() and tab.lines("done") == []
    tab.open()  # what is gone is gone for everyone
    assert "A good title" not in tab.titles()


def test_undo_brings_an_article_back_as_it_was(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD, other_txt="Other\nwords")
    tab.settle()
    before = sorted(tab.titles())
    for title in ("A good title", "Other"):
        tab.page.get_by_role("button", name=f"Delete {title}").click()
        expect(tab.find(".undo").first).to_be_focused()
    tab.page.get_by_role("button", name="Undo A good title").click()
    expect(tab.find(".deleted .line")).to_have_count(1)
    assert tab.focus() == "A good title"
    tab.page.get_by_role("button", name="Undo Other").click()
    expect(tab.find(".deleted")).to_be_hidden()
    assert sorted(tab.titles()) == before


def test_closing_the_page_forgets_what_was_deleted(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD)
    tab.settle()
    tab.page.get_by_role("button", name="Delete A good title").click()
    expect(tab.find(".undo")).to_be_focused()
    tab.page.goto("about:blank")
    tab.page.wait_for_timeout(1_000)  # what a page says as it goes arrives a moment later
    restore = Request(f"{five}/articles/restore", b'{"token": "t0"}', {"Content-Type": "application/json"})
    with pytest.raises(HTTPError, match="400"):
        build_opener(ProxyHandler({})).open(restore, timeout=10)


def test_an_article_that_another_person_deleted_is_said_and_gone(five, open_tab):
    first, second = open_tab(five), open_tab(five)
    first.give(good_txt=GOOD)
    first.settle()
    second.open()
    first.page.get_by_role("button", name="Delete A good title").click()
    expect(first.find(".undo")).to_be_focused()
    second.page.get_by_role("button", name="Delete A good title").click()
    expect(second.find(".remark")).to_contain_text("There is no article added/good any more.")
    expect(second.find("tbody .remove")).to_have_count(0)


# Choosing

def test_checkboxes_choose_what_is_asked_and_the_choice_is_kept(five, open_tab):
    tab = open_tab(five)
    assert tab.find(".asked").text_content() == "All 5 articles are asked"
    for title in ("Jaish al-Adl, explained", "Balochistan between two armies"):
        tab.page.get_by_role("checkbox", name=f"Ask {title}").uncheck()
    assert tab.find(".asked").text_content() == "3 of 5 are asked"
    assert sorted(tab.asked()) == ["a0000", "a0001", "a0002"]
    assert sorted(tab.told("qa:asked")[-1]["articles"]) == ["a0000", "a0001", "a0002"]
    tab.open()
    assert tab.find(".asked").text_content() == "3 of 5 are asked"
    assert not tab.page.get_by_role("checkbox", name="Ask Jaish al-Adl, explained").is_checked()
    tab.page.get_by_role("button", name="All", exact=True).click()
    assert tab.asked() is None and tab.told("qa:asked")[-1] == {"articles": None}


def test_the_shown_can_be_chosen_alone_or_left_out(five, open_tab):
    tab = open_tab(five)
    tab.search("jaish")
    tab.page.get_by_role("button", name="None of the shown").click()
    assert tab.find(".asked").text_content() == "4 of 5 are asked" and "a0003" not in tab.asked()
    tab.page.get_by_role("button", name="Only the shown").click()
    assert tab.asked() == ["a0003"] and tab.find(".asked").text_content() == "1 of 5 is asked"


def test_at_least_one_stays_chosen(five, open_tab):
    tab = open_tab(five)
    tab.page.get_by_role("button", name="None of the shown").click()
    assert tab.find(".remark").text_content() == "At least one article must stay chosen."
    assert tab.asked() is None and tab.find("tbody input:checked").count() == 5
    tab.search("jaish")
    tab.page.get_by_role("button", name="Only the shown").click()
    assert tab.find(".remark").text_content() == ""
    tab.find("tbody input").click()
    assert tab.find("tbody input").is_checked() and tab.asked() == ["a0003"]
    assert tab.find(".remark").text_content() == "At least one article must stay chosen."


def test_what_is_added_is_asked_and_what_is_deleted_is_not(five, open_tab):
    tab = open_tab(five)
    tab.search("jaish")
    tab.page.get_by_role("button", name="Only the shown").click()
    tab.search("")
    tab.give(good_txt=GOOD)
    tab.settle()
    assert sorted(tab.asked()) == ["a0003", "added/good"]
    tab.page.get_by_role("button", name="Delete A good title").click()
    expect(tab.find(".undo")).to_be_focused()
    assert tab.asked() == ["a0003"]
    tab.find(".undo").click()
    expect(tab.find(".deleted")).to_be_hidden()
    assert sorted(tab.asked()) == ["a0003", "added/good"]


def test_a_choice_of_articles_that_are_all_gone_is_all_again_and_says_so(five, open_tab):
    tab = open_tab(five)
    tab.page.evaluate("localStorage.setItem('qa.articles', '[\"gone\"]')")
    tab.open()
    assert tab.find(".asked").text_content() == "All 5 articles are asked" and tab.asked() is None
    assert "all are asked again" in tab.find(".remark").text_content()


# Whoever may only look; nothing there; nothing to be had

def test_without_permission_nothing_can_be_changed_and_the_reason_is_said(readonly, open_tab):
    tab = open_tab(readonly)
    assert tab.find(".closed").text_content().startswith("Whoever started this page opened it to all for reading")
    assert not tab.find(".choose").first.is_visible() and tab.find("tbody .remove").count() == 0
    assert len(tab.titles()) == 6
    tab.drop([("one.txt", "Dropped\nwords")])
    assert tab.find(".line").count() == 0 and tab.find(".drop").is_hidden()
    tab.page.get_by_role("checkbox").first.uncheck()
    assert tab.find(".asked").text_content() == "5 of 6 are asked", "choosing changes nothing for others"


def test_an_empty_corpus_invites_to_drop_files(none, open_tab):
    tab = open_tab(none)
    assert tab.find(".empty h3").inner_text() == "No articles yet" and tab.find("table").is_hidden()
    tab.give(good_txt=GOOD)
    tab.settle()
    assert tab.find(".empty").is_hidden() and tab.titles() == ["A good title"]
    tab.page.get_by_role("button", name="Delete A good title").click()
    expect(tab.find(".undo")).to_be_focused()
    assert tab.find(".empty").is_visible()


def test_a_list_that_cannot_be_read_says_so_and_can_be_tried_again(broken, open_tab):
    tab = open_tab(broken)
    assert tab.find(".why").text_content() == "There is no index yet. Run `qa index`."
    assert tab.page.get_by_role("button", name="Try again").is_visible()


# Text that tries to be more, the keyboard, the look

def test_hostile_text_is_shown_letter_for_letter_and_does_nothing(hostile, open_tab):
    tab = open_tab(hostile)
    assert sorted(tab.titles()) == sorted(hostile_row(n).title for n in range(38))
    assert tab.find("script, img, b, iframe, a").count() == 0
    isolated = tab.find("tbody bdi").evaluate_all(
        "all => all.every(e => e.dir === 'auto' && getComputedStyle(e).unicodeBidi === 'isolate')")
    assert isolated and tab.sticks_out() == []
    tab.page.get_by_role("button", name="title 1").first.click()
    name = "<img src=x onerror=alert(1)> \u202eabc.txt"
    tab.drop([(name, "<script>alert(1)</script>\nwords\nShare <img src=x onerror=alert(1)> \u202eabc\n"),
              ("\u202e<b>.png", "x")])
    tab.settle()
    tab.find("summary").click()
    expect(tab.find(".removed .words")).to_have_text("Share <img src=x onerror=alert(1)> \u202eabc")
    assert tab.find(".line[data-state=done] .open").text_content() == "<script>alert(1)</script>"
    assert tab.find(".line[data-state=refused] .name").text_content() == "\u202e<b>.png"
    assert tab.find("script, img, b, iframe, a").count() == 0


def test_the_keyboard_is_enough(five, open_tab):
    tab = open_tab(five)
    tab.give(good_txt=GOOD)
    tab.settle()

    def tab_to(selector: str) -> None:
        for _ in range(60):
            tab.page.keyboard.press("Tab")
            if tab.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached")

    tab.page.get_by_label("Search titles").focus()
    tab_to("summary")
    tab.page.keyboard.press("Enter")
    expect(tab.find(".removed li")).to_have_count(2)
    tab_to("th.title button")
    tab.page.keyboard.press("Enter")
    assert tab.find("thead .title").get_attribute("aria-sort") == "ascending"
    tab_to("tbody input")
    tab.page.keyboard.press("Space")
    assert tab.find(".asked").text_content() == "5 of 6 are asked" and tab.focus() == ""
    assert tab.page.evaluate("document.activeElement.matches('tbody input')")
    tab_to("tbody .remove")
    tab.page.keyboard.press("Enter")
    expect(tab.find(".undo")).to_be_focused()
    tab.page.keyboard.press("Enter")
    expect(tab.find(".deleted")).to_be_hidden()
    assert tab.focus() == "A good title"
    tab.page.keyboard.press("Enter")
    assert tab.told("qa:open") == [{"article": "added/good"}]


@pytest.mark.parametrize("size", [WIDE, NARROW, SMALL])
def test_nothing_sticks_out(many, open_tab, size):
    tab = open_tab(many, size)
    tab.give(good_txt=GOOD, picture_png="x", **{"a" * 120 + "_txt": "T" * 300 + "\nwords"})
    tab.settle()
    tab.find("summary").click()
    tab.find("tbody .remove").first.click()
    expect(tab.find(".undo")).to_be_focused()
    assert tab.sticks_out() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_axe_finds_nothing_serious(five, open_tab, size, scheme):
    tab = open_tab(five, size, scheme)
    tab.give(good_txt=GOOD, picture_png="x", other_txt="Other\nwords")
    tab.settle()
    tab.find("summary").click()
    tab.page.get_by_role("button", name="Delete Other").click()
    expect(tab.find(".undo")).to_be_focused()
    tab.page.get_by_role("button", name="None of the shown").click()
    found = Axe().run(tab.page, context="#articles").response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")] == []
