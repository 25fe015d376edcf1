"""Words on a canvas, with nothing behind them."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]


def draw_text(
    canvas: Image,
    text: str,
    at: tuple[int, int],
    colour: Colour,
    font_px: int,
    centred: bool = False,
) -> None:
    """Write on `canvas` (H, W, 3); `at` is the text's upper left corner, or its upper middle."""
    ink = _ink(text, font_px)
    x0, y0 = at[0] - ink.shape[1] // 2 if centred else at[0], at[1]
    left, top = max(x0, 0), max(y0, 0)
    part = canvas[top : y0 + ink.shape[0], left : x0 + ink.shape[1]]
    if part.size:
        seen = ink[top - y0 : top - y0 + part.shape[0], left - x0 : left - x0 + part.shape[1], None]
        part[:] = np.rint(part + (np.array(colour) - part) * seen).astype(np.uint8)


def text_width(text: str, font_px: int) -> int:
    """How wide a text is, px."""
    return int(_ink(text, font_px).shape[1])


def text_height(font_px: int) -> int:
    """How high a line is, px."""
    return int(_ink("0", font_px).shape[0])


@lru_cache(maxsize=1024)
def _ink(text: str, font_px: int) -> NDArray[np.float32]:
    """(h, w) how much of each pixel the text covers, 0 to 1."""
    font = ImageFont.load_default(font_px)
    _, top, _, bottom = font.getbbox("0123456789%")
    size = (max(1, round(font.getlength(text))), max(1, round(bottom - top) + 2))
    plate = Pillow.new("L", size, 0)
    ImageDraw.Draw(plate).text((0, 1 - top), text, fill=255, font=font)
    return np.asarray(plate, np.float32) / np.float32(255)
