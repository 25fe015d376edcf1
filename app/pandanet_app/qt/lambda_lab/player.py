"""The slider through a training's history, and the button that plays it."""

import time

import qtawesome
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from pandanet_app.controllers.lambda_lab.lab import LambdaLabController
from pandanet_app.qt.lambda_lab.own_keys import OwnKeys
from pandanet_app.qt.theme import Theme

_TICK_MS = 16


class Player(QWidget):
    """Shows and moves the step whose λ are shown."""

    def __init__(self, controller: LambdaLabController, theme: Theme) -> None:
        """For the λ lab."""
        super().__init__()
        self._controller = controller
        self._theme = theme
        self.play = QToolButton()
        self.play.setToolTip("Play the history of the training, or stop")
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setToolTip("Step of the training; the arrow keys go from point to point")
        self.slider.setAccessibleName("Step of the training")
        self.step = QLabel()
        self.step.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._ticker = QTimer(self)
        self._ticker.setInterval(_TICK_MS)
        OwnKeys(self.slider, self.play)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        row.addWidget(self.step)
        self._connect()
        self._show_playing()
        self._show_place()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self._show_playing()

    def _connect(self) -> None:
        events = self._controller.lab.events
        for event in (events.first, events.second, events.step):
            event.connect(self._show_place)
        events.playing.connect(self._show_playing)
        self.slider.valueChanged.connect(self._moved)
        self.play.clicked.connect(lambda: self._controller.toggle_playing(time.monotonic()))
        self._ticker.timeout.connect(lambda: self._controller.tick(time.monotonic()))

    def _moved(self, place: int) -> None:
        self._controller.lab.playing = False
        self._controller.go_to(place)

    def _show_place(self) -> None:
        lab = self._controller.lab
        timeline, place = lab.timeline, lab.place
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(timeline) - 1))
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        for widget in (self.slider, self.play):
            widget.setEnabled(len(timeline) > 1)
        if len(timeline):
            last = int(timeline[-1])
            self.step.setText(f"step {lab.step:,} of {last:,}")
            widest = self.step.fontMetrics().horizontalAdvance(f"step {last:,} of {last:,}")
            self.step.setMinimumWidth(widest)
            self.step.setToolTip(f"Point {place + 1} of {len(timeline)} of the history")

    def _show_playing(self) -> None:
        playing = self._controller.lab.playing
        name = "mdi6.pause" if playing else "mdi6.play"
        colours = {"color": self._theme.text, "color_disabled": self._theme.border}
        self.play.setIcon(qtawesome.icon(name, **colours))
        self.play.setAccessibleName("Stop" if playing else "Play the history")
        if playing:
            self._ticker.start()
        else:
            self._ticker.stop()
