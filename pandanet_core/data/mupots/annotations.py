"""MuPoTS-3D's MATLAB files: cell arrays of frames x people, a structure in each cell."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
from numpy.typing import NDArray

from pandanet_core.data.damage import Report, and_others
from pandanet_core.skeleton import MUPOTS17

JOINTS = MUPOTS17.joint_count

Floats = NDArray[np.float64]
Cells = NDArray[np.object_]


@dataclass(frozen=True)
class Annotations:
    """P people in each of F frames.

    Attributes:
        pose2d: (F, P, 17, 2) px.
        pose3d_mm: (F, P, 17, 3) camera space.
        universal_mm: (F, P, 17, 3) camera space, of bodies made equally large: what is measured.
        valid: (F, P) the annotation can be relied on; the others are 0 where they are damaged.
        occluded: (F, P, 17) hidden by whatever.
    """

    pose2d: Floats
    pose3d_mm: Floats
    universal_mm: Floats
    valid: NDArray[np.bool_]
    occluded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.valid)


def read_annotations(folder: Path, report: Report) -> Annotations | None:
    """What folder/annot.mat and folder/occlusion.mat say; None where either cannot be read.

    Damaged people are reported and count as not valid.
    """
    cells = _cells(folder / "annot.mat", "annotations", report)
    hidden = _cells(folder / "occlusion.mat", "occlusion_labels", report)
    if cells is None or hidden is None:
        return None
    if cells.shape != hidden.shape:
        report(folder / "occlusion.mat", "is not for the frames and people of annot.mat")
        return None
    people = _Table(cells, folder / "annot.mat")
    pose2d = people.read("annot2", lambda cell: cell["annot2"][0, 0], (2, JOINTS))
    pose3d = people.read("annot3", lambda cell: cell["annot3"][0, 0], (3, JOINTS))
    universal = people.read("univ_annot3", lambda cell: cell["univ_annot3"][0, 0], (3, JOINTS))
    valid = people.read("isValidFrame", lambda cell: cell["isValidFrame"][0, 0], (1, 1))
    people.report(report)
    labels = _Table(hidden, folder / "occlusion.mat")
    occluded = labels.read("occlusion_labels", lambda cell: cell, (1, JOINTS))
    labels.report(report)
    return Annotations(
        pose2d=pose2d.swapaxes(2, 3),
        pose3d_mm=pose3d.swapaxes(2, 3),
        universal_mm=universal.swapaxes(2, 3),
        valid=(valid[:, :, 0, 0] > 0) & people.sound & labels.sound,
        occluded=occluded[:, :, 0] > 0,
    )


def _cells(file: Path, name: str, report: Report) -> Cells | None:
    """The cell array (F, P) of that name, None where there is none."""
    if not file.is_file():
        report(file, "is missing; take it from the original download")
        return None
    try:
        cells: Any = scipy.io.loadmat(file, variable_names=[name])[name]
    except Exception:  # scipy's reader fails in many ways on damaged files.
        cells = None
    if not isinstance(cells, np.ndarray) or cells.dtype != object or cells.ndim != 2:
        report(file, f"is not a MATLAB file with the cell array {name} of MuPoTS-3D")
        return None
    return cells


class _Table:
    """Numbers out of every cell, and what was wrong with some."""

    def __init__(self, cells: Cells, file: Path) -> None:
        self.sound = np.ones(cells.shape, bool)
        self._cells, self._file = cells, file
        self._wrong: dict[str, list[tuple[int, int]]] = {}

    def read(self, name: str, part: Callable[[Any], Any], shape: tuple[int, int]) -> Floats:
        """(F, P, *shape) finite numbers; 0 where they are damaged."""
        table = np.zeros((*self._cells.shape, *shape))
        for place in np.ndindex(*self._cells.shape):
            values = _numbers(self._cells[place], part, shape)
            if values is None:
                self.sound[place] = False
                self._wrong.setdefault(f"{name} of {shape[0]}x{shape[1]}", []).append(place)
            else:
                table[place] = values
        return table

    def report(self, report: Report) -> None:
        """Report the damage, each kind once."""
        for what, places in self._wrong.items():
            frame, person = places[0]
            first = and_others(f"person {person} in frame {frame}", len(places))
            report(self._file, f"has no {what} finite numbers for {first}")


def _numbers(cell: Any, part: Callable[[Any], Any], shape: tuple[int, int]) -> Floats | None:
    try:
        values = np.array(part(cell), np.float64)
    except (TypeError, ValueError, IndexError, KeyError):
        return None
    return values if values.shape == shape and np.isfinite(values).all() else None
