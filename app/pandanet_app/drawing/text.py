"""Text for figures: whole lines as masks, with the paper's Greek letters, upright or turned."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]
Align = Literal["left", "middle", "right"]

_FONT_FILE = "mpl-data/fonts/ttf/DejaVuSans.ttf"
"""Comes with matplotlib; Pillow's own font has neither λ nor ×."""


def line_height(font_px: int) -> int:
    """Height of a line of text in px."""
    return round(font_px * 1.3)


def text_width(text: str, font_px: int) -> int:
    """Width of a line of text in px."""
    return int(text_mask(text, font_px).shape[1])


def elided(text: str, font_px: int, room_px: int) -> str:
    """The text, or as much of its beginning as fits, and dots."""
    if text_width(text, font_px) <= room_px:
        return text
    while text and text_width(text + "…", font_px) > room_px:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, font_px: int, room_px: int) -> list[str]:
    """The text in lines that fit, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, font_px) <= room_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=4096)
def text_mask(text: str, font_px: int) -> Image:
    """(line height, width) uint8: how much of each pixel the text covers, 0 to 255."""
    font = _font(font_px)
    mask = Pillow.new("L", (max(1, round(font.getlength(text))), line_height(font_px)))
    baseline = round(font_px * 1.0)
    ImageDraw.Draw(mask).text((0, baseline), text, fill=255, font=font, anchor="ls")
    return np.asarray(mask)


def number_mask(text: str, font_px: int) -> Image:
    """As `text_mask`, put together from single characters: many times faster where numbers are
    always others. All digits are equally wide."""
    return np.concatenate([text_mask(character, font_px) for character in text], 1)


def draw_number(
    canvas: Image, text: str, right: float, y: float, colour: Colour, font_px: int
) -> None:
    """Write a number that ends at `right`, its vertical middle at y, px."""
    mask = number_mask(text, font_px)
    _blend(canvas, mask, round(right) - mask.shape[1], round(y - mask.shape[0] / 2), colour)


def draw_text(
    canvas: Image,
    text: str,
    x: float,
    y: float,
    colour: Colour,
    font_px: int,
    align: Align = "left",
) -> None:
    """Write one line; what lies outside the canvas is left out.

    Args:
        canvas: (H, W, 3) uint8 RGB; changed.
        text: The line.
        x: Its left end, middle or right end, as `align` says, px.
        y: Its vertical middle, px.
        colour: RGB.
        font_px: Height of the letters.
        align: Where x is.
    """
    mask = text_mask(text, font_px)
    share = {"left": 0.0, "middle": 0.5, "right": 1.0}[align]
    _blend(canvas, mask, round(x - share * mask.shape[1]), round(y - mask.shape[0] / 2), colour)


def draw_turned_text(
    canvas: Image, text: str, x: float, y: float, colour: Colour, font_px: int
) -> None:
    """Write one line upwards, so that it ends below a point: x is its middle, y its end."""
    mask = np.rot90(text_mask(text, font_px))
    _blend(canvas, mask, round(x - mask.shape[1] / 2), round(y), colour)


@lru_cache(maxsize=16)
def _font(font_px: int) -> ImageFont.FreeTypeFont:
    found = find_spec("matplotlib")
    assert found is not None
    assert found.origin is not None
    return ImageFont.truetype(str(Path(found.origin).parent / _FONT_FILE), font_px)


def _blend(canvas: Image, mask: Image, left: int, top: int, colour: Colour) -> None:
    height, width = canvas.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + mask.shape[1], width), min(top + mask.shape[0], height)
    if x0 >= x1 or y0 >= y1:
        return
    cover = mask[y0 - top : y1 - top, x0 - left : x1 - left, None].astype(np.uint16)
    place = canvas[y0:y1, x0:x1]
    place[:] = (place * (255 - cover) + np.array(colour, np.uint16) * cover + 127) // 255
