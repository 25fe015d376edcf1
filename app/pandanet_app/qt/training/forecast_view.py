"""What a training would need and take, before it starts; with progress and cancel in place."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.plan import PLAN_PARTS
from pandanet_app.models.training.state import TrainingState

_EMPTY = (
    "How many parameters, how much memory, how many pictures a second, and how many people will "
    "have an anchor: measured here, with these settings and these data, before anything starts."
)


class ForecastView(QWidget):
    """Shows `TrainingForecast`."""

    def __init__(self, state: TrainingState, controller: TrainingController) -> None:
        """For the training window."""
        super().__init__()
        self._forecast = state.forecast
        self.ask = QPushButton("Forecast")
        self.ask.setToolTip("Rehearse the training with these settings; nothing is written")
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self.progress.setRange(0, len(PLAN_PARTS))
        self.progress.setAccessibleName("Progress of the forecast")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row = QHBoxLayout()
        row.addWidget(self.ask)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        area = QScrollArea()
        area.setWidget(self.text)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(area, 1)
        self.ask.clicked.connect(controller.forecast)
        self.cancel.clicked.connect(controller.cancel_forecast)
        state.forecast.events.connect(self._show)
        self._show()

    def _show(self) -> None:
        forecast = self._forecast
        self.ask.setVisible(not forecast.active)
        self.cancel.setVisible(forecast.active)
        self.progress.setVisible(forecast.active)
        self.progress.setValue(len(forecast.parts))
        self.progress.setFormat(forecast.doing or "ending")
        said = [part.short or part.text for part in forecast.parts[1:]]
        if forecast.outdated and not forecast.active:
            said.insert(0, "The settings have changed since this forecast.")
        if forecast.problem:
            said.append(forecast.problem)
        self.text.setText("\n\n".join(said) or _EMPTY)
        self.text.setProperty("quiet", not said)
