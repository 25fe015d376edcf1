"""The anchor lab in the window: anchors on the picture, the read-out under it, the dock."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.qt.anchor_lab.panel import AnchorPanel
from pandanet_app.qt.anchor_lab.read_out import ReadOut
from pandanet_app.qt.docks import add_dock, show_in_front
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.video_view import VideoView


class AnchorDesk:
    """Everything of the anchor lab that a window has."""

    def __init__(
        self, controller: AnchorLabController, video: VideoView, other: VideoView, theme: Theme
    ) -> None:
        """For the anchor lab.

        Args:
            controller: What is shown.
            video: Shows the anchors.
            other: Shows, at the left of `video`, what they are compared with.
            theme: Colours.
        """
        self._controller = controller
        self._window: QMainWindow | None = None
        self.dock: QDockWidget | None = None
        self.panel = AnchorPanel(controller, theme)
        self.read_out = ReadOut(controller)
        self.picture = QWidget()
        column = QVBoxLayout(self.picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._beside(video, other), 1)
        column.addWidget(self.read_out)
        controller.changed.connect(video.show_anchors)
        video.hovered.connect(controller.hover)
        video.clicked.connect(lambda x, y, reach: controller.choose_at(x, y))

    def _beside(self, video: VideoView, other: VideoView) -> QWidget:
        """Both pictures; the other one only as long as something is compared."""
        self._other = other
        pictures = QWidget()
        row = QHBoxLayout(pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        row.addWidget(other, 1)
        row.addWidget(video, 1)
        other.setVisible(False)
        other.setAccessibleName("Picture with the anchors it is compared with")
        self._controller.other_changed.connect(self._show_other)
        other.clicked.connect(lambda x, y, reach: self._controller.choose_at(x, y))
        return pictures

    def _show_other(self, scene: AnchorScene | None) -> None:
        self._other.setVisible(scene is not None)
        self._other.show_anchors(scene)

    def add_dock(self, window: QMainWindow, menu: QMenu, tabbed_with: QDockWidget) -> None:
        """Give the window the dock."""
        self._window = window
        self.dock = add_dock(window, "Anchors", self.panel, menu, tabbed_with)

    def next_view(self) -> None:
        """Show the next view of the anchors, and with the first one the dock."""
        self._controller.next_view()
        if self._controller.lab.view is AnchorView.GRID and self.dock is not None:
            self._show_dock(self.dock)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self.panel.set_theme(theme)
        self._other.set_theme(theme)

    def _show_dock(self, dock: QDockWidget) -> None:
        assert self._window is not None
        show_in_front(dock)
        wanted = min(self.panel.sizeHint().height(), round(0.45 * self._window.height()))
        if dock.height() < wanted:
            self._window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)
