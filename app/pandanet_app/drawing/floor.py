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
LEAST_PEOPLE = 4
LEAST_DEPTH_MM = 4000.0
"""From so many people, spread so far in depth, the slope of the floor shows in their ankles."""


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


def estimate_floor(people_mm: Floats, skeleton: Skeleton) -> Floor:
    """Find the floor from people, most of whom stand or walk on it.

    Give it people of many frames at once for a floor that does not tremble: (N, K, 3) may be
    everybody of a whole video.

    The pitch is the median lean of the bodies, ankles to shoulders. Where people are spread in
    depth, the slope of the line through their ankles says it better. The height is the median
    of everybody's lower ankle.

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
    feet = ankles.mean(1)
    pitch = _slope_of_ankles(feet)
    if pitch is None:
        body = shoulders.mean(1) - feet
        pitch = float(np.median(np.degrees(np.arctan2(-body[:, 2], -body[:, 1]))))
    pitch = float(np.clip(pitch, -STEEPEST_DEG, STEEPEST_DEG))
    up = _camera_axes(pitch)[:, 1]
    lower_ankle = np.median((ankles @ up).min(1))
    return Floor(ANKLE_HEIGHT_MM - float(lower_ankle), pitch)


def _camera_axes(pitch_deg: float) -> Floats:
    """(3, 3) rows: the camera's x (right), y (down) and z (forward) axes in display space."""
    cos, sin = math.cos(math.radians(pitch_deg)), math.sin(math.radians(pitch_deg))
    return np.array([[1, 0, 0], [0, -cos, sin], [0, -sin, -cos]])


def _pair(people_mm: Floats, skeleton: Skeleton, name: str) -> Floats:
    """(N, 2, 3) the left and right joint of that name."""
    return np.asarray(people_mm)[
        :, [skeleton.index(f"left {name}"), skeleton.index(f"right {name}")]
    ]


def _slope_of_ankles(feet: Floats) -> float | None:
    """Pitch in degrees from where feet (N, 3) are, or None where they do not tell it.

    The median of the slopes between pairs (Theil-Sen) leaves out jumpers and people on stairs.
    """
    nearest, farthest = np.quantile(feet[:, 2], [0.1, 0.9])
    if len(feet) < LEAST_PEOPLE or farthest - nearest < LEAST_DEPTH_MM:
        return None
    by_depth = feet[np.argsort(feet[:, 2])]
    half = len(feet) // 2
    near, far = by_depth[:half], by_depth[-half:]
    slopes = (far[:, 1] - near[:, 1]) / (far[:, 2] - near[:, 2])
    return math.degrees(math.atan(-float(np.median(slopes))))
