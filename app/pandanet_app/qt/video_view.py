"""The picture with the people drawn over it."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from pandanet_app.drawing.anchors.layer import (
    Layer,
    draw_in_hand,
    draw_layer,
    make_layer,
    spot_at,
)
from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.anchor_scene import AnchorScene
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
    hovered = pyqtSignal(object)
    """AnchorSpot under the pointer, or None."""

    def __init__(self, view: ViewState, theme: Theme) -> None:
        """An empty stage; `view` holds the part of the picture that is seen."""
        super().__init__()
        self._view = view
        self._theme = theme
        self._scene = Scene()
        self._anchors: AnchorScene | None = None
        self._layer: Layer | None = None
        self._base: NDArray[np.uint8] | None = None
        self._canvas: NDArray[np.uint8] | None = None
        self._pressed: QPointF | None = None
        self._dragged = False
        self.setMinimumSize(240, 135)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Picture with people")
        view.events.viewport.connect(self._redraw)

    def show_scene(self, scene: Scene) -> None:
        """Draw this scene."""
        self._scene = scene
        self._redraw()

    def show_anchors(self, anchors: AnchorScene | None) -> None:
        """Draw these anchors instead of the people; None: the people again."""
        before, self._anchors = self._anchors, anchors
        if anchors is None:
            self._layer = None
        elif before is None or anchors.look != before.look:
            self._layer = make_layer(anchors)
        elif anchors.person == before.person:
            self._canvas = None  # what is in hand lies on top
            self.update()
            return
        if before is not None or anchors is not None:
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
        self._base = self._canvas = None
        self.update()

    def _draw(self) -> NDArray[np.uint8] | None:
        scene, viewport = self._scene, self.viewport()
        if scene.frame is None or viewport is None:
            return None
        size, stage = self._device_size(), QColor(self._theme.stage)
        background = (stage.red(), stage.green(), stage.blue())
        canvas = draw_picture(scene.frame.image, viewport, size.width(), size.height(), background)
        anchors = self._anchors_here()
        if anchors is not None and self._layer is not None:
            draw_layer(canvas, anchors, self._layer, viewport, self.devicePixelRatioF())
        elif scene.people is not None and scene.skeleton is not None:
            draw_people(canvas, scene, viewport, self.devicePixelRatioF())
        return canvas

    def _anchors_here(self) -> AnchorScene | None:
        """The anchors of the picture that is shown; None where they are another picture's."""
        anchors, frame = self._anchors, self._scene.frame
        same = anchors is not None and frame is not None and anchors.frame == frame.index
        return anchors if same else None

    def _with_anchor_in_hand(self, base: NDArray[np.uint8]) -> NDArray[np.uint8]:
        anchors, viewport = self._anchors_here(), self.viewport()
        if anchors is None or viewport is None or self._layer is None:
            return base
        canvas = base.copy()
        draw_in_hand(canvas, anchors, self._layer, viewport, self.devicePixelRatioF())
        return canvas

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Show the canvas, drawn anew only when something changed."""
        if self._base is None:
            self._base = self._draw()
        if self._canvas is None and self._base is not None:
            self._canvas = self._with_anchor_in_hand(self._base)
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
        """Drag the picture; say which anchor is under the pointer."""
        if event is None:
            return
        if self._pressed is None:
            self._hover(event.position())
            return
        moved = event.position() - self._pressed
        if not self._dragged and moved.manhattanLength() < 4:
            return
        self._dragged, self._pressed = True, event.position()
        if self._view.viewport is not None:
            ratio = self.devicePixelRatioF()
            panned = self._view.viewport.panned(moved.x() * ratio, moved.y() * ratio)
            self._view.viewport = self._kept(panned)

    def leaveEvent(self, event: QEvent | None) -> None:
        """No anchor is under the pointer any more."""
        self.hovered.emit(None)

    def _hover(self, at: QPointF) -> None:
        anchors, viewport = self._anchors_here(), self.viewport()
        if anchors is None or viewport is None:
            return
        ratio = self.devicePixelRatioF()
        x, y = viewport.to_picture(at.x() * ratio, at.y() * ratio)
        self.hovered.emit(spot_at(anchors, viewport, x, y))

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
