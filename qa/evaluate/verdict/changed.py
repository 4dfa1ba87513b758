"""What is not the same in the headers of two runs: what a difference may be owed to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TELLING = ("version", "commit", "settings", "models", "distractors", "dataset")
_MANIFEST = ("engine", "encoder", "fingerprint", "analysis", "articles", "passages", "corpus")


@dataclass(frozen=True, slots=True)
class Change:
    """`name` is a path such as "settings.answering.threshold"; a value of None: it was not there."""

    name: str
    before: Any
    after: Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every setting, version or property of the index that differs."""
    earlier, later = dict(_leaves(before)), dict(_leaves(after))
    names = dict.fromkeys([*later, *earlier])
    return tuple(Change(name, _short(name, earlier.get(name)), _short(name, later.get(name)))
                 for name in names if earlier.get(name) != later.get(name))


def _leaves(header: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in _TELLING:
        yield from _flat(key, header.get(key))
    # The same questions may have other evidence, or be of another kind.
    yield from _flat("questions.sha256", (header.get("questions") or {}).get("sha256"))
    manifest = header.get("manifest") or {}
    for key in _MANIFEST:
        yield from _flat(f"index.{key}", manifest.get(key))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    elif value is not None:
        yield name, value


def _short(name: str, value: Any) -> Any:
    """Of a digest its first ten digits, and of a commit whether files differed from it."""
    if not isinstance(value, str) or len(value) < 40:
        return value
    digits, _, change = value.partition("+")
    return digits[:10] + (f"+{change}" if change else "")
