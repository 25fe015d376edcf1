"""Detections that are not saved yet are kept in a file beside their film, however the window ends.

The file is written now and then while people are found, so that a crash costs the last minute at
most, and once more when a signal ends the window. It goes when the detections are saved or thrown
away. Everything here runs on the front end's thread, but for the writing now and then.
"""

import glob
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from pandanet_app.controllers.saving import Snapshot, write_people
from pandanet_app.controllers.tasks import TaskHandle, TaskRunner
from pandanet_app.models.state import AppState
from pandanet_core.errors import UserError

_EVERY_S = 60.0
_SHARE_OF_TIME = 0.05
"""At most this much of the time goes into writing: rarely for hours of film."""


class Keeper:
    """Keeps what is found until it is saved."""

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        snapshot: Callable[[], Snapshot | None],
        every_s: float = _EVERY_S,
    ) -> None:
        """Nothing to keep yet.

        Args:
            state: Says what is unsaved.
            tasks: Where writing now and then happens.
            snapshot: Everybody found so far; None where there is nothing to keep.
            every_s: Seconds between two writings, at least.
        """
        self._state = state
        self._tasks = tasks
        self._snapshot = snapshot
        self._every_s = every_s
        self._next_s = 0.0
        self._writing = Lock()
        self._handle: TaskHandle | None = None
        self._path: Path | None = None
        state.session.events.unsaved.connect(self._unsaved_changed)

    @property
    def busy(self) -> bool:
        """Whether it writes in the background."""
        return self._handle is not None

    def people_found(self) -> None:
        """Write what is found by now, if the last time is long enough ago."""
        if self.busy or time.monotonic() < self._next_s:
            return
        snapshot = self._snapshot()
        if snapshot is not None:
            self._handle = self._tasks.run(
                lambda handle: self._write(snapshot, handle), self._written, self._failed
            )

    def keep_now(self) -> Path | None:
        """Write everything that is not saved, here and now; None where nothing is unsaved.

        Raises:
            UserError: It cannot be written.
        """
        snapshot = self._snapshot() if self._state.session.unsaved else None
        if snapshot is None:
            return None
        self._stop_writing()
        self._write(snapshot, TaskHandle(lambda done, total: None))
        return self._path

    def drop(self) -> None:
        """Remove the file: what it holds is saved, or nobody wants it."""
        self._stop_writing()
        with self._writing:  # what was being written is gone by now
            if self._path is not None:
                self._path.unlink(missing_ok=True)
            self._path = None

    def _unsaved_changed(self, unsaved: bool) -> None:
        if unsaved:
            self._next_s = time.monotonic() + self._every_s
        else:
            self.drop()

    def _stop_writing(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _write(self, snapshot: Snapshot, handle: TaskHandle) -> float:
        """Write beside the film or, where that is not allowed, at home; the seconds it took."""
        film = snapshot.info.path
        assert film is not None
        began_s = time.monotonic()
        with self._writing:
            handle.go_on()
            if self._path is not None:
                write_people(snapshot, self._path, film.name, "", handle)
            else:
                self._path = _write_first(snapshot, film, handle)
        return time.monotonic() - began_s

    def _written(self, seconds: float) -> None:
        self._handle = None
        self._next_s = time.monotonic() + max(self._every_s, seconds / _SHARE_OF_TIME)

    def _failed(self, text: str) -> None:
        """Whoever saves by hand is told why that fails; until then there is nothing to do."""
        self._handle = None
        self._next_s = float("inf")


def _write_first(snapshot: Snapshot, film: Path, handle: TaskHandle) -> Path:
    try:
        path = _free_path(film.parent, film)
        write_people(snapshot, path, film.name, "", handle)
    except UserError:
        path = _free_path(Path.home(), film)
        write_people(snapshot, path, str(film.resolve()), "", handle)
    return path


def _free_path(folder: Path, film: Path) -> Path:
    """A name that no file has yet: other windows and other days may have kept something, too."""
    number, path = 1, folder / f"{film.stem}.unsaved.parquet"
    while path.exists():
        number += 1
        path = folder / f"{film.stem}.unsaved-{number}.parquet"
    return path


def kept_of(film: Path) -> list[Path]:
    """Files of detections of a film that nobody saved, beside it."""
    return sorted(film.parent.glob(f"{glob.escape(film.stem)}.unsaved*.parquet"))
