"""Feet that stand on the whole sole are level: captured ones are often tilted by some degrees."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from pandanet_core.crowd.people.rig import PARTS
from pandanet_core.crowd.rotations import about_axis, unit

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

FEET = [PARTS.index(f"{side} foot") for side in ("left", "right")]
STEEPEST_RAD = np.radians(35)
"""A foot that is more tilted does not stand on its whole sole, whatever its speed."""

SMOOTHING_S = 0.05


def level_feet(parts: Floats, standing: Bools, fps: float) -> Floats:
    """Rotations (F, P, 3, 3) whose feet are level wherever heel and toe stand (F, 2, 2).

    Before and after, the correction passes evenly into the one of the next stand.
    """
    result = parts.copy()
    for side, foot in enumerate(FEET):
        tilt = _tilt(parts[:, foot])
        flat = standing[:, side].all(1) & (np.linalg.norm(tilt, axis=1) < STEEPEST_RAD)
        if not flat.any():
            continue
        at, frames = np.flatnonzero(flat), np.arange(len(parts))
        tilt = np.stack([np.interp(frames, at, tilt[flat, axis]) for axis in range(3)], 1)
        tilt = np.where(flat[:, None], tilt, gaussian_filter1d(tilt, SMOOTHING_S * fps, axis=0))
        angle = np.linalg.norm(tilt, axis=1)
        # The tilt is known in the foot's own axes, so that it stays the same while the person turns.
        result[:, foot] = parts[:, foot] @ about_axis(unit(tilt), -angle)
    return result


def _tilt(feet: Floats) -> Floats:
    """Rotation vectors (F, 3), in their own axes, that turn level feet into feet (F, 3, 3)."""
    up = feet[:, 2, :]  # the world's up seen by the foot
    axis = np.cross(up, np.array([0.0, 0.0, 1.0]))
    angle = np.arctan2(np.linalg.norm(axis, axis=1), up[:, 2])
    return np.asarray(unit(axis) * angle[:, None])
