"""The floor that people stand on, and display space: metres, y up, the floor at y = 0.

The filming camera is taken to be held level (no roll). Display space has its origin on the floor
right below the camera, x to the camera's right, and -z ahead of it.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.skeleton import Skeleton

Floats = NDArray[np.floating[Any]]

ANKLE_HEIGHT_MM = 80.0
"""How high an ankle is above the sole."""
STEEPEST_DEG = 60.0
LEAN_SPREAD_DEG = 7.0
"""How far single people lean from upright (standard deviation over motion-captured clips)."""
ANKLE_SPREAD_MM = 75.0
"""How far the lower ankles of people on one floor differ in height, at least."""


@dataclass(frozen=True)
class Floor:
    """Where the floor is, seen from the filming camera.

    Attributes:
        camera_height_mm: How high the camera hangs above the floor.
        pitch_deg: How far the camera looks down; 0 is level.
    """

    camera_height_mm: float = 1600.0
    pitch_deg: float = 0.0

    def to_display(self, points_mm: Floats) -> Floats:
        """Camera space (..., 3) in mm to display space (..., 3) in metres."""
        points = np.asarray(points_mm, np.float64) / 1000
        return points @ _camera_axes(self.pitch_deg) + (0, self.camera_height_mm / 1000, 0)


@dataclass(frozen=True, eq=False)
class Site:
    """Where the people of a whole film stand.

    Attributes:
        floor: What they stand on.
        places_mm: (M, 3) roots of people of many frames, camera space, mm.
    """

    floor: Floor
    places_mm: Floats


def estimate_floor(people_mm: Floats, skeleton: Skeleton) -> Floor:
    """Find the floor from people, most of whom stand or walk on it.

    Give it people of many frames at once for a floor that does not tremble: (N, K, 3) may be
    everybody of a whole video.

    Two things tell the camera's pitch: how bodies lean, ankles to shoulders, and the slope of the
    line through ankles near and far. Each counts by how sure it is, the slope therefore the more
    the deeper the crowd is. The height is the median of everybody's lower ankle.

    Args:
        people_mm: (N, K, 3) joints in camera space, mm; NaN where a joint is missing.
        skeleton: Says which joints are ankles and shoulders.

    Returns:
        The floor; a level camera at 1.6 m when nobody has both ankles and shoulders.
    """
    ankles, shoulders = (_pair(people_mm, skeleton, name) for name in ("ankle", "shoulder"))
    known = np.isfinite(ankles).all((1, 2)) & np.isfinite(shoulders).all((1, 2))
    if not known.any():
        return Floor()
    ankles, shoulders = ankles[known], shoulders[known]

    body = shoulders.mean(1) - ankles.mean(1)
    pitch = float(np.median(np.degrees(np.arctan2(-body[:, 2], -body[:, 1]))))
    if len(ankles) >= 4:
        slope, slope_error = _slope_deg(_lower(ankles, pitch))
        lean_certainty, slope_certainty = len(ankles) / LEAN_SPREAD_DEG**2, slope_error**-2
        weighted = pitch * lean_certainty + slope * slope_certainty
        pitch = weighted / (lean_certainty + slope_certainty)
    pitch = float(np.clip(pitch, -STEEPEST_DEG, STEEPEST_DEG))
    heights = _lower(ankles, pitch) @ _camera_axes(pitch)[:, 1]
    return Floor(ANKLE_HEIGHT_MM - float(np.median(heights)), pitch)


def _camera_axes(pitch_deg: float) -> Floats:
    """(3, 3) rows: the camera's x (right), y (down) and z (forward) axes in display space."""
    cos, sin = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    return np.array([[1, 0, 0], [0, -cos, sin], [0, -sin, -cos]])


def _pair(people_mm: Floats, skeleton: Skeleton, name: str) -> Floats:
    """(N, 2, 3) the left and right joint of that name."""
    joints = [skeleton.index(f"left {name}"), skeleton.index(f"right {name}")]
    return np.asarray(people_mm, np.float64)[:, joints]


def _lower(ankles: Floats, pitch_deg: float) -> Floats:
    """(N, 3) the lower of everybody's two ankles (N, 2, 3)."""
    lower = (ankles @ _camera_axes(pitch_deg)[:, 1]).argmin(1)
    return ankles[np.arange(len(ankles)), lower]


def _slope_deg(feet: Floats) -> tuple[float, float]:
    """Pitch and its standard error, degrees, from the line through feet (N >= 4, 3).

    Least squares that count points far off the line less (Huber), for those who jump or sit.
    """
    depth, down = feet[:, 2], feet[:, 1]
    weight = np.ones(len(feet))
    for _ in range(10):
        design = np.stack([depth, np.ones(len(feet))], 1) * weight[:, None]
        slope, offset = np.linalg.lstsq(design, down * weight, rcond=None)[0]
        off_line = np.abs(down - slope * depth - offset)
        spread = 1.5 * float(np.median(off_line))
        weight = np.sqrt(1 / np.maximum(1, off_line / max(spread, 1.0)))
    error = 1.5 * max(ANKLE_SPREAD_MM / 1.5, spread)
    error /= max(1.0, float(np.std(depth))) * math.sqrt(len(feet) - 2)
    return math.degrees(math.atan(-slope)), math.degrees(error)
