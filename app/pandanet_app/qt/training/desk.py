"""Everything of the training window: runs and their curves, settings with a forecast, pictures."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QScrollArea, QSplitter, QTabWidget, QVBoxLayout, QWidget

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.training.curve_choices import CurveChoices
from pandanet_app.qt.training.curves import CurvesView
from pandanet_app.qt.training.forecast_view import ForecastView
from pandanet_app.qt.training.form_view import FormView
from pandanet_app.qt.training.probes_view import ProbesView
from pandanet_app.qt.training.run_bar import RunBar


class TrainingDesk(QWidget):
    """Puts the views together."""

    def __init__(self, state: TrainingState, controller: TrainingController, theme: Theme) -> None:
        """For the training window."""
        super().__init__()
        self.run_bar = RunBar(state, controller)
        self.choices = CurveChoices(state, controller, theme)
        self.curves = CurvesView(state.runs, theme)
        self.form = FormView(state, controller)
        self.forecast = ForecastView(state, controller)
        self.probes = ProbesView(state, controller, theme)
        self.choices.fit.clicked.connect(self.curves.show_all)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self._curves_page(), "Curves")
        self.tabs.addTab(self._settings_page(), "Settings")
        self.tabs.addTab(self.probes, "Pictures")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self.run_bar)
        column.addWidget(self.tabs, 1)
        controller.run_opened.connect(lambda run: self.tabs.setCurrentIndex(0))
        if not state.runs.views:
            self.tabs.setCurrentIndex(1)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self.curves.set_theme(theme)
        self.choices.set_theme(theme)
        self.probes.set_theme(theme)

    def _curves_page(self) -> QWidget:
        page = QWidget()
        area = QScrollArea()
        area.setWidget(self.curves)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.choices)
        column.addWidget(area, 1)
        return page

    def _settings_page(self) -> QWidget:
        page = QSplitter(Qt.Orientation.Horizontal)
        page.addWidget(self.form)
        page.addWidget(self.forecast)
        page.setStretchFactor(0, 4)
        page.setStretchFactor(1, 1)
        page.setSizes([4000, 1000])
        page.setChildrenCollapsible(False)
        return page
