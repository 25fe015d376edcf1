"""Reading traces in a child process: they are opened with torch, which the window has not loaded.

`ask` and `close` are called on the front end's thread and return at once.
"""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from pandanet_app.models.training.probes import ProbeLook

_DIED = "The process that reads the pictures ended unexpectedly: choose another step."

Looks = tuple[ProbeLook, ...]


class TraceReader:
    """Reads what was asked for last; whatever was asked for before that is left out."""

    def __init__(self, on_looks: Callable[[Looks], None]) -> None:
        """No child yet: it starts with the first question. `on_looks` is called on a thread."""
        self._on_looks = on_looks
        self._asked: queue.SimpleQueue[tuple[Path, ...] | None] = queue.SimpleQueue()
        self._closed = threading.Event()
        self._starting = threading.Lock()
        self._process: SpawnProcess | None = None
        self._thread: threading.Thread | None = None

    def ask(self, paths: tuple[Path, ...]) -> None:
        """Read these traces."""
        self._asked.put(paths)
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="traces", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the child now, and wait for the thread."""
        self._closed.set()
        self._asked.put(None)
        with self._starting:
            if self._process is not None:
                self._process.kill()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        with self._starting:
            if self._closed.is_set():
                return
            self._process = process = context.Process(
                target=read_traces, args=(theirs,), name="pandanet-traces", daemon=True
            )
            process.start()
        theirs.close()  # so that reading ends when the child does
        with ours:
            while (paths := self._latest()) is not None:
                try:
                    ours.send(paths)
                    looks: Looks = ours.recv()
                except (EOFError, OSError):
                    looks = tuple(ProbeLook(path, problem=_DIED) for path in paths)
                    self._tell(looks)
                    break
                self._tell(looks)
        process.join()

    def _tell(self, looks: Looks) -> None:
        if not self._closed.is_set():
            self._on_looks(looks)

    def _latest(self) -> tuple[Path, ...] | None:
        paths = self._asked.get()
        with suppress(queue.Empty):
            while True:
                paths = self._asked.get_nowait()
        return None if self._closed.is_set() else paths


def read_traces(connection: Connection) -> None:
    """The child's main function: answers until the window is gone."""
    from pandanet_core.errors import UserError
    from pandanet_core.lab.files.opening import open_trace

    def read(path: Path) -> ProbeLook:
        try:
            stored = open_trace(path)
            return ProbeLook(path, stored.trace(), stored.picture)
        except UserError as error:
            return ProbeLook(path, problem=str(error))

    with suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        while True:
            connection.send(tuple(read(path) for path in connection.recv()))
