"""Somebody else's CrossEncoder behind the search, on tiny ones that like a word, and one that likes long texts."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from transformers import RobertaForSequenceClassification

from qa import Assistant, Library
from qa.answer.foreign import PairModel
from qa.answer.rerank import finder, reranking
from qa.answer.search import passages_of, search
from qa.errors import UsageError
from qa.settings import Search, Settings
from tests.answer.tiny_models import cross_encoder, headless, roberta
from tests.evaluate.bm25_reader import BM25Reader

WORDS = ("ice", "fog", "rain", "hail", "snow", "wind", "dew", "mist")


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory, library: Library) -> Library:
    """An article a word, of one passage each, all answering alike."""
    articles = tmp_path_factory.mktemp("weather")
    for word in WORDS:
        (articles / f"{word}.txt").write_text(f"{word.title()} at sea\n\nThe harbour has {word} in January.\n")
    own = Library(articles, tmp_path_factory.mktemp("weather-index"), encoder=library.encoder)
    own.build()
    return own


@pytest.fixture(scope="module")
def likes_hail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("cross"), "hail")


class Lengths:
    """Likes long texts; keeps what it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, list[str]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> np.ndarray:
        self.shown.append((question, list(texts)))
        return np.asarray([len(text) for text in texts], dtype=np.float32)


def test_the_passage_it_likes_comes_first_wherever_the_search_had_it(weather: Library, likes_hail: Path) -> None:
    settings = Search(hits=3, reranked=8)
    with weather.open() as snapshot:
        searched = search(snapshot, "What does snow do?", settings)
        found = finder(Search(hits=3, reranked=8, reranker=str(likes_hail)))(snapshot, "What does snow do?", settings)
    assert searched[0].place.article == "snow" and "hail" not in {hit.place.article for hit in searched}
    assert [hit.place.article for hit in found] == ["hail", "snow", searched[1].place.article]  # the rest: as searched
    assert found[1] == searched[0]


def test_it_sees_the_question_and_each_passage_with_its_title_as_many_as_are_set(weather: Library) -> None:
    for hits, reranked, shown in ((2, 5, 5), (2, 100, 8), (4, 3, 4)):
        scorer = Lengths()
        with weather.open() as snapshot:
            found = reranking(scorer)(snapshot, "What is there?", Search(hits=hits, reranked=reranked))
        ((question, texts),) = scorer.shown
        assert question == "What is there?" and len(texts) == shown and len(found) == hits
        assert all(text.split("\n")[0].endswith(" at sea") and "The harbour has" in text for text in texts)
        lengths = [hit.place.end - hit.place.start for hit in found]
        assert lengths == sorted(lengths, reverse=True)


def test_of_chosen_articles_it_sees_theirs_and_no_others(weather: Library) -> None:
    scorer, chosen = Lengths(), frozenset({"fog", "rain", "gone"})
    with weather.open() as snapshot:
        found = reranking(scorer)(snapshot, "What does snow do?", Search(), passages_of(chosen, snapshot))
    ((_, texts),) = scorer.shown
    assert len(texts) == 2 and {hit.place.article for hit in found} == {"fog", "rain"}


def test_the_title_stands_before_a_passage_from_amid_an_article_too(tmp_path: Path, library: Library) -> None:
    (tmp_path / "articles").mkdir()
    tides = " ".join(f"Tide number {n} rose at noon and fell again at dusk." for n in range(60))
    (tmp_path / "articles" / "tides.md").write_text(f"# Tides of Morlaix\n\n{tides}\n")
    own, scorer = Library(tmp_path / "articles", tmp_path / "index", encoder=library.encoder), Lengths()
    own.build()
    with own.open() as snapshot:
        reranking(scorer)(snapshot, "When did the tide rise?", Search(hits=8, reranked=8))
    ((_, texts),) = scorer.shown
    assert len(texts) > 2 and all(text.startswith("Tides of Morlaix\n") for text in texts)


def test_without_a_reranker_there_is_but_the_search() -> None:
    assert finder(Search()) is search


def test_an_assistant_reads_and_shows_what_the_reranker_put_first(weather: Library, likes_hail: Path) -> None:
    question = "What does the harbour have in January?"
    settings = Settings(search=Search(hits=2, reranked=8, reranker=str(likes_hail)))
    assistant = Assistant(weather, settings, BM25Reader())
    answer = assistant.ask(question)
    assert answer.hits[0].place.article == "hail" and len(answer.hits) == 2
    assert {s.place.article for s in answer.sentences} == {hit.place.article for hit in answer.hits}
    assistant.close()


def test_scores_order_by_how_much_of_a_passage_is_liked_and_do_not_tie_at_the_top(likes_hail: Path) -> None:
    texts = ["no such thing", "so " * 12 + "hail", "hail and hail", "hail", *["so " * n for n in range(40)]]
    scores = PairModel(str(likes_hail)).scores("What?", texts)
    assert scores.dtype == np.float32 and scores.shape == (len(texts),)
    assert list(np.argsort(-scores, kind="stable")[:3]) == [2, 3, 1] and scores[2] > scores[3] + 0.01
    assert scores[4:] == pytest.approx(0, abs=1e-5)
    assert PairModel(str(likes_hail)).scores("What?", []).shape == (0,)


def test_a_passage_longer_than_its_window_is_cut_and_no_fault(likes_hail: Path) -> None:
    assert np.isfinite(PairModel(str(likes_hail)).scores("What?" * 400, ["hail " * 5_000])).all()


def test_positions_that_only_padding_has_are_not_read_with(tmp_path: Path) -> None:
    model = PairModel(str(roberta(tmp_path, RobertaForSequenceClassification, 66, num_labels=1)))
    assert np.isfinite(model.scores("so", ["so " * 400])).all()


def test_many_people_may_ask_at_once(likes_hail: Path) -> None:
    model, texts, found = PairModel(str(likes_hail)), ["so " * n + "hail" for n in range(40)], []
    people = [threading.Thread(target=lambda: found.append(model.scores("What?", texts))) for _ in range(6)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    alone = model.scores("What?", texts)
    assert len(found) == 6 and all((scores == alone).all() for scores in found)


def refused(name: str | Path) -> str:
    with pytest.raises(UsageError) as fault:
        finder(Search(reranker=str(name)))
    assert "\n" not in str(fault.value) and str(name) in str(fault.value) and ";" in str(fault.value)
    return str(fault.value)


def test_what_judges_no_pairs_is_refused_rather_than_given_random_weights(tmp_path: Path) -> None:
    assert "no weights for" in refused(headless(tmp_path / "base"))
    assert "gives 3 scores to a passage, not one" in refused(cross_encoder(tmp_path / "three", "ice", labels=3))


def test_what_is_no_model_or_half_of_one_is_refused(tmp_path: Path, likes_hail: Path) -> None:
    assert "cannot be found" in refused("no such name!")
    assert "holds no sentence-transformers CrossEncoder model" in refused(tmp_path)
    for file in ("config.json", "tokenizer.json", "model.safetensors"):
        for bytes in (b"", b"{"):
            half = shutil.copytree(likes_hail, tmp_path / "half")
            (half / file).write_bytes(bytes)
            assert "cannot be loaded" in refused(half), (file, bytes)
            shutil.rmtree(half)


@pytest.mark.parametrize(
    ("file", "content"),
    [("config.json", b"null"), ("config.json", b"[]"), ("config.json", {"num_attention_heads": 0}),
     ("tokenizer_config.json", b"[]"), ("tokenizer.json", b"[]"), ("pytorch_model.bin", b"")],
)
def test_a_folder_with_files_of_another_shape_is_refused(
    file: str, content: bytes | dict, tmp_path: Path, likes_hail: Path
) -> None:
    """`content` is what stands in the file, or what is changed in it."""
    bad = shutil.copytree(likes_hail, tmp_path / "bad")
    if isinstance(content, dict):
        content = json.dumps(json.loads((bad / file).read_text()) | content).encode()
    (bad / file).write_bytes(content)
    if file == "pytorch_model.bin":  # weights of no bytes, as an aborted download leaves them
        (bad / "model.safetensors").unlink()
    said = refused(bad)
    assert "cannot be loaded" in said and " ()" not in said
