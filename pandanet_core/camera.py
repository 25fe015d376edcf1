"""Pinhole camera: intrinsics, projection, and placing a root-relative pose in camera space.

Camera space has x to the right, y down and z forward, in millimetres. Pixel coordinates put the
centre of the top-left pixel at (0.5, 0.5), so a picture spans 0..width and 0..height.
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

DEFAULT_FOV_DEG = 60.0
"""Horizontal field of view assumed when nothing is known of the camera."""

NEAREST_MM = 100.0
"""No joint is ever placed nearer to the camera than this."""

FARTHEST_MM = 1e6
"""A root is never placed farther away: a pose that says nothing of its distance would be anywhere."""

_TINY = 1e-30


@dataclass(frozen=True)
class Camera:
    """Intrinsics of a pinhole camera in pixels of a picture of width x height."""

    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int

    @staticmethod
    def from_fov(width: int, height: int, fov_deg: float = DEFAULT_FOV_DEG) -> "Camera":
        """Camera with square pixels, a centred principal point and a horizontal field of view in
        degrees."""
        if not 1.0 <= fov_deg <= 170.0:
            raise UserError(
                f"The field of view is {fov_deg:g} degrees; give one between 1 and 170."
            )
        focal = width / 2 / math.tan(math.radians(fov_deg) / 2)
        return Camera(focal, focal, width / 2, height / 2, width, height)

    @property
    def fov_deg(self) -> float:
        """Horizontal field of view in degrees."""
        return math.degrees(2 * math.atan(self.width / 2 / self.fx))

    def scaled(self, scale: float) -> "Camera":
        """The same camera for a picture resized by `scale`."""
        return replace(
            self,
            fx=self.fx * scale,
            fy=self.fy * scale,
            cx=self.cx * scale,
            cy=self.cy * scale,
            width=round(self.width * scale),
            height=round(self.height * scale),
        )

    def to_dict(self) -> dict[str, float]:
        """Plain numbers, as stored in files."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Any) -> "Camera":
        """Inverse of to_dict; UserError when a number is missing, not finite or not positive."""
        names = ("fx", "fy", "cx", "cy", "width", "height")
        try:
            numbers = {name: float(values[name]) for name in names}
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"The camera needs the numbers {', '.join(names)} in pixels; one is missing or no "
                "number."
            ) from error
        positive = numbers["fx"] > 0 and numbers["fy"] > 0
        positive = positive and numbers["width"] >= 1 and numbers["height"] >= 1
        if not positive or not all(map(math.isfinite, numbers.values())):
            raise UserError(
                "The camera's focal lengths and picture size must be finite and greater than 0 "
                "pixels."
            )
        return Camera(
            numbers["fx"],
            numbers["fy"],
            numbers["cx"],
            numbers["cy"],
            round(numbers["width"]),
            round(numbers["height"]),
        )


def project(points_mm: Floats, camera: Camera) -> Floats:
    """Project camera-space points (..., 3) in mm to pixels (..., 2); points behind the camera
    become NaN."""
    depth = np.where(points_mm[..., 2] > 0, points_mm[..., 2], np.nan)
    x = camera.fx * points_mm[..., 0] / depth + camera.cx
    y = camera.fy * points_mm[..., 1] / depth + camera.cy
    return np.stack([x, y], -1)


def place(
    pose2d: Floats,
    pose3d_mm: Floats,
    camera: Camera,
    weights: Floats | None = None,
    refinements: int = 4,
) -> Floats:
    """Find where people stand: the translations that make their 3D poses project onto their 2D
    poses.

    Starts from the linear problem (spec, section 6), which weighs a far joint's pixel error more
    than a near one's, and goes on to the least true reprojection error. With the depth given, the
    best place sideways is linear least squares again, so only the depth is searched for:
    Gauss-Newton steps on its inverse, in which pictures of bodies are nearly linear. A step that
    would not lower the error is not taken, and the next one is shorter.

    Args:
        pose2d: (N, K, 2) joints in pixels.
        pose3d_mm: (N, K, 3) root-relative joints in mm, camera axes.
        camera: Intrinsics of the picture that pose2d is measured in.
        weights: (N, K) how much each joint counts; all equal when None.
        refinements: Gauss-Newton steps.

    Returns:
        (N, 3) root positions in camera space, mm; depths between NEAREST_MM and FARTHEST_MM.
    """
    people, joints = pose2d.shape[:2]
    if people == 0:
        return np.zeros((0, 3), np.float32)
    rays = (np.asarray(pose2d, np.float64) - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    points = np.asarray(pose3d_mm, np.float64)
    weight = np.ones((people, joints)) if weights is None else np.asarray(weights, np.float64)
    nearest_mm = NEAREST_MM - np.minimum(points[..., 2].min(1), 0)  # every joint in front
    limits = (1 / FARTHEST_MM, 1 / np.minimum(nearest_mm, FARTHEST_MM))

    depth_mm = _linear_depth(rays, points, weight)
    depth_mm = np.where(depth_mm > 0, depth_mm, FARTHEST_MM)
    best = _stand_at(np.clip(1 / depth_mm, *limits), rays, points, weight)
    share = np.ones(people)
    for _ in range(refinements):
        inverse_depth = np.clip(best.inverse_depth + share * best.step, *limits)
        tried = _stand_at(inverse_depth, rays, points, weight)
        better = tried.error < best.error
        best = best.replaced(tried, better)
        share = np.where(better, 1.0, share / 4)
    placed = np.concatenate([best.sideways, np.ones((people, 1))], 1) / best.inverse_depth[:, None]
    return placed.astype(np.float32)


class _Standing(NamedTuple):
    """N people at given depths, each at the best place sideways."""

    inverse_depth: Floats
    """(N,) one over the root's depth, 1/mm."""
    sideways: Floats
    """(N, 2) the root's x and y divided by its depth."""
    error: Floats
    """(N,) weighted sum of squared reprojection errors, in units of the focal length."""
    step: Floats
    """(N,) Gauss-Newton step of the inverse depth."""

    def replaced(self, other: "_Standing", which: NDArray[np.bool_]) -> "_Standing":
        """The same people, but those of `which` (N,) standing as in `other`."""
        return _Standing(
            np.where(which, other.inverse_depth, self.inverse_depth),
            np.where(which[:, None], other.sideways, self.sideways),
            np.where(which, other.error, self.error),
            np.where(which, other.step, self.step),
        )


def _stand_at(inverse_depth: Floats, rays: Floats, points: Floats, weight: Floats) -> _Standing:
    """Where people stand best at a depth: joint (X, Y, Z) is seen at (X w + a) / (Z w + 1), with w
    the inverse depth and a the place sideways."""
    inverse = inverse_depth[:, None, None]
    shrink = 1 / (1 + points[..., 2:] * inverse)
    counts = weight[..., None] * shrink
    total = (counts * shrink).sum(1) + _TINY
    sideways = (counts * (rays - shrink * points[..., :2] * inverse)).sum(1) / total
    seen = shrink * (points[..., :2] * inverse + sideways[:, None])
    off = rays - seen
    change = shrink * (points[..., :2] - points[..., 2:] * seen)  # of what is seen, by w
    change -= shrink * ((counts * change).sum(1) / total)[:, None]  # a goes along with w
    slope, steepness = ((weight[..., None] * change * by).sum((1, 2)) for by in (off, change))
    error = (weight[..., None] * off**2).sum((1, 2))
    return _Standing(inverse_depth, sideways, error, slope / (steepness + _TINY))


def _linear_depth(rays: Floats, points: Floats, weight: Floats) -> Floats:
    """(N,) the root's depth, mm, that solves x (Z + t_z) = X + t_x and likewise y by least squares
    (spec, section 6); rays (N, K, 2), points (N, K, 3), weight (N, K)."""
    share = (weight / (weight.sum(1, keepdims=True) + _TINY))[..., None]
    target = points[..., :2] - rays * points[..., 2:]
    spread = rays - (share * rays).sum(1, keepdims=True)
    depth_mm: Floats = (share * spread * target).sum((1, 2)) / (
        (share * spread**2).sum((1, 2)) + _TINY
    )
    return depth_mm
