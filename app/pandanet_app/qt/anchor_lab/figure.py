"""A widget that shows a small figure drawn at the screen's own resolution."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from pandanet_app.drawing.anchors.graph import Look
from pandanet_app.qt.images import to_qimage

Draw = Callable[[tuple[int, int], Look], NDArray[np.uint8]]
"""(width and height in px, colours and sizes) -> picture (height, width, 3), RGB."""


_LINE = 0.3
"""Lines are this far from the background towards the text's colour."""


class Figure(QWidget):
    """Draws what it is given, whenever it is needed."""

    clicked = pyqtSignal(float, float)
    """x and y of a click in px of the figure."""

    def __init__(self, name: str, lines: tuple[int, int]) -> None:
        """An empty figure.

        Args:
            name: What it shows.
            lines: Least width and height, in heights of a line of text.
        """
        super().__init__()
        self._draw: Draw | None = None
        self._picture: NDArray[np.uint8] | None = None
        self._lines = lines
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_figure(self, draw: Draw | None) -> None:
        """Show what `draw` makes; None: nothing."""
        self._draw = draw
        self.update()

    def look(self) -> Look:
        """Colours and sizes of this widget."""
        palette = self.palette()
        background, text = _rgb(palette.window().color()), _rgb(palette.text().color())
        line = _between(background, text, _LINE)
        font_px = max(8, round(self.fontMetrics().height() * 0.7 * self.devicePixelRatioF()))
        return Look(background, text, line, font_px)

    def figure_size(self) -> tuple[int, int]:
        """Width and height of the figure, px."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def minimumSizeHint(self) -> QSize:
        """As asked for."""
        line = self.fontMetrics().height()
        return QSize(self._lines[0] * line, self._lines[1] * line)

    def sizeHint(self) -> QSize:
        """As little as may be."""
        return self.minimumSizeHint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the figure."""
        if self._draw is None:
            return
        self._picture = self._draw(self.figure_size(), self.look())
        image = to_qimage(self._picture)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        QPainter(self).drawImage(0, 0, image)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Say where the click was."""
        if event is not None:
            ratio = self.devicePixelRatioF()
            self.clicked.emit(event.position().x() * ratio, event.position().y() * ratio)


def _between(
    first: tuple[int, int, int], second: tuple[int, int, int], share: float
) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
