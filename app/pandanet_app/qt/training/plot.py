"""One plot: curves of several runs over their steps, with the value under the pointer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPen

from pandanet_app.drawing.curves import (
    Curve,
    Floats,
    can_be_logarithmic,
    number_text,
    range_of,
    smoothed,
    thinned,
    value_at,
)
from pandanet_app.qt.theme import Theme

_PX_PER_EDGE = 2.0
"""Curves are as fine as this: finer is not seen, and takes longer to draw."""

_FAINT = 70
"""Opacity of single steps behind their mean, of 255."""


@dataclass(frozen=True, eq=False)
class Series:
    """One run's numbers for one plot.

    Attributes:
        name: The run's.
        colour: "#rrggbb".
        dash: How its line is dashed: nothing by colour alone.
        steps: (T,) rising.
        values: (T,).
        beside: (T,) drawn thinner; empty for none.
    """

    name: str
    colour: str
    dash: Qt.PenStyle
    steps: Floats
    values: Floats
    beside: Floats


@dataclass(frozen=True)
class Scale:
    """How values become places.

    Attributes:
        smoothing: Steps that are averaged over.
        log_values: Values on a logarithmic scale, where all are above 0.
        log_steps: Steps on a logarithmic scale.
    """

    smoothing: int = 1
    log_values: bool = False
    log_steps: bool = False


@dataclass(frozen=True, eq=False)
class Line:
    """Values (T,) over steps (T,) and how they are drawn."""

    steps: Floats
    values: Floats
    pen: QPen


class CurvePlot(pyqtgraph.GraphicsLayout):
    """Title, axes and curves. The wheel zooms, dragging moves, double click shows everything."""

    pointed = pyqtSignal(object)
    """The step under the pointer; None when it leaves."""

    def __init__(self, curve: Curve) -> None:
        """An empty plot of one number of the log."""
        super().__init__()
        self.curve = curve
        self._series: tuple[Series, ...] = ()
        self._scale = Scale()
        self._shown_log = False
        self.words = ""
        self.lines: list[Line] = []
        self._items: list[pyqtgraph.PlotCurveItem] = []
        self.follows = True
        self.setSpacing(0)
        self.setContentsMargins(2, 2, 6, 2)
        self._title = pyqtgraph.LabelItem("", justify="left")
        self._title.setToolTip(curve.help)
        self.box = pyqtgraph.ViewBox(enableMenu=False)
        self._axes = {side: pyqtgraph.AxisItem(side) for side in ("left", "bottom")}
        self._cursor = pyqtgraph.InfiniteLine(angle=90)
        self._build()

    def show_series(self, series: Sequence[Series], scale: Scale) -> None:
        """Draw these runs."""
        self._series, self._scale = tuple(series), scale
        everything = [part for one in series for part in (one.values, one.beside)]
        joined = np.concatenate([np.zeros(0, np.float32), *everything])
        self._shown_log = scale.log_values and can_be_logarithmic(joined)
        self._axes["left"].setLogMode(False, self._shown_log)
        self._axes["bottom"].setLogMode(scale.log_steps, False)
        self._prepare()
        self.point_at(None)
        if self.follows:
            self.show_all()
        self._draw()

    def show_all(self) -> None:
        """Everything is to be seen, now and while more comes."""
        self.follows = True
        parts = [self._on_scale(one.values) for one in self._series]
        parts += [self._on_scale(one.beside) for one in self._series]
        limits = range_of(np.concatenate([np.zeros(0, np.float32), *parts]))
        steps = [one.steps for one in self._series if len(one.steps)]
        if limits is None or not steps:
            return
        first = min(float(part[0]) for part in steps)
        last = max(float(part[-1]) for part in steps)
        if self._scale.log_steps:
            first, last = np.log10(max(first, 1)), np.log10(max(last, 1))
        self.box.setRange(
            xRange=(first, max(last, first + 1e-3)), yRange=limits, padding=0.0, update=True
        )

    def point_at(self, step: float | None) -> None:
        """Say the values at a step; None: the last ones."""
        self._cursor.setVisible(step is not None)
        words = []
        for one in self._series:
            mean = smoothed(one.values, self._scale.smoothing)
            at = one.steps[-1] if step is None and len(one.steps) else step or 0
            found = value_at(one.steps, mean, float(at))
            if found is not None:
                words.append(f'<span style="color:{one.colour}">{number_text(found[1])}</span>')
        if step is not None:
            self._cursor.setPos(np.log10(max(step, 1)) if self._scale.log_steps else step)
        linear = self._scale.log_values and not self._shown_log and len(self._series) > 0
        note = " (linear: not above 0)" if linear else ""
        self.words = f"{self.curve.title}{note} &nbsp;<b>{' · '.join(words)}</b>"
        self._title.setText(self.words)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._title.setAttr("color", theme.text)
        for axis in self._axes.values():
            axis.setPen(theme.border)
            axis.setTextPen(theme.quiet)
        self._cursor.setPen(pyqtgraph.mkPen(theme.quiet, style=Qt.PenStyle.DashLine))
        self.box.setBackgroundColor(theme.stage)
        self.point_at(None)

    def step_at(self, place: QPointF) -> float | None:
        """The step at a place of the scene; None outside."""
        if not self.box.sceneBoundingRect().contains(place):
            return None
        x = float(self.box.mapSceneToView(place).x())
        return float(10**x) if self._scale.log_steps else x

    def _build(self) -> None:
        self.addItem(self._title, row=0, col=0, colspan=2)
        self.addItem(self._axes["left"], row=1, col=0)
        self.addItem(self.box, row=1, col=1)
        self.addItem(self._axes["bottom"], row=2, col=1)
        for axis in self._axes.values():
            axis.linkToView(self.box)
            axis.enableAutoSIPrefix(False)
        self._axes["left"].setWidth(46)
        self._axes["bottom"].setTickDensity(0.5)
        self.box.setMouseEnabled(x=True, y=True)
        self.box.disableAutoRange()
        self.box.sigXRangeChanged.connect(self._draw)
        self.box.sigResized.connect(self._draw)
        self.box.addItem(self._cursor, ignoreBounds=True)
        self._cursor.setVisible(False)

    def _on_scale(self, values: Floats) -> Floats:
        return np.log10(values) if self._shown_log else values

    def _prepare(self) -> None:
        """A curve item for every line: single steps, what stands beside them, and the mean."""
        self.lines = []
        for one in self._series:
            colour, faint = QColor(one.colour), QColor(one.colour)
            faint.setAlpha(_FAINT)
            averages = self._scale.smoothing > 1
            self.lines.append(Line(one.steps, one.values, QPen(faint if averages else colour, 0)))
            if len(one.beside):
                beside = smoothed(one.beside, self._scale.smoothing)
                self.lines.append(Line(one.steps, beside, QPen(colour, 0, one.dash)))
            if averages:
                pen = QPen(colour, 2, one.dash)
                pen.setCosmetic(True)
                mean = smoothed(one.values, self._scale.smoothing)
                self.lines.append(Line(one.steps, mean, pen))
        while len(self._items) < len(self.lines):
            self._items.append(pyqtgraph.PlotCurveItem())
            self.box.addItem(self._items[-1])
        while len(self._items) > len(self.lines):
            self.box.removeItem(self._items.pop())

    def _draw(self) -> None:
        """As fine as the screen is."""
        first, last = self.box.viewRange()[0]
        edges = np.linspace(first, last, max(int(self.box.width() / _PX_PER_EDGE), 50))
        if self._scale.log_steps:
            edges = 10**edges
        for item, line in zip(self._items, self.lines, strict=True):
            steps, values = thinned(line.steps, line.values, edges)
            x = np.log10(np.maximum(steps, 1)) if self._scale.log_steps else steps
            item.setData(x, self._on_scale(values), pen=line.pen)
