"""Soft dark spots under feet and seats, where the sky's light does not reach the ground."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scenes.scene import Scene, joints_of
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]

SIZE_PX = 512
REACH_M = 25.0
"""Further from the camera such spots are not seen."""

_MARGIN_M = 2.0
_JOINTS = [JTA22.index(name) for name in ("left ankle", "right ankle", "left hip", "head centre")]


def contact_shadows(
    scene: Scene, characters: tuple[Character, ...]
) -> tuple[Floats, Floats, NDArray[np.uint8]]:
    """A map of darkness (512, 512) over a rectangle of the ground: its corner (2,), size (2,) in m."""
    points = joints_of(scene.people, characters)[:, _JOINTS].reshape(-1, 3)
    points = points[np.linalg.norm(points - scene.view.eye, axis=1) < REACH_M]
    if not len(points):
        return np.zeros(2), np.ones(2), np.zeros((SIZE_PX, SIZE_PX), np.uint8)
    corner = points[:, :2].min(0) - _MARGIN_M
    size = points[:, :2].max(0) + _MARGIN_M - corner
    light = np.ones((SIZE_PX, SIZE_PX), np.float32)
    pixel = size / SIZE_PX
    for (x, y), height in zip(
        (points[:, :2] - corner) / pixel, np.clip(points[:, 2], 0, None), strict=True
    ):
        sigma = 0.1 + 0.35 * height
        reach = np.ceil(3 * sigma / pixel).astype(int)
        columns = slice(max(0, int(x) - reach[0]), int(x) + reach[0] + 1)
        rows = slice(max(0, int(y) - reach[1]), int(y) + reach[1] + 1)
        patch = light[rows, columns]
        dx = (np.arange(patch.shape[1]) + columns.start + 0.5 - x) * pixel[0] / sigma
        dy = (np.arange(patch.shape[0]) + rows.start + 0.5 - y) * pixel[1] / sigma
        dark = 0.65 / (1 + 3 * height) * np.exp(-0.5 * dy**2)[:, None] * np.exp(-0.5 * dx**2)
        patch *= 1 - dark
    return corner, size, ((1 - light) * 255).astype(np.uint8)
