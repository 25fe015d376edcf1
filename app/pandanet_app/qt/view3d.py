"""The people in 3D: shows the pictures of the renderer's process and moves its camera."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.floor import Floor
from pandanet_app.drawing.scene3d import LARGEST_HEIGHT_PX, LARGEST_WIDTH_PX, SceneRequest
from pandanet_app.drawing.skeleton3d import person_at
from pandanet_app.drawing.steady_look import MARGIN, SteadyLook
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_app.models.scene import Scene
from pandanet_app.models.view import ViewState
from pandanet_app.qt.images import to_qimage
from pandanet_app.qt.theme import Theme
from pandanet_app.rendering.client import SceneRenderer
from pandanet_app.rendering.messages import RendererUnavailable
from pandanet_app.views.protocols import Post
from pandanet_core.skeleton import JTA22

_PICTURE_WIDTH_PX = 320
"""Width of the picture in the camera's frustum."""
_REST_MS = 250
"""After so long without a change, edges are smoothed."""
_TURN_DEG = 0.4
"""Degrees that one logical pixel of dragging turns."""
_ZOOM_STEP = 1.15


class View3D(QWidget):
    """Shows a scene in 3D; drag turns, Shift or the right button moves, the wheel zooms."""

    picked = pyqtSignal(object)
    """Row of the clicked person in the scene's people, or None."""

    def __init__(self, view: ViewState, post: Post, theme: Theme) -> None:
        """Nothing is drawn before the first scene; `post` hands over to the UI thread."""
        super().__init__()
        self._view = view
        self._theme = theme
        self._scene = Scene()
        self._renderer = SceneRenderer(on_change=lambda: post(self._take))
        self._started = False
        self._request: SceneRequest | None = None
        self._image: NDArray[np.uint8] | None = None
        self._look = SteadyLook()
        self._asked = self._shown = 0
        self._smoothed = False
        self.failure = ""
        self._pressed: QPointF | None = None
        self._dragged = False
        self._buttons = QHBoxLayout()
        self._lay_out()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._smooth)
        self.setMinimumSize(200, 135)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("People in 3D")
        view.events.orbit.connect(self._ask)

    def add_button(self, button: QWidget) -> None:
        """Put a button into the upper right corner."""
        self._buttons.addWidget(button)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        self._buttons.setSpacing(2)
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)
        column.addStretch(1)

    @property
    def request(self) -> SceneRequest | None:
        """What was last asked for."""
        return self._request

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """The picture on screen."""
        return self._image

    @property
    def settled(self) -> bool:
        """Whether the latest scene is on screen, smoothed, or never will be."""
        return bool(self.failure) or (self._smoothed and self._shown == self._asked)

    def show_scene(self, scene: Scene) -> None:
        """Draw this scene; the renderer's process starts with the first one that has a picture."""
        self._scene = scene
        if scene.frame is None:
            self._image, self._look = None, SteadyLook()
            self.update()
            return
        if self._view.show_3d:
            self._start()
            self._ask()

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._renderer.start()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self._ask()

    def look_from_camera(self) -> None:
        """See what the filming camera sees."""
        request = self._request
        if request is None or request.camera is None:
            return
        ground, points = request.ground, request.people_m.reshape(-1, 3)
        distance = float(np.nanmedian(-points[:, 2])) if len(points) else 8.0
        self._view.orbit = OrbitCamera.from_filming_camera(
            request.camera,
            ground.camera_height_mm / 1000,
            ground.pitch_deg,
            request.width,
            request.height,
            max(1.0, distance),
        )

    def look_from_above(self) -> None:
        """See everybody from above."""
        if self._request is not None:
            points, size = self._request.people_m, (self._request.width, self._request.height)
            self._view.orbit = self._request.orbit.from_above(points, *size)

    def fit(self) -> None:
        """See everybody, from where one looks now."""
        if self._request is not None:
            points, size = self._request.people_m, (self._request.width, self._request.height)
            self._view.orbit = self._request.orbit.fitted(points, *size, MARGIN)

    def close_renderer(self) -> None:
        """End the renderer's process."""
        self._rest.stop()
        self._renderer.close()

    def _ask(self) -> None:
        """Ask for a picture of what is to be seen now."""
        request = self._make_request()
        if request is None or self.failure:
            return
        self._request = request
        self._smoothed = False
        self._asked = self._renderer.render(request)
        self._rest.start()

    def _smooth(self) -> None:
        if self._request is not None and not self.failure:
            self._smoothed = True
            self._asked = self._renderer.render(replace(self._request, smooth=True))

    def _make_request(self) -> SceneRequest | None:
        scene = self._scene
        if scene.frame is None or not self._started or not self._view.show_3d:
            return None
        ratio = self.devicePixelRatioF()
        width = min(LARGEST_WIDTH_PX, max(1, round(self.width() * ratio)))
        height = min(LARGEST_HEIGHT_PX, max(1, round(self.height() * ratio)))
        skeleton = scene.skeleton or JTA22
        people = scene.people
        people_mm = (
            people.detections.pose3d_mm if people else np.zeros((0, skeleton.joint_count, 3))
        )
        colours = person_colours(people.colour) if people else np.zeros((0, 3))
        request = SceneRequest(
            width=width,
            height=height,
            orbit=self._view.orbit or self._look.orbit,
            people_mm=people_mm,
            skeleton=skeleton,
            colours=colours,
            highlighted=scene.selected,
            camera=scene.camera,
            picture=_small(scene.frame.image),
            places_mm=scene.site.places_mm if scene.site else None,
            floor=scene.site.floor if scene.site else None if len(people_mm) else Floor(),
            dark=self._theme.dark,
        )
        if self._view.orbit is None:
            self._look.keep_in_sight(request.sight_m, width, height)
            request = replace(request, orbit=self._look.orbit)
        return request

    def _take(self) -> None:
        """The renderer has something new."""
        try:
            finished = self._renderer.poll()
        except RendererUnavailable as error:
            self.failure, self._image = str(error), None
            self.update()
            return
        if finished is not None:
            self._image, self._shown = finished.image, finished.generation
            self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Show the latest picture, and a sentence where something is missing."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.stage))
        if self._image is not None and self._scene.frame is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(QRectF(self.rect()), to_qimage(self._image))
        if self.hint():
            self._paint_hint(painter, self.hint())

    def _paint_hint(self, painter: QPainter, text: str) -> None:
        """A sentence at the bottom, or in the middle where there is no picture."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.rect().adjusted(24, 24, -24, -24)
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
        box = painter.fontMetrics().boundingRect(room, flags, text)
        box.moveTop((self.height() - box.height()) // 2)
        if self._image is not None:
            box.moveBottom(room.bottom())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.panel))
        painter.drawRoundedRect(box.adjusted(-12, -8, 12, 8), 6, 6)
        painter.setPen(QColor(self._theme.text))
        painter.drawText(box, flags, text)

    def hint(self) -> str:
        """What to do next, or why nothing is drawn; empty when all is well."""
        if self.failure:
            return self.failure
        if self._scene.frame is None:
            return ""
        if self._image is None:
            return "The 3D view starts …"
        if self._scene.people is None:
            return "Nobody has looked for people in this frame yet: press Detect people (Ctrl+D)."
        if len(self._scene.people.detections) == 0:
            return "Nobody here reaches the least score: lower it with [ or the slider."
        return ""

    def showEvent(self, event: QShowEvent | None) -> None:
        """Draw what has changed since the view was hidden."""
        self.show_scene(self._scene)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Ask for a picture of the new size."""
        self._ask()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Remember where a click or a drag starts."""
        if event is not None:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Turn or move the scene."""
        if event is None or self._pressed is None or self._request is None:
            return
        moved = event.position() - self._pressed
        if not self._dragged and moved.manhattanLength() < 4:
            return
        self._dragged, self._pressed = True, event.position()
        orbit = self._view.orbit or self._request.orbit
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.buttons() & Qt.MouseButton.LeftButton and not shift:
            self._view.orbit = orbit.orbited(-moved.x() * _TURN_DEG, moved.y() * _TURN_DEG)
        else:
            self._view.orbit = orbit.panned(moved.x(), moved.y(), self.height())

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """A click that did not drag chooses a person."""
        pressed, self._pressed = self._pressed, None
        if event is None or pressed is None or self._dragged or self._request is None:
            return
        if event.button() == Qt.MouseButton.LeftButton:
            ratio = self.devicePixelRatioF()
            at = event.position() * ratio
            self.picked.emit(person_at(self._request, at.x(), at.y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """See everybody."""
        self.fit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Nearer or farther, about the pointer."""
        if event is None or self._request is None:
            return
        orbit = self._view.orbit or self._request.orbit
        at = event.position() - QPointF(self.width() / 2, self.height() / 2)
        factor = _ZOOM_STEP ** (event.angleDelta().y() / 120)
        self._view.orbit = orbit.zoomed(factor, at.x(), at.y(), self.height())
        event.accept()


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture at the size of the camera's frustum."""
    height = max(1, round(picture.shape[0] * _PICTURE_WIDTH_PX / picture.shape[1]))
    small = cv2.resize(picture, (_PICTURE_WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)
