"""The camera that a person looks through at the 3D scene: it turns round a target point.

Display space is in metres, right-handed, with y up and the floor at y = 0; at azimuth 0 one looks
the way the filming camera does, towards -z. View space, into which `extrinsic` leads, has x right,
y down and z forward. Pixels follow the project's rule: a picture spans 0..width and 0..height.

A camera is a value: every movement returns a new one, so it can sit in any state model, be undone
and be compared.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera

Floats = NDArray[np.floating[Any]]

NEAREST_M = 0.2
FARTHEST_M = 500.0
NEAR_PLANE_M = 0.05
"""Points nearer to the eye than this are not drawn."""


@dataclass(frozen=True)
class OrbitCamera:
    """An eye at a distance from a target, without roll.

    Attributes:
        target: The point looked at, display space, metres.
        distance_m: From the target to the eye.
        azimuth_deg: 0 looks along -z; growing, the eye moves to its own right, round the target.
        elevation_deg: 0 looks level, 90 straight down, negative from below.
        fov_deg: Vertical field of view, between 5 and 90.
    """

    target: tuple[float, float, float] = (0.0, 1.0, -6.0)
    distance_m: float = 8.0
    azimuth_deg: float = 30.0
    elevation_deg: float = 20.0
    fov_deg: float = 40.0

    @property
    def eye(self) -> Floats:
        """(3,) where the eye is, display space, metres."""
        return np.asarray(self.target) - self.distance_m * self._axes()[2]

    def extrinsic(self) -> Floats:
        """(4, 4) matrix from display space to view space, metres."""
        matrix = np.eye(4)
        matrix[:3, :3] = self._axes()
        matrix[:3, 3] = -matrix[:3, :3] @ self.eye
        return matrix

    def focal_px(self, height_px: int) -> float:
        """Focal length, the same in x and y, of a picture of that height."""
        return height_px / 2 / math.tan(math.radians(self.fov_deg) / 2)

    def view(self, points_m: Floats) -> Floats:
        """Display space (..., 3) to view space (..., 3), metres; z is the depth."""
        return (np.asarray(points_m, np.float64) - self.eye) @ self._axes().T

    def project(self, points_m: Floats, width_px: int, height_px: int) -> Floats:
        """Display space (..., 3), metres, to pixels (..., 2); NaN before the near plane."""
        seen = self.view(points_m)
        depth = np.where(seen[..., 2] > NEAR_PLANE_M, seen[..., 2], np.nan)
        centre = np.array([width_px, height_px]) / 2
        return self.focal_px(height_px) * seen[..., :2] / depth[..., None] + centre

    def orbited(self, right_deg: float, up_deg: float) -> "OrbitCamera":
        """The eye moved round the target: to its right and upwards, never over the top."""
        azimuth = (self.azimuth_deg + right_deg + 180) % 360 - 180
        elevation = min(90.0, max(-90.0, self.elevation_deg + up_deg))
        return replace(self, azimuth_deg=azimuth, elevation_deg=elevation)

    def panned(self, dx_px: float, dy_px: float, height_px: int) -> "OrbitCamera":
        """The scene dragged by (dx, dy) px: what is at the target's depth follows the pointer."""
        right, down, _ = self._axes()
        metres_per_px = self.distance_m / self.focal_px(height_px)
        moved = np.asarray(self.target) - (dx_px * right + dy_px * down) * metres_per_px
        return self.aimed_at(moved)

    def zoomed(
        self, factor: float, x_px: float = 0.0, y_px: float = 0.0, height_px: int = 1
    ) -> "OrbitCamera":
        """Nearer (factor > 1) or farther; at the target's depth what is under the pointer stays.

        Args:
            factor: How many times larger things at the target's depth become.
            x_px, y_px: The pointer, measured from the picture's centre.
            height_px: Height of the picture.
        """
        distance = min(FARTHEST_M, max(NEAREST_M, self.distance_m / factor))
        closer = 1 - distance / self.distance_m
        aimed = self.panned(-x_px * closer, -y_px * closer, height_px)
        return replace(aimed, distance_m=distance)

    def aimed_at(self, point_m: Floats) -> "OrbitCamera":
        """The same view moved so that it turns round point_m (3,)."""
        x, y, z = (float(value) for value in point_m)
        return replace(self, target=(x, y, z))

    def fitted(
        self, points_m: Floats, width_px: int, height_px: int, margin: float = 0.1
    ) -> "OrbitCamera":
        """As near as shows every point (M, 3), with a margin: a share of the picture's half size.

        No point comes nearer to the eye than NEAREST_M. The viewing direction stays; without finite
        points the camera stays as it is.
        """
        points = np.asarray(points_m, np.float64).reshape(-1, 3)
        points = points[np.isfinite(points).all(1)]
        if len(points) == 0:
            return self
        axes = self._axes()
        across = points @ axes.T
        tangent = math.tan(math.radians(self.fov_deg) / 2) * (1 - margin)
        tangents = tangent * np.array([width_px / height_px, 1.0])
        eye = _eye_that_sees(across, tangents)
        middle_z = (across[:, 2].min() + across[:, 2].max()) / 2
        target = np.array([eye[0], eye[1], middle_z]) @ axes
        distance = min(FARTHEST_M, max(NEAREST_M, middle_z - eye[2]))
        return replace(self.aimed_at(target), distance_m=float(distance))

    def from_above(self, points_m: Floats, width_px: int, height_px: int) -> "OrbitCamera":
        """Straight down on all points (M, 3); ahead of the filming camera is up the screen."""
        return replace(self, azimuth_deg=0.0, elevation_deg=90.0).fitted(
            points_m, width_px, height_px
        )

    @staticmethod
    def from_filming_camera(
        camera: Camera,
        camera_height_m: float,
        pitch_deg: float,
        width_px: int,
        height_px: int,
        distance_m: float = 8.0,
    ) -> "OrbitCamera":
        """What the filming camera sees, its whole picture visible in a view of width x height px.

        The optical axis is put at the view's centre, so a picture whose principal point is not its
        centre appears shifted; its perspective is right all the same. A picture that would need a
        vertical field of view of more than 90 degrees is not seen wholly.

        Args:
            camera: The filming camera's intrinsics.
            camera_height_m: How high it hangs above the floor.
            pitch_deg: How far it looks down.
            distance_m: How far in front of it the view turns, for instance the people's depth.
        """
        half_width = max(camera.cx, camera.width - camera.cx) / camera.fx
        half_height = max(camera.cy, camera.height - camera.cy) / camera.fy
        tangent = max(half_height, half_width * height_px / width_px)
        fov = min(90.0, max(5.0, math.degrees(2 * math.atan(tangent))))
        view = OrbitCamera((0.0, 0.0, 0.0), distance_m, 0.0, pitch_deg, fov)
        forward = view._axes()[2]
        return view.aimed_at(np.array([0.0, camera_height_m, 0.0]) + distance_m * forward)

    def _axes(self) -> Floats:
        """(3, 3) rows: the view's x (right), y (down) and z (forward) in display space."""
        azimuth, elevation = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        right = np.array([math.cos(azimuth), 0.0, -math.sin(azimuth)])
        forward = -np.array(
            [
                math.sin(azimuth) * math.cos(elevation),
                math.sin(elevation),
                math.cos(azimuth) * math.cos(elevation),
            ]
        )
        return np.stack([right, np.cross(forward, right), forward])


def _eye_that_sees(points: Floats, tangents: Floats) -> Floats:
    """(3,) the foremost eye with all points (M, 3) in view and in the picture's middle, view axes.

    Args:
        points: x right, y down, z forward, metres.
        tangents: (2,) of the half angles of sight in x and y.
    """
    # |x - eye_x| <= (z - eye_z) tangent for all points: two planes a side, which meet at the eye.
    sideways, depth = points[:, :2], points[:, 2:]
    upper = (sideways - tangents * depth).max(0)
    lower = (-sideways - tangents * depth).max(0)
    eye_z = min(float((-(upper + lower) / (2 * tangents)).min()), float(depth.min()) - NEAREST_M)
    eye = (upper - lower) / 2
    for _ in range(
        20
    ):  # the side that is not the narrow one has room: put its middle in the middle
        seen = (sideways - eye) / (depth - eye_z)
        eye = eye + (seen.max(0) + seen.min(0)) / 2 * (depth.min() - eye_z)
    return np.array([eye[0], eye[1], eye_z])
