"""Where anchors are on the canvas, and which one is under the pointer."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.viewport import Viewport
from pandanet_core.lab.frame_trace import Grid

Floats = NDArray[np.floating[Any]]

LEAST_SLOT_PX = 4.0
"""Where a position has less room than this for each of its anchors, it shows one of them."""


def slot_shape(kinds: int) -> tuple[int, int]:
    """(rows, columns) in which the anchors of one position stand side by side."""
    columns = math.ceil(math.sqrt(kinds))
    return math.ceil(kinds / columns), columns


@dataclass(frozen=True)
class Placement:
    """A grid of anchors seen through a viewport.

    All anchors of a position share its centre. To be told apart they get slots of their own within
    the cell, as soon as there is room: from left to right and from top to bottom, the first kind
    first.

    Attributes:
        grid: A, in px of the network's input.
        stretch: From px of the network's input to the picture's own, x and y.
        viewport: From the picture's px to the canvas's.
        one: Whether one anchor a position is shown, whatever the room.
    """

    grid: Grid
    stretch: tuple[float, float]
    viewport: Viewport
    one: bool = False

    @property
    def cell_px(self) -> tuple[float, float]:
        """Width and height of an output cell on the canvas."""
        across, down = (self.grid.stride * s * self.viewport.scale for s in self.stretch)
        return across, down

    @property
    def slots(self) -> tuple[int, int]:
        """(rows, columns) of slots that each position shows; (1, 1) where there is no room."""
        rows, columns = slot_shape(len(self.grid.sizes_px))
        width, height = self.cell_px
        room = min(width / columns, height / rows)
        return (1, 1) if self.one or room < LEAST_SLOT_PX else (rows, columns)

    def to_canvas(self, points: Floats) -> Floats:
        """Points (..., 2) in px of the network's input on the canvas, where the centre of the
        top-left pixel is (0.5, 0.5)."""
        origin = np.array([self.viewport.x_px, self.viewport.y_px])
        return (np.asarray(points) * self.stretch - origin) * self.viewport.scale

    def boxes_to_canvas(self, boxes: Floats) -> Floats:
        """Boxes (..., 4) likewise."""
        corners = np.asarray(boxes).reshape(*np.shape(boxes)[:-1], 2, 2)
        return self.to_canvas(corners).reshape(np.shape(boxes))

    def cell_at(self, x_px: float, y_px: float) -> tuple[int, int] | None:
        """(row, column) of the output cell under a point of the picture; None beside the grid."""
        column, row = (
            math.floor(at / stretch / self.grid.stride)
            for at, stretch in zip((x_px, y_px), self.stretch, strict=True)
        )
        inside = 0 <= row < self.grid.rows and 0 <= column < self.grid.columns
        return (row, column) if inside else None

    def kind_at(self, x_px: float, y_px: float) -> int | None:
        """Kind of the anchor whose slot is under a point of the picture; None where a position
        shows one anchor, or the slot is empty."""
        rows, columns = self.slots
        if (rows, columns) == (1, 1):
            return 0 if len(self.grid.sizes_px) == 1 else None
        across, down = (
            at / stretch / self.grid.stride % 1
            for at, stretch in zip((x_px, y_px), self.stretch, strict=True)
        )
        kind = int(down * rows) * columns + int(across * columns)
        return kind if kind < len(self.grid.sizes_px) else None
