"""Pinhole camera: intrinsics, projection, and placing a root-relative pose in camera space.

Camera space has x to the right, y down and z forward, in millimetres. Pixel coordinates put the
centre of the top-left pixel at (0.5, 0.5), so a picture spans 0..width and 0..height.
"""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

DEFAULT_FOV_DEG = 60.0
"""Horizontal field of view assumed when nothing is known of the camera."""

NEAREST_MM = 100.0
"""A root is never placed nearer to the camera than this."""


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
    refinements: int = 3,
) -> Floats:
    """Find where people stand: the translations that make their 3D poses project onto their 2D
    poses.

    The linear problem (spec, section 6) weighs a far joint's pixel error more than a near one's, so
    a few Gauss-Newton steps on the true reprojection error follow.

    Args:
        pose2d: (N, K, 2) joints in pixels.
        pose3d_mm: (N, K, 3) root-relative joints in mm, camera axes.
        camera: Intrinsics of the picture that pose2d is measured in.
        weights: (N, K) how much each joint counts; all equal when None.
        refinements: Gauss-Newton steps.

    Returns:
        (N, 3) root positions in camera space, mm.
    """
    people, joints = pose2d.shape[:2]
    if people == 0:
        return np.zeros((0, 3), np.float32)
    rays = (np.asarray(pose2d, np.float64) - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    points = np.asarray(pose3d_mm, np.float64)
    weight = np.ones((people, joints)) if weights is None else np.asarray(weights, np.float64)

    design = np.zeros((people, joints, 2, 3))  # rays * (Z + tz) = XY + txy, linear in t
    design[:, :, 0, 0] = design[:, :, 1, 1] = -1
    design[:, :, :, 2] = rays
    target = points[..., :2] - rays * points[..., 2:]
    root = _solve(design, target, weight)
    root[:, 2] = np.maximum(root[:, 2], _least_depth(points))

    for _ in range(refinements):
        placed = points + root[:, None]
        depth = placed[..., 2:]
        error = rays - placed[..., :2] / depth
        design[:, :, 0, 0] = design[:, :, 1, 1] = (1 / depth)[..., 0]
        design[:, :, :, 2] = -placed[..., :2] / depth**2
        root = root + _solve(design, error, weight)
        root[:, 2] = np.maximum(root[:, 2], _least_depth(points))
    return root.astype(np.float32)


def _solve(design: Floats, target: Floats, weight: Floats) -> Floats:
    """Weighted least squares for each person: (N, K, 2, 3), (N, K, 2), (N, K) -> (N, 3)."""
    normal = np.einsum("nkri,nkrj,nk->nij", design, design, weight)
    right = np.einsum("nkri,nkr,nk->ni", design, target, weight)
    # A pose collapsed to one pixel leaves the depth free: a whisper of damping keeps it solvable.
    damping = 1e-9 * np.trace(normal, axis1=1, axis2=2)[:, None, None] + 1e-30
    return np.linalg.solve(normal + damping * np.eye(3), right[..., None])[..., 0]


def _least_depth(points: Floats) -> Floats:
    """(N,) smallest root depth in mm that keeps every joint in front of the camera."""
    return NEAREST_MM - points[..., 2].min(1)
