"""The slider through the film: what is detected, the range in work, and where we are."""

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from pandanet_app.qt.theme import Theme

_MARGIN = 9
"""Left and right of the bar, logical pixels: half the handle."""
_BAR = 8
_HANDLE = 14


class TimeSlider(QWidget):
    """A bar that is as long as the film; a click or a drag anywhere goes there."""

    moved = pyqtSignal(int)
    """The frame that the person points at."""

    def __init__(self, theme: Theme) -> None:
        """An empty bar."""
        super().__init__()
        self._theme = theme
        self._frame_count = 0
        self._frame = 0
        self._range = (0, 0)
        self._done: tuple[tuple[int, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Position in the film")

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, 30)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self.update()

    def set_film(self, frame_count: int, work: tuple[int, int]) -> None:
        """Number of frames and the range in work (start, stop)."""
        self._frame_count, self._range = frame_count, work
        self.update()

    def set_frame(self, frame: int) -> None:
        """Where we are."""
        self._frame = frame
        self.update()

    def set_done(self, done: tuple[tuple[int, int], ...]) -> None:
        """Detected frames, (start, stop) each."""
        self._done = done
        self.update()

    def frame_at(self, x: float) -> int:
        """The frame under a position of the widget."""
        width = max(1, self.width() - 2 * _MARGIN)
        share = min(1.0, max(0.0, (x - _MARGIN) / width))
        return round(share * max(0, self._frame_count - 1))

    def x_of(self, frame: float) -> float:
        """Where a frame lies."""
        width = self.width() - 2 * _MARGIN
        return _MARGIN + width * frame / max(1, self._frame_count - 1)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """The bar, the range, what is detected, the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        painter.setBrush(QColor(self._theme.raised))
        painter.drawRoundedRect(
            QRectF(_MARGIN, middle - _BAR / 2, self.width() - 2 * _MARGIN, _BAR), 3, 3
        )
        if self._frame_count == 0:
            return
        painter.setBrush(QColor(self._theme.accent))
        for start, stop in self._done:
            painter.drawRect(self._span(start, stop, middle - _BAR / 2, _BAR))
        self._paint_range(painter, middle)
        painter.setBrush(QColor(self._theme.text))
        painter.setPen(QColor(self._theme.window))
        handle = QRectF(0, 0, 6, _HANDLE + 6)
        handle.moveCenter(QRectF(self.x_of(self._frame), middle, 0, 0).topLeft())
        painter.drawRoundedRect(handle, 3, 3)

    def _paint_range(self, painter: QPainter, middle: float) -> None:
        """Brackets at the ends of the range, where it is not the whole film."""
        start, stop = self._range
        if (start, stop) == (0, self._frame_count):
            return
        painter.setBrush(QColor(self._theme.quiet))
        top = middle - _HANDLE / 2 - 2
        for frame, direction in ((start, 1), (stop - 1, -1)):
            x = self.x_of(frame)
            painter.drawRect(QRectF(x - 1, top, 2, _HANDLE + 4))
            for y in (top, top + _HANDLE + 2):
                painter.drawRect(QRectF(min(x, x + 6 * direction), y, 6, 2))

    def _span(self, start: int, stop: int, top: float, height: float) -> QRectF:
        left, right = self.x_of(start), self.x_of(stop - 1)
        return QRectF(left, top, max(1.0, right - left), height)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Go there."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag through the film."""
        if event is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def event(self, event: object) -> bool:
        """Say which frame is under the pointer."""
        if isinstance(event, QHelpEvent) and self._frame_count:
            frame = self.frame_at(event.pos().x())
            QToolTip.showText(event.globalPos(), f"frame {frame}", self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _go(self, x: float) -> None:
        if self._frame_count:
            self.moved.emit(self.frame_at(x))
