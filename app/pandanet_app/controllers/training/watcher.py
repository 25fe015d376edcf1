"""A thread that looks at the watched run folders every second and hands over what has changed."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pandanet_app.controllers.training.process import Process
from pandanet_app.controllers.training.run_reader import RunReader
from pandanet_app.models.training.runs import RunView

EVERY_S = 1.0
"""Seconds between two looks."""


@dataclass(frozen=True)
class Watched:
    """A run folder to look at.

    Attributes:
        path: The folder.
        process: The training, where this program has started it.
        stopping: It was asked to stop.
    """

    path: Path
    process: Process | None = None
    stopping: bool = False


class _Closing(Exception):
    """The watcher ends."""


class RunWatcher:
    """Looks at run folders. All methods return at once, but `close`."""

    def __init__(self, on_views: Callable[[list[RunView]], None]) -> None:
        """`on_views` gets the runs that look different from the last time, on the thread."""
        self._on_views = on_views
        self._watched: tuple[Watched, ...] = ()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, watched: tuple[Watched, ...]) -> None:
        """Look at these from now on, at once."""
        self._watched = watched
        self._wake.set()
        if self._thread is None and watched:
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the thread and wait for it."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        readers: dict[Path, RunReader] = {}
        seen: dict[Path, tuple[object, ...]] = {}
        while not self._closing.is_set():
            self._wake.clear()
            watched = self._watched
            paths = {one.path for one in watched}
            readers = {path: readers.get(path) or RunReader(path) for path in paths}
            seen = {path: look for path, look in seen.items() if path in paths}
            for one in watched:
                try:
                    view = readers[one.path].look(one.process, one.stopping, self._go_on)
                except _Closing:
                    return
                if seen.get(one.path) != _look_of(view):
                    seen[one.path] = _look_of(view)
                    self._on_views([view])
            self._wake.wait(EVERY_S if watched else None)

    def _go_on(self) -> None:
        if self._closing.is_set():
            raise _Closing


def _look_of(view: RunView) -> tuple[object, ...]:
    """What tells two views apart."""
    return (
        view.phase,
        len(view.log),
        view.step,
        view.steps,
        view.sentence,
        view.holder,
        view.resumable,
        view.probes,
    )
