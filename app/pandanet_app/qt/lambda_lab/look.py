"""The theme's colours for the figure."""

from dataclasses import replace

from PyQt6.QtGui import QColor

from pandanet_app.drawing.lambda_figure.look import Colour, Look, dark_look, light_look
from pandanet_app.qt.theme import Theme


def look_of(theme: Theme, text_px: int) -> Look:
    """How the figure looks in a window of this theme, with letters of this height in px."""
    look = dark_look(text_px) if theme.dark else light_look(text_px)
    return replace(
        look,
        background=_rgb(theme.window),
        text=_rgb(theme.text),
        quiet=_rgb(theme.quiet),
        line=_rgb(theme.border),
    )


def _rgb(colour: str) -> Colour:
    value = QColor(colour)
    return value.red(), value.green(), value.blue()
