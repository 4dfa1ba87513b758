"""A real Milvus Lite server in a process of its own, which can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import grpc
from pymilvus.grpc_gen import milvus_pb2, milvus_pb2_grpc

from tests.milvus.ports import Port

START = 60.0  # seconds to be up in; it takes one where nothing else runs
# The command `milvus-lite` as it is installed, and a thread that ends the process with the one that started it: the
# pipe at its standard input closes, however that process came to its end.
_COMMAND = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
# A channel to a server that comes and goes tries again at once, not after seconds.
AT_ONCE = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 50),
           ("grpc.max_reconnect_backoff_ms", 100)]


class Lite:
    """`milvus-lite server` on a free port of 127.0.0.1; its data is in `folder`/data, what it says in `folder`/log."""

    def __init__(self, folder: Path):
        self.folder, self._port = folder, Port()
        self.address = f"127.0.0.1:{self._port.number}"
        self.uri = f"http://{self.address}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Lite:
        """Starts it, again on the same port and data, and returns when it answers."""
        assert self._process is None, "it runs already"
        command = [sys.executable, "-P", "-c", _COMMAND, str(Path(sys.executable).with_name("milvus-lite")), "server",
                   "--data-dir", str(self.folder / "data"), "--host", "127.0.0.1", "--port", str(self._port.number)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                             env=os.environ | {"OMP_NUM_THREADS": "1"})
        self._wait()
        return self

    @property
    def runs(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        assert self._process is not None, "it does not run"
        return self._process.pid

    def kill(self) -> None:
        """Ends it at once, as a machine that goes does; nothing where it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def close(self) -> None:
        self.kill()
        self._port.close()

    def __enter__(self) -> Lite:
        return self.start()

    def __exit__(self, *fault: object) -> None:
        self.close()

    def _wait(self) -> None:
        until = time.monotonic() + START
        with grpc.insecure_channel(self.address, AT_ONCE) as channel:
            stub = milvus_pb2_grpc.MilvusServiceStub(channel)
            while True:
                try:
                    stub.GetVersion(milvus_pb2.GetVersionRequest(), timeout=1, wait_for_ready=True)
                    return
                except grpc.RpcError:
                    if self._process.poll() is not None or time.monotonic() > until:
                        self.kill()
                        said = (self.folder / "log").read_text()
                        raise AssertionError(f"milvus-lite did not start: {said}") from None
