"""When a foot stands: told by the motion itself, before it is brought onto any body."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_opening, minimum_filter1d, uniform_filter1d

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

STANDING_SPEED = 0.9
"""Leg lengths a second below which a point of the foot stands: captures of planted feet reach 0.8."""

STANDING_HEIGHT = 0.055
"""Leg lengths above its lowest place that a point may be while it stands."""

NEARBY_S, NEARBY_HEIGHT = 1.0, 0.03
"""Leg lengths above the lowest place of either foot's same end within so many seconds."""

GROUND_WINDOW_S = 2.5
"""Captured ground is not level: its height is the lowest that a foot comes in so many seconds."""

LOWEST_PERCENT = 10
GAP_S, SHORTEST_S = 0.07, 0.1

HEEL, TOE = 0, 1


def standing_feet(points: Floats, fps: float) -> Bools:
    """Whether heel and toe of the left and of the right foot stand, (F, 2, 2).

    Args:
        points: (F, 2, 2, 3) ankle (or heel) and toe of both feet, leg lengths, z up.
        fps: Frames per second.
    """
    if len(points) < 2:
        return np.ones((len(points), 2, 2), bool)
    speed = np.linalg.norm(np.gradient(points, axis=0), axis=-1) * fps
    speed = uniform_filter1d(speed, 3, axis=0, mode="nearest")
    toes = points[:, :, TOE, 2].min(1)
    ground = minimum_filter1d(toes, _frames(GROUND_WINDOW_S, fps), mode="nearest")
    height = points[..., 2] - ground[:, None, None]
    height = height - np.percentile(height, LOWEST_PERCENT, axis=0)
    # On stairs the ground rises and falls: what counts is what is near in time.
    nearby = minimum_filter1d(points[..., 2].min(1), _frames(NEARBY_S, fps), axis=0, mode="nearest")
    low = (height < STANDING_HEIGHT) | (points[..., 2] - nearby[:, None] < NEARBY_HEIGHT)
    stands = (speed < STANDING_SPEED) & low
    for foot in range(2):
        for end in (HEEL, TOE):
            stands[:, foot, end] = _steady(stands[:, foot, end], fps)
    return stands


def stretches(flags: Bools) -> list[slice]:
    """The stretches of frames (F,) that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return [slice(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _steady(flags: Bools, fps: float) -> Bools:
    """Without short gaps and short stretches."""
    gap, shortest = _frames(GAP_S, fps), _frames(SHORTEST_S, fps)
    padded = np.pad(flags, shortest, mode="edge")
    closed = binary_closing(padded, np.ones(gap)) | padded
    return np.asarray(binary_opening(closed, np.ones(shortest))[shortest:-shortest])


def _frames(seconds: float, fps: float) -> int:
    return max(1, round(seconds * fps))
