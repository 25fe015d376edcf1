"""The paper's definitions as plain loops over numbers, written from its equations.

Nothing here is fast. Tests compare the vectorised code with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = Sequence[float]


def area(box: Box) -> float:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def iou(first: Box, second: Box) -> float:
    """Intersection over union of two boxes x0, y0, x1, y1."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    shared = width * height if width > 0 and height > 0 else 0.0
    union = area(first) + area(second) - shared
    return shared / union if union > 0 else 0.0


def giou(first: Box, second: Box) -> float:
    """Generalised IoU: the share of the enclosing box that neither covers is taken off."""
    overlap = iou(first, second)
    enclosing = (max(first[2], second[2]) - min(first[0], second[0])) * (
        max(first[3], second[3]) - min(first[1], second[1])
    )
    union = (area(first) + area(second)) / (1 + overlap)
    return overlap - (enclosing - union) / enclosing


def square_overlaps(dx: float, dy: float) -> tuple[float, float]:
    """IoU (Eq. 6) and generalised IoU of two unit squares whose centres differ by dx, dy."""
    first, second = (-0.5, -0.5, 0.5, 0.5), (dx - 0.5, dy - 0.5, dx + 0.5, dy + 0.5)
    return iou(first, second), giou(first, second)


def anchor_box(size: Sequence[float], stride: int, row: int, column: int) -> Box:
    """An anchor centred on an output cell, in input pixels."""
    x, y = (column + 0.5) * stride, (row + 0.5) * stride
    return x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2


def decode(offset: Sequence[float], anchor: Box) -> Box:
    """The box that offsets (tx, ty, tw, th) make of an anchor."""
    width, height = anchor[2] - anchor[0], anchor[3] - anchor[1]
    x = (anchor[0] + anchor[2]) / 2 + offset[0] * width
    y = (anchor[1] + anchor[3]) / 2 + offset[1] * height
    width, height = width * math.exp(offset[2]), height * math.exp(offset[3])
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


@dataclass
class Matches:
    """Eq. 1 and PONO at every anchor (N_A, H, W); `best` (N,) is 0 for people without anchor."""

    person: NDArray[Any]
    iou: NDArray[Any]
    pono: NDArray[Any]
    best: NDArray[Any]


def match(
    boxes: Sequence[Box], sizes: Sequence[Sequence[float]], stride: int, rows: int, columns: int
) -> Matches:
    """Give every anchor to the person it overlaps most and normalise the overlaps per person."""
    shape = (len(sizes), rows, columns)
    found = Matches(np.full(shape, -1), np.zeros(shape), np.zeros(shape), np.zeros(len(boxes)))
    for a, i, j in np.ndindex(shape):
        anchor = anchor_box(sizes[a], stride, i, j)
        for n, box in enumerate(boxes):
            overlap = iou(box, anchor)
            if overlap > found.iou[a, i, j]:
                found.iou[a, i, j] = overlap
                found.person[a, i, j] = n
    for a, i, j in np.ndindex(shape):
        n = found.person[a, i, j]
        if n >= 0:
            found.best[n] = max(found.best[n], found.iou[a, i, j])
    for a, i, j in np.ndindex(shape):
        n = found.person[a, i, j]
        if n >= 0:
            found.pono[a, i, j] = found.iou[a, i, j] / found.best[n]
    return found


def suppress(boxes: Sequence[Box], threshold: float) -> list[int]:
    """Greedy NMS of boxes in falling order of score: who suppressed each, -1 for survivors."""
    by: list[int] = []
    for i, box in enumerate(boxes):
        rivals = [j for j in range(i) if by[j] < 0 and iou(boxes[j], box) > threshold]
        by.append(rivals[0] if rivals else -1)
    return by
