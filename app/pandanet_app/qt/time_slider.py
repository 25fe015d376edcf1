"""The slider through the film: what is detected, the range in work, and where we are."""

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QToolTip, QWidget

from pandanet_app.qt.theme import Theme

_MARGIN = 9
"""Left and right of the bar, logical pixels: half the handle."""
_BAR = 0.5
_HANDLE = 1.2
_HANDLE_WIDTH = 0.4
"""Heights and a width as shares of the text's height."""


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
        return QSize(400, round(self.fontMetrics().height() * 1.8))

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
        em, middle = self.fontMetrics().height(), self.height() / 2
        bar = QRectF(_MARGIN, middle - em * _BAR / 2, self.width() - 2 * _MARGIN, em * _BAR)
        painter.setBrush(QColor(self._theme.border))
        painter.drawRoundedRect(bar, 3, 3)
        if self._frame_count == 0:
            return
        painter.setBrush(QColor(self._theme.accent))
        for start, stop in self._done:
            painter.drawRect(self._span(start, stop, bar.top(), bar.height()))
        self._paint_range(painter, middle, em * _HANDLE)
        painter.setBrush(QColor(self._theme.text))
        painter.setPen(QColor(self._theme.window))
        handle = QRectF(0, 0, em * _HANDLE_WIDTH, em * _HANDLE)
        handle.moveCenter(QPointF(self.x_of(self._frame), middle))
        painter.drawRoundedRect(handle, 3, 3)

    def _paint_range(self, painter: QPainter, middle: float, height: float) -> None:
        """Brackets at the ends of the range, where it is not the whole film."""
        start, stop = self._range
        if (start, stop) == (0, self._frame_count):
            return
        painter.setBrush(QColor(self._theme.quiet))
        top, foot = middle - height / 2, height / 3
        for frame, direction in ((start, 1), (stop - 1, -1)):
            x = self.x_of(frame)
            painter.drawRect(QRectF(x - 1, top, 2, height))
            for y in (top, top + height - 2):
                painter.drawRect(QRectF(min(x, x + foot * direction), y, foot, 2))

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
