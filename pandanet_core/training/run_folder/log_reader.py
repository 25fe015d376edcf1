"""Reading a run's log while it grows: every look reads only what was added."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.training.run_folder.log import LOG_FILE

Floats = NDArray[np.float32]

_BLOCK_BYTES = 1 << 22


@dataclass(frozen=True, eq=False)
class LogTable:
    """The numbers of T steps.

    Attributes:
        columns: (T,) by the log's names, among them "step"; NaN where a step does not have it.
        damaged: Lines that could not be read and are left out.
    """

    columns: Mapping[str, Floats] = field(default_factory=dict)
    damaged: int = 0

    def __len__(self) -> int:
        return len(self["step"])

    def __getitem__(self, name: str) -> Floats:
        """(T,) numbers; empty where the log knows no such name."""
        return self.columns.get(name, np.zeros(0, np.float32))

    @property
    def last_step(self) -> int:
        """The last step; 0 before the first."""
        return int(self["step"][-1]) if len(self) else 0


class LogReader:
    """Follows the log of one run folder, which may appear, grow, and lose steps when a killed
    training goes on."""

    def __init__(self, run: Path) -> None:
        """Nothing is read yet."""
        self._path = run / LOG_FILE
        self._inode = -1
        self._read_bytes = 0
        self._start_over()

    def read(self, go_on: Callable[[], None] = lambda: None) -> LogTable:
        """All numbers up to now; `go_on` is called between blocks, and may raise to end it.

        Tables given before keep what they hold. Raises OSError where the log is there and cannot
        be read.
        """
        try:
            file = self._path.open("rb")
        except FileNotFoundError:
            self._start_over()
            return LogTable()
        with file:
            status = os.fstat(file.fileno())
            if status.st_ino != self._inode or status.st_size < self._read_bytes:
                self._start_over()
                self._inode = status.st_ino
            file.seek(self._read_bytes)
            while block := file.read(_BLOCK_BYTES):
                self._take(block)
                self._read_bytes += len(block)
                go_on()
        return self._table()

    def _start_over(self) -> None:
        self._inode = -1
        self._read_bytes = 0
        self._cut_line = b""
        self._count = 0
        self._damaged = 0
        self._columns: dict[str, Floats] = {}

    def _take(self, block: bytes) -> None:
        *lines, self._cut_line = (self._cut_line + block).split(b"\n")
        rows = [row for row in map(_numbers, lines) if row is not None]
        self._damaged += len(lines) - len(rows)
        for name in _names(rows):
            column = self._room_for(name, len(rows))
            values = (row.get(name, np.nan) for row in rows)
            column[self._count : self._count + len(rows)] = np.fromiter(values, np.float32)
        self._count += len(rows)

    def _room_for(self, name: str, more: int) -> Floats:
        """The column with room for more rows; NaN where nothing was said yet."""
        old = self._columns.get(name, np.zeros(0, np.float32))
        needed = self._count + more
        if len(old) < needed:
            grown = np.full(max(1024, 2 * needed), np.nan, np.float32)
            grown[: len(old)] = old
            self._columns[name] = grown
        return self._columns[name]

    def _table(self) -> LogTable:
        rows = self._count
        return LogTable(
            {name: _filled(column, rows)[:rows] for name, column in self._columns.items()},
            self._damaged,
        )


def _names(rows: Iterable[Mapping[str, float]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _filled(column: Floats, rows: int) -> Floats:
    """The column, NaN at its end where the last rows did not have it."""
    if len(column) >= rows:
        return column
    return np.concatenate([column, np.full(rows - len(column), np.nan, np.float32)])


def _numbers(line: bytes) -> dict[str, float] | None:
    """The numbers of a line; None where it is none of a log."""
    try:
        values: Any = json.loads(line)
        if not _is_number(values["step"]):
            return None
        return {name: float(value) for name, value in values.items() if _is_number(value)}
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)
