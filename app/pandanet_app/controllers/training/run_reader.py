"""What goes on in a run folder, read from its files and its lock alone: whoever trains there, and
whichever window started it. Belongs on a worker thread."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pandanet_app.controllers.training.process import CONSOLE_FILE, Process, complaint_of
from pandanet_app.models.training.runs import RunPhase, RunView
from pandanet_core.errors import UserError
from pandanet_core.lab.files.places import probes_of
from pandanet_core.training.config import CONFIG_FILE, TrainingConfig, read_config
from pandanet_core.training.run_folder.holder import Holder, ended_abruptly, holder_of
from pandanet_core.training.run_folder.lock import LOCK_FILE
from pandanet_core.training.run_folder.log import LOG_FILE
from pandanet_core.training.run_folder.log_reader import LogReader, LogTable

RATE_STEPS = 50
"""The rate is the mean over so many of the last steps."""

_GO_ON = "Resume goes on from the last checkpoint."


@dataclass(frozen=True)
class _Settings:
    """config.json as it was read last."""

    changed_ns: int = 0
    config: TrainingConfig | None = None
    problem: str = ""


class RunReader:
    """Looks at one run folder again and again; reads only what is new."""

    def __init__(self, run: Path) -> None:
        """Nothing is read yet."""
        self.path = run
        self._log = LogReader(run)
        self._settings = _Settings()

    def look(
        self,
        process: Process | None = None,
        stopping: bool = False,
        go_on: Callable[[], None] = lambda: None,
    ) -> RunView:
        """The folder as it is now.

        Args:
            process: The training, where this program has started it.
            stopping: It was asked to stop.
            go_on: Called between blocks of the log; may raise to end the look.
        """
        holder = holder_of(self.path)
        self._read_settings()
        table, unreadable = self._read_log(go_on)
        has_checkpoint = any((self.path / "checkpoints").glob("*.pt"))
        config = self._settings.config
        ended = process.poll() if process is not None else None
        phase = self._phase(holder, process is not None and ended is None, stopping)
        if phase is None:
            done = config is not None and has_checkpoint and table.last_step >= config.steps
            failed = bool(self._complaint()) or (ended is not None and ended not in _TIDY_ENDS)
            phase = _resting_phase(done, failed, has_checkpoint)
        rate, left_s = _rate(table, config) if phase is RunPhase.TRAINING else (0.0, None)
        return RunView(
            path=self.path,
            phase=phase,
            log=table,
            steps=config.steps if config is not None else 0,
            rate=rate,
            left_s=left_s,
            sentence=unreadable or self._sentence(phase, table, ended),
            holder=holder,
            resumable=has_checkpoint and config is not None and not phase.active,
            probes=probes_of(self.path),
        )

    def config(self) -> TrainingConfig:
        """The run's settings; UserError where there are none that this version knows."""
        return read_config(self.path / CONFIG_FILE)

    def _read_settings(self) -> None:
        changed_ns = _changed_ns(self.path / CONFIG_FILE)
        if changed_ns == self._settings.changed_ns:
            return
        try:
            self._settings = _Settings(changed_ns, self.config())
        except UserError as error:
            problem = (
                f"{error} The curves are shown all the same; if a newer version of PandaNet made "
                "the run, update the program."
            )
            self._settings = _Settings(changed_ns, None, problem)

    def _read_log(self, go_on: Callable[[], None]) -> tuple[LogTable, str]:
        try:
            return self._log.read(go_on), ""
        except OSError as error:
            return LogTable(), f"{self.path / LOG_FILE} cannot be read ({error.strerror})."

    def _phase(self, holder: Holder | None, alive: bool, stopping: bool) -> RunPhase | None:
        """The phase of a run where a process works; None where none does."""
        if holder is None and not alive:
            return None
        if stopping:
            return RunPhase.STOPPING
        if holder is None:
            return RunPhase.STARTING
        began_ns = _changed_ns(self.path / LOCK_FILE)
        logs = _changed_ns(self.path / LOG_FILE) > began_ns
        return RunPhase.TRAINING if logs else RunPhase.PREPARING

    def _complaint(self) -> str:
        """How the last start from a window ended; what was started since then elsewhere is not its
        matter."""
        said_ns = _changed_ns(self.path / CONSOLE_FILE)
        return complaint_of(self.path) if said_ns >= _changed_ns(self.path / LOCK_FILE) else ""

    def _sentence(self, phase: RunPhase, table: LogTable, ended: int | None) -> str:
        if phase is RunPhase.FAILED:
            return self._complaint() or (
                f"The training's process ended unexpectedly (exit code {ended}); see "
                f"{self.path / CONSOLE_FILE}. {_GO_ON}"
            )
        if self._settings.problem:
            return self._settings.problem
        if phase is RunPhase.STOPPED and ended_abruptly(self.path):
            return f"The training was killed, or the machine went off. {_GO_ON}"
        if phase is RunPhase.EMPTY and not len(table):
            return "Nothing has been trained here yet."
        if table.damaged:
            return f"{table.damaged} lines of the log are damaged and left out of the curves."
        return ""


_TIDY_ENDS = (0, 130, -15)
"""Exit codes of a training that is done, was stopped, or was stopped before it had begun."""


def _resting_phase(done: bool, failed: bool, has_checkpoint: bool) -> RunPhase:
    if failed:
        return RunPhase.FAILED
    if done:
        return RunPhase.FINISHED
    return RunPhase.STOPPED if has_checkpoint else RunPhase.EMPTY


def _rate(table: LogTable, config: TrainingConfig | None) -> tuple[float, float | None]:
    """Pictures a second over the last steps, and seconds left; (0, None) while unknown."""
    rates = table["pictures_per_s"][-RATE_STEPS:].astype(np.float64)
    rates = rates[np.isfinite(rates) & (rates > 0)]
    if config is None or not len(rates):
        return 0.0, None
    rate = 1 / float(np.mean(1 / rates))
    return rate, (config.steps - table.last_step) * config.batch_size / rate


def _changed_ns(file: Path) -> int:
    """Time of a file's last change; 0 where there is none."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
