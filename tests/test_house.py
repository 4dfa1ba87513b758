"""The shape of the code: floors, one home for each heavy library, and a package that is light to import."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import qa
from tests.conftest import ROOT

PACKAGE = ROOT / "qa"
FLOORS = [{"records", "errors", "settings"}, {"ingest"}, {"index"}, {"answer"}, {"show", "evaluate", "train"}, {"cli", "commands", "jsonl"}]
HOMES = {
    "torch": {"index/embed.py", "answer/net.py", "answer/foreign.py", "train/reader/fit.py"},
    "sentence_transformers": {"index/embed.py", "answer/foreign.py"},
    "transformers": {"index/embed.py", "answer/net.py", "answer/foreign.py"},
    "faiss": {"index/local/dense.py"},
    "tantivy": {"index/local/lexical.py"},
    "pymilvus": {"index/milvus/server.py"},
    "tiktoken": {"ingest/split.py"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, whether it is imported only for types)"""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in guarded) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", id(node) in guarded


def room(path: Path) -> str:
    name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cli" if name in FLOORS[-1] | {"__main__"} else name


def floor(name: str) -> int:
    return next(n for n, rooms in enumerate(FLOORS) if name in rooms)


@pytest.mark.parametrize(
    "path", [p for p in MODULES if room(p) not in ("__init__", "cli")], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_a_module_imports_only_lower_floors_or_its_own_room(path: Path) -> None:
    for module, for_types in imported(path):
        parts = module.split(".")
        if parts[0] != "qa" or len(parts) < 2 or parts[1] == room(path) or for_types:
            continue
        ground = {parts[1], room(path)} <= FLOORS[0]  # the ground floor may lean on itself
        assert ground or floor(parts[1]) < floor(room(path)), f"{path} imports {module}"


@pytest.mark.parametrize("library", sorted(HOMES))
def test_each_heavy_library_has_one_home(library: str) -> None:
    users = {
        str(p.relative_to(PACKAGE))
        for p in MODULES
        for module, for_types in imported(p)
        if module.split(".")[0] == library and not for_types
    }
    assert users <= HOMES[library]


def test_gradio_is_used_in_show_alone() -> None:
    assert {room(p) for p in MODULES for module, _ in imported(p) if module.split(".")[0] == "gradio"} == {"show"}


@pytest.mark.parametrize("code", ["import qa", "import qa.cli; qa.cli._parser().format_help()"])
def test_looking_at_the_program_loads_nothing_heavy(code: str) -> None:
    heavy = ("torch", "sentence_transformers", "faiss", "tantivy", "gradio", "tiktoken", "sklearn")
    check = f"{code}\nimport sys\nprint([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_no_blanket_except_and_no_print_outside_the_command_line() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                assert caught not in ("everything", "Exception", "BaseException"), f"{path}:{node.lineno}"
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                assert room(path) in ("cli", "show"), f"{path}:{node.lineno}"


def test_the_public_surface() -> None:
    assert qa.__all__ == ["Assistant", "Library", "__version__"]
    with pytest.raises(AttributeError):
        qa.Oracle  # noqa: B018  (the look-up is the test)


def test_the_shipped_articles_are_the_files_they_were() -> None:
    """Evaluation offsets and quotes stand on these very bytes."""
    import hashlib

    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted((ROOT / "seeds").glob("*.txt")))).hexdigest()
    assert digest == "26ddf38e253f1e24af88d48305f6a4b72021401504361ed36d7be281cfd42202"


def test_every_library_that_is_imported_is_named_as_needed_and_may_be_as_it_is_here() -> None:
    """What only comes along with another library may go with it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    named = {canonicalize_name(need.name): need for needs in lists for need in map(Requirement, needs)}
    sources = packages_distributions()
    for module in {m.split(".")[0] for p in MODULES for m, _ in imported(p)} - set(sys.stdlib_module_names) - {"qa"}:
        if module in sources:  # an optional one may be missing here
            needs = [named[name] for name in map(canonicalize_name, sources[module]) if name in named]
            assert needs, f"qa imports {module}, which pyproject.toml does not name"
            assert all(need.specifier.contains(version(need.name)) for need in needs), f"{module} is of another version"
