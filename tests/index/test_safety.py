"""Whatever happens to a build or to the files, the index answers as before or says in one line what to do."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa import Library
from qa.errors import IndexBusy, IndexDamaged, IndexMismatch, IndexMissing, QAError, UsageError
from tests.index.by_eye import AUTUMN, SPRING, SUMMER, WINTER, Letters, answers, folder_of, library

ROOT = Path(__file__).parents[2]
BUILD = """
import os, signal, sys, time
from pathlib import Path
from tests.index.by_eye import library
lib = library(Path(sys.argv[1]))
"""


@pytest.fixture
def lib(tmp_path) -> Library:
    """Winter and summer, indexed."""
    folder_of(tmp_path / "articles", winter=WINTER, summer=SUMMER)
    lib = library(tmp_path)
    lib.build()
    lib.encoder.given.clear()
    return lib


def child(code: str, lib: Library, *arguments: object) -> subprocess.Popen:
    command = [sys.executable, "-c", BUILD + code, str(lib.index.parent), *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out.strip(), err.strip()


# --- a build that is cut off ---------------------------------------------------------------------------------

# Counts what the build does to files (audit events) and, where a number is given, dies at that step.
DIE = """
lib.encoder.encode([""])
steps, last = 0, int(sys.argv[2])
def step(event, given):
    global steps
    # what touches the disk, and the moments between two stages of the build
    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "stage"):
        steps += 1
        if steps == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(step)
lib.build(progress=lambda *now: sys.audit("stage", *now))
print(steps)
"""


def test_a_build_killed_at_any_moment_leaves_an_index_that_answers(lib):
    before = answers(lib)
    folder_of(lib.articles, autumn=AUTUMN, winter=WINTER + "\nThe ice broke in March. Nobody was hurt.\n")
    (lib.articles / "summer.txt").unlink()
    code, out, err = finish(child(DIE, _copy(lib, "dry"), 0))
    assert (code, err) == (0, "")
    after, steps = answers(_copy_of(lib, "dry")), int(out)
    assert steps > 20 and before != after
    seen = set()
    for last in range(2, steps + 1, max(1, steps // 14)):
        struck = _copy(lib, f"struck{last}")
        code, _, err = finish(child(DIE, struck, last))
        assert code == -9, err
        found = answers(struck)
        assert found in (before, after)
        assert struck.state() == ("current" if found == after else "behind")
        seen.add(found == after)
        struck.build()
        assert answers(struck) == after and struck.state() == "current"
        assert not list(struck.index.rglob("*.part")) and len(list((struck.index / "generations").iterdir())) == 1
        assert b"heat wave" not in everything_in(struck.index)
    assert seen == {False, True}  # some were killed before, some after the switch


def _copy(lib: Library, name: str) -> Library:
    """The same articles and index elsewhere, as after `cp -a`."""
    base = lib.index.parent / name
    base.mkdir()
    subprocess.run(["cp", "-a", str(lib.articles), str(lib.index), str(base)], check=True)
    return _copy_of(lib, name)


def _copy_of(lib: Library, name: str) -> Library:
    return library(lib.index.parent / name, Letters())


def test_a_change_that_a_killed_build_had_read_is_not_forgotten(lib):
    folder_of(lib.articles, winter=AUTUMN)
    code, _, err = finish(child("""
lib.build(progress=lambda *now: now[0] == "writing" and os.kill(os.getpid(), signal.SIGKILL))
""", lib))
    assert code == -9, err
    assert lib.state() == "behind" and lib.read("winter").text == WINTER.strip()
    assert lib.build().updated == ("winter",) and lib.encoder.given == []
    assert answers(lib)["winter"] == AUTUMN.strip()


def test_embedding_goes_on_where_a_killed_build_stopped(lib):
    folder_of(lib.articles, **{f"long{n}": " ".join(f"Ship {n} {i} came in." for i in range(2000)) for n in range(3)})
    code, _, err = finish(child("""
lib.build(progress=lambda *now: now[:2] == ("embedding", 256) and os.kill(os.getpid(), signal.SIGKILL))
""", lib))
    assert code == -9, err
    assert lib.state() == "behind"
    lib.build()
    with lib.open() as snapshot:
        texts = len(set(_inputs(snapshot)))
    assert texts > 400 and len(lib.encoder.given) == texts - 256 - 2


def _inputs(snapshot):
    return [snapshot.article(p.article).text[p.start:p.end] for p in snapshot.passages()]


# --- a disk that is full or closed ---------------------------------------------------------------------------

@pytest.mark.parametrize("stage, limit", [("reading", 20_000), ("reading", 60_000), ("reading", 150_000), ("embedding", 9_000),
                                          ("writing", 100), ("writing", 500), ("writing", 2_000), ("writing", 6_000)])
def test_a_full_disk_leaves_the_old_index(lib, stage, limit):
    """The limit on a file's size, from a stage on, strikes in the library or the engine's files, as a full disk does."""
    before = answers(lib)
    folder_of(lib.articles, **{f"more{n}": (f"Ship {n} " + WINTER) * 40 for n in range(8)})
    code, out, err = finish(child("""
import resource
def fill(*now):
    if now[0] == sys.argv[2]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    lib.build(progress=fill)
except Exception as error:
    print(type(error).__name__, error)
""", lib, stage, limit))
    assert (code, err) == (0, "")
    assert out.startswith(("QAError ", "IndexUnwritable ", "NotCleared ")) and "cannot be written" in out and "free some space" in out and "\n" not in out
    # Where only the clearing away found no room, the new index serves and the line says so.
    assert len(answers(lib)) == 10 if "the index is up to date" in out else answers(lib) == before
    assert not list(lib.index.rglob("*.part"))
    lib.build()
    assert len(answers(lib)) == 10


@pytest.fixture
def as_nobody(tmp_path):
    """Another user, for whom file permissions count even where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != Path("/") and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    os.seteuid(65534)
    yield
    os.seteuid(0)


@pytest.mark.parametrize("log", ["kept", "gone"])
def test_an_index_closed_to_writing_answers_and_cannot_be_built(lib, request, log):
    before = answers(lib)
    folder_of(lib.articles, autumn=AUTUMN)
    for path in lib.index.glob("library.sqlite-*") if log == "gone" else ():
        path.unlink()
    for path in (lib.index, *lib.index.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    request.getfixturevalue("as_nobody")
    with pytest.raises(QAError, match="cannot be (written|opened).*permission"):
        lib.build()
    assert answers(lib) == before and lib.state() == "behind"


def test_an_index_is_as_open_to_others_as_the_person_lets_files_be(lib):
    modes = {path.stat().st_mode & 0o777 for path in (lib.index / "generations").rglob("*.*") if path.suffix != ".lock"}
    (lib.index / "example").touch()
    assert modes == {(lib.index / "example").stat().st_mode & 0o777}


@pytest.mark.parametrize("part", ["CURRENT", "generations/1/manifest.json", "generations/1/dense.faiss", "library.sqlite"])
def test_an_index_closed_to_reading_is_one_clear_line(lib, part, request):
    (lib.index / part).chmod(0)
    request.getfixturevalue("as_nobody")
    with pytest.raises(QAError, match=f"{part}.* cannot be (read|opened).*check its permissions"):
        lib.open()


def test_a_place_closed_to_writing_is_one_clear_line(lib, tmp_path, as_nobody):
    with pytest.raises(QAError, match="cannot be written.*permission"):
        Library(lib.articles, tmp_path / "closed" / "index", encoder=Letters()).build()


def test_an_index_path_that_is_a_file_is_refused(lib, tmp_path):
    (tmp_path / "file").write_text("mine")
    for index in (tmp_path / "file", tmp_path / "file" / "below"):
        other = Library(lib.articles, index, encoder=Letters())
        assert other.state() == "missing"
        with pytest.raises(UsageError, match="is a file, not a folder"):
            other.build()
        with pytest.raises(IndexMissing, match="run `qa index`"):
            other.open()
    assert (tmp_path / "file").read_text() == "mine"


# --- two at a time -------------------------------------------------------------------------------------------

def test_a_second_indexer_is_told_who_is_first(lib):
    folder_of(lib.articles, autumn=AUTUMN)
    first = child("""
lib.build(progress=lambda *now: now[:2] == ("writing", 0) and (print("busy", flush=True), signal.pause()))
""", lib)
    assert first.stdout.readline() == "busy\n"
    with pytest.raises(IndexBusy, match=rf"process {first.pid} on \S+ since \d{{4}}-\d\d-\d\dT.*wait"):
        lib.build()
    assert list(answers(lib)) == ["summer", "winter"]  # and reading goes on meanwhile
    first.kill()
    finish(first)
    assert lib.build().added == ("autumn",)  # a dead indexer's lock is nobody's


def test_an_open_snapshot_stays_as_it_was(lib):
    snapshot = lib.open()
    folder_of(lib.articles, winter=AUTUMN)
    (lib.articles / "summer.txt").unlink()
    lib.build()
    folder_of(lib.articles, spring=SPRING)
    lib.build()
    assert snapshot.number == 1 and snapshot.article("winter").text == WINTER.strip()
    assert snapshot.articles() == ["summer", "winter"]
    hit = snapshot.engine.by_words(["harbour"], 1)[0]
    assert snapshot.passage(hit.passage).article == "winter"
    assert sorted(p.name for p in (lib.index / "generations").iterdir()) == ["1", "3"]
    snapshot.close()
    snapshot.close()
    assert sorted(p.name for p in (lib.index / "generations").iterdir()) == ["3"]
    assert answers(lib)["winter"] == AUTUMN.strip()


def test_a_snapshot_of_another_process_keeps_its_generation(lib):
    reader = child("""
with lib.open() as snapshot:
    print("open", flush=True)
    while not os.path.exists(sys.argv[2]):
        time.sleep(0.01)
    print(snapshot.number, snapshot.article("winter").text.split()[1], len(snapshot.engine.by_words(["harbour"], 5)))
""", lib, lib.index.parent / "go")
    assert reader.stdout.readline() == "open\n"
    (lib.articles / "winter.txt").unlink()
    lib.build()
    (lib.index.parent / "go").touch()
    assert finish(reader) == (0, "1 harbour 1", "")
    assert b"harbour" not in everything_in(lib.index)  # the last reader cleans up


# --- what is deleted is gone ---------------------------------------------------------------------------------

def everything_in(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_deleted_article_leaves_no_trace(lib):
    secret = "The zyxgoldfish password of Quillfeather stands here. " + "Qwvortex follows it. " * 300
    folder_of(lib.articles, confidential=secret)
    lib.build()
    vector = lib.encoder.encode(["zyxgoldfish"])
    assert b"zyxgoldfish" in everything_in(lib.index) and vector.any()
    (lib.articles / "confidential.txt").unlink()
    lib.build()
    left = everything_in(lib.index).lower()
    assert not any(word in left for word in (b"zyxgoldfish", b"quillfeath", b"qwvortex", b"confidential"))


def test_a_changed_article_leaves_no_trace_of_what_it_said(lib):
    folder_of(lib.articles, winter=WINTER + "\nThe zyxgoldfish was seen. It left again.\n")
    lib.build()
    assert b"zyxgoldfish" in everything_in(lib.index)
    folder_of(lib.articles, winter=WINTER)
    lib.build()
    assert b"zyxgoldfish" not in everything_in(lib.index)


def test_deleted_vectors_are_gone(lib):
    with lib.open() as snapshot:
        vector = lib.encoder.encode([snapshot.article("winter").text])[0].tobytes()
    assert vector in everything_in(lib.index)
    (lib.articles / "winter.txt").unlink()
    lib.build()
    assert vector not in everything_in(lib.index)


# --- an index that does not fit ------------------------------------------------------------------------------

def test_another_encoder_is_told_what_to_run(lib):
    other = library(lib.index.parent, Letters("runes", "runes-1"))
    assert other.state() == "mismatch"
    with pytest.raises(IndexMismatch, match="built with encoder 'letters', not with 'runes' .*; run `qa index`"):
        other.open()
    assert other.build().unchanged == ("summer", "winter")
    assert len(other.encoder.given) == 2 and list(answers(other)) == ["summer", "winter"]
    assert lib.state() == "mismatch"


@pytest.mark.parametrize("key, value, state", [("format", 0, "mismatch"), ("format", 2, "mismatch"),
                                               ("analysis", 0, "behind"), ("engine", "other", "behind")])
def test_another_format_is_told_what_to_run(lib, key, value, state):
    manifest = lib.index / "generations" / "1" / "manifest.json"
    record = {**json.loads(manifest.read_text()), key: value}
    del record["sha256"]
    sha256 = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    manifest.write_text(json.dumps({**record, "sha256": sha256}))
    assert lib.state() == state  # "behind" is made good by whoever opens it next: it costs no embedding
    with pytest.raises(IndexMismatch, match="run `qa index`"):
        lib.open()
    assert lib.build().unchanged == ("summer", "winter")
    assert lib.encoder.given == [] and list(answers(lib)) == ["summer", "winter"]


def test_a_library_of_another_version_is_made_anew(lib):
    import sqlite3

    connection = sqlite3.connect(lib.index / "library.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert lib.state() == "mismatch"
    with pytest.raises(IndexMismatch, match="another version of qa; run `qa index`"):
        lib.open()
    lib.build()
    assert list(answers(lib)) == ["summer", "winter"]


def as_of_version_1(lib: Library) -> None:
    """The library as it was before it kept when an article was first indexed."""
    import sqlite3

    connection = sqlite3.connect(lib.index / "library.sqlite")
    connection.execute("ALTER TABLE members DROP COLUMN added")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


def test_a_library_of_an_older_version_is_brought_up_to_date_without_embedding(lib):
    built = json.loads((lib.index / "generations" / "1" / "manifest.json").read_text())["built"]
    before, listed = answers(lib), lib.list()
    as_of_version_1(lib)
    lib.encoder.given.clear()
    assert lib.state() == "behind"  # so that whoever opens it next has it built, without a word to anybody
    with pytest.raises(IndexMismatch, match="older version of qa; run `qa index`"):
        lib.open()
    assert lib.build().unchanged == ("summer", "winter") and lib.encoder.given == []
    assert (lib.state(), lib.generation()) == ("current", 1) and answers(lib) == before
    assert [row.id for row in lib.list()] == [row.id for row in listed]
    assert {row.added for row in lib.list()} == {built}  # it was indexed by then at the latest


def test_a_library_of_an_older_version_takes_in_what_is_new(lib):
    as_of_version_1(lib)
    folder_of(lib.articles, autumn=AUTUMN)
    assert lib.build().added == ("autumn",) and lib.encoder.given == [AUTUMN.strip()]
    assert all(row.added for row in lib.list()) and len(answers(lib)) == 3


# --- files that are damaged ----------------------------------------------------------------------------------

def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


SPOILS = {"altered": flip, "cut short": lambda path: os.truncate(path, path.stat().st_size // 2),
          "emptied": lambda path: os.truncate(path, 0), "missing": Path.unlink}
PARTS = ["dense.faiss", "lexical/meta.json", "lexical/*.term", "lexical/*.idx", "lexical/*.fieldnorm", "lexical/*.fast"]


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("part", PARTS)
def test_a_damaged_generation_is_named_and_rebuilt_without_embedding(lib, part, spoil):
    [path] = (lib.index / "generations" / "1").glob(part)
    SPOILS[spoil](path)
    with pytest.raises(IndexDamaged) as fault:
        lib.open()
    assert path.name in str(fault.value) and "run `qa index`" in str(fault.value)
    assert lib.state() == ("current" if spoil == "altered" else "damaged")  # a glance reads no bytes
    assert lib.build().unchanged == ("summer", "winter")
    assert lib.encoder.given == [] and list(answers(lib)) == ["summer", "winter"] and lib.state() == "current"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"x"', '{"format": 1}', '{"format": 1, "sha256": ""}', None])
def test_a_damaged_manifest_is_named_and_rebuilt(lib, content):
    manifest = lib.index / "generations" / "1" / "manifest.json"
    manifest.write_text(content if content is not None else manifest.read_text().replace('"passages": 2', '"passages": 3'))
    assert lib.state() == "damaged"
    for look in (lib.open, lib.list):
        with pytest.raises(IndexDamaged, match="manifest.json is damaged; run `qa index`"):
            look()
    assert lib.build().unchanged == ("summer", "winter") and lib.encoder.given == []
    assert list(answers(lib)) == ["summer", "winter"]


@pytest.mark.parametrize("content, state", [("", "damaged"), ("x", "damaged"), ("9\n", "damaged"), (None, "missing")])
def test_a_damaged_current_is_named_and_rebuilt(lib, content, state):
    current = lib.index / "CURRENT"
    current.unlink() if content is None else current.write_text(content)
    assert lib.state() == state
    with pytest.raises((IndexDamaged, IndexMissing), match="run `qa index`"):
        lib.open()
    assert lib.build().unchanged == ("summer", "winter") and lib.encoder.given == []
    assert list(answers(lib)) == ["summer", "winter"]


def _garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 1000)


@pytest.mark.parametrize("spoil", [_garbage, SPOILS["emptied"], SPOILS["missing"], SPOILS["cut short"]])
def test_a_damaged_library_is_named_and_made_anew(lib, spoil):
    for suffix in ("-wal", "-shm"):
        (lib.index / f"library.sqlite{suffix}").unlink(missing_ok=True)
    spoil(lib.index / "library.sqlite")
    assert lib.state() in ("damaged", "mismatch")
    with pytest.raises((IndexDamaged, IndexMismatch), match="library.sqlite.*run `qa index`"):
        lib.list()
    lib.build()
    assert list(answers(lib)) == ["summer", "winter"] and lib.state() == "current"


def test_an_altered_text_is_not_shown(lib):
    path = lib.index / "library.sqlite"
    data = path.read_bytes()
    assert data.count(b"nine days") == 1
    path.write_bytes(data.replace(b"nine days", b"five days"))
    with lib.open() as snapshot, pytest.raises(IndexDamaged, match="library.sqlite is damaged"):
        snapshot.article("winter")


def test_articles_inside_the_index_folder_are_refused_and_not_taken_for_none(lib, tmp_path):
    with pytest.raises(UsageError, match="lies inside the index folder .*; choose another --index"):
        Library(lib.articles, lib.articles.parent, encoder=Letters()).build(allow_empty=True)
