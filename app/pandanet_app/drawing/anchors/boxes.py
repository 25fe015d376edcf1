"""Boxes on the canvas, as rectangles."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

FAR_PX = 20_000
"""Boxes that reach further than this from the canvas are cut off there."""
_OUTLINE = (16, 16, 20)


def draw_boxes(canvas: Image, boxes: Floats, colours: NDArray[np.uint8], width: int = 1) -> None:
    """Rectangles (M, 4), px of the canvas, in colours (M, 3), one over the other."""
    seen, corners = corners_seen(canvas, boxes)
    for (x0, y0, x1, y1), colour in zip(corners.tolist(), colours[seen].tolist(), strict=True):
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, width)


def draw_framed_box(canvas: Image, box: Floats, colour: Colour, width: int, dash: int = 0) -> None:
    """One rectangle (4,) with a dark rim, so that it shows on everything; dashed by `dash` px."""
    x0, y0, x1, y1 = np.rint(np.clip(box, -FAR_PX, FAR_PX)).astype(int).tolist()
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    sides = [_dashes(start, stop, dash) for start, stop in pairwise(ring)]
    lines = list(np.concatenate(sides).astype(np.int32))
    for tone, thickness in ((_OUTLINE, width + 2), (colour, width)):
        cv2.polylines(canvas, lines, False, tone, thickness)


def corners_seen(canvas: Image, boxes: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which boxes touch the canvas, and their corners in whole pixels."""
    height, width = canvas.shape[:2]
    boxes = np.clip(boxes, -FAR_PX, FAR_PX)
    seen = np.all(boxes[:, :2] < (width, height), 1) & np.all(boxes[:, 2:] >= 0, 1)
    return seen, np.rint(boxes[seen] - 0.5).astype(np.int64)


def _dashes(start: tuple[int, int], stop: tuple[int, int], dash: int) -> NDArray[np.int64]:
    """(D, 2, 2) the pieces of a line, `dash` px long and as far apart; the whole line where 0."""
    ends = np.array([start, stop])
    length = int(np.abs(ends[1] - ends[0]).max())
    if dash <= 0 or length < dash or length > FAR_PX // 4:
        return ends[None]
    cuts = np.arange(0, length + 1, dash) / length
    points = np.rint(ends[0] + cuts[:, None] * (ends[1] - ends[0])).astype(np.int64)
    pieces = len(points) // 2
    return points[: 2 * pieces].reshape(pieces, 2, 2)
