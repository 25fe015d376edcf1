"""The lab's child process, seen from the window; and its main function.

`ask` and `close` are called on the front end's thread and return at once. A thread reads the pipe
and calls `on_answer`, which must hand over to the front end's thread.
"""

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from pandanet_app.controllers.anchor_lab.messages import (
    Answer,
    ClusterRequest,
    Failed,
    LookRequest,
    ReadRequest,
    Request,
)
from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_app.controllers.anchor_lab.child.probe import Probe

_DIED = "The anchor lab's process ended unexpectedly: choose another frame, or press A again."
_NICENESS = 5


class ProbeProcess:
    """Answers requests in a child of its own, one after the other; several a request of a scan."""

    def __init__(self, on_answer: Callable[[Answer], None]) -> None:
        """Start the child and the thread that talks to it."""
        self._on_answer = on_answer
        self._closed = threading.Event()
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._process: SpawnProcess | None = None
        self._threads = [
            threading.Thread(target=self._start_and_listen, name="anchor lab", daemon=True)
        ]
        self._threads[0].start()

    @property
    def pid(self) -> int | None:
        """The child's process id; None before it runs."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether it can still answer."""
        return not self._closed.is_set() and self._threads[0].is_alive()

    @property
    def running(self) -> bool:
        """Whether the child or a thread is still there."""
        return any(thread.is_alive() for thread in self._threads)

    def ask(self, request: Request) -> None:
        """Send a request as soon as the child can take it."""
        self._requests.put(request)

    def close(self) -> None:
        """End the child now; nothing is delivered any more."""
        self._closed.set()
        self._requests.put(None)
        if self._process is not None:
            self._process.kill()

    def join(self, timeout_s: float) -> None:
        """Wait until the child and the threads are gone."""
        for thread in self._threads:
            thread.join(timeout_s)

    def _start_and_listen(self) -> None:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=run_probe, args=(theirs,), name="pandanet-anchor-lab", daemon=True
        )
        with ours:
            process.start()
            theirs.close()  # so that reading ends when the child does
            self._process = process
            if self._closed.is_set():
                process.kill()
            sender = threading.Thread(target=self._send, args=(ours,), name="anchor lab: asks")
            sender.daemon = True
            self._threads.append(sender)
            sender.start()
            self._listen(ours)
            self._requests.put(None)
            sender.join()
        process.join()

    def _send(self, connection: Connection) -> None:
        while (request := self._requests.get()) is not None:
            with suppress(OSError):  # the child has just ended: the listener says so
                connection.send(request)

    def _listen(self, connection: Connection) -> None:
        while not self._closed.is_set():
            try:
                answer: Answer = connection.recv()
            except (EOFError, OSError):
                answer = Failed(None, _DIED)
            if self._closed.is_set():
                return
            if isinstance(answer, Failed) and answer.request is None:
                self._closed.set()
            self._on_answer(answer)


def run_probe(connection: Connection) -> None:
    """The child's main function: answers until the window is gone."""
    os.nice(_NICENESS)
    from pandanet_app.controllers.anchor_lab.child.probe import Probe

    probe = Probe()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        while True:
            request = connection.recv()
            try:
                _answer(probe, request, connection)
            except UserError as error:
                connection.send(Failed(request, str(error)))
            except MemoryError:
                connection.send(
                    Failed(request, "There is not enough memory: close other programs.")
                )
            except (BrokenPipeError, ConnectionResetError):
                raise
            except Exception as error:  # one frame's trouble must not end the lab
                text = f"The anchors cannot be traced ({type(error).__name__}: {error})."
                connection.send(Failed(request, text))
    probe.close()


def _answer(probe: "Probe", request: Request, connection: Connection) -> None:
    if isinstance(request, LookRequest):
        connection.send(probe.look(request))
    elif isinstance(request, ReadRequest):
        connection.send(probe.read(request))
    elif isinstance(request, ClusterRequest):
        connection.send(probe.cluster(request))
    else:
        for frame in range(request.start, request.stop):
            connection.send(probe.scan(request, frame))
