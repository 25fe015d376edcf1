"""The training window's state and controller, without a toolkit."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.runs import RunPhase, RunView
from pandanet_app.models.training.settings import values_of
from pandanet_app.models.training.state import TrainingState
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.run_folder.holder import holder_of
from tests.app.ui_queue import UiQueue


class TrainingWindow:
    """What a person with a window has, and no window."""

    def __init__(self) -> None:
        self.ui = UiQueue()
        self.state = TrainingState()
        self.said: list[tuple[str, str]] = []
        self._tasks = TaskRunner(self.ui.post)
        self.control = TrainingController(
            self.state, self.ui.post, self._tasks, lambda kind, text: self.said.append((kind, text))
        )

    @property
    def current(self) -> RunView:
        view = self.state.runs.current
        assert view is not None
        return view

    def fill(self, config: TrainingConfig, run: Path) -> None:
        """Write settings into the form, field by field, as a person does."""
        self.state.form.folder = str(run)
        for path, value in values_of(config).items():
            if self.state.form.values[path] != value:
                self.control.form.set(path, value)

    def wait(self, done: Callable[[], bool]) -> None:
        self.ui.run_until(done)

    def wait_for(self, *phases: RunPhase, step: int = 0) -> None:
        """Until the chosen run is in one of these phases and has come so far."""

        def reached() -> bool:
            view = self.state.runs.current
            return view is not None and view.phase in phases and view.step >= step

        self.wait(reached)

    def close(self) -> None:
        """As closing a window does; trainings go on."""
        self.control.close()
        self._tasks.close()

    def end_trainings(self) -> None:
        """Nothing may outlive a test."""
        for view in self.state.runs.views:
            holder = holder_of(view.path)
            if holder is not None:
                with suppress(ProcessLookupError):
                    os.killpg(holder.pid, signal.SIGKILL)
                self.wait(lambda path=view.path: holder_of(path) is None)  # type: ignore[misc]
