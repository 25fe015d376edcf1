"""Reading ahead and writing behind, so that neither keeps the network waiting."""

import queue
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")

_POLL_S = 0.1
"""How long a wait may go on before it looks whether it should end."""
_MOST_BYTES = 200_000_000
_MOST_FRAMES = 8


def frames_in_memory(width: int, height: int) -> int:
    """How many frames of that size may wait in one queue: few large ones, several small ones."""
    return max(1, min(_MOST_FRAMES, _MOST_BYTES // (width * height * 3)))


class Ahead(Generic[Item]):
    """Goes through `items` on a thread, at most `size` items ahead of who takes them.

    `busy_s`: seconds that the items took to make. A context manager: leaving it ends the thread.
    """

    def __init__(self, items: Iterator[Item], size: int) -> None:
        self.busy_s = 0.0
        self._items = items
        self._queue: queue.Queue[Item | None] = queue.Queue(size)
        self._error: BaseException | None = None
        self._ending = Event()
        self._thread = Thread(target=self._make, name="reading ahead", daemon=True)
        self._thread.start()

    def until(self, stop: Event) -> Iterator[Item]:
        """The items, until there are no more or `stop` is set; raises what making them raised."""
        while not stop.is_set():
            try:
                item = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None:
                if self._error:
                    raise self._error
                return
            yield item

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    def _make(self) -> None:
        try:
            started = time.perf_counter()
            for item in self._items:
                self.busy_s += time.perf_counter() - started
                if not self._put(item):
                    return
                started = time.perf_counter()
        except BaseException as error:
            self._error = error
        self._put(None)

    def _put(self, item: Item | None) -> bool:
        while not self._ending.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


class Behind(Generic[Item]):
    """Does `work` with each item on a thread; at most `size` items wait.

    `busy_s`: seconds of work. After an error the rest is dropped and the error raised to who adds
    the next item or closes.
    """

    def __init__(self, work: Callable[[Item], None], size: int) -> None:
        self.busy_s = 0.0
        self._work = work
        self._queue: queue.Queue[Item | None] = queue.Queue(size)
        self._error: BaseException | None = None
        self._thread = Thread(target=self._do, name="writing behind", daemon=True)
        self._thread.start()

    def add(self, item: Item) -> None:
        """Hand over an item; waits while too many others do."""
        self._raise()
        self._queue.put(item)

    def close(self) -> None:
        """Wait until all is done."""
        self._queue.put(None)
        self._thread.join()
        self._raise()

    def _do(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._error:
                continue
            started = time.perf_counter()
            try:
                self._work(item)
            except BaseException as error:
                self._error = error
            self.busy_s += time.perf_counter() - started

    def _raise(self) -> None:
        if self._error:
            raise self._error
