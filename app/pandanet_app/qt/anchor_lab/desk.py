"""The anchor lab in the window: anchors on the picture, the read-out under it, the dock."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QMenu, QVBoxLayout, QWidget

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.qt.anchor_lab.panel import AnchorPanel
from pandanet_app.qt.anchor_lab.read_out import ReadOut
from pandanet_app.qt.docks import add_dock, show_in_front
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.video_view import VideoView


class AnchorDesk:
    """Everything of the anchor lab that a window has."""

    def __init__(self, controller: AnchorLabController, video: VideoView, theme: Theme) -> None:
        """For the anchor lab; `video` shows the anchors."""
        self._controller = controller
        self._window: QMainWindow | None = None
        self.dock: QDockWidget | None = None
        self.panel = AnchorPanel(controller, theme)
        self.read_out = ReadOut(controller)
        self.picture = QWidget()
        column = QVBoxLayout(self.picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(video, 1)
        column.addWidget(self.read_out)
        controller.changed.connect(video.show_anchors)
        video.hovered.connect(controller.hover)
        video.clicked.connect(lambda x, y, reach: controller.choose_at(x, y))

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

    def _show_dock(self, dock: QDockWidget) -> None:
        assert self._window is not None
        show_in_front(dock)
        wanted = min(self.panel.sizeHint().height(), round(0.45 * self._window.height()))
        if dock.height() < wanted:
            self._window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)
