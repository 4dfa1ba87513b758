"""Libraries whose index is on a server, with the encoder that can be worked out by eye."""

from __future__ import annotations

import random
import string
from pathlib import Path

from qa import Library
from qa.index import content
from qa.index.embed import Floats
from qa.index.snapshot import Snapshot
from qa.records import Passage
from qa.settings import MILVUS, Index, Milvus, Settings, Split
from tests.index.by_eye import AUTUMN, SPRING, SUMMER, WINTER, Letters, answers, folder_of
from tests.milvus.lite import Lite
from tests.milvus.proxy import Proxy

SEASONS = {"winter": WINTER, "summer": SUMMER, "autumn": AUTUMN, "spring": SPRING}
PATIENT = {"patience": 20.0, "index_patience": 60.0}  # for what must succeed in the end on a machine that is busy
HASTY = {"patience": 0.3, "index_patience": 0.3}  # for what cannot succeed


def babble(seed: int, paragraphs: int, longest: int = 8) -> str:
    """Sentences of words that are drawn from a few letters, others in each paragraph: vectors that lie far apart."""
    draw, written = random.Random(seed), []
    for _ in range(paragraphs):
        letters = draw.sample(string.ascii_lowercase, 5)
        words = ("".join(draw.choices(letters, k=draw.randint(2, longest))) for _ in range(60))
        written.append(f"The {' '.join(words)}.")
    return "\n\n".join(written) + "\n"


def reports(first: int, last: int) -> dict[str, str]:
    """Articles of two or three passages."""
    return {f"report-{n:02}": babble(n, 2 + n % 2) for n in range(first, last)}


def on_server(path: Path, server: Lite | Proxy, prefix: str, encoder: Letters | None = None,
              split: Split | None = None, **milvus) -> Library:
    """A library over `path`/articles with its index on `server`."""
    settings = Settings(index=Index(engine=MILVUS), split=split or Split(),
                        milvus=Milvus(uri=server.uri, prefix=prefix, **{**PATIENT, **milvus}))
    return Library(path / "articles", path / "index", settings=settings, encoder=encoder or Letters())


def in_folder(path: Path, split: Split | None = None) -> Library:
    """The same articles indexed by the embedded engine, at once: what an index on a server must hold, too."""
    library = Library(path / "articles", path / "index-embedded", settings=Settings(split=split or Split()),
                      encoder=Letters())
    library.build()
    return library


def held(library: Library) -> dict[str, object]:
    """All that an index holds and shows, but for where it is and when it was made. Each passage is found by itself."""
    with library.open() as snapshot:
        found = snapshot.passages()
        for passage in found:
            nearest = snapshot.engine.by_vector(vector_of(snapshot, passage), 1)
            assert nearest and nearest[0].score > 0.9999, f"{passage} is not found"
        return {"articles": {id: (snapshot.article(id), library.removed_of(id)) for id in snapshot.articles()},
                "passages": found, "count": snapshot.engine.count(),
                "list": [(row.id, row.title, row.source, row.date, row.words, row.passages, row.sha256, row.path)
                         for row in library.list()]}


def vector_of(snapshot: Snapshot, passage: Passage) -> Floats:
    article = snapshot.article(passage.article)
    return snapshot.encoder.encode(content.inputs(article, [passage]))[0]


def texts(library: Library) -> dict[str, str]:
    """Article id -> its text as the index has it."""
    return {row.id: library.read(row.id).text for row in library.list()}


__all__ = ["HASTY", "SEASONS", "Letters", "answers", "babble", "folder_of", "held", "in_folder", "on_server", "reports",
           "texts", "vector_of"]
