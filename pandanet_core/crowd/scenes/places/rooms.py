"""A square room of a wished size, with the camera at its near wall."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.scene import View

Floats = NDArray[np.floating[Any]]

FROM_WALLS_M = 0.35
"""People keep this far from walls; the camera stands as far from the near one."""


@dataclass(frozen=True)
class Room:
    """Walls on a plan.

    Attributes:
        corner: (2,) m, the middle of the near wall.
        heading_rad: From there to the far wall: 0 along +y, positive to the left.
        side_m: Of the square.
    """

    corner: Floats
    heading_rad: float
    side_m: float

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, right, near and far wall, m in a frame at the corner."""
        return -self.side_m / 2, self.side_m / 2, 0.0, self.side_m

    def holds(self, places: Floats) -> NDArray[np.bool_]:
        """Whether people at places (N, 2) keep off the walls (N,)."""
        sine, cosine = np.sin(self.heading_rad), np.cos(self.heading_rad)
        offset = places - self.corner
        right, ahead = offset @ (cosine, sine), offset @ (-sine, cosine)
        free = self.side_m / 2 - FROM_WALLS_M
        return np.asarray((np.abs(right) <= free) & (np.abs(ahead - self.side_m / 2) <= free))


def room_before(view: View, side_m: float) -> Room:
    """The room that a camera at its near wall looks into."""
    ahead = view.rotation[2, :2] / np.linalg.norm(view.rotation[2, :2])
    heading = float(np.arctan2(-ahead[0], ahead[1]))
    return Room(view.eye[:2] - FROM_WALLS_M * ahead, heading, side_m)
