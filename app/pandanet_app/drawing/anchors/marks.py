"""One mark an anchor: how 83,520 of them are drawn while the picture is dragged.

Colours are put into small textures once, a texel an anchor. Drawing then only copies rows and
columns of a texture to where they are seen, so its cost does not depend on how many anchors there
are.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.placement import Placement, slot_shape

Image = NDArray[np.uint8]
Texture = NDArray[np.uint32]
"""A texel is RGBA, its bytes in this order; 0 shows nothing."""
Integers = NDArray[np.integer[Any]]

_SHARE, _SHARE_OF_ONE = 0.72, 0.45
"""A mark fills this much of its room in each direction; less where one stands for a position."""
_MOST_PX = 12.0
"""Marks grow no larger than this many logical pixels: the picture must stay visible."""
_CORE = (16, 16, 20)


@dataclass(frozen=True, eq=False)
class Marks:
    """Colours of the marks of a grid.

    Attributes:
        every: (rows * slot rows + 1, columns * slot columns + 1): each anchor in its slot. The last
            row and column stay empty: gaps show them.
        one: (rows + 1, columns + 1): at each position the anchor that weighs most.
        hollow: Whether marks are rings.
    """

    every: Texture
    one: Texture
    hollow: bool = False


def make_marks(
    shape: tuple[int, int, int],
    place: tuple[Integers, Integers, Integers],
    colours: NDArray[np.uint8],
    weight: NDArray[Any],
    hollow: bool = False,
    one_colour: tuple[int, int, int] | None = None,
) -> Marks:
    """Marks of M anchors of a grid.

    Args:
        shape: (N_A, rows, columns) of the grid.
        place: Kind, row and column (M,) of each anchor.
        colours: (M, 3) RGB.
        weight: (M,) which anchor a position shows where it shows one: the greatest.
        hollow: Whether marks are rings.
        one_colour: RGB of the marks that stand for a whole position; None: that anchor's own.
    """
    kinds, rows, columns = shape
    slot_rows, slot_columns = slot_shape(kinds)
    texels = np.full((len(colours), 4), 255, np.uint8)
    texels[:, :3] = colours
    values = texels.view(np.uint32)[:, 0]
    anchor, row, column = place
    every = np.zeros((rows * slot_rows + 1, columns * slot_columns + 1), np.uint32)
    every[
        row * slot_rows + anchor // slot_columns, column * slot_columns + anchor % slot_columns
    ] = values
    one = np.zeros((rows + 1, columns + 1), np.uint32)
    order = np.argsort(weight, kind="stable")  # the last one written stays
    one[row[order], column[order]] = values[order] if one_colour is None else _texel(one_colour)
    return Marks(every, one, hollow)


def _texel(colour: tuple[int, int, int]) -> int:
    return int(np.array([*colour, 255], np.uint8).view(np.uint32)[0])


def draw_marks(canvas: Image, marks: Marks, placement: Placement, pixel_ratio: float = 1.0) -> None:
    """Draw every mark that is seen on `canvas` (H, W, 3), RGB."""
    slot_rows, slot_columns = placement.slots
    texture = marks.one if (slot_rows, slot_columns) == (1, 1) else marks.every
    width, height = placement.cell_px
    room = min(width / slot_columns, height / slot_rows)
    share = _SHARE_OF_ONE if texture is marks.one else _SHARE
    size = max(1, round(min(room * share, _MOST_PX * pixel_ratio)))
    _stamp(canvas, texture, placement, (slot_rows, slot_columns), size)
    ring = max(1, round(size * 0.22))
    if marks.hollow and size > 2 * ring:
        core = np.where(texture > 0, _texel(_CORE), 0)
        _stamp(
            canvas, core.astype(np.uint32), placement, (slot_rows, slot_columns), size - 2 * ring
        )


def _stamp(
    canvas: Image, texture: Texture, placement: Placement, slots: tuple[int, int], size: int
) -> None:
    """Squares of `size` px in the middle of every slot that the texture colours."""
    height, width = canvas.shape[:2]
    view, stretch, stride = placement.viewport, placement.stretch, placement.grid.stride
    across = _texel_of_pixel(
        width, texture.shape[1] - 1, stride * stretch[0] / slots[1], view.x_px, view.scale, size
    )
    down = _texel_of_pixel(
        height, texture.shape[0] - 1, stride * stretch[1] / slots[0], view.y_px, view.scale, size
    )
    used = np.flatnonzero(down < texture.shape[0] - 1)
    if not len(used) or not (across < texture.shape[1] - 1).any():
        return
    top, bottom = int(used[0]), int(used[-1]) + 1
    seen = texture[:, across][down[top:bottom]]
    texels = np.ascontiguousarray(seen).view(np.uint8).reshape(bottom - top, width, 4)
    part = canvas[top:bottom]
    cv2.copyTo(cv2.cvtColor(texels, cv2.COLOR_RGBA2RGB), cv2.extractChannel(texels, 3), part)


def _texel_of_pixel(
    pixels: int, texels: int, pitch: float, origin: float, scale: float, size: int
) -> NDArray[np.intp]:
    """For each pixel along an axis the texel that it shows; `texels`, the empty one, in gaps.

    Every mark is exactly `size` pixels long: marks of changing sizes would look like a pattern.
    """
    found = np.full(pixels, texels, np.intp)
    number = np.arange(texels)
    centre = ((number + 0.5) * pitch - origin) * scale
    first = np.rint(centre - size / 2).astype(np.int64)
    for offset in range(size):
        at = first + offset
        inside = (at >= 0) & (at < pixels)
        found[at[inside]] = number[inside]
    return found
