"""The legend of the N_A kinds of anchors: a click shows one of them alone."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from pandanet_app.drawing.anchors.kinds import draw_legend, legend_cells
from pandanet_app.qt.images import to_qimage


class Legend(QWidget):
    """Every kind of anchor at the same scale, with its size."""

    chosen = pyqtSignal(object)
    """The kind that was clicked; None where it was the one shown already."""

    def __init__(self) -> None:
        """Nothing to show yet."""
        super().__init__()
        self._sizes: NDArray[np.floating] | None = None
        self._kind: int | None = None
        self._picture: NDArray[np.uint8] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip(
            "The shapes of the anchors, all at one scale, width × height in px of the network's "
            "input. Click one to see it alone, again to see all"
        )
        self.setAccessibleName("Shapes and sizes of the anchors")

    def show_kinds(self, sizes: NDArray[np.floating] | None, kind: int | None) -> None:
        """Show these sizes (N_A, 2); `kind` is marked."""
        same = sizes is self._sizes and kind == self._kind
        self._sizes, self._kind = sizes, kind
        if not same:
            self.update()

    def minimumSizeHint(self) -> QSize:
        """Room for ten kinds in two rows."""
        line = self.fontMetrics().height()
        return QSize(14 * line, 5 * line)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it at the screen's own resolution."""
        if self._sizes is None:
            return
        ratio, palette = self.devicePixelRatioF(), self.palette()
        size = round(self.width() * ratio), round(self.height() * ratio)
        background, text = (
            _rgb(colour) for colour in (palette.window().color(), palette.text().color())
        )
        font_px = max(8, round(self.fontMetrics().height() * 0.62 * ratio))
        self._picture = draw_legend(self._sizes, *size, background, text, font_px, self._kind)
        image = to_qimage(self._picture)
        image.setDevicePixelRatio(ratio)
        QPainter(self).drawImage(0, 0, image)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Show the kind that is clicked alone, or all again."""
        if event is None or self._sizes is None:
            return
        cells = legend_cells(len(self._sizes), self.width(), self.height())
        x, y = event.position().x(), event.position().y()
        for kind, (x0, y0, x1, y1) in enumerate(cells):
            if x0 <= x < x1 and y0 <= y < y1:
                self.chosen.emit(None if kind == self._kind else kind)


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
