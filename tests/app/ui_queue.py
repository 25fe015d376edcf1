"""A front end's thread for tests without a toolkit: what is posted runs when the test says so."""

import queue
import time
from collections.abc import Callable


class UiQueue:
    """Collects what workers post; `run_until` is the event loop."""

    def __init__(self) -> None:
        self._posted: queue.Queue[Callable[[], None]] = queue.Queue()

    def post(self, function: Callable[[], None]) -> None:
        """Callable from any thread."""
        self._posted.put(function)

    def run_until(self, done: Callable[[], bool], timeout_s: float = 120.0) -> None:
        """Run what is posted until `done`; fails after `timeout_s`."""
        end_s = time.monotonic() + timeout_s
        while not done():
            left_s = end_s - time.monotonic()
            assert left_s > 0, "it did not happen in time"
            try:
                self._posted.get(timeout=min(left_s, 0.05))()
            except queue.Empty:
                continue
