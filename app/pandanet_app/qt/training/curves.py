"""Every curve of the runs that are watched, as small plots whose steps move together."""

import pyqtgraph
from PyQt6.QtCore import QEvent, QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QGraphicsView, QVBoxLayout, QWidget

from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.curves import CURVES
from pandanet_app.models.training.runs import RunView, TrainingRuns
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.training.plot import CurvePlot, Scale, Series

_LINES_WIDE = 14
"""Least width of a plot, in lines of text."""
_LINES_HIGH = 8

DASHES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)
_ORDER = (1, 0, 2, 5, 4, 6, 3)
"""The colours in an order in which neighbours differ most."""


_PALER, _DARKER = 0.3, 0.46


class _Canvas(pyqtgraph.GraphicsView):
    """The scene of all plots."""

    double_clicked = pyqtSignal()
    left = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        self.double_clicked.emit()

    def leaveEvent(self, event: QEvent | None) -> None:
        super().leaveEvent(event)
        self.left.emit()


class CurvesView(QWidget):
    """Draws `TrainingRuns`; keeps nothing but what is on screen."""

    def __init__(self, runs: TrainingRuns, theme: Theme) -> None:
        """Plots of the runs."""
        super().__init__()
        self._runs = runs
        self._theme = theme
        self._columns = 0
        self._layout = pyqtgraph.GraphicsLayout()
        self._layout.setContentsMargins(2, 2, 2, 2)
        self._layout.setSpacing(4)
        self.canvas = _Canvas()
        self.canvas.setCentralWidget(self._layout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.plots = tuple(CurvePlot(curve) for curve in CURVES)
        for plot in self.plots:
            plot.box.sigRangeChangedManually.connect(self._stay)
        for plot in self.plots[1:]:
            plot.box.setXLink(self.plots[0].box)
        self.canvas.setAccessibleName("Curves of the trainings")
        self.canvas.scene().sigMouseMoved.connect(self._point)
        self.canvas.double_clicked.connect(self.show_all)
        self.canvas.left.connect(self._point_nowhere)
        self._place()
        self.set_theme(theme)
        for event in (runs.events.views, runs.events.hidden, runs.events.smoothing):
            event.connect(self.refresh)
        for event in (runs.events.log_values, runs.events.log_steps):
            event.connect(self.refresh)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self.canvas.setBackground(theme.window)
        for plot in self.plots:
            plot.set_theme(theme)
        self.refresh()

    def refresh(self) -> None:
        """Draw what the runs' logs hold now; nothing while nobody looks."""
        if not self.isVisible():
            return
        runs = self._runs
        scale = Scale(runs.smoothing, runs.log_values, runs.log_steps)
        shown = [
            (place, view)
            for place, view in enumerate(runs.views)
            if view.path not in runs.hidden and len(view.log)
        ]
        for plot in self.plots:
            series = [self._series(place, view, plot) for place, view in shown]
            plot.show_series([one for one in series if len(one.values)], scale)

    def show_all(self) -> None:
        """Everything is to be seen."""
        for plot in self.plots:
            plot.show_all()

    def sizeHint(self) -> QSize:
        """Two rows of plots."""
        line = self.fontMetrics().height()
        return QSize(5 * _LINES_WIDE * line, 2 * _LINES_HIGH * line)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what came while nobody looked."""
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """As many plots beside each other as there is room for."""
        super().resizeEvent(event)
        self._place()

    def _stay(self) -> None:
        """A person has zoomed or moved: new steps do not change what is looked at."""
        for plot in self.plots:
            plot.follows = False

    def _series(self, place: int, view: RunView, plot: CurvePlot) -> Series:
        return Series(
            view.name,
            colour_of(place, self._theme),
            DASHES[place % len(DASHES)],
            view.log["step"],
            view.log[plot.curve.name],
            view.log[plot.curve.beside],
        )

    def _place(self) -> None:
        line = self.fontMetrics().height()
        columns = min(5, max(1, self.width() // (_LINES_WIDE * line)))
        if columns == self._columns:
            return
        self._columns = columns
        for plot in self.plots:
            if plot in self._layout.items:
                self._layout.removeItem(plot)
        for number, plot in enumerate(self.plots):
            self._layout.addItem(plot, row=number // columns, col=number % columns)
        for number in range(len(self.plots)):
            self._layout.layout.setColumnStretchFactor(number, int(number < columns))
            self._layout.layout.setColumnPreferredWidth(number, 10 if number < columns else 0)
        rows = -(-len(self.plots) // columns)
        self.setMinimumHeight(rows * _LINES_HIGH * line)

    def _point_nowhere(self) -> None:
        """The last values again."""
        for plot in self.plots:
            plot.point_at(None)

    def _point(self, place: QPointF) -> None:
        steps = [step for plot in self.plots if (step := plot.step_at(place)) is not None]
        for plot in self.plots:
            plot.point_at(steps[0] if steps else None)


def colour_of(place: int, theme: Theme) -> str:
    """The colour of the run at a place, as "#rrggbb": light on dark, dark on light, so that numbers
    can be read in it too."""
    colour = person_colours([_ORDER[place % len(_ORDER)]])[0]
    red, green, blue = colour + _PALER * (1 - colour) if theme.dark else _DARKER * colour
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"
