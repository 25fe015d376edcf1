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
        """Decode one picture; UserError when the file is damaged."""
        picture = self._pictures[index]
        encoded = np.fromfile(picture.path, np.uint8)
        bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
        if bgr is None:
            raise UserError(
                f"The picture {picture.path} cannot be read; remove it or write it again."
            )
        height, width = bgr.shape[:2]
        people = _people(picture.rows)
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


def _read_sequence(folder: Path, split: str, file: Path) -> list[_Picture]:
    rows = _read_numbers(file, columns=10)
    cameras_file = folder / "cameras" / split / file.name
    cameras = _read_numbers(cameras_file, columns=5) if cameras_file.exists() else np.zeros((0, 5))
    intrinsics = {int(row[0]): (row[1], row[2], row[3], row[4]) for row in cameras.tolist()}
    jta_camera = (JTA_FOCAL_PX, JTA_FOCAL_PX, *JTA_CENTRE_PX)
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    pictures = []
    for path in sorted(
        (folder / "frames" / split / file.stem).glob("*.[jp][pn]g"), key=lambda path: int(path.stem)
    ):
        frame = int(path.stem)
        first, last = np.searchsorted(rows[:, 0], [frame, frame + 1])
        pictures.append(_Picture(path, rows[first:last], intrinsics.get(frame, jta_camera)))
    return pictures


def _read_numbers(file: Path, columns: int) -> NDArray[np.float64]:
    try:
        table: Any = np.array(json.loads(file.read_text()), np.float64).reshape(-1, columns)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise UserError(
            f"{file} is not a list of rows of {columns} numbers, as JTA's files are."
        ) from error
    if not np.isfinite(table).all():
        raise UserError(f"{file} holds numbers that are not finite; write it again.")
    result: NDArray[np.float64] = table
    return result


def _people(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of one frame -> (N, 22, 7): x, y, X, Y, Z, occluded, self-occluded; incomplete people
    are left out."""
    ids = np.unique(rows[:, 1])
    people = np.full((len(ids), JTA22.joint_count, 7), np.nan)
    people[np.searchsorted(ids, rows[:, 1]), rows[:, 2].astype(int)] = rows[:, 3:]
    return people[np.isfinite(people).all((1, 2))]
