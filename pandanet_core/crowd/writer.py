"""A generated crowd on disk, in JTA's layout (see pandanet_core.data.jta) with a camera per picture."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pandanet_core.crowd.labels import Labels
from pandanet_core.crowd.scenes.scene import View
from pandanet_core.crowd.settings import INDEX_FILE
from pandanet_core.errors import UserError
from pandanet_core.files import write_error

Row = list[float]
FORMAT = 1


@dataclass(frozen=True)
class CameraRows:
    """A frame's camera: [frame, fx, fy, cx, cy] in px, and [frame, R (9, row by row), t (3)] in m.

    A point X of the world lies at R X + t in camera space; the world's z points up, its ground is at 0.
    """

    intrinsics: Row
    extrinsics: Row


class CrowdFolder:
    """One split of an output folder. Every file is written whole or not at all."""

    def __init__(self, folder: Path, split: str, resume: bool = False) -> None:
        """Creates the folder; UserError when it cannot be written, or already has this split and
        shall not be resumed."""
        self._folder, self._split = folder, split
        kinds = ("annotations", "frames", "videos")
        begun = any(any((folder / kind / split).glob("*")) for kind in kinds)
        if begun and not resume:
            raise UserError(
                f"{folder} already has pictures of the split {split}; choose another folder or "
                "split, or add --resume to make what is missing."
            )
        try:
            for kind in ("annotations", "cameras"):
                (folder / kind / split).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(error, folder) from error

    def has(self, sequence: int, pictures: int) -> bool:
        """Whether a sequence is written with its first `pictures` pictures."""
        file = f"seq_{sequence}.json"
        try:
            cameras = json.loads((self._folder / "cameras" / self._split / file).read_bytes())
        except (OSError, ValueError):
            return False
        # Annotations are written last, so a sequence that has them has everything.
        annotated = (self._folder / "annotations" / self._split / file).is_file()
        return annotated and [row[0] for row in cameras[:pictures]] == list(range(1, pictures + 1))

    def begin_sequence(self, sequence: int) -> None:
        """Remove what an earlier run made of a sequence: its pictures would have no cameras.

        Annotations go first: a sequence without them is not read. UserError where that is forbidden.
        """
        annotations = self._folder / "annotations" / self._split / f"seq_{sequence}.json"
        frames = self._folder / "frames" / self._split / f"seq_{sequence}"
        try:
            annotations.unlink(missing_ok=True)
            if frames.exists():
                shutil.rmtree(frames)
        except OSError as error:
            raise write_error(error, annotations) from error

    def write_frame(self, sequence: int, frame: int, jpeg: bytes) -> None:
        """Write one picture; frames count from 1."""
        self.write_bytes(
            self._folder / "frames" / self._split / f"seq_{sequence}" / f"{frame}.jpg", jpeg
        )

    def video_path(self, sequence: int) -> Path:
        """Where the video of a sequence belongs; its folder is made."""
        path = self._folder / "videos" / self._split / f"seq_{sequence}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_sequence(
        self, sequence: int, rows: Sequence[Row], cameras: Sequence[CameraRows]
    ) -> None:
        """Write the annotations of a sequence; the cameras come first, so that they are never missed."""
        tables = {
            "extrinsics": [camera.extrinsics for camera in cameras],
            "cameras": [camera.intrinsics for camera in cameras],
            "annotations": rows,
        }
        for kind, table in tables.items():
            path = self._folder / kind / self._split / f"seq_{sequence}.json"
            self.write_bytes(path, json.dumps(table, separators=(",", ":")).encode())

    def write_index(self, entry: dict[str, Any]) -> None:
        """Record in crowd.json how this split was made; other splits' records are kept."""
        path = self._folder / INDEX_FILE
        index: dict[str, Any] = {"format": FORMAT, "splits": {}}
        if path.exists():
            try:
                index = json.loads(path.read_text())
                index["splits"][self._split] = entry
            except (ValueError, KeyError, TypeError) as error:
                raise UserError(f"{path} is damaged; remove it.") from error
        index["splits"][self._split] = entry
        self.write_bytes(path, json.dumps(index, indent=1).encode())

    @staticmethod
    def write_bytes(path: Path, data: bytes) -> None:
        """Write a file, whole or not at all; UserError when the disk is full or read-only."""
        part = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise write_error(error, path) from error


def rows_of(frame: int, labels: Labels) -> list[Row]:
    """JTA's rows of one frame (from 1): [frame, person, joint, x, y, X, Y, Z, occluded, self-occluded]."""
    people, joints = labels.occluded.shape
    places = np.concatenate([np.round(labels.pose2d, 4), np.round(labels.pose3d_m, 6)], -1)
    flags = np.stack([labels.occluded, labels.self_occluded], -1).astype(int)
    who = np.repeat(labels.identities, joints).tolist()
    what = list(range(joints)) * people
    return [
        [frame, person, joint, *place, *hidden]
        for person, joint, place, hidden in zip(
            who, what, places.reshape(-1, 5).tolist(), flags.reshape(-1, 2).tolist(), strict=True
        )
    ]


def camera_rows(frame: int, view: View) -> CameraRows:
    """The rows of a frame's view (frames from 1)."""
    camera, shift = view.camera, -view.rotation @ view.eye
    pose = np.round(np.concatenate([view.rotation.ravel(), shift]), 9)
    return CameraRows(
        intrinsics=[frame, camera.fx, camera.fy, camera.cx, camera.cy],
        extrinsics=[frame, *pose.tolist()],
    )
