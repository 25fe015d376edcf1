"""Saving files: one at a time, with progress and cancel.

Everything here runs on the front end's thread, except the function that saves.
"""

import time
from collections.abc import Callable
from pathlib import Path

from pandanet_app.controllers.tasks import TaskHandle, TaskRunner
from pandanet_app.models.session import Message
from pandanet_app.models.state import AppState

Save = Callable[[Path, TaskHandle], Path]
"""Writes a file of that name, says how far it is, and returns where it is."""


class ExportController:
    """Runs one export at a time."""

    def __init__(self, state: AppState, tasks: TaskRunner) -> None:
        """Nothing is being saved."""
        self._state = state
        self._tasks = tasks
        self._handle: TaskHandle | None = None
        self._started_s = 0.0

    def start(
        self,
        save: Save,
        path: Path,
        on_saved: Callable[[], None] = lambda: None,
        unit: str = "frames",
    ) -> None:
        """Save in the background; `on_saved` follows when the file is there. `unit` is what the
        progress counts, in the plural."""
        progress = self._state.export
        if progress.active:
            self._state.session.message = Message(
                "error", f"{progress.name} is being saved: wait for it or cancel it."
            )
            return
        self._started_s = time.monotonic()
        start = {"active": True, "done": 0, "total": 0, "left_s": None}
        progress.update(start | {"name": path.name, "unit": unit})

        def saved(path: Path) -> None:
            self._end(Message("info", f"Saved {path}."))
            on_saved()

        self._handle = self._tasks.run(
            lambda handle: save(path, handle), saved, self._failed, self._show
        )

    def cancel(self) -> None:
        """Stop saving."""
        if self._handle is not None:
            self._handle.cancel()
            self._end(Message("info", f"{self._state.export.name} was not saved."))

    def _show(self, done: int, total: int) -> None:
        if self._state.export.active:
            passed_s = time.monotonic() - self._started_s
            left_s = passed_s / done * (total - done) if done and passed_s > 1 else None
            self._state.export.update({"done": done, "total": total, "left_s": left_s})

    def _failed(self, text: str) -> None:
        self._end(Message("error", text))

    def _end(self, message: Message) -> None:
        self._handle = None
        self._state.export.active = False
        self._state.session.message = message
