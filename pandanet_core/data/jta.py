"""JTA's annotation format: real JTA, and what `pandanet crowd` writes.

Layout of the folder (pictures as extracted by JTA's own tools)::

    annotations/SPLIT/seq_N.json   rows [frame, person, joint, x, y, X, Y, Z, occluded,
    self-occluded]
    frames/SPLIT/seq_N/F.jpg       one picture a frame, frames count from 1 (.png too)
    cameras/SPLIT/seq_N.json       optional, ours: rows [frame, fx, fy, cx, cy] in px

x, y are pixels; X, Y, Z metres in camera space. Without a cameras file the camera is JTA's own.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22

JTA_FOCAL_PX = 1158.0
JTA_CENTRE_PX = (960.0, 540.0)


@dataclass(frozen=True)
class _Picture:
    path: Path
    rows: NDArray[np.float64]
    intrinsics: tuple[float, float, float, float]


class JtaPictures:
    """The annotated pictures of one split of a JTA folder, in the order of sequence and frame."""

    def __init__(self, folder: Path, split: str = "train") -> None:
        """Reads the annotations of folder/annotations/split; UserError when there are none or one
        is damaged."""
        files = sorted((folder / "annotations" / split).glob("seq_*.json"), key=_sequence_number)
        if not files:
            raise UserError(
                f"{folder} has no annotations/{split}/seq_*.json; give a folder in JTA's layout "
                "and a split it has."
            )
        self._pictures = [
            picture for file in files for picture in _read_sequence(folder, split, file)
        ]
        if not self._pictures:
            raise UserError(
                f"{folder} has annotations for {split} but no picture of them in frames/{split}."
            )

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Sample:
        """Decode one picture; UserError when its file is damaged or gone."""
        picture = self._pictures[index]
        bgr = _decode(picture.path)
        height, width = bgr.shape[:2]
        people = picture.rows.reshape(-1, JTA22.joint_count, 10)[..., 3:]
        shape = people.shape[:2]
        occluded, self_occluded = people[..., 5] > 0, people[..., 6] > 0
        pose2d = people[..., :2].astype(np.float32)
        return Sample(
            image=np.ascontiguousarray(bgr[..., ::-1]),
            pose2d=pose2d,
            pose3d_mm=(people[..., 2:5] * 1000).astype(np.float32),
            occluded=occluded,
            self_occluded=self_occluded & ~occluded,
            has_2d=np.ones(shape, bool),
            has_3d=np.ones(shape, bool),
            boxes=box_around_joints(pose2d) if len(people) else np.zeros((0, 4), np.float32),
            camera=Camera(*picture.intrinsics, width=width, height=height),
            skeleton=JTA22,
            name=f"{picture.path.parent.name}/{picture.path.stem}",
        )


def _sequence_number(file: Path) -> int:
    digits = file.stem.removeprefix("seq_")
    return int(digits) if digits.isdigit() else -1


def _decode(path: Path) -> NDArray[np.uint8]:
    """The picture (H, W, 3) in BGR."""
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError:
        encoded = np.zeros(0, np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
    if picture is None:
        raise UserError(f"The picture {path} cannot be read; remove it or write it again.")
    return picture.astype(np.uint8, copy=False)


def _read_sequence(folder: Path, split: str, file: Path) -> list[_Picture]:
    """The pictures that exist of a sequence: often only every n-th frame is extracted."""
    rows = _in_order(file, _read_numbers(file, columns=10))
    intrinsics = _read_cameras(folder / "cameras" / split / file.name)
    jta_camera = (JTA_FOCAL_PX, JTA_FOCAL_PX, *JTA_CENTRE_PX)
    paths = (folder / "frames" / split / file.stem).glob("*.[jp][pn]g")
    pictures = []
    for frame, path in sorted((int(path.stem), path) for path in paths if path.stem.isdecimal()):
        first, last = np.searchsorted(rows[:, 0], [frame, frame + 1])
        pictures.append(_Picture(path, rows[first:last], intrinsics.get(frame, jta_camera)))
    return pictures


def _in_order(file: Path, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows by frame, person and joint; UserError unless everybody has each joint once."""
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    new_person = np.append(True, (np.diff(rows[:, :2], axis=0) != 0).any(1))
    starts = np.flatnonzero(new_person[: len(rows)])
    joints = np.diff(np.append(starts, len(rows)))
    expected_joint = np.arange(len(rows)) - np.repeat(starts, joints)
    wrong = (rows[:, 2] != expected_joint) | (np.repeat(joints, joints) != JTA22.joint_count)
    if wrong.any():
        frame, person = rows[wrong.argmax(), :2]
        raise UserError(
            f"{file}: person {person:g} in frame {frame:g} does not have each of JTA's joints 0 to "
            "21 once; write the file again."
        )
    return rows


def _read_cameras(file: Path) -> dict[int, tuple[float, float, float, float]]:
    """fx, fy, cx, cy in px by frame; none where there is no file."""
    cameras = _read_numbers(file, columns=5) if file.exists() else np.zeros((0, 5))
    if (cameras[:, 1:3] <= 0).any():
        raise UserError(f"{file} holds a focal length that is not above 0 px; write it again.")
    return {int(frame): (fx, fy, cx, cy) for frame, fx, fy, cx, cy in cameras.tolist()}


def _read_numbers(file: Path, columns: int) -> NDArray[np.float64]:
    try:
        table: Any = np.array(json.loads(file.read_text()), np.float64)
        if table.size and table.shape[1:] != (columns,):
            raise ValueError("rows of another length")
    except (OSError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise UserError(
            f"{file} is not a list of rows of {columns} numbers, as JTA's files are."
        ) from error
    if not np.isfinite(table).all():
        raise UserError(f"{file} holds numbers that are not finite; write it again.")
    result: NDArray[np.float64] = table.reshape(-1, columns)
    return result
