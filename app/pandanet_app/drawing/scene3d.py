"""What is to be seen in a 3D view: a complete, frozen description of one picture."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.floor import Floor, estimate_floor
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_core.camera import Camera
from pandanet_core.skeleton import Skeleton

Floats = NDArray[np.floating[Any]]

LARGEST_WIDTH_PX = 5120
LARGEST_HEIGHT_PX = 2880
FARTHEST_M = 60.0
"""People who are farther than this from the others' middle are not followed."""
SMOOTHED_PIXELS = 2_500_000
"""Pictures with more pixels than this are not smoothed: their pixels are small already."""


@dataclass(frozen=True)
class Theme:
    """Colours of what is not people, RGB from 0 to 1, and how bright people are on it."""

    background: tuple[float, float, float]
    line: tuple[float, float, float]
    strong_line: tuple[float, float, float]
    frustum: tuple[float, float, float]
    people_brightness: float = 1.0


DARK = Theme((0.059, 0.067, 0.078), (0.16, 0.18, 0.21), (0.27, 0.30, 0.34), (0.70, 0.74, 0.80))
LIGHT = Theme(
    (0.875, 0.89, 0.91), (0.78, 0.80, 0.825), (0.65, 0.675, 0.705), (0.30, 0.33, 0.38), 0.85
)


@dataclass(frozen=True, eq=False)
class SceneRequest:
    """One picture of people in 3D, on their floor, with the filming camera.

    Attributes:
        width: Width of the picture, 1 to 5120 px (physical pixels on a high-resolution screen).
        height: Height of the picture, 1 to 2880 px.
        orbit: The camera that one looks through.
        people_mm: (N, K, 3) joints in the filming camera's space, mm; NaN where a joint is missing.
        skeleton: The K joints.
        colours: (N, 3) a colour for each person, RGB from 0 to 1.
        highlighted: Row of the chosen person; None when nobody is chosen.
        camera: The filming camera, drawn as a frustum; None leaves it out.
        picture: (H, W, 3) uint8 RGB shown in the frustum's picture plane; None leaves it empty.
        places_mm: (M, 3) where people stand in other frames, the filming camera's space, mm: the
            grid reaches round them, so that it keeps still; None: only this frame's people count.
        floor: Where the floor is; None estimates it from the people of this request. A floor found
            once from many frames (`estimate_floor`) keeps the scene still while the film plays.
        dark: Dark background; else light.
        smooth: Edges without steps, at about twice the time: for a view at rest.
    """

    width: int
    height: int
    orbit: OrbitCamera
    people_mm: Floats
    skeleton: Skeleton
    colours: Floats
    highlighted: int | None = None
    camera: Camera | None = None
    picture: NDArray[np.uint8] | None = None
    places_mm: Floats | None = None
    floor: Floor | None = None
    dark: bool = True
    smooth: bool = False

    def __post_init__(self) -> None:
        """Refuse with ValueError what cannot be drawn, before it travels to another process."""
        if not (1 <= self.width <= LARGEST_WIDTH_PX and 1 <= self.height <= LARGEST_HEIGHT_PX):
            raise ValueError(f"a view of {self.width} x {self.height} px")
        people = len(self.people_mm)
        if np.shape(self.people_mm) != (people, self.skeleton.joint_count, 3):
            raise ValueError(
                f"people_mm {np.shape(self.people_mm)} for {self.skeleton.joint_count} joints"
            )
        if np.shape(self.colours) != (people, 3):
            raise ValueError(f"colours {np.shape(self.colours)} for {people} people")
        if self.highlighted is not None and not 0 <= self.highlighted < people:
            raise ValueError(f"person {self.highlighted} of {people} is highlighted")

    @cached_property
    def ground(self) -> Floor:
        """The given floor, or the one estimated from the people."""
        return self.floor or estimate_floor(self.people_mm, self.skeleton)

    @cached_property
    def people_m(self) -> Floats:
        """(N, K, 3) the people's joints in display space, metres."""
        return self.ground.to_display(self.people_mm)

    @cached_property
    def sight_m(self) -> Floats:
        """(M, 3) what should be in sight, display space, metres: the people's joints and places.

        Who is very far from the others' middle stands there by mistake and is left out.
        """
        points = self.people_m.reshape(-1, 3)
        if self.places_mm is not None:
            points = np.concatenate([points, self.ground.to_display(self.places_mm)])
        points = points[np.isfinite(points).all(1)]
        if len(points) == 0:
            return points
        return points[np.abs(points - np.median(points, 0)).max(1) < FARTHEST_M]

    @property
    def theme(self) -> Theme:
        """Colours of everything but the people."""
        return DARK if self.dark else LIGHT

    @property
    def supersampling(self) -> int:
        """How many times wider and higher the scene is drawn than it is shown."""
        return 2 if self.smooth and self.width * self.height <= SMOOTHED_PIXELS else 1
