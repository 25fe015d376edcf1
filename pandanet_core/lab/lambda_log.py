"""The learned loss weights λ that a run folder keeps, read on as the training goes on."""

import json
import os
from pathlib import Path

import numpy as np

from pandanet_core.errors import UserError
from pandanet_core.lab.lambda_history import (
    FAMILIES,
    LAMBDA_FORMAT,
    LAMBDA_FORMAT_VERSION,
    Floats,
    LambdaHistory,
    Report,
    history_of_logs,
    shapes_of,
)
from pandanet_core.skeleton import skeleton_named

_LINES_BETWEEN_REPORTS = 200


class LambdaLog:
    """A run's file of λ; every reading takes only what was written since the one before."""

    def __init__(self, file: Path) -> None:
        """Nothing is read yet."""
        self._file = file
        self._forget(0)

    def read(self, report: Report = lambda share: None) -> LambdaHistory | None:
        """All λ written so far; None where nothing came since the last reading.

        What follows the last line's end is still being written, or was cut off by a kill: it is
        left for the next reading.

        Raises:
            UserError: The file is damaged, of a newer version, or holds no λ yet.
            OSError: It cannot be read.
        """
        with self._file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            # A training that was resumed writes the file anew.
            if status.st_ino != self._inode or status.st_size < self._read_bytes:
                self._forget(status.st_ino)
            opened.seek(self._read_bytes)
            added = opened.read()
        whole = added[: added.rfind(b"\n") + 1]
        if whole:
            self._take(whole.splitlines(), report)
            self._read_bytes += len(whole)
        elif self._read_bytes:
            return None
        return self._history()

    def _forget(self, inode: int) -> None:
        self._inode = inode
        self._read_bytes = 0
        self._sizes_px = np.zeros((0, 2), np.float32)
        self._joints: tuple[str, ...] = ()
        self._points: dict[int, list[Floats]] = {}
        self._unreadable = 0

    def _take(self, lines: list[bytes], report: Report) -> None:
        if not self._read_bytes:
            self._sizes_px, self._joints = _header(self._file, lines[0])
            lines = lines[1:]
        shapes = shapes_of(len(self._sizes_px), len(self._joints))
        for number, line in enumerate(lines):
            if number % _LINES_BETWEEN_REPORTS == 0:
                report(number / len(lines))
            point = _point(line, shapes)
            if point is None:
                self._unreadable += 1
            else:
                self._points[point[0]] = point[1]
        report(1.0)

    def _history(self) -> LambdaHistory:
        if not self._points:
            raise UserError(f"{self._file} holds no λ yet; look again when the training has begun.")
        steps = sorted(self._points)
        logs = {
            name: np.stack([self._points[step][place] for step in steps])
            for place, name in enumerate(FAMILIES)
        }
        left_out = f"{self._unreadable} points of the history are damaged and left out."
        return history_of_logs(
            self._file.parent.name,
            np.array(steps),
            logs,
            self._sizes_px,
            self._joints,
            left_out if self._unreadable else "",
        )


def _header(file: Path, line: bytes) -> tuple[Floats, tuple[str, ...]]:
    """Sizes of the anchors and names of the joints."""
    try:
        header = json.loads(line)
        if header["format"] != LAMBDA_FORMAT:
            raise ValueError("another format")
        version = int(header["format_version"])
        if version <= LAMBDA_FORMAT_VERSION:
            sizes_px = np.array(header["anchor_sizes_px"], np.float32).reshape(-1, 2)
            joints = skeleton_named(header["skeleton"]).joints
    except (ValueError, KeyError, TypeError, RecursionError, UserError) as error:
        raise UserError(
            f"{file} is damaged: its first line does not say what the λ are of; open the run's "
            "weights instead."
        ) from error
    if version > LAMBDA_FORMAT_VERSION:
        raise UserError(
            f"{file} was made for a newer version of PandaNet (format {version}); update the "
            "program."
        )
    return sizes_px, joints


def _point(line: bytes, shapes: tuple[tuple[int, ...], ...]) -> tuple[int, list[Floats]] | None:
    """Step and log λ by family; None where the line is damaged."""
    try:
        values = json.loads(line)
        step = int(values["step"])
        logs = [np.array(values[name], np.float32) for name in FAMILIES]
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    right = all(
        log.shape == shape and np.isfinite(log).all()
        for log, shape in zip(logs, shapes, strict=True)
    )
    return (step, logs) if right else None
