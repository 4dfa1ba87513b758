"""An indexer with the little encoder as a process: python -m tests.milvus.indexing FOLDER URI PREFIX SHARE"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from qa.index.share import Share
from tests.conftest import ROOT
from tests.milvus.libraries import on_server
from tests.milvus.proxy import Proxy


def indexer(path: Path, server: Proxy, prefix: str, share: str = "1/1") -> subprocess.Popen[str]:
    """The process; it ends with exit code 0 when its share of `path`/articles is indexed."""
    command = [sys.executable, "-m", "tests.milvus.indexing", str(path), server.uri, prefix, share]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


if __name__ == "__main__":
    folder, uri, name, part = sys.argv[1:]
    at = type("At", (), {"uri": uri})
    on_server(Path(folder), at, name).build(share=Share.parse(part))
