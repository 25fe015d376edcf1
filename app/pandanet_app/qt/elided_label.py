"""A line of text that gives way: cut with dots where there is no room, whole in its tooltip."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy

_MARGIN = 7
"""Left and right of the text, logical pixels."""


class ElidedLabel(QLabel):
    """A label that never makes its window wider."""

    def __init__(self, meaning: str, gives_way: bool = True) -> None:
        """An empty line.

        Args:
            meaning: Explains it in the tooltip.
            gives_way: Whether it may be cut at all.
        """
        super().__init__()
        self._meaning = meaning
        self._gives_way = gives_way
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        """Show this text."""
        self.setText(text)
        self.setToolTip(f"{text}\n{self._meaning}")

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        width = self.fontMetrics().horizontalAdvance(self.text()) + 2 * _MARGIN + 1
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for some letters, or for all."""
        whole = self.sizeHint()
        if not self._gives_way:
            return whole
        return QSize(self.fontMetrics().horizontalAdvance("MMMM"), whole.height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The text as far as there is room."""
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        room = self.contentsRect().adjusted(_MARGIN, 0, -_MARGIN, 0)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
