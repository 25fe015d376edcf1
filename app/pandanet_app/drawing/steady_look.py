"""A 3D view of everybody that keeps still while a film plays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.orbit_camera import OrbitCamera

Floats = NDArray[np.floating[Any]]

MARGIN = 0.2
"""Room around everybody: bodies reach further than joints; a share of the view's half size."""
_AT_THE_CAMERA = OrbitCamera(
    target=(0.0, 1.1, -1.2), distance_m=5.5, azimuth_deg=32.0, elevation_deg=16.0
)


class SteadyLook:
    """Moves back only when somebody would be out of sight, and never forward again."""

    def __init__(self) -> None:
        """Looks at the filming camera until there are people."""
        self.orbit = _AT_THE_CAMERA
        self._corners: Floats = np.zeros((0, 3))

    def keep_in_sight(self, points: Floats, width_px: int, height_px: int) -> None:
        """See to it that all points (M, 3), display space, metres, are in the view."""
        if len(points) == 0 or (len(self._corners) and self._sees(points, width_px, height_px)):
            return
        points = np.concatenate([points, self._corners])
        self._corners = _corners(points)
        self.orbit = OrbitCamera().fitted(self._corners, width_px, height_px, MARGIN)

    def _sees(self, points: Floats, width_px: int, height_px: int) -> bool:
        pixels = self.orbit.project(points, width_px, height_px)
        inside = (pixels >= 0) & (pixels <= (width_px, height_px))  # NaN, behind the eye, is not
        return bool(inside.all())


def _corners(points: Floats) -> Floats:
    """(8, 3) corners of the box around points (M, 3)."""
    low, high = points.min(0), points.max(0)
    ends = np.stack([low, high])
    choice = np.indices((2, 2, 2)).reshape(3, 8).T
    return ends[choice, np.arange(3)]
