"""The saving of files: progress, time left and cancel, in place."""

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton

from pandanet_app.controllers.workspace import Workspace
from pandanet_app.qt.detection_bar import left_text


class ExportBar(QFrame):
    """Shows `ExportProgress` while something is saved."""

    def __init__(self, workspace: Workspace) -> None:
        """Hidden while nothing is saved."""
        super().__init__()
        self._progress = workspace.state.export
        self._label = QLabel()
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of saving")
        cancel = QPushButton("Cancel")
        cancel.setToolTip("Stop saving; nothing half-done is left behind")
        cancel.clicked.connect(workspace.exports.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self._label)
        row.addWidget(self.bar, 1)
        row.addWidget(cancel)
        self._progress.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        progress = self._progress
        self.setVisible(progress.active)
        self._label.setText(f"Saving {progress.name} …")
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        left_s = progress.left_s
        left = f" · {left_text(left_s)} left" if left_s is not None else ""
        self.bar.setFormat(f"{progress.done} of {progress.total} {progress.unit}{left}")
