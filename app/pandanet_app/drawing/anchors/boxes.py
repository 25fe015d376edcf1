"""Boxes on the canvas: a few as rectangles, many as the density of their edges."""

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

_FAR_PX = 20_000
_OUTLINE = (16, 16, 20)


def draw_boxes(canvas: Image, boxes: Floats, colours: NDArray[np.uint8], width: int = 1) -> None:
    """Rectangles (M, 4), px of the canvas, in colours (M, 3), one over the other."""
    seen, corners = _seen(canvas, boxes)
    for (x0, y0, x1, y1), colour in zip(corners.tolist(), colours[seen].tolist(), strict=True):
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, width)


def draw_framed_box(canvas: Image, box: Floats, colour: Colour, width: int, dash: int = 0) -> None:
    """One rectangle (4,) with a dark rim, so that it shows on everything; dashed by `dash` px."""
    x0, y0, x1, y1 = np.rint(np.clip(box, -_FAR_PX, _FAR_PX)).astype(int).tolist()
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    sides = [_dashes(start, stop, dash) for start, stop in pairwise(ring)]
    lines = list(np.concatenate(sides).astype(np.int32))
    for tone, thickness in ((_OUTLINE, width + 2), (colour, width)):
        cv2.polylines(canvas, lines, False, tone, thickness)


def draw_box_density(canvas: Image, boxes: Floats, colour: Colour, strength: float = 0.8) -> None:
    """How many edges of boxes (M, 4) run through each pixel, as light: the square root of it, the
    most edges being `strength`; its cost hardly depends on M."""
    height, width = canvas.shape[:2]
    _, corners = _seen(canvas, boxes)
    if not len(corners):
        return
    x0, y0, x1, y1 = corners.T
    count = _runs(np.concatenate([y0, y1]), np.tile(x0, 2), np.tile(x1, 2), (height, width))
    count += _runs(np.concatenate([x0, x1]), np.tile(y0, 2), np.tile(y1, 2), (width, height)).T
    most = max(int(count.max()), 1)
    light = np.rint(255 * strength * np.sqrt(np.arange(256) / min(most, 255)).clip(0, 1))
    alpha = cv2.LUT(count.clip(0, 255).astype(np.uint8), light.astype(np.uint8))
    weight = cv2.merge([alpha] * 3)
    kept = cv2.multiply(canvas, cv2.bitwise_not(weight), scale=1 / 255)
    lit = cv2.multiply(np.full_like(canvas, colour), weight, scale=1 / 255)
    canvas[:] = cv2.add(kept, lit)


def _runs(
    line: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.int16]:
    """How many runs cover each pixel: run m goes along row line[m] from start[m] to stop[m]."""
    rows, columns = shape
    on = (line >= 0) & (line < rows) & (stop >= 0) & (start < columns)
    first = line[on] * (columns + 1)
    begin = np.bincount(first + start[on].clip(0), minlength=rows * (columns + 1))
    end = np.bincount(first + (stop[on] + 1).clip(max=columns), minlength=rows * (columns + 1))
    difference = (begin - end).astype(np.int16).reshape(rows, columns + 1)
    return difference.cumsum(1, dtype=np.int16)[:, :-1]


def _seen(canvas: Image, boxes: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which boxes touch the canvas, and their corners in whole pixels."""
    height, width = canvas.shape[:2]
    boxes = np.clip(boxes, -_FAR_PX, _FAR_PX)
    seen = np.all(boxes[:, :2] < (width, height), 1) & np.all(boxes[:, 2:] >= 0, 1)
    return seen, np.rint(boxes[seen] - 0.5).astype(np.int64)


def _dashes(start: tuple[int, int], stop: tuple[int, int], dash: int) -> NDArray[np.int64]:
    """(D, 2, 2) the pieces of a line, `dash` px long and as far apart; the whole line where 0."""
    ends = np.array([start, stop])
    length = int(np.abs(ends[1] - ends[0]).max())
    if dash <= 0 or length < dash or length > _FAR_PX // 4:
        return ends[None]
    cuts = np.arange(0, length + 1, dash) / length
    points = np.rint(ends[0] + cuts[:, None] * (ends[1] - ends[0])).astype(np.int64)
    pieces = len(points) // 2
    return points[: 2 * pieces].reshape(pieces, 2, 2)
