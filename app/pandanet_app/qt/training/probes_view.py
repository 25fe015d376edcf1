"""The same few pictures over a training: anchors, and whom the network finds."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.drawing.probe import draw_probe
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.training.probes import PROBE_VIEWS, ProbeLook, probes_by_step
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.images import to_qimage
from pandanet_app.qt.lambda_lab.own_keys import OwnKeys
from pandanet_app.qt.theme import Theme

_EMPTY = (
    "Every so many steps a training keeps what it makes of the same few pictures (the setting "
    "probe every): the matched and the chosen anchors, and the people that it finds. This run has "
    "kept none yet."
)
_LEGEND = (
    "marks: anchors, coloured by person · boxes: the truth, dashed where nobody was found · bones: "
    "the people found"
)


class _Picture(QWidget):
    """One picture, drawn at the size that there is."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[ProbeLook, AnchorView] | None = None
        self._drawn: NDArray[np.uint8] | None = None
        self.setMinimumSize(QSize(120, 90))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._drawn = None
        self.update()

    def show_look(self, look: ProbeLook, view: AnchorView) -> None:
        if self._shown != (look, view):
            self._shown, self._drawn = (look, view), None
            self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._drawn = None

    def paintEvent(self, event: QPaintEvent | None) -> None:
        if self._shown is None:
            return
        look, view = self._shown
        painter = QPainter(self)
        if look.trace is None:
            painter.setPen(QColor(self._theme.text))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), flags, look.problem)
            return
        ratio = self.devicePixelRatioF()
        if self._drawn is None:
            size = round(self.width() * ratio), round(self.height() * ratio)
            stage = QColor(self._theme.stage)
            background = stage.red(), stage.green(), stage.blue()
            self._drawn = draw_probe(look.picture, look.trace, view, size, background, ratio)
        image = to_qimage(self._drawn)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)


class ProbesView(QWidget):
    """Shows `TrainingProbes` of the chosen run."""

    def __init__(self, state: TrainingState, controller: TrainingController, theme: Theme) -> None:
        """For the training window."""
        super().__init__()
        self._state, self._controller, self._theme = state, controller, theme
        self.view = QComboBox()
        for view in PROBE_VIEWS:
            self.view.addItem(view.value, view)
        self.view.setAccessibleName("Anchors that are drawn")
        self.view.setToolTip("A+: matched; A++: chosen; A+ − A++: matched, but ambiguous")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Step of the pictures")
        OwnKeys(self.slider)
        self.step, self.note = QLabel(), QLabel(_LEGEND)
        for label in (self.step, self.note):
            label.setProperty("quiet", True)
        self.note.setWordWrap(True)
        self.pictures: list[_Picture] = []
        self._row = QHBoxLayout()
        head = QHBoxLayout()
        head.addWidget(self.view)
        head.addWidget(self.slider, 1)
        head.addWidget(self.step)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addLayout(head)
        column.addLayout(self._row, 1)
        column.addWidget(self.note)
        self.view.activated.connect(
            lambda place: setattr(state.probes, "view", self.view.itemData(place))
        )
        self.slider.valueChanged.connect(self._choose)
        for event in (state.runs.events.views, state.runs.events.chosen):
            event.connect(self._show_steps)
        state.probes.events.step.connect(self._show_steps)
        for event in (state.probes.events.looks, state.probes.events.view):
            event.connect(self._show_pictures)
        self._show_steps()
        self._show_pictures()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        for picture in self.pictures:
            picture.set_theme(theme)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Read what came while nobody looked."""
        super().showEvent(event)
        self._show_steps()

    def _steps(self) -> list[int]:
        run = self._state.runs.current
        return list(probes_by_step(run.probes)) if run is not None else []

    def _last_step(self) -> int:
        run = self._state.runs.current
        return max(run.steps, run.step) if run is not None else 0

    def _show_steps(self) -> None:
        steps, wanted = self._steps(), self._state.probes.step
        for widget in (self.view, self.slider, self.step):
            widget.setVisible(bool(steps))
        self.note.setText(_LEGEND if steps else _EMPTY)
        if not steps:
            self._state.probes.looks = ()
            return
        place = steps.index(wanted) if wanted in steps else len(steps) - 1
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(steps) - 1)
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self.step.setText(f"after {steps[place]:,} of {self._last_step():,} steps")
        if self.isVisible():
            self._controller.look_at_probes(steps[place])

    def _choose(self, place: int) -> None:
        steps = self._steps()
        newest = place >= len(steps) - 1
        self._state.probes.step = None if newest else steps[place]

    def _show_pictures(self) -> None:
        looks = self._state.probes.looks
        self.view.setCurrentIndex(self.view.findData(self._state.probes.view))
        while len(self.pictures) < len(looks):
            self.pictures.append(_Picture(self._theme))
            self._row.addWidget(self.pictures[-1], 1)
        for number, picture in enumerate(self.pictures):
            picture.setVisible(number < len(looks))
            if number < len(looks):
                picture.show_look(looks[number], self._state.probes.view)
