"""The line at the bottom: weights, engine, camera, scale, source, memory. Always there."""

from PyQt6.QtWidgets import QStatusBar

from pandanet_app.controllers.workspace import Workspace
from pandanet_app.qt.elided_label import ElidedLabel

_MIB = 1024 * 1024


class StatusLine(QStatusBar):
    """What runs, on what, and in which units."""

    def __init__(self, workspace: Workspace) -> None:
        """A line for the workspace."""
        super().__init__()
        self._workspace = workspace
        self.setSizeGripEnabled(False)
        self.weights = ElidedLabel("The weights that find the people", gives_way=False)
        self.engine = ElidedLabel("What the network runs on", gives_way=False)
        self.camera = ElidedLabel(
            "Horizontal field of view that people are placed with, and where metres come from"
        )
        self.source = ElidedLabel("The film's picture size and rate")
        self.cache = ElidedLabel("Decoded frames in memory, and their bound")
        for label in (self.weights, self.engine, self.camera):
            self.addWidget(label)
        for label in (self.source, self.cache):
            self.addPermanentWidget(label)
        workspace.state.session.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        session = self._workspace.state.session
        self.weights.show_text(f"Weights: {session.weights}")
        self.engine.show_text(f"Engine: {session.engine}")
        camera = session.camera
        if camera is None:
            self.camera.show_text("")
        else:
            assumed = " assumed" if session.camera_assumed else ""
            scale = f" · scale: {session.scale_source}" if session.scale_source else ""
            self.camera.show_text(f"Camera: {camera.fov_deg:.0f}°{assumed}{scale}")
        source = session.source
        self.source.show_text(
            f"{source.width} × {source.height}, {source.fps:.4g} frames/s" if source else ""
        )
        bound = self._workspace.frames.capacity_bytes
        self.cache.show_text(f"Memory: {session.cache_bytes / _MIB:.0f} of {bound / _MIB:.0f} MB")
