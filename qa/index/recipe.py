"""How files become articles: whatever could make the same file come out otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from qa import ingest
from qa.ingest.folder import Found
from qa.ingest.origins import Origin
from qa.settings import Settings

Progress = Callable[[str, int, int], None]  # stage, done, of how many


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files are read. `fits` is the encoder's own check; `fingerprint` says which encoder's."""

    settings: Settings
    fingerprint: str
    fits: Callable[[str], bool]
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def key(self, id: str) -> str:
        """Changes whenever the article `id` might come out otherwise from the same file."""
        how = [asdict(self.settings.ingest), asdict(self.settings.split), self.fingerprint, reading_code()]
        stated = asdict(self.origins[id]) if id in self.origins else None
        return hashlib.sha256(json.dumps([how, stated]).encode()).hexdigest()


@cache
def reading_code() -> str:
    """The hash of the code that makes articles of files: a mended cleaner must not leave old text standing."""
    sources = sorted(Path(ingest.__path__[0]).glob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def path_of(file: Found, folder: Path) -> str:
    """The file's path below `folder`; bytes that are no text are shown as \\xNN."""
    return file.path.relative_to(folder).as_posix().encode("utf-8", "backslashreplace").decode()


def file_sha256(file: Found, recipe: Recipe) -> str:
    """Of the file's bytes; empty where it will be refused for its size or cannot be opened."""
    if file.problem or file.size > recipe.settings.ingest.max_file_bytes:
        return ""
    try:
        with file.path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        return ""
