"""Maps over the picture: scores as heat, box offsets as arrows, overlaps at the anchors of A+."""

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.placement import Placement

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

_STRONGEST = 0.75
"""Even the hottest cell lets a quarter of the picture through."""
_ARROW_SPACING_PX = 26.0
"""Arrows stand no closer than this many logical pixels."""
_SURE = 0.1
_ARROW, _UNSURE = (255, 255, 255), (120, 126, 136)
_OUTLINE = (16, 16, 20)


def cell_values(values: Floats, kind: int | None) -> Floats:
    """(rows, columns) of one kind of anchors, or the greatest of all kinds (N_A, rows, columns); 0
    where nothing is known."""
    known = np.nan_to_num(values)
    return known.max(0) if kind is None else known[kind]


def draw_heat(canvas: Image, values: Floats, placement: Placement) -> None:
    """Lay values (rows, columns) from 0 to 1 over the canvas: the more, the brighter and the less
    transparent."""
    height, width = canvas.shape[:2]
    strength = np.clip(values, 0, 1).astype(np.float32)
    colours = cv2.applyColorMap(np.rint(strength * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    texels = np.dstack([colours[..., ::-1], np.rint(strength**0.5 * 255 * _STRONGEST)])
    cell_x, cell_y = placement.cell_px
    view = placement.viewport
    # The centre of a texel is at i for OpenCV, and at i + 0.5 everywhere else.
    matrix = np.array(
        [
            [cell_x, 0, cell_x / 2 - 0.5 - view.x_px * view.scale],
            [0, cell_y, cell_y / 2 - 0.5 - view.y_px * view.scale],
        ]
    )
    seen = cv2.warpAffine(texels.astype(np.uint8), matrix, (width, height), flags=cv2.INTER_NEAREST)
    alpha = cv2.merge([seen[..., 3]] * 3)
    kept = cv2.multiply(canvas, cv2.bitwise_not(alpha), scale=1 / 255)
    heat = cv2.multiply(cv2.cvtColor(seen, cv2.COLOR_RGBA2RGB), alpha, scale=1 / 255)
    canvas[:] = cv2.add(kept, heat)


def draw_offsets(
    canvas: Image, offsets: Floats, scores: Floats, placement: Placement, pixel_ratio: float = 1.0
) -> None:
    """Arrows from anchors to the centres of the boxes that the network gives there.

    Args:
        canvas: Changed.
        offsets: (rows, columns, 2) px of the network's input, from an anchor's centre to its box's.
        scores: (rows, columns) of those anchors: arrows of those that score little are grey.
        placement: Where the grid is on the canvas.
        pixel_ratio: Canvas pixels per logical pixel.
    """
    cell = min(placement.cell_px)
    step = max(1, math.ceil(_ARROW_SPACING_PX * pixel_ratio / cell))
    rows, columns = (np.arange(step // 2, size, step) for size in offsets.shape[:2])
    row, column = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    start = (np.stack([column, row], -1) + 0.5) * placement.grid.stride
    ends = placement.to_canvas(np.stack([start, start + offsets[row, column]], 1)) - 0.5
    height, width = canvas.shape[:2]
    seen = ((ends[:, 0] >= 0) & (ends[:, 0] < (width, height))).all(1)
    for ((x0, y0), (x1, y1)), score in zip(
        np.rint(ends[seen]).astype(int).tolist(), scores[row, column][seen].tolist(), strict=True
    ):
        tone = _ARROW if score >= _SURE else _UNSURE
        cv2.arrowedLine(canvas, (x0, y0), (x1, y1), _OUTLINE, 3, cv2.LINE_AA, tipLength=0.3)
        cv2.arrowedLine(canvas, (x0, y0), (x1, y1), tone, 1, cv2.LINE_AA, tipLength=0.3)
