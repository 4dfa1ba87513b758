"""Answers questions over a folder of articles by quoting them, word for word.

Two doors: `Assistant` (ask) and `Library` (articles: list, read, build). Both are imported on first
use, so that `import qa` and `qa --help` load no model and no index.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["Assistant", "Library", "__version__"]

_DOORS = {"Assistant": "qa.answer.assistant", "Library": "qa.index.library"}


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'qa' has no attribute {name!r}")
    return getattr(import_module(_DOORS[name]), name)
