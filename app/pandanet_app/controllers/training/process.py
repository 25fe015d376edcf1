"""Starting and stopping a training: a process of its own that no window's end ends.

The functions touch files and start processes: they belong on a worker thread.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.files import write_error
from pandanet_core.training.config import CONFIG_FILE, TrainingConfig, read_config, write_config
from pandanet_core.training.run_folder.holder import Holder, holder_of

WANTED_FILE = "wanted.json"
"""The settings that a training was last started with from a window."""
CONSOLE_FILE = "console.txt"
"""What the training's process has said since it was started from a window."""

_SAID_BY_COMMAND = "pandanet: "
_TAIL_BYTES = 4096

Process = subprocess.Popen[bytes]


def start_training(run: Path, config: TrainingConfig, resume: bool) -> Process:
    """`pandanet train` in a session of its own, which goes on when the window is closed.

    Raises:
        UserError: Somebody trains there, the folder holds a run already (without `resume`), or it
            cannot be written to.
    """
    holder = holder_of(run)
    if holder is not None:
        raise UserError(in_use(run, holder))
    own = run / CONFIG_FILE
    if own.exists() and not resume:
        raise UserError(
            f"{run} already holds a run; open it to go on with it, or name another folder."
        )
    options = ["--config", str(run / WANTED_FILE), "--progress", "json"]
    if resume:
        options.append("--resume")
        if config.data != read_config(own).data:
            options += ["--data", *config.data]
    try:
        run.mkdir(parents=True, exist_ok=True)
        write_config(run / WANTED_FILE, config)
        with (run / CONSOLE_FILE).open("wb") as console:
            return subprocess.Popen(
                [*pandanet_command("train"), str(run), *options],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise write_error(error, run) from error


def pandanet_command(*arguments: str) -> list[str]:
    """The command line of this very installation."""
    return [sys.executable, "-m", "pandanet_app", *arguments]


def ask_to_stop(run: Path, process: Process | None) -> None:
    """Ask whoever trains there to end after the step at hand, with a checkpoint.

    Args:
        run: The run folder.
        process: The training, where this program started it; it may not hold the folder yet.

    Raises:
        UserError: It trains on another machine, or belongs to somebody else.
    """
    holder = holder_of(run)
    if holder is not None and not holder.is_here:
        raise UserError(
            f"The training runs on {holder.host}: stop process {holder.pid} there with Ctrl+C."
        )
    if holder is None and process is None:
        return
    pid = holder.pid if holder is not None else process.pid if process is not None else 0
    with suppress(ProcessLookupError):  # it has just ended
        try:
            os.kill(pid, signal.SIGTERM)
        except PermissionError as error:
            raise UserError(
                f"Process {pid} belongs to somebody else, who alone can stop it."
            ) from error


def complaint_of(run: Path) -> str:
    """The sentence with which the training that a window started there ended; empty for none."""
    try:
        with (run / CONSOLE_FILE).open("rb") as console:
            console.seek(0, os.SEEK_END)
            console.seek(max(0, console.tell() - _TAIL_BYTES))
            lines = console.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    said = [line for line in lines if line.strip()]
    if not said or not said[-1].startswith(_SAID_BY_COMMAND):
        return ""
    sentence = said[-1].removeprefix(_SAID_BY_COMMAND)
    return "" if sentence == "Interrupted." else sentence


def in_use(run: Path, holder: Holder) -> str:
    """The sentence for a folder that somebody trains in."""
    since = f" since {holder.since}" if holder.since else ""
    return (
        f"{run} is in use: process {holder.pid} on {holder.host} trains there{since}; wait for it, "
        "stop it, or name another folder."
    )
