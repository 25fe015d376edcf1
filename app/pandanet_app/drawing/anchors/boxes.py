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
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    lines = [line for start, stop in pairwise(corners) for line in _dashed(start, stop, dash)]
    for tone, thickness in ((_OUTLINE, width + 2), (colour, width)):
        for start, stop in lines:
            cv2.line(canvas, start, stop, tone, thickness)


def draw_box_density(canvas: Image, boxes: Floats, colour: Colour, strength: float = 0.8) -> None:
    """How many edges of boxes (M, 4) run through each pixel, as light: the square root of it, the
    most edges being `strength`; its cost hardly depends on M."""
    height, width = canvas.shape[:2]
    _, corners = _seen(canvas, boxes)
    if not len(corners):
        return
    x0, y0, x1, y1 = corners.T
    count = _runs(y0, x0, x1, (height, width)) + _runs(y1, x0, x1, (height, width))
    count += (_runs(x0, y0, y1, (width, height)) + _runs(x1, y0, y1, (width, height))).T
    share = np.sqrt(count.astype(np.float32) * np.float32(strength**2 / max(int(count.max()), 1)))
    weight = cv2.merge([share, share, share])
    tone = np.full_like(canvas, colour)
    canvas[:] = np.rint(canvas + (tone.astype(np.float32) - canvas) * weight).astype(np.uint8)


def _runs(
    line: NDArray[np.int64],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
    shape: tuple[int, int],
) -> NDArray[np.int32]:
    """How many runs cover each pixel: run m goes along row line[m] from start[m] to stop[m]."""
    rows, columns = shape
    on = (line >= 0) & (line < rows) & (stop >= 0) & (start < columns)
    first = line[on] * (columns + 1)
    begin = np.bincount(first + start[on].clip(0), minlength=rows * (columns + 1))
    end = np.bincount(first + (stop[on] + 1).clip(max=columns), minlength=rows * (columns + 1))
    difference = (begin - end).astype(np.int32).reshape(rows, columns + 1)
    return difference.cumsum(1, dtype=np.int32)[:, :-1]


def _seen(canvas: Image, boxes: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which boxes touch the canvas, and their corners in whole pixels."""
    height, width = canvas.shape[:2]
    boxes = np.clip(boxes, -_FAR_PX, _FAR_PX)
    seen = np.all(boxes[:, :2] < (width, height), 1) & np.all(boxes[:, 2:] >= 0, 1)
    return seen, np.rint(boxes[seen] - 0.5).astype(np.int64)


def _dashed(
    start: tuple[int, int], stop: tuple[int, int], dash: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    length = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]))
    if dash <= 0 or length > _FAR_PX // 4:
        return [(start, stop)]
    cuts = np.arange(0, length + 1, dash)
    points = np.array(start) + np.outer(cuts / max(length, 1), np.subtract(stop, start))
    ends = [(int(x), int(y)) for x, y in np.rint(points).tolist()]
    return list(zip(ends[:-1:2], ends[1::2], strict=False))
