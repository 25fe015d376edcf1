"""Where the camera is, and where a person must stand to appear at a place in the picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.crowd.scenes.scene import View, view_from
from pandanet_core.crowd.settings import UPRIGHT_WIDTH, CrowdSettings, Preset

Floats = NDArray[np.floating[Any]]

ADULT_M = 1.7
FOV_DEG: dict[Preset, tuple[float, float]] = {"jta": (30.0, 100.0), "panoptic": (45.0, 100.0)}
FURTHEST_M = 100.0
"""Nobody stands further away, as in JTA."""

LOWEST_PITCH_RAD, STEEPEST_PITCH_RAD = np.radians(-15), np.radians(60)
CLOSE_SHARE = 0.35
"""Views of the preset jta that look at somebody tall in the picture."""

_PLACES = (0.15, 0.4, 0.45)
_EYE_HEIGHTS_M = ((0.5, 1.2), (1.2, 2.2), (2.2, 15.0))
"""Cameras put down low, held at eye level, and hung up high: how often each, and how high."""

_EYE_HEIGHTS_INDOORS_M = (0.5, 3.5)
_LEVEL_ROLL_RAD, _TILTED_ROLL_RAD, _LARGEST_ROLL_RAD = 0.02, 0.1, 0.26
_TILTED_SHARE = 0.15


def draw_view(rng: np.random.Generator, settings: CrowdSettings) -> View:
    """A camera that sees one person of a drawn height whole, at a random place in the picture.

    Eye heights of 0.5-15 m, indoors up to 3.5 m; fields of view of FOV_DEG.
    """
    width, height = settings.width, settings.height
    low, high = settings.height_px
    indoors = settings.preset == "panoptic"
    largest = min(high, 0.93 * height)
    furthest = FURTHEST_M if settings.room_m is None else 0.7 * settings.room_m
    for _ in range(100):
        camera = Camera.from_fov(width, height, rng.uniform(*FOV_DEG[settings.preset]))
        eye_height = _draw_eye_height(rng, indoors)
        close = indoors or rng.random() < CLOSE_SHARE
        least = max(low, 0.4 * largest) if close else low
        focus_px = log_uniform(rng, min(least, largest * 0.99), largest)
        distance = camera.fy * ADULT_M / focus_px
        feet_row = rng.uniform(min(focus_px * 1.03, height * 0.98), height * 0.99)
        below_horizon = np.arctan2(eye_height, distance)
        pitch = below_horizon - np.arctan((feet_row - camera.cy) / camera.fy)
        if LOWEST_PITCH_RAD < pitch < STEEPEST_PITCH_RAD and distance < furthest:
            break
    eye = np.array([0, 0, eye_height])
    return view_from(camera, eye, rng.uniform(0, 2 * np.pi), float(pitch), _draw_roll(rng))


def _draw_eye_height(rng: np.random.Generator, indoors: bool) -> float:
    if indoors:
        return float(rng.uniform(*_EYE_HEIGHTS_INDOORS_M))
    return float(log_uniform(rng, *_EYE_HEIGHTS_M[int(rng.choice(3, p=_PLACES))]))


def _draw_roll(rng: np.random.Generator) -> float:
    """Nearly level, sometimes as a hand holds it."""
    spread = _TILTED_ROLL_RAD if rng.random() < _TILTED_SHARE else _LEVEL_ROLL_RAD
    return float(np.clip(rng.normal(0, spread), -_LARGEST_ROLL_RAD, _LARGEST_ROLL_RAD))


def log_uniform(rng: np.random.Generator, low: float, high: float, size: int | None = None) -> Any:
    """Numbers whose logarithm is uniform."""
    return np.exp(rng.uniform(np.log(low), np.log(high), size))


def power_law(
    rng: np.random.Generator, low: float, high: float, exponent: float, size: int | None = None
) -> Any:
    """Numbers from low to high whose density falls with the power `exponent`; 1 is log_uniform."""
    if abs(exponent - 1) < 1e-6:
        return log_uniform(rng, low, high, size)
    first, last = low ** (1 - exponent), high ** (1 - exponent)
    return (first + rng.random(size) * (last - first)) ** (1 / (1 - exponent))


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
    half_width = UPRIGHT_WIDTH / 2 * np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)[:, None]
    low = np.concatenate(
        [ends[..., 0].min(1)[:, None] - half_width, ends[..., 1].min(1)[:, None]], 1
    )
    high = np.concatenate(
        [ends[..., 0].max(1)[:, None] + half_width, ends[..., 1].max(1)[:, None]], 1
    )
    return np.concatenate([low, high], 1)
