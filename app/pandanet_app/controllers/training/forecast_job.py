"""`pandanet train --dry-run` in a child process, heard part by part."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from pandanet_app.controllers.training.process import pandanet_command
from pandanet_app.models.training.plan import PlanPart
from pandanet_core.errors import UserError
from pandanet_core.training.config import TrainingConfig, write_config

_DIED = "The forecast's process ended unexpectedly: ask for it again."


class ForecastJob:
    """Runs one forecast. `cancel` ends the child with a signal it cannot ignore; nothing is
    delivered after it returns."""

    def __init__(
        self,
        config: TrainingConfig,
        on_part: Callable[[PlanPart], None],
        on_end: Callable[[str], None],
    ) -> None:
        """Start the child and the thread that listens to it.

        Args:
            config: What would be trained.
            on_part: Gets each part as it is known, on the thread.
            on_end: Gets what went wrong in a sentence, or nothing, on the thread.
        """
        self._config = config
        self._on_part = on_part
        self._on_end = on_end
        self._cancelled = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._work, name="forecast", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End the child and its own children now."""
        self._cancelled.set()
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def join(self) -> None:
        """Wait until the child and its listener are gone."""
        self._thread.join()

    def _work(self) -> None:
        try:
            with TemporaryDirectory(prefix="pandanet-forecast-") as folder:
                problem = self._listen(Path(folder))
        except (UserError, OSError) as error:
            problem = str(error)
        if not self._cancelled.is_set():
            self._on_end(problem)

    def _listen(self, folder: Path) -> str:
        """Hand over what the child says; returns what went wrong."""
        settings, errors = folder / "settings.json", folder / "errors.txt"
        write_config(settings, self._config)
        command = pandanet_command("train", str(folder / "run"), "--config", str(settings))
        command += ["--dry-run", "--progress", "json"]
        with errors.open("w") as said:
            with self._starting:
                if self._cancelled.is_set():
                    return ""
                # A group of its own, so that its data loaders end with it.
                self._process = process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                    start_new_session=True,
                )
            assert process.stdout is not None
            with process.stdout as lines:
                for line in lines:
                    if not self._cancelled.is_set() and line.startswith("{"):
                        self._on_part(PlanPart(**json.loads(line)))
            code = process.wait()
        if code == 0:
            return ""
        last = errors.read_text(errors="replace").strip().rpartition("\n")[2]
        return last.removeprefix("pandanet: ") if last.startswith("pandanet: ") else _DIED
