"""The figure of λ: drawn to fit, read with the mouse or the arrow keys."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QToolTip, QWidget

from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.figure import LambdaFigure
from pandanet_app.drawing.lambda_figure.look import Look
from pandanet_app.drawing.lambda_figure.panels import Cell, Values
from pandanet_app.drawing.lambda_figure.reading import reading
from pandanet_app.qt.images import to_qimage
from pandanet_app.qt.lambda_lab.look import look_of
from pandanet_app.qt.theme import Theme

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Arrow keys: columns to the right, rows down."""


class FigureView(QWidget):
    """Shows λ at a step; asks for the room that it needs."""

    pointed = pyqtSignal(str)
    """What the cell under the pointer or chosen by keys says; empty where there is none."""

    def __init__(self, theme: Theme) -> None:
        """Nothing to show yet."""
        super().__init__()
        self._theme = theme
        self._content: LambdaContent | None = None
        self._step = 0
        self._room = QSize(640, 320)
        self._figure: LambdaFigure | None = None
        self._values: Values = {}
        self._canvas: NDArray[np.uint8] | None = None
        self._cell: Cell | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Learned loss weights λ; the arrow keys read them cell by cell")

    @property
    def figure(self) -> LambdaFigure | None:
        """The figure as it is laid out now; None before there is anything to show."""
        return self._figure

    def show_lambdas(self, content: LambdaContent | None, step: int) -> None:
        """Show these λ at a step; None shows nothing."""
        new = content is not self._content
        self._content, self._step = content, step
        if new:
            self._cell = None
            self._lay_out()
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self._lay_out()

    def set_room(self, room: QSize) -> None:
        """Fill so many logical pixels, or more where the text would not be readable."""
        if room != self._room:
            self._room = room
            self._lay_out()

    def look(self) -> Look:
        """Colours and size of text, in device pixels."""
        text_px = max(8, round(self.fontInfo().pixelSize() * self.devicePixelRatioF()))
        return look_of(self._theme, text_px)

    def changeEvent(self, event: QEvent | None) -> None:
        """Text of another size wants another layout."""
        kinds = (QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if event is not None and event.type() in kinds:
            self._lay_out()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The figure, drawn anew only when something changed, and a frame round the read cell."""
        painter = QPainter(self)
        if self._figure is None or self._content is None:
            return
        if self._canvas is None:
            self._values = self._content.values(self._step)
            self._canvas = self._figure.draw(self._values)
        ratio = self.devicePixelRatioF()
        image = to_qimage(self._canvas)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)
        if self._cell is not None:
            x0, y0, x1, y1 = (edge / ratio for edge in self._figure.rectangle(self._cell))
            for colour, width in ((self._theme.window, 4), (self._theme.text, 2)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawRect(round(x0) - 1, round(y0) - 1, round(x1 - x0) + 1, round(y1 - y0))

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Read the cell under the pointer."""
        if event is None or self._figure is None:
            return
        ratio = self.devicePixelRatioF()
        at = event.position()
        cell = self._figure.cell_at(at.x() * ratio, at.y() * ratio)
        if cell is not None or not self.hasFocus():  # between cells the keys' choice stays
            self._choose(cell)
        QToolTip.showText(event.globalPosition().toPoint() + QPoint(8, 8), self.reading(), self)

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is read any more."""
        if not self.hasFocus():
            self._choose(None)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Nothing is read any more."""
        self._choose(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Arrow keys read the neighbouring cells."""
        if event is None or self._figure is None or Qt.Key(event.key()) not in _STEPS:
            super().keyPressEvent(event)
            return
        right, down = _STEPS[Qt.Key(event.key())]
        first = Cell(0, 0, 0)
        self._choose(self._figure.neighbour(self._cell, right, down) if self._cell else first)

    def reading(self) -> str:
        """What the chosen cell says; empty where none is."""
        if self._cell is None or self._content is None or not self._values:
            return ""
        return reading(self._content, self._cell, self._values)

    def _choose(self, cell: Cell | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.pointed.emit(self.reading())
            self.update()

    def _lay_out(self) -> None:
        if self._content is None:
            self._figure = None
        else:
            ratio = self.devicePixelRatioF()
            width, height = round(self._room.width() * ratio), round(self._room.height() * ratio)
            self._figure = LambdaFigure(self._content.panels, width, height, self.look())
            layout = self._figure.layout
            size = QSize(int(layout.width / ratio), int(layout.height / ratio))
            if size != self.size():
                self.setFixedSize(size)
        self._redraw()

    def _redraw(self) -> None:
        self._canvas = None
        if self._cell is not None and self._content is not None:
            self._values = self._content.values(self._step)
            self.pointed.emit(self.reading())
        self.update()
