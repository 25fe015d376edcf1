"""Drawing one panel: what stays (labels, scales) and what changes (cells, bars, numbers)."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.layout import NUMBER_ROOM, Place
from pandanet_app.drawing.lambda_figure.look import Colour, Look
from pandanet_app.drawing.lambda_figure.panels import BarPanel, Floats, HeatPanel, value_text
from pandanet_app.drawing.lambda_figure.scale import Scale, readable_on
from pandanet_app.drawing.text import (
    draw_number,
    draw_text,
    draw_turned_text,
    elided,
    line_height,
    number_mask,
    text_width,
)

Image = NDArray[np.uint8]

_CELL_DIGITS = 2


def draw_frame(canvas: Image, place: Place, look: Look) -> None:
    """Title, labels and scale of a panel."""
    line, panel = line_height(look.font_px), place.panel
    room = canvas.shape[1] - place.left
    title = elided(panel.title, look.font_px, min(room, _title_room(place, look)))
    draw_text(canvas, title, place.left, place.header_top + line / 2, look.text, look.font_px)
    if place.label_width:
        for row, label in enumerate(panel.rows):
            y = place.top + (row + 0.5) * place.row_height
            x = place.left - place.label_width
            draw_text(canvas, label, x, y, look.quiet, look.font_px)
    if isinstance(panel, HeatPanel):
        _draw_colour_bar(canvas, place, panel.scale, look)
        top = place.top + place.height + 3
        for column, label in enumerate(panel.columns):
            centre = sum(place.columns[column]) / 2
            draw_turned_text(canvas, label, centre, top, look.quiet, look.font_px)
    else:
        _draw_axis(canvas, place, panel.scale, look)
        _draw_names(canvas, place, panel.names, look)


def draw_cells(canvas: Image, place: Place, values: Floats, look: Look) -> None:
    """The cells (R, C) of a heatmap, with their numbers where there is room."""
    panel = place.panel
    assert isinstance(panel, HeatPanel)
    colours = panel.scale.colours(values)
    colours[~np.isfinite(values)] = look.line
    column_of_pixel = np.full(place.width, len(place.columns))
    for column, (start, stop) in enumerate(place.columns):
        column_of_pixel[start - place.left : stop - place.left] = column
    between = np.full((len(values), 1, 3), look.background, np.uint8)
    lines = np.concatenate([colours, between], 1)[:, column_of_pixel]
    pixels = np.repeat(lines, place.row_height, 0)
    pixels[place.row_height - 1 :: place.row_height] = look.background
    canvas[place.top : place.top + place.height, place.left : place.left + place.width] = pixels
    if _numbers_fit(place, look):
        _draw_numbers(canvas, place, values, colours, look)


def draw_bars(canvas: Image, place: Place, values: Sequence[Floats], look: Look) -> None:
    """The bars of a panel, and their numbers: `values` holds (R,) for each bar of a row."""
    panel = place.panel
    assert isinstance(panel, BarPanel)
    scale, width = panel.scale, place.width
    start = round(_bar_start(scale) * width)
    thickness = max(2, round(0.72 * place.row_height / len(values)))
    for row in range(len(panel.rows)):
        middle = place.top + (row + 0.5) * place.row_height
        top = round(middle - thickness * len(values) / 2)
        for number, series in enumerate(values):
            if np.isfinite(series[row]):
                end = round(float(scale.shares(series[row])) * width)
                x0, x1 = place.left + min(start, end), place.left + max(start, end)
                y0 = top + number * thickness
                colour = _bar_colour(scale, float(series[row]), look, number)
                canvas[y0 : y0 + thickness - (len(values) > 1), x0 : max(x1, x0 + 1)] = colour
        _draw_bar_numbers(canvas, place, middle, [float(one[row]) for one in values], look)


def _draw_bar_numbers(
    canvas: Image, place: Place, middle: float, values: list[float], look: Look
) -> None:
    room = text_width(NUMBER_ROOM, look.font_px)
    for number, value in enumerate(values):
        colour = look.text if len(values) == 1 else look.series[number]
        x = place.left + place.width + (number + 1) * room
        draw_number(canvas, value_text(value), x, middle, colour, look.font_px)


def _title_room(place: Place, look: Look) -> int:
    room = place.width
    if isinstance(place.panel, BarPanel):
        room += text_width(NUMBER_ROOM * len(place.panel.sources), look.font_px)
    return room


def _draw_colour_bar(canvas: Image, place: Place, scale: Scale, look: Look) -> None:
    """The colours from end to end, and below them what they mean; λ has no unit."""
    line = line_height(look.font_px)
    width = place.width
    top = place.header_top + line + 1
    shares = np.linspace(0, 1, width)
    low, high = scale.low, scale.high
    if scale.logarithmic:
        values = np.exp(np.log(low) + shares * (np.log(high) - np.log(low)))
    else:
        values = low + shares * (high - low)
    canvas[top : top + round(0.6 * line), place.left : place.left + width] = scale.colours(values)
    _draw_ticks(canvas, place, scale, look)


def _draw_axis(canvas: Image, place: Place, scale: Scale, look: Look) -> None:
    """Lines at the ticks, through all rows."""
    for tick in scale.ticks():
        x = place.left + round(float(scale.shares(np.array(tick))) * place.width)
        canvas[place.top : place.top + place.height, x : x + 1] = look.line
    _draw_ticks(canvas, place, scale, look)


def _draw_names(canvas: Image, place: Place, names: Sequence[str], look: Look) -> None:
    """Whose the bars are: from left to right what is from top to bottom in each row."""
    y = place.header_top + 1.5 * line_height(look.font_px)
    for number, name in enumerate(names):
        room = _title_room(place, look) // len(names)
        text = elided(name, look.font_px, room - look.font_px // 2)
        x = place.left + number * room
        draw_text(canvas, text, x, y, look.series[number], look.font_px)


def _draw_ticks(canvas: Image, place: Place, scale: Scale, look: Look) -> None:
    """Values beside the scale: 1 first, where bars start, then those for which there is room."""
    y = place.header_top + 2.5 * line_height(look.font_px) - 2
    ticks, apart = scale.ticks(), 0.35 * look.font_px
    taken: list[tuple[float, float]] = []
    ends_first = (ticks[-1], ticks[0], *ticks[1:-1])
    for tick in sorted(ends_first, key=lambda tick: tick != 1):
        text = f"{tick:.3g}"
        width = text_width(text, look.font_px)
        x = place.left + float(scale.shares(np.array(tick))) * place.width
        left = min(max(x - width / 2, place.left), place.left + place.width - width)
        if all(left > stop + apart or left + width + apart < start for start, stop in taken):
            draw_text(canvas, text, left, y, look.quiet, look.font_px)
            taken.append((left, left + width))


def _bar_start(scale: Scale) -> float:
    """Where bars start, as a share: at 1 on a logarithmic scale that holds 1."""
    return float(scale.shares(np.array(1.0))) if scale.logarithmic else 0.0


def _bar_colour(scale: Scale, value: float, look: Look, number: int) -> Colour:
    """Each run's own; of a ratio that of the run whose value is the larger one."""
    return look.series[int(value > 1)] if scale.ratio else look.series[number]


def _numbers_fit(place: Place, look: Look) -> bool:
    start, stop = place.columns[0]
    wide = text_width("0.88", look.small_px) + 2 <= stop - start
    return wide and line_height(look.small_px) <= place.row_height - 1


def _draw_numbers(canvas: Image, place: Place, values: Floats, colours: Image, look: Look) -> None:
    """Black on light cells, white on dark ones; all of a colour at once, which is ten times faster
    than one after the other."""
    black = readable_on(colours)
    part = canvas[place.top : place.top + place.height, place.left : place.left + place.width]
    covers = np.zeros((2, *part.shape[:2]), np.uint8)
    for row, line in enumerate(values):
        for column, (start, stop) in enumerate(place.columns):
            mask = number_mask(_cell_text(float(line[column])), look.small_px)
            height, width = mask.shape
            if width <= stop - start:
                x = (start + stop - width) // 2 - place.left
                y = row * place.row_height + (place.row_height - height) // 2
                covers[int(black[row, column]), y : y + height, x : x + width] = mask
    white, dark = (cv2.merge([cover] * 3) for cover in covers)
    lighter = cv2.add(part, cv2.multiply(255 - part, white, scale=1 / 255))
    part[:] = cv2.multiply(lighter, 255 - dark, scale=1 / 255)


def _cell_text(value: float) -> str:
    """Short enough for a cell: two digits, and at most two behind the point."""
    return f"{value:.2f}" if 0 <= value < 0.1 else value_text(value, _CELL_DIGITS)
