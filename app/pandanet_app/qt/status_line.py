"""The line at the bottom: weights, engine, camera, scale, source, memory. Always there."""

from PyQt6.QtWidgets import QLabel, QStatusBar

from pandanet_app.controllers.workspace import Workspace

_MIB = 1024 * 1024


class StatusLine(QStatusBar):
    """What runs, on what, and in which units."""

    def __init__(self, workspace: Workspace) -> None:
        """A line for the workspace."""
        super().__init__()
        self._workspace = workspace
        self.setSizeGripEnabled(False)
        self.weights, self.engine, self.camera = QLabel(), QLabel(), QLabel()
        self.source, self.cache = QLabel(), QLabel()
        self.engine.setToolTip("What the network runs on")
        self.weights.setToolTip("The weights that find the people")
        self.camera.setToolTip("Camera that people are placed with, and where metres come from")
        self.cache.setToolTip("Decoded frames in memory, and their bound")
        for label in (self.weights, self.engine, self.camera):
            self.addWidget(label)
        for label in (self.source, self.cache):
            self.addPermanentWidget(label)
        workspace.state.session.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        session = self._workspace.state.session
        self.weights.setText(f"Weights: {session.weights}")
        self.engine.setText(f"Engine: {session.engine}")
        camera = session.camera
        if camera is None:
            self.camera.setText("")
        else:
            assumed = " assumed" if session.camera_assumed else ""
            scale = f" · scale: {session.scale_source}" if session.scale_source else ""
            self.camera.setText(f"Camera: {camera.fov_deg:.0f}°{assumed}{scale}")
        source = session.source
        self.source.setText(
            f"{source.width} × {source.height}, {source.fps:.4g} frames/s" if source else ""
        )
        bound = self._workspace.frames.capacity_bytes
        self.cache.setText(f"Frames: {session.cache_bytes / _MIB:.0f} of {bound / _MIB:.0f} MB")
