"""The λ of a run, a JSON line every so many steps: what a window reads while the training goes on.

The checkpoint and the weights hold the same history; this file spares reading the whole of them.
"""

import errno
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from pandanet_core.files import part_path, publish, write_error
from pandanet_core.lab.lambda_history import (
    LAMBDA_FILE,
    LAMBDA_FORMAT,
    LAMBDA_FORMAT_VERSION,
    STEPS_BETWEEN_POINTS,
)

_DIGITS = 4
"""Of log λ: finer than a picture or a person can tell."""

Entry = Mapping[str, Tensor]
"""log λ by name."""


class LambdaLog(Protocol):
    """Takes the λ after a step."""

    def __call__(self, step: int, logs: Entry) -> None: ...


@contextmanager
def opened_lambdas(
    run: Path, step: int, anchors: Tensor, skeleton: str, now: Entry, history: Sequence[Entry]
) -> Iterator[LambdaLog]:
    """Append to the run's λ; those of steps after `step` are forgotten first.

    Args:
        run: Run folder.
        step: Steps done.
        anchors: (N_A, 2) px.
        skeleton: Name of the joints.
        now: The λ at `step`.
        history: One entry every STEPS_BETWEEN_POINTS steps, up to `step`: taken where the folder
            has none of its own.

    Raises UserError where the disk does not take it.
    """
    path = run / LAMBDA_FILE
    header = {
        "format": LAMBDA_FORMAT,
        "format_version": LAMBDA_FORMAT_VERSION,
        "skeleton": skeleton,
        "anchor_sizes_px": anchors.tolist(),
    }
    first = json.dumps(header).encode() + b"\n"
    try:
        lines = _kept(path, first, step)
        if not lines:
            lines = [
                _line((number + 1) * STEPS_BETWEEN_POINTS, entry)
                for number, entry in enumerate(history)
            ] or [_line(step, now)]
        part = part_path(path)
        part.write_bytes(first + b"".join(lines))
        publish(part, path)
        file = path.open("ab", buffering=0)
    except OSError as error:
        raise write_error(error, path) from error
    with file:

        def write(step: int, logs: Entry) -> None:
            line = _line(step, logs)
            try:
                if file.write(line) < len(line):
                    raise OSError(errno.ENOSPC, "only part of a line was written")
            except OSError as error:
                raise write_error(error, path) from error

        yield write


def _kept(path: Path, first: bytes, step: int) -> list[bytes]:
    """The lines of an earlier part of the same training, up to a step."""
    if not path.exists():
        return []
    lines = path.read_bytes().splitlines(keepends=True)
    if not lines or lines[0] != first:
        return []
    return [line for line in lines[1:] if line.endswith(b"\n") and _step_of(line) <= step]


def _step_of(line: bytes) -> float:
    """Step of a line; one that is damaged counts as later than all."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return float("inf")


def _line(step: int, logs: Entry) -> bytes:
    values: dict[str, Any] = {"step": step}
    values |= {name: _rounded(log.detach().float().tolist()) for name, log in logs.items()}
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _rounded(values: Any) -> Any:
    return [_rounded(v) for v in values] if isinstance(values, list) else round(values, _DIGITS)
