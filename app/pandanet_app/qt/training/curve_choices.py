"""The row under the run: how the curves are drawn, and whose."""

from functools import partial
from pathlib import Path

from PyQt6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.runs import SMOOTHINGS, TrainingRuns
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.training.curves import colour_of


class CurveChoices(QWidget):
    """Shows and edits how the curves are drawn."""

    def __init__(self, state: TrainingState, controller: TrainingController, theme: Theme) -> None:
        """For the training window."""
        super().__init__()
        self._runs: TrainingRuns = state.runs
        self._controller, self._theme = controller, theme
        self.smoothing = QComboBox()
        for steps in SMOOTHINGS:
            self.smoothing.addItem("every step" if steps == 1 else f"mean of {steps} steps", steps)
        self.smoothing.setToolTip("What the lines average over; single steps are drawn behind them")
        self.smoothing.setAccessibleName("Smoothing")
        self.log_values = QCheckBox("Log values")
        self.log_values.setToolTip("Where all values are above 0; weighted losses fall below it")
        self.log_steps = QCheckBox("Log steps")
        self.fit = QToolButton()
        self.fit.setText("Show all")
        self.fit.setToolTip("Undo zooming (double click): wheel and drag zoom and move the curves")
        self._legend = QHBoxLayout()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (self.smoothing, self.log_values, self.log_steps, self.fit):
            row.addWidget(widget)
        row.addLayout(self._legend)
        row.addStretch(1)
        self.smoothing.activated.connect(
            lambda place: setattr(self._runs, "smoothing", self.smoothing.itemData(place))
        )
        self.log_values.clicked.connect(lambda on: setattr(self._runs, "log_values", bool(on)))
        self.log_steps.clicked.connect(lambda on: setattr(self._runs, "log_steps", bool(on)))
        self._shown: tuple[object, ...] = ()
        state.runs.events.connect(self._show)
        self._show()

    def set_theme(self, theme: Theme) -> None:
        """Colours of the curves."""
        self._theme = theme
        self._shown = ()
        self._show()

    def _show(self) -> None:
        runs = self._runs
        self.smoothing.setCurrentIndex(self.smoothing.findData(runs.smoothing))
        self.log_values.setChecked(runs.log_values)
        self.log_steps.setChecked(runs.log_steps)
        shown = (tuple(view.path for view in runs.views), runs.hidden)
        if shown != self._shown:
            self._shown = shown
            self._show_legend()

    def _show_legend(self) -> None:
        while (item := self._legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, view in enumerate(self._runs.views):
            self._legend.addWidget(self._entry(place, view.path))

    def _entry(self, place: int, path: Path) -> QWidget:
        """A run: whether its curves are drawn, its colour and name, and a way to close it."""
        entry = QWidget()
        row = QHBoxLayout(entry)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        shown = QCheckBox(path.name)
        shown.setObjectName(path.name)
        shown.setChecked(path not in self._runs.hidden)
        shown.setToolTip(f"Draw the curves of {path}")
        shown.clicked.connect(partial(self._controller.show_curves, path))
        line = QLabel("━" if place == 0 else ("╍", "┅", "┉")[(place - 1) % 3])
        line.setStyleSheet(f"color: {colour_of(place, self._theme)}; font-weight: 900;")
        close = QToolButton()
        close.setText("×")
        close.setProperty("flat", True)
        close.setToolTip(f"Watch {path.name} no longer; its training goes on")
        close.setAccessibleName(f"Close {path.name}")
        close.clicked.connect(lambda: self._controller.close_run(path))
        for widget in (line, shown, close):
            row.addWidget(widget)
        return entry
