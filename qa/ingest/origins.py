"""articles.toml: what a person states about the articles of a folder, over what the files say.

    ["002_db01594f68ec3a21"]
    title = "Islamabad's Measured Strikes Amidst Crisis"
    source = "Financial Express"
    date = 2024-01-27
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from qa.errors import SettingsError

NAME = "articles.toml"


@dataclass(frozen=True, slots=True)
class Origin:
    """What articles.toml states about one article; None where it says nothing."""

    title: str | None = None
    source: str | None = None
    date: str | None = None
    url: str | None = None
    author: str | None = None


KEYS = tuple(field.name for field in fields(Origin))


def load_origins(folder: Path) -> dict[str, Origin]:
    """Article id -> Origin, from the articles.toml of `folder`; empty where there is none.

    Raises SettingsError where the file cannot be read or holds an unknown key or a value that is not text.
    """
    path = folder / NAME
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror})", "check its permissions") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML ({error})", "mend that line") from error
    return {id: _origin(table, f"{path}: {id!r}") for id, table in tables.items()}


def _origin(table: Any, where: str) -> Origin:
    if not isinstance(table, Mapping):
        raise SettingsError(f"{where} is not a table", 'write ["article id"] and its keys below it')
    for key in table:
        if key not in KEYS:
            raise SettingsError(f"{where} unknown key {key}", f"known: {', '.join(KEYS)}")
    return Origin(**{key: _words(value, f"{where} {key}") for key, value in table.items()})


def _words(value: Any, where: str) -> str:
    """`value` as one line of text; a TOML date becomes its ISO form."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"{where} is {value!r}", "give it as text in quotes")
    return " ".join(value.split())
