"""JTA's annotation files: rows of numbers, sorted into people."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from pandanet_core.data.damage import Report, and_others
from pandanet_core.skeleton import JTA22

COLUMNS = 10
FRAME, PERSON, JOINT = 0, 1, 2
JOINTS = JTA22.joint_count

Table = NDArray[np.float64]

_ALL_BUT_STRUCTURE = bytes(set(range(256)) - set(b"[],"))


@dataclass(frozen=True)
class People:
    """The P people of a sequence, by frame.

    Attributes:
        frames: (P,) number of each person's frame, rising.
        pose2d: (P, 22, 2) px.
        pose3d_m: (P, 22, 3) camera space, m.
        occluded, self_occluded: (P, 22).
    """

    frames: NDArray[np.int64]
    pose2d: NDArray[np.float32]
    pose3d_m: NDArray[np.float32]
    occluded: NDArray[np.bool_]
    self_occluded: NDArray[np.bool_]

    def choose(self, people: slice | NDArray[np.bool_]) -> "People":
        """Some of the people."""
        return People(**{name: values[people] for name, values in vars(self).items()})

    def in_frame(self, frame: int) -> "People":
        """The people of one frame."""
        first, last = np.searchsorted(self.frames, [frame, frame + 1])
        return self.choose(slice(first, last))


def read_people(file: Path, report: Report) -> People:
    """The people of a file annotations/SPLIT/seq_N.json.

    Rows are [frame, person, joint, x, y, X, Y, Z, occluded, self-occluded]. Whatever is damaged is
    reported and left out.
    """
    rows = _whole_people(file, read_rows(file, COLUMNS, report), report)
    people = rows.reshape(-1, JOINTS, COLUMNS)
    return People(
        frames=people[:, 0, FRAME].astype(np.int64),
        pose2d=people[..., 3:5].astype(np.float32),
        pose3d_m=people[..., 5:8].astype(np.float32),
        occluded=people[..., 8] > 0,
        self_occluded=people[..., 9] > 0,
    )


def read_rows(file: Path, columns: int, report: Report) -> Table:
    """(R, columns) the rows of a file, not all finite; those of another length are reported."""
    try:
        text = file.read_bytes()
        table = _plain_table(text, columns)
        if table is not None:
            return table
        rows: Any = json.loads(text)
        return _as_table(rows, columns)
    except (OSError, ValueError, RecursionError):
        rows = None
    except (TypeError, OverflowError):
        pass
    good = [row for row in rows if _is_row(row, columns)] if isinstance(rows, list) else []
    if not good:
        report(file, f"is not a list of rows of {columns} numbers, as JTA's files are")
        return np.zeros((0, columns))
    first = next(place for place, row in enumerate(rows) if not _is_row(row, columns))
    wrong = and_others(f"row {first + 1}", len(rows) - len(good))
    report(file, f"does not have {columns} numbers in every row ({wrong})")
    return _as_table(good, columns)


def _plain_table(text: bytes, columns: int) -> Table | None:
    """The rows of a text that is plain rows of numbers, twice as fast as by JSON; else None."""
    text = text.translate(None, b" \t\r\n")
    row = b"[" + b"," * (columns - 1) + b"]"
    count = text.count(b"[") - 1
    if text.translate(None, _ALL_BUT_STRUCTURE) != b"[" + b",".join([row] * count) + b"]":
        return None
    names = [str(column) for column in range(columns)]
    lines = io.BytesIO(text[2:-2].replace(b"],[", b"\n"))
    try:
        table = csv.read_csv(
            lines,
            csv.ReadOptions(column_names=names, use_threads=False),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, "float64")),
        )
    except pa.ArrowInvalid:
        return None
    return np.stack([column.to_numpy() for column in table.columns], 1)


def _as_table(rows: Any, columns: int) -> Table:
    """TypeError where the rows are lists, but not of `columns` numbers each."""
    if not isinstance(rows, list):
        raise ValueError("no list")
    try:
        table = np.array(rows, np.float64)
    except ValueError as error:
        raise TypeError("rows of several lengths, or no numbers") from error
    if table.size and table.shape[1:] != (columns,):
        raise TypeError("rows of another length")
    return table.reshape(-1, columns)


def _is_row(row: Any, columns: int) -> bool:
    try:
        return np.array(row, np.float64).shape == (columns,)
    except (TypeError, ValueError, OverflowError):
        return False


def _whole_people(file: Path, rows: Table, report: Report) -> Table:
    """The rows of those people who have each joint once, by frame, person and joint."""
    finite = np.all(np.isfinite(rows), axis=1)
    if not finite.all():
        wrong = and_others(f"row {np.argmin(finite) + 1}", int((~finite).sum()))
        report(file, f"holds numbers that are not finite ({wrong})")
    keys = np.nan_to_num(rows[:, : JOINT + 1], nan=-1)
    order = np.lexsort((keys[:, JOINT], keys[:, PERSON], keys[:, FRAME]))
    rows, finite, keys = rows[order], finite[order], keys[order]

    changes = (np.diff(keys[:, :JOINT], axis=0, prepend=-np.inf) != 0).any(1)
    starts = np.flatnonzero(changes)
    counts = np.diff(np.append(starts, len(keys)))
    expected = np.arange(len(keys)) - np.repeat(starts, counts)
    whole = _all_of(keys[:, JOINT] == expected, starts) & (counts == JOINTS)
    known = _all_of(finite, starts)
    counted = (keys[starts, FRAME] >= 1) & (keys[starts, FRAME] % 1 == 0)
    if (known & ~whole).any():
        frame, person, _ = keys[starts[(known & ~whole).argmax()]]
        wrong = and_others(f"person {person:g} in frame {frame:g}", int((known & ~whole).sum()))
        report(file, f"does not give {wrong} each of JTA's joints 0 to 21 once")
    if (known & ~counted).any():
        frame = keys[starts[(known & ~counted).argmax()], FRAME]
        report(file, f"names frame {frame:g}, but frames are counted from 1")
    return rows[np.repeat(whole & known & counted, counts)]


def _all_of(rows: NDArray[np.bool_], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether all rows of each person are True; people's rows begin at `starts`."""
    if not len(starts):
        return np.zeros(0, bool)
    result: NDArray[np.bool_] = np.logical_and.reduceat(rows, starts)
    return result
