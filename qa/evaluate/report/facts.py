"""The header of a run -> what was run, on what and where, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qa.evaluate.report import words
from qa.settings import Settings

if TYPE_CHECKING:
    from qa.evaluate.score import Report


def facts(report: Report) -> list[tuple[str, str]]:
    """What was run, on what, where: (name, value) pairs; what the run does not say is left out."""
    header = report.header
    asked, machine = header.get("questions") or {}, header.get("machine") or {}
    told = {
        "Asked on": _moment(header.get("when")),
        "Version": _joined(header.get("version"), _commit(header.get("commit"))),
        "Questions": _joined(f"{asked.get('count', 0):,} of {asked.get('file')}", _dataset(header.get("dataset"))),
        "Index": _index(header.get("manifest") or {}),
        "Other articles around": _around(header.get("distractors")),
        "Settings": "; ".join(changed(header.get("settings") or {})) or "the defaults",
        "Machine": _joined(machine.get("processor"), _cores(machine.get("cores")), machine.get("system"),
                           f"Python {machine['python']}" if machine.get("python") else None),
    }
    return [(name, value) for name, value in told.items() if value]


def changed(settings: Mapping[str, Any]) -> Iterator[str]:
    """Settings of a run that are not the defaults of this version: "split.target_tokens 120 (default 160)"."""
    defaults = asdict(Settings())
    for group, values in settings.items():
        for key, value in values.items() if isinstance(values, Mapping) else ():
            default = defaults.get(group, {}).get(key)
            if value != default:
                yield f"{group}.{key} {value} (default {'none' if default == '' else default})"


def _moment(when: str | None) -> str:
    return (when or "").replace("T", " ").replace("+00:00", " UTC")


def _commit(commit: str | None) -> str | None:
    """The first ten digits and, where files differed from it, that they did."""
    if not commit:
        return None
    digits, _, change = commit.partition("+")
    return f"commit {digits[:10]}{', with changes' if change else ''}"


def _dataset(dataset: Mapping[str, Any] | None) -> str | None:
    return ", ".join(f"{key} {value}" for key, value in dataset.items() if value is not None) if dataset else None


def _index(manifest: Mapping[str, Any]) -> str:
    counts = [f"{manifest[key]:,} {key}" for key in ("articles", "passages") if isinstance(manifest.get(key), int)]
    return _joined(*counts, manifest.get("encoder") if isinstance(manifest.get("encoder"), str) else None)


def _around(distractors: Mapping[str, Any] | None) -> str | None:
    return _joined(f"{distractors['articles']:,}", distractors.get("folder")) if distractors else None


def _cores(cores: int | None) -> str | None:
    return words.counted(cores, "core") if cores else None


def _joined(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
