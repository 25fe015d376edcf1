"""CMU Panoptic's calibration files: where each camera is, and how its lens distorts."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.damage import Report, and_others

Floats = NDArray[np.float64]

MM_PER_CM = 10.0


@dataclass(frozen=True, eq=False)
class DomeCamera:
    """One camera as the file gives it.

    Attributes:
        name: Panel and number, as "00_16".
        width, height: Size of its pictures, px.
        matrix: (3, 3) intrinsics, px; as in OpenCV the centre of the top-left pixel is at (0, 0).
        distortion: (5,) k1, k2, p1, p2, k3 of OpenCV's model.
        rotation: (3, 3) from the dome's axes to the camera's.
        translation_cm: (3,) the dome's origin in camera space.
    """

    name: str
    width: int
    height: int
    matrix: Floats
    distortion: Floats
    rotation: Floats
    translation_cm: Floats

    @cached_property
    def is_distorted(self) -> bool:
        """Whether straight lines are bent in its pictures."""
        return bool(self.distortion.any())

    def to_camera_mm(self, points_cm: Floats) -> Floats:
        """Points (..., 3) of the dome, cm, in camera space: x right, y down, z forward, mm."""
        return (points_cm @ self.rotation.T + self.translation_cm) * MM_PER_CM


def read_calibration(file: Path, report: Report) -> dict[str, DomeCamera]:
    """The HD cameras of a calibration_SEQ.json by name; the damaged ones are reported."""
    try:
        entries = json.loads(file.read_bytes())["cameras"]
        entries = [entry for entry in entries if entry.get("type") == "hd"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        what = "is not a calibration of CMU Panoptic with a list of cameras"
        report(file, what if file.exists() else "is missing; download it again")
        return {}
    cameras, damaged = {}, []
    for entry in entries:
        try:
            camera = _read_camera(entry)
            cameras[camera.name] = camera
        except ValueError as error:
            damaged.append(f"{error} for camera {entry.get('name', '?')}")
    if damaged:
        report(
            file,
            f"has no usable {and_others(damaged[0], len(damaged))}; without it people are not where "
            "their labels say: take the file of the original download",
        )
    elif not cameras:
        report(file, "has no HD camera")
    return cameras


def _read_camera(entry: dict[str, Any]) -> DomeCamera:
    """ValueError, naming the part, where something is missing or makes no sense."""
    matrix = _numbers(entry, "K", (3, 3))
    rotation = _numbers(entry, "R", (3, 3))
    size = _numbers(entry, "resolution", (2,))
    if min(matrix[0, 0], matrix[1, 1]) <= 0:
        raise ValueError("intrinsics (K)")
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3) or np.linalg.det(rotation) < 0:
        raise ValueError("rotation (R)")
    if min(size) < 1:
        raise ValueError("picture size (resolution)")
    return DomeCamera(
        name=str(entry.get("name")),
        width=int(size[0]),
        height=int(size[1]),
        matrix=matrix,
        distortion=_numbers(entry, "distCoef", (5,)),
        rotation=rotation,
        translation_cm=_numbers(entry, "t", (3,)),
    )


_PARTS = {
    "K": "intrinsics (K)",
    "R": "rotation (R)",
    "t": "translation (t)",
    "distCoef": "distortion (distCoef)",
    "resolution": "picture size (resolution)",
}


def _numbers(entry: dict[str, Any], key: str, shape: tuple[int, ...]) -> Floats:
    try:
        values = np.array(entry[key], np.float64).reshape(shape)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(_PARTS[key]) from error
    if not np.isfinite(values).all():
        raise ValueError(_PARTS[key])
    return values
