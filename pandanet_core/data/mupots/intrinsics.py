"""The camera of a sequence, from where its people are in space and in the picture."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LEAST_POINTS = 8
LEAST_SPREAD = 0.05
"""Of X / Z and Y / Z: points along one ray tell nothing of the focal length."""


@dataclass(frozen=True)
class Intrinsics:
    """A pinhole camera without skew, and how well it fits.

    Attributes:
        fx, fy, cx, cy: px.
        error_px: Root mean square of the distance between given and projected points.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    error_px: float


def fit_intrinsics(points_px: Floats, points_mm: Floats) -> Intrinsics | None:
    """The camera that projects points (N, 3) in camera space to points (N, 2) in the picture.

    u = fx X / Z + cx and v = fy Y / Z + cy are linear in the unknowns: least squares. None where
    too few points are in front of the camera or they do not tell the focal lengths.
    """
    ahead = points_mm[:, 2] > 0
    rays = points_mm[ahead, :2] / points_mm[ahead, 2:]
    seen = np.asarray(points_px[ahead], np.float64)
    if len(rays) < LEAST_POINTS or min(np.ptp(rays, axis=0)) < LEAST_SPREAD:
        return None
    fx, cx = np.polyfit(rays[:, 0], seen[:, 0], 1)
    fy, cy = np.polyfit(rays[:, 1], seen[:, 1], 1)
    errors = rays * (fx, fy) + (cx, cy) - seen
    error_px = np.sqrt((errors**2).sum(1).mean())
    if min(fx, fy) <= 0:
        return None
    return Intrinsics(float(fx), float(fy), float(cx), float(cy), float(error_px))
