"""The visible part of a picture at the view's size: pixels in, pixels out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.viewport import Viewport

Image = NDArray[np.uint8]

_SHARP_FROM_SCALE = 6.0
"""From this magnification on, picture pixels are shown as squares."""


def draw_picture(
    picture: Image,
    viewport: Viewport,
    width: int,
    height: int,
    background: tuple[int, int, int],
) -> Image:
    """What a view of width x height pixels shows of the picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        viewport: Part and scale.
        width: View width, px.
        height: View height, px.
        background: RGB around the picture.

    Returns:
        (height, width, 3) uint8 RGB, newly made.
    """
    shrink = int(1 / viewport.scale) if viewport.scale < 0.5 else 1
    source = _shrunk(picture, shrink)
    factors = (picture.shape[1] / source.shape[1], picture.shape[0] / source.shape[0])
    sharp = viewport.scale >= _SHARP_FROM_SCALE
    matrix = np.zeros((2, 3))
    for axis, (factor, origin) in enumerate(
        zip(factors, (viewport.x_px, viewport.y_px), strict=True)
    ):
        scale = viewport.scale * factor
        # Pixel i has its centre at i + 0.5, on both sides.
        matrix[axis, axis] = scale
        matrix[axis, 2] = scale * (0.5 - origin / factor) - 0.5
    drawn = cv2.warpAffine(
        source,
        matrix,
        (width, height),
        flags=cv2.INTER_NEAREST if sharp else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=background,
    )
    return drawn.astype(np.uint8, copy=False)


def _shrunk(picture: Image, times: int) -> Image:
    """Neighbouring pixels averaged, so that thin things do not flicker when they get small."""
    if times <= 1:
        return picture
    size = (max(1, picture.shape[1] // times), max(1, picture.shape[0] // times))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)
