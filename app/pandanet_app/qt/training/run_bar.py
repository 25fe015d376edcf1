"""The row above the curves: which run, how far it is, and what can be done with it."""

from pathlib import Path

from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.runs import RunPhase, RunView
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.detection_bar import left_text


class RunBar(QWidget):
    """Shows the chosen run of `TrainingRuns`."""

    def __init__(self, state: TrainingState, controller: TrainingController) -> None:
        """For the training window."""
        super().__init__()
        self._runs, self._controller = state.runs, controller
        self.run = QComboBox()
        self.run.setAccessibleName("Run")
        self.run.setToolTip("The run that the buttons are about")
        self.run.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.open = QToolButton()
        self.open.setText("Open a run …")
        self.open.setToolTip("Watch another run folder; its curves are drawn beside the others")
        self.lambdas = QToolButton()
        self.lambdas.setText("λ")
        self.lambdas.setToolTip("Show what this run has learned to trust, as it changes")
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the training")
        self.pause = QPushButton("Pause")
        self.pause.setToolTip(
            "End the process after the step at hand and keep everything: Resume goes on from there"
        )
        self.resume = QPushButton("Resume")
        self.resume.setToolTip("Go on from the last checkpoint, in a process of its own")
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        row = QHBoxLayout()
        for widget in (self.run, self.open, self.lambdas):
            row.addWidget(widget)
        row.addWidget(self.progress, 1)
        for button in (self.pause, self.resume):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.sentence)
        self.run.activated.connect(lambda place: controller.choose(self.run.itemData(place)))
        self.open.clicked.connect(self._open)
        self.lambdas.clicked.connect(controller.show_lambdas)
        self.pause.clicked.connect(controller.pause)
        self.resume.clicked.connect(controller.resume)
        state.runs.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        runs = self._runs
        paths = [view.path for view in runs.views]
        if [self.run.itemData(place) for place in range(self.run.count())] != paths:
            self.run.clear()
            for path in paths:
                self.run.addItem(path.name, path)
        self.run.setCurrentIndex(self.run.findData(runs.chosen))
        view = runs.current
        for widget in (self.run, self.lambdas, self.progress, self.pause, self.resume):
            widget.setVisible(view is not None)
        self.sentence.setVisible(view is not None and bool(view.sentence))
        if view is None:
            return
        self.run.setToolTip(str(view.path))
        self.sentence.setText(view.sentence)
        self.pause.setVisible(view.phase.active)
        self.pause.setEnabled(view.phase is not RunPhase.STOPPING)
        self.resume.setVisible(not view.phase.active)
        self.resume.setEnabled(view.resumable and view.step < view.steps)
        self.progress.setRange(0, max(view.steps, 1))
        self.progress.setValue(min(view.step, max(view.steps, 1)))
        self.progress.setFormat(progress_text(view))

    def _open(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Open the run folder of a training")
        if name:
            self._controller.open_run(Path(name))


def progress_text(view: RunView) -> str:
    """How far a run is, in words."""
    count = f"step {view.step:,} of {view.steps:,}" if view.steps else f"step {view.step:,}"
    if view.phase is not RunPhase.TRAINING:
        return f"{view.phase.value} · {count}" if view.step else view.phase.value
    left = f" · {left_text(view.left_s)} left" if view.left_s is not None else ""
    return f"{count} · {view.rate:.1f} pictures/s{left}"
