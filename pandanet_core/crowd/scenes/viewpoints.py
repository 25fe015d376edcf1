"""Where the camera is, and where a person must stand to appear at a place in the picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.crowd.scenes.scene import View, view_from
from pandanet_core.crowd.settings import CrowdSettings

Floats = NDArray[np.floating[Any]]

ADULT_M = 1.7
LOWEST_PITCH_RAD, STEEPEST_PITCH_RAD = np.radians(-12), np.radians(55)


def draw_view(rng: np.random.Generator, settings: CrowdSettings) -> View:
    """A camera that sees one person of a drawn height whole, at a random place in the picture.

    Street views from above (2.3-8 m), views at eye level (0.9-2 m) and close ones in equal measure.
    """
    width, height = settings.width, settings.height
    low, high = settings.height_px
    indoors = settings.preset == "panoptic"
    for _ in range(100):
        fov = rng.uniform(42, 85) if not indoors else rng.uniform(50, 90)
        camera = Camera.from_fov(width, height, fov)
        close = indoors or rng.random() < 0.35
        from_above = rng.random() < 0.55
        eye_height = rng.uniform(2.3, 8.0) if from_above and not close else rng.uniform(0.9, 2.2)
        if close and from_above:
            eye_height = rng.uniform(1.5, 3.2)
        largest = min(high, 0.93 * height)
        least = max(low, 0.4 * largest) if close else low
        focus_px = log_uniform(rng, min(least, largest * 0.99), largest)
        distance = camera.fy * ADULT_M / focus_px
        feet_row = rng.uniform(min(focus_px * 1.03, height * 0.98), height * 0.99)
        below_horizon = np.arctan2(eye_height, distance)
        pitch = below_horizon - np.arctan((feet_row - camera.cy) / camera.fy)
        if LOWEST_PITCH_RAD < pitch < STEEPEST_PITCH_RAD:
            break
    roll = float(np.clip(rng.normal(0, 0.025), -0.12, 0.12))
    eye = np.array([0, 0, eye_height])
    return view_from(camera, eye, rng.uniform(0, 2 * np.pi), float(pitch), roll)


def log_uniform(rng: np.random.Generator, low: float, high: float, size: int | None = None) -> Any:
    """Numbers whose logarithm is uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def stand_at(view: View, column_px: Floats, height_px: Floats) -> Floats:
    """Places on the ground (N, 2) where an adult has a height (N,) and a column (N,) in the picture."""
    camera = view.camera
    depth = camera.fy * ADULT_M / height_px
    right, down, forward = view.rotation
    across = (column_px - camera.cx) / camera.fx
    along_down = -(view.eye[2] / depth + across * right[2] + forward[2]) / down[2]
    ray = across[:, None] * right + along_down[:, None] * down + forward
    return (view.eye + depth[:, None] * ray)[:, :2]


def upright_boxes(view: View, places: Floats) -> Floats:
    """Boxes (N, 4) px of adults who stand at places (N, 2), limbs close to the body."""
    feet = np.concatenate([places, np.zeros((len(places), 1))], 1)
    ends = np.stack([view.pixels(feet), view.pixels(feet + (0, 0, ADULT_M))], 1)
    half_width = 0.17 * np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)[:, None]
    low = np.concatenate(
        [ends[..., 0].min(1)[:, None] - half_width, ends[..., 1].min(1)[:, None]], 1
    )
    high = np.concatenate(
        [ends[..., 0].max(1)[:, None] + half_width, ends[..., 1].max(1)[:, None]], 1
    )
    return np.concatenate([low, high], 1)
