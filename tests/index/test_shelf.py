"""Files are added and removed while others ask: every one is in whole or not at all, and a refusal leaves nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from qa import Assistant, Library
from qa.errors import ArticleError, IndexBusy, IndexUnwritable, NoArticles, QAError, UsageError
from qa.index.shelf.builds import Builds, Order
from qa.index.shelf.shelf import Shelf
from qa.index.shelf.uploads import safe_name
from qa.ingest.folder import is_passed_over
from qa.settings import MILVUS, Index, Ingest, Settings
from tests.evaluate.bm25_reader import BM25Reader
from tests.index.by_eye import AUTUMN, SPRING, SUMMER, WINTER, Letters, answers, folder_of, library
from tests.index.test_safety import ROOT, as_nobody, everything_in

__all__ = ["as_nobody"]  # a fixture


@pytest.fixture
def lib(tmp_path) -> Library:
    """Winter, in a file of the folder itself, indexed."""
    folder_of(tmp_path / "articles", winter=WINTER)
    lib = library(tmp_path)
    lib.build()
    lib.encoder.given.clear()
    return lib


@pytest.fixture
def shelf(lib) -> Shelf:
    return Shelf(lib)


@pytest.fixture
def staged(tmp_path) -> Callable[[str | bytes], Path]:
    """Writes what was uploaded to a file of its own, which nobody else may read."""

    def write(content: str | bytes) -> Path:
        (tmp_path / "staged").mkdir(exist_ok=True)
        path = tmp_path / "staged" / uuid.uuid4().hex
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(0o600)
        return path

    return write


def below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


# --- adding --------------------------------------------------------------------------------------------------

def test_an_added_file_is_an_article_that_can_be_asked(lib, shelf, staged):
    path, stages = staged(SUMMER + "\nSubscribe to our newsletter\n"), []
    added = shelf.add("Heat wave.txt", path, stages.append)
    assert (added.article.id, added.article.path) == ("added/Heat wave", "added/Heat wave.txt")
    assert added.article in lib.list() and lib.state() == "current"
    assert answers(lib) == {"added/Heat wave": SUMMER.strip(), "winter": WINTER.strip()}
    assert [line.text for line in added.removed] == ["Subscribe to our newsletter"] and added.notes == ()
    assert added.removed == lib.removed_of("added/Heat wave")
    assert stages == ["reading", "embedding", "writing"] and lib.encoder.given[0] == SUMMER.strip()
    assert not path.exists() and below(lib.articles) == {"winter.txt", "added", "added/Heat wave.txt"}


def test_an_added_file_is_as_open_to_others_as_the_person_lets_files_be(lib, shelf, staged):
    shelf.add("summer.txt", staged(SUMMER))
    (lib.articles / "example").touch()
    modes = {path.stat().st_mode & 0o777 for path in (lib.articles / "added" / "summer.txt", lib.articles / "example")}
    assert len(modes) == 1


def test_how_a_file_was_read_is_told(shelf, staged):
    added = shelf.add("cafe.txt", staged(("The café on the quay opened in May. " * 20).encode("cp1252")))
    assert added.notes and "\n" not in "".join(added.notes)


@pytest.mark.parametrize("folder", ["empty", "absent"])
def test_the_first_article_of_all_can_be_added(tmp_path, staged, folder):
    if folder == "empty":
        (tmp_path / "articles").mkdir()
    lib = library(tmp_path)
    lib.build(allow_empty=True)
    assert Shelf(lib).add("winter.txt", staged(WINTER)).article.id == "added/winter"
    assert answers(lib) == {"added/winter": WINTER.strip()}


def test_a_file_can_be_added_before_anything_is_indexed(tmp_path, staged):
    folder_of(tmp_path / "articles", winter=WINTER)
    lib = library(tmp_path)
    Shelf(lib).add("summer.txt", staged(SUMMER))
    assert list(answers(lib)) == ["added/summer", "winter"] and lib.state() == "current"


def test_files_that_others_put_into_the_folder_are_left_to_them(lib, shelf, staged):
    """Adding one file neither reads a thousand others nor drops those of a folder that was emptied."""
    folder_of(lib.articles, autumn=AUTUMN)
    (lib.articles / "winter.txt").unlink()
    shelf.add("summer.txt", staged(SUMMER))
    assert list(answers(lib)) == ["added/summer", "winter"] and lib.state() == "behind"


def test_what_a_crash_left_unindexed_is_found_by_the_next_build(lib, shelf, staged):
    folder_of(lib.articles / "added", autumn=AUTUMN)
    assert lib.state() == "behind"
    shelf.add("summer.txt", staged(SUMMER))
    assert list(answers(lib)) == ["added/autumn", "added/summer", "winter"] and lib.state() == "current"


class OnAServer(Library):
    """A library whose index other machines share, each with a folder of its own; the index itself is a folder's."""

    def __init__(self, folder: Path, index: Path):
        super().__init__(folder, index, encoder=Letters())
        self.settings = Settings(index=Index(engine=MILVUS))


def test_what_another_machine_added_to_a_shared_index_stays(tmp_path, staged):
    here, there = (OnAServer(folder_of(tmp_path / name, winter=WINTER), tmp_path / "index") for name in ("a", "b"))
    here.build()
    mine, theirs = Shelf(here), Shelf(there)
    theirs.add("autumn.txt", staged(AUTUMN))
    mine.add("summer.txt", staged(SUMMER))  # whose folder does not hold autumn
    mine.add("spring.txt", staged(SPRING))
    assert list(answers(here)) == ["added/autumn", "added/spring", "added/summer", "winter"]
    removal = mine.remove(["added/summer", "added/spring"])
    assert list(answers(here)) == ["added/autumn", "winter"]
    assert sorted(mine.restore(removal.token)) == ["added/spring", "added/summer"]
    assert list(answers(there)) == ["added/autumn", "added/spring", "added/summer", "winter"]


@pytest.mark.parametrize("name, safe", [
    ("Résumé of 2024.txt", "Résumé of 2024.txt"), ("Re\u0301sume\u0301.md", "Résumé.md"), ("冬.TXT", "冬.TXT"),
    ("a\u202etxt.exe.txt", "atxt.exe.txt"), ("tab\tand\nline.txt", "tab and line.txt"),
    ("  two  words .txt", "two words.txt"),
    ("nb\u00a0sp.txt", "nb sp.txt"), ("lone\udc80.txt", "lone.txt"), ("x" * 300 + ".md", "x" * 147 + ".md"),
    ("é" * 200 + ".txt", "é" * 73 + ".txt"), ("<b>&amp;'\".txt", "<b>&amp;'\".txt"), ("-rf *.txt", "-rf *.txt"),
    ("con.txt", "con.txt"), ("a.b.c.txt", "a.b.c.txt")])
def test_a_name_stays_readable_and_is_made_safe(lib, shelf, staged, name, safe):
    added = shelf.add(name, staged(SUMMER))
    assert added.article.path == f"added/{safe}" and below(lib.articles) == {"winter.txt", "added", f"added/{safe}"}
    assert added.article.id == f"added/{safe.rpartition('.')[0]}" and lib.read(added.article.id).text == SUMMER.strip()


@pytest.mark.parametrize("name", [
    "../summer.txt", "../../etc/passwd", "/etc/passwd.txt", "folder/summer.txt", "..\\summer.txt", "C:\\summer.txt",
    "sum\0mer.txt", "", " ", ".", "..", ".hidden.txt", "\u202e.hidden.txt", " .txt", ".txt", "README", "README.md",
    "READMEagain.txt", "articles.toml", "summer", "summer.exe", "summer.txt.exe", "summer.", "x" * 300, "x\n.exe",
    "txt", "../\u202e\n" + "y" * 5000 + ".txt"])
def test_a_name_that_cannot_be_is_refused(lib, shelf, staged, name):
    path = staged(SUMMER)
    with pytest.raises((UsageError, ArticleError)) as refused:
        shelf.add(name, path)
    line = str(refused.value)
    assert "; " in line and line.isprintable() and len(line) < 300
    shown = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    assert (shown[:150] or "the file") in line
    assert below(lib.articles) == {"winter.txt"} and not path.exists() and lib.generation() == 1


@given(st.text(max_size=200).map(lambda stem: stem + ".txt"))
def test_any_name_is_safe_or_refused(name):
    try:
        safe = safe_name(name)
    except UsageError:
        return
    assert safe.isprintable() and len(safe.encode()) <= 150 and safe.endswith(".txt") and not is_passed_over(safe)
    assert Path(safe).name == safe and safe_name(safe) == safe


def locked_pdf() -> bytes:
    import io

    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize("name, content, why", [
    ("blank.txt", b"", "is empty"), ("blank.txt", b" \n\t ", "is empty"), ("picture.txt", b"\x89PNG\r\n", "a PNG"),
    ("table.csv", b"a,b", "is not a kind of article; known: .txt"), ("long.txt", WINTER * 30, "more than"),
    ("bytes.txt", bytes(range(256)) * 4, "is not text in any charset"), ("broken.pdf", b"%PDF-1.7 nothing", "damaged"),
    ("locked.pdf", locked_pdf(), "locked with a password"), ("broken.docx", b"PK\3\4 nothing", "damaged"),
    ("bare.html", "<html><body></body></html>", "holds no"),
    ("notices.txt", "Subscribe to our newsletter\n\nWe use cookies to improve your experience.\n", "nothing but not"),
    ("winter again.txt", WINTER, "article 'winter' has the same content"), ("winter.md", WINTER, "article 'winter'")])
def test_a_file_that_cannot_be_an_article_is_refused_and_leaves_nothing(lib, staged, name, content, why):
    lib.settings = Settings(ingest=Ingest(max_file_bytes=2000))
    shelf, path = Shelf(lib), staged(content)
    with pytest.raises((ArticleError, UsageError)) as refused:
        shelf.add(name, path)
    line = str(refused.value)
    assert line.startswith(f"{name} ") and why in line and "; " in line and "\n" not in line and "/tmp" not in line
    assert below(lib.articles) <= {"winter.txt", "added"} and not path.exists()
    assert lib.generation() == 1 and lib.encoder.given == []


@pytest.mark.parametrize("name", ["summer.txt", "SUMMER.TXT", "Summer.txt", "su\u202emmer.txt"])
def test_a_name_that_is_taken_is_refused(lib, shelf, staged, name):
    shelf.add("summer.txt", staged(SUMMER))
    with pytest.raises(UsageError, match="cannot be added: a file named summer.txt is there already; rename it"):
        shelf.add(name, staged(AUTUMN))
    assert answers(lib)["added/summer"] == SUMMER.strip() and lib.state() == "current"


def test_a_file_never_renames_another_article(lib, shelf, staged):
    """Of two files that differ by their suffix both ids would carry it; what pointed to the first would be lost."""
    shelf.add("summer.txt", staged(SUMMER))
    with pytest.raises(UsageError, match="summer.md cannot be added: the article of summer.txt has that name.*rename"):
        shelf.add("summer.md", staged(AUTUMN))
    assert below(lib.articles / "added") == {"summer.txt"} and "added/summer" in answers(lib)
    folder_of(lib.articles / "added").joinpath("summer.csv").write_text("a,b")
    shelf.add("summer.csv.txt", staged(AUTUMN))  # that one takes its suffix itself, and nobody else's changes
    assert set(answers(lib)) == {"winter", "added/summer", "added/summer.csv.txt"}


@pytest.mark.parametrize("what", ["a link", "a file"])
def test_nothing_is_added_beyond_the_folder(lib, shelf, staged, tmp_path, what):
    (tmp_path / "elsewhere").mkdir()
    if what == "a link":
        (lib.articles / "added").symlink_to(tmp_path / "elsewhere")
    else:
        (lib.articles / "added").touch()
    with pytest.raises(UsageError, match="added is no folder of its own"):
        shelf.add("summer.txt", staged(SUMMER))
    assert not below(tmp_path / "elsewhere") and lib.generation() == 1


@pytest.mark.parametrize("closed", ["articles", "articles/added"])
def test_a_folder_closed_to_writing_is_one_clear_line(lib, shelf, staged, tmp_path, closed, request):
    (lib.articles / "added").mkdir(exist_ok=True) if closed == "articles/added" else None
    for path in (tmp_path, lib.index, *lib.index.rglob("*")):
        path.chmod(0o777)
    path = staged(SUMMER)
    path.chmod(0o644)
    (tmp_path / closed).chmod(0o555)
    request.getfixturevalue("as_nobody")
    with pytest.raises(UsageError) as refused:
        shelf.add("summer.txt", path)
    line = str(refused.value)
    assert line.startswith("summer.txt cannot be added: ") and "check its permissions" in line
    assert "cannot be written (Permission denied)" in line


def test_a_folder_out_of_reach_is_neither_made_anew_nor_emptied(lib, shelf, staged):
    shelf.add("summer.txt", staged(SUMMER))
    lib.articles.rename(lib.articles.with_name("unplugged"))
    for change in (lambda: shelf.add("autumn.txt", staged(AUTUMN)), lambda: shelf.remove(["added/summer"])):
        with pytest.raises(NoArticles, match="no articles folder"):
            change()
    assert not lib.articles.exists() and list(answers(lib)) == ["added/summer", "winter"]


# --- several at once -----------------------------------------------------------------------------------------

class Gate(Letters):
    """Waits at each text until it may go on, and says that it is there; refuses `poison`."""

    def __init__(self, poison: str = "nothing") -> None:
        super().__init__()
        self.reached, self.open, self.poison = threading.Event(), threading.Event(), poison

    def encode(self, texts, question=False):
        self.reached.set()
        assert self.open.wait(30)
        if any(self.poison in text for text in texts):
            raise QAError("the model broke", "mend it")
        return super().encode(texts, question)


@pytest.fixture
def gate(lib) -> Gate:
    gate = Gate()
    lib._encoder = gate  # the same vectors: only when they come is in the test's hand
    return gate


def ordered(shelf: Shelf, count: int) -> None:
    """Waits until `count` changes wait for the next build."""
    for _ in range(3000):
        if shelf._builds._next is not None and len(shelf._builds._next.orders) == count:
            return
        threading.Event().wait(0.01)
    raise AssertionError("they never came")


def test_files_that_come_at_once_share_a_build(lib, gate, staged):
    shelf = Shelf(lib)

    def add(n: int) -> tuple[str, bool]:
        """The id, and whether it could be asked for when `add` returned."""
        id = shelf.add(f"n{n}.txt", staged(f"Ship {n} came in. " + WINTER)).article.id
        with lib.open() as snapshot:
            return id, id in snapshot.articles()

    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(add, 0)
        assert gate.reached.wait(30)
        rest = [pool.submit(add, n) for n in range(1, 16)]
        ordered(shelf, 15)
        gate.open.set()
        assert sorted(f.result() for f in [first, *rest]) == sorted((f"added/n{n}", True) for n in range(16))
    assert lib.generation() == 3  # winter, the first, and all the others together


def test_a_refused_file_costs_the_others_nothing(lib, gate, staged):
    shelf = Shelf(lib)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(shelf.add, "one.txt", staged(SUMMER))
        assert gate.reached.wait(30)
        bad = [pool.submit(shelf.add, name, staged(content)) for name, content in
               [("empty.txt", ""), ("one.md", SPRING), ("copy.txt", SUMMER), ("evil/../x.txt", SPRING)]]
        good = pool.submit(shelf.add, "two.txt", staged(AUTUMN))
        for refused in bad:  # at once, without waiting for anybody's build
            assert isinstance(refused.exception(30), (ArticleError, UsageError))
        gate.open.set()
        assert (first.result().article.id, good.result().article.id) == ("added/one", "added/two")
    assert set(answers(lib)) == {"winter", "added/one", "added/two"}


def test_of_two_files_of_one_name_the_second_is_refused(lib, gate, staged):
    shelf = Shelf(lib)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(shelf.add, "one.txt", staged(text)) for text in (SUMMER, AUTUMN)]
        assert gate.reached.wait(30)
        gate.open.set()
        faults = [one.exception(30) for one in both]
    assert sorted(map(bool, faults)) == [False, True] and "is there already" in str(next(filter(None, faults)))
    assert answers(lib)["added/one"] == [SUMMER, AUTUMN][faults.index(None)].strip()


def test_who_gives_up_waiting_does_not_stop_the_build(lib, gate, staged):
    shelf = Shelf(lib)

    def leave(stage: str) -> None:
        if stage == "embedding":
            raise InterruptedError("gone")

    with ThreadPoolExecutor(2) as pool:
        gone, stays = pool.submit(shelf.add, "one.txt", staged(SUMMER), leave), None
        assert gate.reached.wait(30) and isinstance(gone.exception(30), InterruptedError)
        stays = pool.submit(shelf.add, "two.txt", staged(AUTUMN))
        gate.open.set()
        assert stays.result().article.id == "added/two"
    assert set(answers(lib)) == {"winter", "added/one", "added/two"}


def test_a_build_that_fails_takes_its_changes_back_and_no_others(lib, staged):
    shelf = Shelf(lib)
    shelf.add("old.txt", staged(SPRING))
    lib._encoder = gate = Gate("poison")
    before = answers(library(lib.index.parent))
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(shelf.add, "one.txt", staged(SUMMER))
        assert gate.reached.wait(30)
        doomed = [pool.submit(shelf.add, "bad.txt", staged("A poisoned well. Nobody drank.")),
                  pool.submit(shelf.add, "two.txt", staged(AUTUMN)), pool.submit(shelf.remove, ["added/old"])]
        ordered(shelf, 3)
        gate.open.set()
        assert first.result().article.id == "added/one"
        assert {str(each.exception(30)) for each in doomed} == {"the model broke; mend it"}
    assert below(lib.articles / "added") == {"old.txt", "one.txt"} and not below(lib.index / "removed")
    assert answers(library(lib.index.parent)) == {**before, "added/one": SUMMER.strip()}
    gate.poison = "nothing"
    assert shelf.add("two.txt", staged(AUTUMN)).article.id == "added/two" and lib.state() == "current"


def test_a_name_is_free_only_when_its_removal_is_certain(lib, staged):
    """Else a removal that fails would find another file where its own is to go back."""
    shelf = Shelf(lib)
    shelf.add("old.txt", staged(SPRING))
    lib._encoder = gate = Gate("poison")
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(shelf.add, "one.txt", staged(SUMMER))
        assert gate.reached.wait(30)
        doomed = [pool.submit(shelf.add, "bad.txt", staged("A poisoned well. Nobody drank.")),
                  pool.submit(shelf.remove, ["added/old"])]
        ordered(shelf, 2)
        newer = pool.submit(shelf.add, "old.txt", staged(AUTUMN))
        with pytest.raises(TimeoutError):
            newer.result(0.5)
        gate.open.set()
        assert first.result() and {str(each.exception(30)) for each in doomed} == {"the model broke; mend it"}
        assert "a file named old.txt is there already" in str(newer.exception(30))
    assert (lib.articles / "added" / "old.txt").read_text() == SPRING and not below(lib.index / "removed")


def test_what_cannot_be_taken_back_is_one_clear_line():
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "folder/file")

    builds = Builds(fail)
    with builds.turn():
        batch = builds.order(Order(frozenset(), fail))
    with pytest.raises(QAError, match="cannot be taken back .*folder/file.*; check the permissions"):
        batch.follow(print)


BUSY = """
import sys, time
from pathlib import Path
from qa.index.local import locks
with locks.indexer(Path(sys.argv[1])):
    print("busy", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other(lib):
    """Another process that indexes until its input is closed."""
    process = subprocess.Popen([sys.executable, "-c", BUSY, str(lib.index)], cwd=ROOT, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == "busy\n"
    yield process
    process.communicate()


def test_an_indexer_elsewhere_is_waited_for(lib, shelf, staged, other):
    stages = []

    def told(stage: str) -> None:
        stages.append(stage)
        if stage == "waiting":
            other.stdin.close()

    assert shelf.add("summer.txt", staged(SUMMER), told).article.id == "added/summer"
    other.stdin = None
    assert stages == ["reading", "waiting", "reading", "embedding", "writing"]


def test_an_indexer_elsewhere_is_not_waited_for_for_ever(lib, staged, other):
    shelf = Shelf(lib, patience=0.3)
    with pytest.raises(IndexBusy, match=f"is being indexed by process {other.pid}"):
        shelf.add("summer.txt", staged(SUMMER))
    assert below(lib.articles) <= {"winter.txt", "added"}
    assert list(answers(lib)) == ["winter"]


# --- removing and putting back -------------------------------------------------------------------------------

@pytest.fixture
def three(shelf, staged) -> Shelf:
    """Summer, autumn and spring added to winter."""
    for name, text in (("summer", SUMMER), ("autumn", AUTUMN), ("spring", SPRING)):
        shelf.add(f"{name}.txt", staged(text))
    return shelf


def test_what_was_removed_is_gone_and_can_be_put_back_as_it_was(lib, three, monkeypatch):
    listed, held = lib.list(), answers(lib)
    removal = three.remove(["added/summer", "added/autumn", "added/summer"])
    assert removal.articles == ("added/summer", "added/autumn")
    assert list(answers(lib)) == ["added/spring", "winter"] and below(lib.articles / "added") == {"spring.txt"}
    assert lib.state() == "current"
    monkeypatch.setattr("qa.index.local.builder._now", lambda: "2031-05-06T07:08:09+02:00")
    assert set(three.restore(removal.token)) == {"added/summer", "added/autumn"}
    assert lib.list() == listed and answers(lib) == held and lib.state() == "current"  # the dates too
    assert not below(lib.index / "removed")
    with pytest.raises(UsageError, match="cannot be put back any more"):
        three.restore(removal.token)


def test_all_that_was_added_may_go_even_if_it_is_all_there_is(tmp_path, staged):
    lib = library(tmp_path)
    lib.build(allow_empty=True)
    shelf = Shelf(lib)
    shelf.add("winter.txt", staged(WINTER))
    removal = shelf.remove(["added/winter"])
    assert lib.list() == [] and lib.state() == "current"
    assert shelf.restore(removal.token) == ("added/winter",) and list(answers(lib)) == ["added/winter"]


def test_what_was_forgotten_is_gone_for_good(lib, three):
    removal, other = three.remove(["added/summer"]), three.remove(["added/autumn"])
    assert b"heat wave" in everything_in(lib.index)
    three.forget(removal.token)
    three.forget(removal.token)
    assert b"heat wave" not in everything_in(lib.index) and b"orchard" in everything_in(lib.index)
    (lib.articles / "added" / ".qa-0123.part").write_text("half of")  # as a crash leaves one
    Shelf(lib).forget_all()
    assert not (lib.index / "removed").exists() and below(lib.articles / "added") == {"spring.txt"}
    for token in (removal.token, other.token):
        with pytest.raises(UsageError, match="cannot be put back"):
            three.restore(token)
    Shelf(lib).forget_all()


# Were a token ever taken for a path, this would delete what it names: nothing outside the test's own folder.
@pytest.mark.parametrize("token", ["", ".", "..", "../../articles/added", "{articles}", "A" * 32, "0" * 32, "0" * 31 + "\n",
                                   "0" * 31 + "/", "é" * 32, "x" * 10_000])
def test_a_token_is_never_a_path(lib, three, token):
    token, before = token.replace("{articles}", str(lib.articles)), below(lib.index.parent)
    three.forget(token)
    with pytest.raises(UsageError, match="cannot be put back"):
        three.restore(token)
    assert below(lib.index.parent) == before


def test_a_token_cannot_be_guessed(three):
    tokens = {three.remove([f"added/{name}"]).token for name in ("summer", "autumn", "spring")}
    assert len(tokens) == 3 and all(len(token) == 32 for token in tokens)


@pytest.mark.parametrize("newer", ["summer.txt", "summer.md", "SUMMER.txt"])
def test_a_file_in_the_place_of_a_removed_one_is_never_lost(lib, three, staged, newer):
    removal = three.remove(["added/summer", "added/autumn"])
    new = three.add(newer, staged("The beach was full. Ice cream ran out by noon.")).article
    with pytest.raises(UsageError, match=r"^summer.txt cannot be put back: .*\(the others are back\); remove that one"):
        three.restore(removal.token)
    assert lib.read(new.id).text.startswith("The beach")
    assert set(answers(lib)) == {new.id, "added/autumn", "added/spring", "winter"}
    with pytest.raises(UsageError, match="^summer.txt cannot be put back: [^(]*$"):
        three.restore(removal.token)
    three.remove([new.id])
    assert three.restore(removal.token) == ("added/summer",) and answers(lib)["added/summer"] == SUMMER.strip()


@pytest.mark.parametrize("ids, why", [
    (["winter"], "'winter' was not added here: its file is .*articles/winter.txt; remove it from that folder"),
    (["added/summer", "winter"], "'winter' was not added here"), (["added/deep/snow"], "was not added here"),
    (["added/autum"], "no article 'added/autum'"), (["../x"], "no article"), ([], "no article was chosen")])
def test_only_what_was_added_here_can_be_removed(lib, three, ids, why):
    folder_of(lib.articles / "added" / "deep", snow="It snowed all night. The roads were closed.\n")
    lib.build()
    before = answers(lib), below(lib.articles)
    with pytest.raises(UsageError, match=why):
        three.remove(ids)
    assert (answers(lib), below(lib.articles)) == before
    assert {row.id for row in lib.list() if three.may_remove(row)} == {"added/summer", "added/autumn", "added/spring"}


def test_nothing_beyond_a_link_is_removed(lib, tmp_path, shelf):
    outside = folder_of(tmp_path / "elsewhere", summer=SUMMER)
    (lib.articles / "added").symlink_to(outside)
    lib.build()
    [row] = [row for row in lib.list() if row.id == "added/summer"]
    assert not shelf.may_remove(row)
    with pytest.raises(UsageError, match="was not added here"):
        shelf.remove(["added/summer"])
    shelf.forget_all()
    assert below(outside) == {"summer.txt"}


def test_a_link_to_a_file_is_removed_and_not_what_it_leads_to(lib, tmp_path, shelf):
    outside = folder_of(tmp_path / "elsewhere", summer=SUMMER)
    (lib.articles / "added").mkdir()
    (lib.articles / "added" / "summer.txt").symlink_to(outside / "summer.txt")
    lib.build()
    removal = shelf.remove(["added/summer"])
    assert list(answers(lib)) == ["winter"] and (outside / "summer.txt").read_text() == SUMMER
    assert shelf.restore(removal.token) == ("added/summer",)
    shelf.forget(shelf.remove(["added/summer"]).token)
    assert (outside / "summer.txt").read_text() == SUMMER


def test_an_article_whose_file_is_gone_can_still_be_removed(lib, three):
    (lib.articles / "added" / "summer.txt").unlink()
    removal = three.remove(["added/summer", "added/spring"])
    assert list(answers(lib)) == ["added/autumn", "winter"]
    assert three.restore(removal.token) == ("added/spring",)


def test_a_file_that_cannot_be_moved_leaves_all_where_they_were(lib, three, tmp_path, request):
    for path in (tmp_path, lib.index, *lib.index.rglob("*")):
        path.chmod(0o777)
    (lib.articles / "added").chmod(0o555)
    before = below(lib.articles)
    request.getfixturevalue("as_nobody")
    with pytest.raises(UsageError, match="summer.txt cannot be moved away .*; check the permissions"):
        three.remove(["added/summer"])
    assert below(lib.articles) == before and "added/summer" in answers(lib)
    assert not below(lib.index / "removed")


def test_files_move_between_disks(lib, three, tmp_path):
    """The index may lie on another disk than the articles; a rename does not do then."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK) or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second disk here")
    away = shared / f"qa-{os.getpid()}"
    try:
        far = Library(lib.articles, away, encoder=lib.encoder)
        far.build()
        shelf = Shelf(far)
        removal = shelf.remove(["added/summer"])
        assert below(lib.articles / "added") == {"autumn.txt", "spring.txt"}
        assert below(away / "removed") == {removal.token, f"{removal.token}/summer.txt"}
        assert shelf.restore(removal.token) == ("added/summer",) and answers(far)["added/summer"] == SUMMER.strip()
        assert below(lib.articles / "added") == {"autumn.txt", "spring.txt", "summer.txt"}
        outside = folder_of(tmp_path / "elsewhere", snow=WINTER * 2)
        (lib.articles / "added" / "snow.txt").symlink_to(outside / "snow.txt")
        far.build()
        removal = shelf.remove(["added/snow"])
        assert (away / "removed" / removal.token / "snow.txt").is_symlink()  # the link itself went, not a copy
    finally:
        subprocess.run(["rm", "-rf", str(away)], check=True)


def test_a_trash_that_cannot_be_emptied_is_one_clear_line(lib, three, tmp_path, request):
    removal = three.remove(["added/summer"])
    (lib.index / "removed" / removal.token).chmod(0o555)
    request.getfixturevalue("as_nobody")
    with pytest.raises(IndexUnwritable, match="cannot be deleted .*; check its permissions"):
        three.forget(removal.token)


# --- everybody at once ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("seed", range(2))
def test_people_add_and_remove_while_another_asks(lib, staged, seed):
    """Whatever comes in between, a quote is word for word and the list ends as the folder."""
    shelf, texts, done = Shelf(lib), {"winter": WINTER}, threading.Event()
    assistant = Assistant(lib, reader=BM25Reader())

    def change(person: int) -> int:
        rng, mine, trash, came = random.Random(seed * 10 + person), [], [], 0
        for step in range(20):
            what = rng.choice(["add", "add", "remove", "restore", "forget"])
            if what == "remove" and mine:
                gone = [mine.pop() for _ in range(min(len(mine), rng.randint(1, 2)))]
                trash.append(shelf.remove(gone).token)
            elif what == "restore" and trash:
                mine.extend(shelf.restore(trash.pop()))
            elif what == "forget" and trash:
                shelf.forget(trash.pop())
            else:
                name, text = f"p{person}-{step}", f"Ship {person} of step {step} came to the harbour. {WINTER}"
                texts[f"added/{name}"] = text
                mine.append(shelf.add(f"{name}.txt", staged(text)).article.id)
                assert mine[-1] in [row.id for row in lib.list()]
                came += 1
        return came

    def ask() -> int:
        asked = 0
        while not done.is_set():
            answer = assistant.ask("How long did the ships wait outside the harbour?")
            assert answer.answered and answer.quotes
            for quote in answer.quotes:
                assert texts[quote.article].strip()[quote.start:quote.end] == quote.text
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        asking, people = pool.submit(ask), [pool.submit(change, person) for person in range(3)]
        try:
            assert all(person.result() for person in people)
        finally:
            done.set()
        assert asking.result() > 3
    assistant.close()
    files = {path.name[:-4] for path in (lib.articles / "added").iterdir()}
    expected = {"winter": WINTER.strip(), **{f"added/{name}": texts[f"added/{name}"].strip() for name in files}}
    assert answers(lib) == dict(sorted(expected.items())) and lib.state() == "current"
    assert len(list((lib.index / "generations").iterdir())) == 1
