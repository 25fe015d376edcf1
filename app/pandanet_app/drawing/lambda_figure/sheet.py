"""The figure as a picture of its own: with a heading, and below what it says in words."""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.figure import LambdaFigure
from pandanet_app.drawing.lambda_figure.look import Look
from pandanet_app.drawing.lambda_figure.reading import MEANING, shown_steps, words
from pandanet_app.drawing.text import draw_text, line_height, wrapped

Image = NDArray[np.uint8]


def lambda_sheet(content: LambdaContent, step: int, look: Look, width: int) -> Image:
    """(H, W, 3) uint8 RGB: heading, figure and words, at least `width` px wide."""
    figure = LambdaFigure(content.panels, width, 0, look)
    picture = figure.draw(content.values(step))
    margin, line = round(0.6 * look.font_px), line_height(look.font_px)
    room = picture.shape[1] - 2 * margin
    below = [
        (part, colour)
        for colour, sentences in ((look.text, words(content, step)), (look.quiet, (MEANING,)))
        for sentence in sentences
        for part in wrapped(sentence, look.font_px, room)
    ]
    height = picture.shape[0] + line * (len(below) + 1) + 3 * margin
    sheet = np.full((height, picture.shape[1], 3), look.background, np.uint8)
    heading = shown_steps(content, step)
    draw_text(sheet, heading, margin, margin + line / 2, look.text, look.font_px)
    top = line + 2 * margin
    sheet[top : top + picture.shape[0]] = picture
    top += picture.shape[0]
    for number, (text, colour) in enumerate(below):
        y = top + (number + 0.5) * line
        draw_text(sheet, text, margin, y, colour, look.font_px)
    return sheet
