"""A root-relative 3D pose from the front and from the side, in a small figure."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.graph import Look
from pandanet_app.drawing.anchors.text import draw_text, text_height
from pandanet_core.skeleton import Skeleton

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

_SHIFT = 4


def draw_poses3d(
    poses: Sequence[tuple[Floats, Colour]], skeleton: Skeleton, size: tuple[int, int], look: Look
) -> Image:
    """(height, width, 3) RGB: every pose (K, 3), camera axes, from the front and from its left, all
    at one scale; the last one on top."""
    width, height = size
    canvas = np.full((height, width, 3), look.background, np.uint8)
    line = text_height(look.font_px)
    for column, name in enumerate(("front", "side")):
        at = (round((column + 0.5) * width / 2), height - line - 2)
        draw_text(canvas, name, at, look.text, look.font_px, centred=True)
    if not poses:
        return canvas
    everything = np.concatenate([pose for pose, _ in poses])
    reach = np.abs(everything - everything.mean(0)).max() * 2.1
    scale = min(width / 2, height - line - 4) / max(float(reach), 1e-6)
    for pose, colour in poses:
        for column, axis in enumerate((0, 2)):
            middle = everything.mean(0)[[axis, 1]]
            centre = np.array([(column + 0.5) * width / 2, (height - line) / 2])
            seen = (pose[:, [axis, 1]] - middle) * scale + centre
            _draw(canvas, seen, skeleton, colour, max(1, round(look.font_px / 6)))
    return canvas


def _draw(canvas: Image, joints: Floats, skeleton: Skeleton, colour: Colour, width: int) -> None:
    bones = np.rint(joints[np.array(skeleton.bones)] * 2**_SHIFT).astype(np.int32)
    cv2.polylines(canvas, list(bones), False, colour, width, cv2.LINE_AA, _SHIFT)
    for x, y in np.rint(joints * 2**_SHIFT).astype(int).tolist():
        cv2.circle(canvas, (x, y), (width + 1) * 2**_SHIFT, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)
