"""Small plates with text, and places for them where they cover neither each other nor the edge."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
Rectangle = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of the view; x1 and y1 are outside."""

_PLATE = (20, 22, 26)
_TEXT = (255, 255, 255)


@lru_cache(maxsize=2048)
def label_plate(text: str, colour: tuple[int, int, int], font_px: int) -> Image:
    """(H, W, 3) uint8 RGB: white text on dark, and the person's colour as a bar at its left."""
    font = ImageFont.load_default(font_px)
    _, top, _, bottom = font.getbbox("0123456789·%")
    margin = max(2, font_px // 5)
    bar = max(3, font_px // 4)
    width = bar + 2 * margin + round(font.getlength(text))
    height = round(bottom - top) + 2 * margin
    plate = Pillow.new("RGB", (width, height), _PLATE)
    draw = ImageDraw.Draw(plate)
    draw.rectangle((0, 0, bar - 1, height - 1), fill=colour)
    draw.text((bar + margin, margin - top), text, fill=_TEXT, font=font)
    return np.asarray(plate)


class LabelPlaces:
    """Where labels are already, and where the next one goes."""

    def __init__(self, width: int, height: int) -> None:
        """A view of width x height pixels without any label."""
        self._width, self._height = width, height
        self._taken = np.zeros((0, 4), np.int64)

    def place(self, box: NDArray[np.float64], width: int, height: int) -> Rectangle | None:
        """A free rectangle of that size beside a person's box (4,), which then is taken.

        None where everything near is taken: a label that hides another says nothing.
        """
        for x, y in _beside(box, width, height):
            x0 = int(min(max(x, 0), self._width - width))
            y0 = int(min(max(y, 0), self._height - height))
            place = (x0, y0, x0 + width, y0 + height)
            if x0 >= 0 and y0 >= 0 and not self._overlaps(place):
                self._taken = np.concatenate([self._taken, [place]])
                return place
        return None

    def _overlaps(self, place: Rectangle) -> bool:
        x0, y0, x1, y1 = place
        taken = self._taken
        apart = (
            (taken[:, 0] >= x1) | (taken[:, 2] <= x0) | (taken[:, 1] >= y1) | (taken[:, 3] <= y0)
        )
        return not bool(apart.all())


def _beside(box: NDArray[np.float64], width: int, height: int) -> Iterable[tuple[float, float]]:
    """Top-left corners, the most natural first: above, below, beside, then further up."""
    x0, y0, x1, y1 = box
    yield x0, y0 - height
    yield x1 - width, y0 - height
    yield x0, y1
    yield x1, y0
    yield x0 - width, y0
    yield x1, y1 - height
    yield x0 - width, y1 - height
    yield x0, y0 - 2 * height
    yield x0, y1 + height
    yield x0, y0
