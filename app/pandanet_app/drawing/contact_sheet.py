"""A look at a data set: some of its pictures with their labels drawn on, on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.annotations2d import (
    HIDDEN_BY_ONESELF,
    HIDDEN_BY_OTHERS,
    IGNORED,
    draw_annotations,
)
from pandanet_app.drawing.labels import label_plate
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.viewport import Viewport
from pandanet_core.data.sample import Sample, visible_people

Image = NDArray[np.uint8]

_PAPER = (34, 36, 41)
_LEGEND = (
    ("hidden by something else", HIDDEN_BY_OTHERS),
    ("hidden by the own body", HIDDEN_BY_ONESELF),
    ("ignored: not to be found", IGNORED),
)


@dataclass(frozen=True)
class SheetStyle:
    """Sizes in px.

    Attributes:
        columns: Pictures side by side.
        width, height: Of one picture's place.
        gap: Around it.
        font: Height of the text.
    """

    columns: int = 3
    width: int = 640
    height: int = 400
    gap: int = 10
    font: int = 14


DEFAULT_STYLE = SheetStyle()


def contact_tile(sample: Sample, style: SheetStyle = DEFAULT_STYLE) -> Image:
    """(height, width, 3) uint8 RGB: the picture with its labels, its name and its people above."""
    caption = _caption(sample, style)
    above = caption.shape[0]
    height, width = sample.image.shape[:2]
    viewport = Viewport.fitted(width, height, style.width, style.height - above)
    picture = draw_picture(sample.image, viewport, style.width, style.height - above, _PAPER)
    draw_annotations(picture, sample, viewport, style.font - 2)
    tile = _paper(style.width, style.height)
    tile[above:] = picture
    tile[:above, : min(caption.shape[1], style.width)] = caption[:, : style.width]
    return tile


def contact_sheet(tiles: Sequence[Image], style: SheetStyle = DEFAULT_STYLE) -> Image:
    """(H, W, 3) uint8 RGB: the tiles in rows, and below what the colours mean."""
    rows = -(-len(tiles) // style.columns)
    columns = min(len(tiles), style.columns)
    legend = [label_plate(text, colour, style.font) for text, colour in _LEGEND]
    across, down = style.width + style.gap, style.height + style.gap
    width = max(columns * across, sum(plate.shape[1] + style.gap for plate in legend)) + style.gap
    sheet = _paper(width, rows * down + 2 * style.gap + legend[0].shape[0])
    for number, tile in enumerate(tiles):
        row, column = divmod(number, style.columns)
        _paste(sheet, tile, style.gap + column * across, style.gap + row * down)
    left = style.gap
    for plate in legend:
        _paste(sheet, plate, left, style.gap + rows * down)
        left += plate.shape[1] + style.gap
    return sheet


def _caption(sample: Sample, style: SheetStyle) -> Image:
    height, width = sample.image.shape[:2]
    found = int(visible_people(sample).sum())
    others = len(sample) - found + len(sample.ignore_boxes)
    people = f"{found} to find" + (f", {others} ignored" if others else "")
    return label_plate(f"{sample.name}   {width}x{height}   {people}", _PAPER, style.font)


def _paper(width: int, height: int) -> Image:
    return np.full((height, width, 3), _PAPER, np.uint8)


def _paste(sheet: Image, picture: Image, left: int, top: int) -> None:
    sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
