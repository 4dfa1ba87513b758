"""What keeps the index of one corpus from that of another where both are on one server."""

from __future__ import annotations

import re
from dataclasses import replace

from qa.settings import Settings


def apart(settings: Settings, corpus: str) -> Settings:
    """`settings` for an index of `corpus` beside the one that they name.

    A folder makes indexes two by itself. On a server the prefix does, and without one of its own a corpus that is only
    measured would take the place of the articles. It comes first, so that no list of the other's names has these in it.
    """
    name = re.sub(r"\W", "_", corpus, flags=re.ASCII)
    return replace(settings, milvus=replace(settings.milvus, prefix=f"apart_{name}_{settings.milvus.prefix}"))
