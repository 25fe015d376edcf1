"""The bar above the views: open, detect with progress in place, layers, score, field of view."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QToolBar,
    QWidget,
)

from pandanet_app.controllers.workspace import Workspace
from pandanet_app.models.detection import DetectionPhase, DetectionProgress
from pandanet_app.models.overlay import CANDIDATE_SCORE
from pandanet_app.qt.actions import Actions
from pandanet_app.views.shortcuts import Command
from pandanet_core.camera import DEFAULT_FOV_DEG

_LAYERS = (
    Command.SHOW_PEOPLE,
    Command.SHOW_BOXES,
    Command.SHOW_SKELETONS,
    Command.SHOW_LABELS,
)
_STEPS = 100
"""Steps of the score slider per unit of score."""


class DetectionBar(QToolBar):
    """Shows and edits the detection, the least score and the camera's field of view."""

    def __init__(self, workspace: Workspace, actions: Actions) -> None:
        """A bar for the workspace."""
        super().__init__("Detection")
        self._workspace = workspace
        self._actions = actions
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.detect = QPushButton("Detect people")
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self.score = QSlider(Qt.Orientation.Horizontal)
        self._score_text = QLabel()
        self.fov = QDoubleSpinBox()
        self._fov_text = QLabel("Field of view")
        self._fov_text.setBuddy(self.fov)
        self._build()
        self._connect()
        self._show_detection()
        self._show_score()
        self._show_camera()

    def _build(self) -> None:
        detect = self._actions[Command.DETECT]
        self.detect.setToolTip(detect.toolTip())
        self.detect.setProperty("primary", True)
        self.cancel.setToolTip(self._actions[Command.CANCEL].toolTip())
        self.progress.setMinimumWidth(120)
        self.progress.setAccessibleName("Progress of the detection")
        self.score.setRange(round(CANDIDATE_SCORE * _STEPS), _STEPS)
        self.score.setToolTip(
            "People with a lower score are hidden ([ and ]); needs no new detection"
        )
        self.score.setAccessibleName("Least score")
        self.fov.setRange(10.0, 150.0)
        self.fov.setDecimals(0)
        self.fov.setSuffix("°")
        self.fov.setToolTip(
            "The camera's horizontal field of view: it decides how far away people are"
        )
        self.fov.setAccessibleName("Horizontal field of view in degrees")
        for widget in (self.detect, self.cancel):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._actions.button(Command.OPEN, "Open"))
        row.addWidget(self.detect)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        row.addSpacing(10)
        for command in _LAYERS:
            row.addWidget(self._actions.button(command))
        row.addSpacing(10)
        row.addWidget(self._score_text)
        row.addWidget(self.score)
        row.addWidget(self._fov_text)
        row.addWidget(self.fov)
        holder = QWidget()
        holder.setLayout(row)
        self.addWidget(holder)

    def _connect(self) -> None:
        state = self._workspace.state
        self.detect.clicked.connect(self._actions[Command.DETECT].trigger)
        self.cancel.clicked.connect(self._actions[Command.CANCEL].trigger)
        self.score.valueChanged.connect(self._choose_score)
        self.fov.valueChanged.connect(self._workspace.set_fov)
        self.fov.editingFinished.connect(self.fov.clearFocus)  # arrows go through the film again
        state.detection.events.connect(self._show_detection)
        state.overlay.events.min_score.connect(self._show_score)
        state.session.events.source.connect(self._show_detection)
        state.session.events.camera.connect(self._show_camera)
        self._workspace.people_changed.connect(self._show_detection)

    def _choose_score(self, value: int) -> None:
        self._workspace.state.overlay.min_score = value / _STEPS

    def _show_score(self) -> None:
        score = self._workspace.state.overlay.min_score
        self._score_text.setText(f"Score ≥ {score:.2f}")
        self.score.blockSignals(True)
        self.score.setValue(round(score * _STEPS))
        self.score.blockSignals(False)

    def _show_camera(self) -> None:
        session = self._workspace.state.session
        camera = session.camera
        self.fov.setEnabled(camera is not None)
        self.fov.blockSignals(True)
        self.fov.setValue(camera.fov_deg if camera is not None else DEFAULT_FOV_DEG)
        self.fov.blockSignals(False)

    def _show_detection(self) -> None:
        detection, source = self._workspace.state.detection, self._workspace.state.session.source
        has_video = source is not None and source.path is not None
        self.detect.setEnabled(has_video and not detection.active)
        self._actions[Command.DETECT].setEnabled(self.detect.isEnabled())
        self._actions[Command.CANCEL].setEnabled(detection.active)
        self.cancel.setVisible(detection.active)
        if detection.phase is DetectionPhase.STARTING:
            self.progress.setRange(0, 0)
        else:
            self.progress.setRange(0, max(1, self._total()))
            self.progress.setValue(self._done())
        texts = self._texts(detection)
        self.progress.setToolTip(texts[0])
        room = self.progress.width() - 16
        fitting = (t for t in texts if self.progress.fontMetrics().horizontalAdvance(t) <= room)
        self.progress.setFormat(next(fitting, texts[-1]))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """As much text as there is room for."""
        super().resizeEvent(event)
        self._show_detection()

    def _total(self) -> int:
        detection, source = self._workspace.state.detection, self._workspace.state.session.source
        return detection.total if detection.active else (source.frame_count if source else 0)

    def _done(self) -> int:
        people = self._workspace.people
        if self._workspace.state.detection.active:
            return self._workspace.state.detection.done
        return int(people.done.sum()) if people else 0

    def _texts(self, detection: DetectionProgress) -> list[str]:
        """What the bar says, from the fullest to the shortest."""
        if detection.phase is DetectionPhase.STARTING:
            return ["Loading the network …", "Loading …"]
        count = f"{self._done()} of {self._total()}" if self._total() else ""
        if not detection.active:
            return [f"{count} frames detected", f"{count} frames", count] if count else [""]
        if detection.left_s is None:
            return [f"{count} frames", count]
        left = f"{left_text(detection.left_s)} left"
        full = f"{count} frames · {detection.rate_hz:.1f} frames/s · {left}"
        return [full, f"{detection.rate_hz:.1f} frames/s · {left}", left]


def left_text(seconds: float) -> str:
    """Time left in the largest sensible unit."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
