"""The N_A kinds of anchors: their colours, and a legend of their shapes at one scale."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.text import draw_text, text_height

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Rectangle = tuple[int, int, int, int]
Colour = tuple[int, int, int]

_TURNS = np.array([(68, 84, 160), (33, 145, 140), (94, 201, 98), (253, 231, 37)], np.float64)
"""Dark blue to yellow: a scale that stays one for the colour-blind, and in grey."""


def kind_colours(kinds: int) -> NDArray[np.uint8]:
    """(N_A, 3) RGB from the first kind, the smallest, to the last."""
    at = np.linspace(0, len(_TURNS) - 1, max(kinds, 2))[:kinds]
    channels = [np.interp(at, np.arange(len(_TURNS)), _TURNS[:, c]) for c in range(3)]
    return np.rint(np.stack(channels, -1)).astype(np.uint8)


def legend_cells(kinds: int, width: int, height: int) -> list[Rectangle]:
    """Where each kind stands in a legend of width x height px: x0, y0, x1, y1."""
    best = max(range(1, kinds + 1), key=lambda columns: _room(kinds, columns, width, height))
    rows = -(-kinds // best)
    across, down = width / best, height / rows
    return [
        (
            round(kind % best * across),
            round(kind // best * down),
            round((kind % best + 1) * across),
            round((kind // best + 1) * down),
        )
        for kind in range(kinds)
    ]


def draw_legend(
    sizes_px: Floats,
    width: int,
    height: int,
    background: Colour,
    text: Colour,
    font_px: int,
    chosen: int | None = None,
) -> Image:
    """(height, width, 3) RGB: every kind of anchor at the same scale, with its size in px.

    Args:
        sizes_px: (N_A, 2) widths and heights in px of the network's input.
        width, height: Of the legend.
        background, text: Colours.
        font_px: Height of the text.
        chosen: The kind that is marked.
    """
    canvas = np.full((height, width, 3), background, np.uint8)
    cells = legend_cells(len(sizes_px), width, height)
    words = font_px + 4 if cells[0][3] - cells[0][1] > 3 * font_px else 0
    room_x = min(x1 - x0 for x0, _, x1, _ in cells) - 8
    room_y = min(y1 - y0 for _, y0, _, y1 in cells) - 8 - words
    scale = min(room_x / sizes_px[:, 0].max(), room_y / sizes_px[:, 1].max())
    colours = kind_colours(len(sizes_px)).tolist()
    for kind, (x0, y0, x1, y1) in enumerate(cells):
        half = np.maximum(sizes_px[kind] * scale / 2, 1)
        centre = np.array([(x0 + x1) / 2, (y0 + y1 - words) / 2])
        corners = np.rint([*(centre - half), *(centre + half)]).astype(int).tolist()
        cv2.rectangle(canvas, corners[:2], corners[2:], colours[kind], cv2.FILLED)
        cv2.rectangle(canvas, corners[:2], corners[2:], text, 1)
        if kind == chosen:
            cv2.rectangle(canvas, (x0 + 1, y0 + 1), (x1 - 2, y1 - 2), text, 2)
        label = f"{sizes_px[kind, 0]:.0f} x {sizes_px[kind, 1]:.0f}"
        if words and text_height(font_px) <= words:
            draw_text(canvas, label, ((x0 + x1) // 2, y1 - words), text, font_px, centred=True)
    return canvas


def _room(kinds: int, columns: int, width: int, height: int) -> float:
    """How large a cell's shorter side is; words want it not much higher than wide."""
    rows = -(-kinds // columns)
    return min(width / columns, height / rows)
