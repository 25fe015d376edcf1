"""The log of a run: a JSON line a step, and the same for TensorBoard when wished."""

import errno
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error

LOG_FILE = "log.jsonl"
TENSORBOARD_FOLDER = "tensorboard"


class StepLog(Protocol):
    """Takes every step's numbers."""

    def __call__(self, numbers: Mapping[str, float]) -> None: ...


@contextmanager
def opened_log(run: Path, step: int, tensorboard: bool) -> Iterator[StepLog]:
    """Append to the run's log; what it holds of steps after `step` is forgotten first.

    Those steps were lost when the training stopped, and will come again.

    Raises UserError where the log cannot be written or TensorBoard is wished and not installed.
    """
    path = run / LOG_FILE
    try:
        _forget_later_steps(path, step)
        file = path.open("ab", buffering=0)  # so that nothing waits to be written at the end
    except OSError as error:
        raise write_error(error, path) from error
    with file, _tensorboard(run, step, tensorboard) as show:

        def write(numbers: Mapping[str, float]) -> None:
            line = (json.dumps(numbers) + "\n").encode()
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, "only part of a line was written")
                show(numbers)
            except OSError as error:
                raise write_error(error, path) from error

        yield write


def _forget_later_steps(path: Path, step: int) -> None:
    if not path.exists():
        return
    text = path.read_text(errors="replace")
    kept = "".join(line + "\n" for line in text.splitlines() if _step_of(line) <= step)
    if kept != text:
        part = part_path(path)
        part.write_text(kept)
        publish(part, path)


def _step_of(line: str) -> float:
    """Step of a line; a line cut off by a kill counts as later than all."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return math.inf


@contextmanager
def _tensorboard(run: Path, step: int, wished: bool) -> Iterator[StepLog]:
    if not wished:
        yield lambda numbers: None
        return
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise UserError(
            "--tensorboard needs the package tensorboard; install pandanet[train], or train "
            f"without it: {LOG_FILE} holds the same numbers."
        ) from error
    with SummaryWriter(run / TENSORBOARD_FOLDER, purge_step=step + 1) as writer:

        def show(numbers: Mapping[str, float]) -> None:
            for name, value in numbers.items():
                writer.add_scalar(name, value, int(numbers["step"]))

        yield show
