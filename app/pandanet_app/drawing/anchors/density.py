"""Many boxes on the canvas, as the density of their edges."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.boxes import FAR_PX, corners_seen
from pandanet_app.drawing.anchors.placement import Placement
from pandanet_core.lab.frame_trace import Grid

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]
Counts = NDArray[np.int32]
Colour = tuple[int, int, int]

_STRENGTH = 0.8


@dataclass(frozen=True, eq=False)
class BoxLattice:
    """Boxes of K kinds at every position of a grid, px of the network's input: those of one row and
    of one column tell where all of them are.

    Attributes:
        across: (K, columns, 4) boxes of the first row.
        down: (K, rows, 4) boxes of the first column.
    """

    across: Floats
    down: Floats


def lattice_of(grid: Grid, kinds: NDArray[np.int64]) -> BoxLattice:
    """The boxes of these kinds (K,) at every position."""

    def boxes(rows: int, columns: int) -> Floats:
        number, row, column = (
            part.ravel() for part in np.indices((len(kinds), rows, columns), np.int64)
        )
        return grid.boxes_at(kinds[number], row, column).reshape(len(kinds), -1, 4)

    return BoxLattice(boxes(1, grid.columns), boxes(grid.rows, 1))


def draw_lattice_density(
    canvas: Image,
    lattice: BoxLattice,
    placement: Placement,
    colour: Colour,
    strength: float = _STRENGTH,
) -> None:
    """`draw_box_density` of all boxes of a lattice, without a look at each of them."""
    height, width = canvas.shape[:2]
    across = placement.boxes_to_canvas(lattice.across)[..., 0::2]
    down = placement.boxes_to_canvas(lattice.down)[..., 1::2]
    columns, inside_columns = _along_axis(across, width)
    rows, inside_rows = _along_axis(down, height)
    # An edge along a row covers the columns inside its box, and the other way round.
    count = np.concatenate([rows, inside_rows]).T @ np.concatenate([inside_columns, columns])
    _light_up(canvas, count, colour, strength)


def draw_box_density(
    canvas: Image, boxes: Floats, colour: Colour, strength: float = _STRENGTH
) -> None:
    """How many edges of boxes (M, 4), px of the canvas, run through each pixel, as light: the
    square root of it, the most edges being `strength`; its cost hardly depends on M."""
    height, width = canvas.shape[:2]
    _, corners = corners_seen(canvas, boxes)
    x0, y0, x1, y1 = corners.T
    start_x, stop_x = x0.clip(0, width), (x1 + 1).clip(0, width)
    start_y, stop_y = y0.clip(0, height), (y1 + 1).clip(0, height)
    along_x, along_y = np.zeros((2, height + 1, width + 1), np.int32)
    for y in (y0, y1):
        on = (y >= 0) & (y < height)
        _add(along_x, y[on], start_x[on], 1)
        _add(along_x, y[on], stop_x[on], -1)
    for x in (x0, x1):
        on = (x >= 0) & (x < width)
        _add(along_y, start_y[on], x[on], 1)
        _add(along_y, stop_y[on], x[on], -1)
    np.cumsum(along_x, 1, out=along_x)
    along_x += np.cumsum(along_y, 0, out=along_y)
    _light_up(canvas, along_x[:-1, :-1], colour, strength)


def _light_up(canvas: Image, count: NDArray[Any], colour: Colour, strength: float) -> None:
    """Blend `colour` over the canvas by the square root of the count of edges (H, W)."""
    most = min(max(int(count.max()), 1), 255)
    share = np.sqrt(np.arange(256) / most).clip(0, 1)
    alpha = np.rint(255 * strength * share).astype(np.uint8)
    edges = cv2.convertScaleAbs(count)  # more than 255 are as bright as 255
    kept = cv2.multiply(canvas, cv2.merge([cv2.LUT(edges, 255 - alpha)] * 3), scale=1 / 255)
    tones = [cv2.multiply(alpha, np.full_like(alpha, tone), scale=1 / 255) for tone in colour]
    cv2.add(kept, cv2.merge([cv2.LUT(edges, tone) for tone in tones]), canvas)


def _along_axis(spans: Floats, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For spans (K, S, 2), px along an axis of the canvas: how many begin or end at each of its
    pixels (K, size), and how many cover it (K, size)."""
    spans = np.clip(spans, -FAR_PX, FAR_PX)
    seen = (spans[..., 0] < size) & (spans[..., 1] >= 0)
    kind = np.nonzero(seen)[0]
    first, last = np.rint(spans[seen] - 0.5).astype(np.int64).T
    ends, covered = np.zeros((2, len(spans), size + 1), np.int32)
    for at in (first, last):
        on = (at >= 0) & (at < size)
        _add(ends, kind[on], at[on], 1)
    _add(covered, kind, first.clip(0, size), 1)
    _add(covered, kind, (last + 1).clip(0, size), -1)
    covered = covered.cumsum(1)
    return ends[:, :-1].astype(np.float32), covered[:, :-1].astype(np.float32)


def _add(count: Counts, row: Integers, column: Integers, number: int) -> None:
    """Add a number at (row[m], column[m]) for every m."""
    np.add.at(count.reshape(-1), row * count.shape[1] + column, np.int32(number))
