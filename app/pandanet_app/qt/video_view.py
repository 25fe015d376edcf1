"""The picture with the people drawn over it."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.scene import Scene
from pandanet_app.models.view import ViewState
from pandanet_app.models.viewport import Viewport
from pandanet_app.qt.images import to_qimage
from pandanet_app.qt.theme import Theme

_CLICK_REACH = 10.0
"""A click this near to a bone means the person, logical pixels."""
_ZOOM_STEP = 1.25


class VideoView(QWidget):
    """Shows a scene's picture and people; Ctrl+wheel zooms, dragging moves, double click fits."""

    clicked = pyqtSignal(float, float, float)
    """x, y and reach of a click, in picture pixels."""

    def __init__(self, view: ViewState, theme: Theme) -> None:
        """An empty stage; `view` holds the part of the picture that is seen."""
        super().__init__()
        self._view = view
        self._theme = theme
        self._scene = Scene()
        self._canvas: NDArray[np.uint8] | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self.setMinimumSize(240, 135)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Picture with people")
        view.events.viewport.connect(self._redraw)

    def show_scene(self, scene: Scene) -> None:
        """Draw this scene."""
        self._scene = scene
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self._redraw()

    def zoom(self, steps: float, at: QPointF | None = None) -> None:
        """Zoom in (steps > 0) or out about a position of the widget, its centre by default."""
        viewport = self.viewport()
        if viewport is None or self._scene.frame is None:
            return
        ratio = self.devicePixelRatioF()
        at = at or QPointF(self.width() / 2, self.height() / 2)
        zoomed = viewport.zoomed(_ZOOM_STEP**steps, at.x() * ratio, at.y() * ratio)
        self._view.viewport = self._kept(zoomed)

    def fit(self) -> None:
        """Show the whole picture."""
        self._view.viewport = None

    def viewport(self) -> Viewport | None:
        """The part of the picture that is seen, in device pixels; None without a picture."""
        if self._scene.frame is None:
            return None
        height, width = self._scene.frame.image.shape[:2]
        size = self._device_size()
        return self._view.viewport or Viewport.fitted(width, height, size.width(), size.height())

    def _kept(self, viewport: Viewport) -> Viewport | None:
        assert self._scene.frame is not None
        height, width = self._scene.frame.image.shape[:2]
        size = self._device_size()
        fitted = Viewport.fitted(width, height, size.width(), size.height())
        if viewport.scale <= fitted.scale:
            return None
        return viewport.kept_in_sight(width, height, size.width(), size.height())

    def _device_size(self) -> QSize:
        ratio = self.devicePixelRatioF()
        return QSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def _redraw(self) -> None:
        self._canvas = None
        self.update()

    def _draw(self) -> NDArray[np.uint8] | None:
        scene, viewport = self._scene, self.viewport()
        if scene.frame is None or viewport is None:
            return None
        size, stage = self._device_size(), QColor(self._theme.stage)
        background = (stage.red(), stage.green(), stage.blue())
        canvas = draw_picture(scene.frame.image, viewport, size.width(), size.height(), background)
        if scene.people is not None and scene.skeleton is not None:
            draw_people(canvas, scene, viewport, self.devicePixelRatioF())
        return canvas

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Show the canvas, drawn anew only when something changed."""
        if self._canvas is None:
            self._canvas = self._draw()
        painter = QPainter(self)
        if self._canvas is None:
            painter.fillRect(self.rect(), QColor(self._theme.stage))
            return
        image = to_qimage(self._canvas)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        painter.drawImage(0, 0, image)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The picture stays fitted, or keeps its scale."""
        self._redraw()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Ctrl+wheel zooms about the pointer."""
        if event is None or not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return
        self.zoom(event.angleDelta().y() / 120, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Remember where a click or a drag starts."""
        if event is not None and event.button() in (
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.MiddleButton,
        ):
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Drag the picture."""
        if event is None or self._pressed is None:
            return
        moved = event.position() - self._pressed
        if not self._dragged and moved.manhattanLength() < 4:
            return
        self._dragged, self._pressed = True, event.position()
        if self._view.viewport is not None:
            ratio = self.devicePixelRatioF()
            panned = self._view.viewport.panned(moved.x() * ratio, moved.y() * ratio)
            self._view.viewport = self._kept(panned)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A click that did not drag chooses a person."""
        viewport = self.viewport()
        if event is None or self._pressed is None:
            return
        self._pressed = None
        if event.button() != Qt.MouseButton.LeftButton or self._dragged or viewport is None:
            return
        ratio = self.devicePixelRatioF()
        x, y = viewport.to_picture(event.position().x() * ratio, event.position().y() * ratio)
        self.clicked.emit(x, y, _CLICK_REACH * ratio / viewport.scale)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Fit the picture."""
        self.fit()
