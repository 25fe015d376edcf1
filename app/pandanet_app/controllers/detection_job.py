"""One detection in a child process, seen from the window.

`start` and `cancel` are called on the front end's thread and return at once. A thread of the job
reads the pipe and calls `on_messages`, which must hand over to the front end's thread. `cancel`
ends the child with a signal it cannot ignore; nothing is delivered after it returns.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from pandanet_app.controllers.detection_worker import (
    DetectionFailed,
    DetectionFinished,
    DetectionMessage,
    DetectionRequest,
    run_detection,
)

_DIED = DetectionFailed("The detection's process ended unexpectedly: start it again.")
_BATCH_S = 0.05
"""Results are handed over at most this often."""


class DetectionJob:
    """Runs one request; a new request needs a new job."""

    def __init__(
        self, request: DetectionRequest, on_messages: Callable[[list[DetectionMessage]], None]
    ) -> None:
        """Start the child and the thread that listens to it."""
        self.request = request
        self._on_messages = on_messages
        self._cancelled = threading.Event()
        self._thread = threading.Thread(
            target=self._start_and_listen, name="detection", daemon=True
        )
        self._sending = threading.Lock()
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The child's process id; None before it runs."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Whether the child or its listener is still there."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End the child now; one that is just being started ends as soon as it is there."""
        self._cancelled.set()
        if self._process is not None:
            self._process.kill()

    def detect_first(self, frame: int) -> None:
        """Go on with this frame, if it is still to be done."""
        with self._sending:
            if self._connection is not None:
                with suppress(OSError):  # the child has just ended
                    self._connection.send(frame)

    def join(self, timeout_s: float) -> None:
        """Wait until the child and its listener are gone."""
        self._thread.join(timeout_s)

    def _start_and_listen(self) -> None:
        """The job's thread."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=run_detection,
            args=(self.request, theirs),
            name="pandanet-detection",
            daemon=True,
        )
        with ours:
            process.start()
            theirs.close()  # so that reading ends when the child does
            self._process, self._connection = process, ours
            if self._cancelled.is_set():
                process.kill()
            self._listen(ours)
            with self._sending:
                self._connection = None
        process.join()

    def _listen(self, connection: Connection) -> None:
        ended = False
        while not ended and not self._cancelled.is_set():
            try:
                messages = _next_messages(connection)
            except (EOFError, OSError):
                messages = [_DIED]
            ended = isinstance(messages[-1], DetectionFinished | DetectionFailed)
            if not self._cancelled.is_set():
                self._on_messages(messages)


def _next_messages(connection: Connection) -> list[DetectionMessage]:
    """Wait for a message; take what else comes within a batch's time."""
    messages = [connection.recv()]
    stop_s = time.monotonic() + _BATCH_S
    while not isinstance(messages[-1], DetectionFinished | DetectionFailed):
        left_s = stop_s - time.monotonic()
        if left_s <= 0 or not connection.poll(left_s):
            break
        try:
            messages.append(connection.recv())
        except (EOFError, OSError):
            break  # hand over what came; the next call meets the end again
    return messages
