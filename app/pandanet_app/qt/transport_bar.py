"""Buttons, slider, time and speed below the views."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from pandanet_app.controllers.workspace import Workspace
from pandanet_app.models.playback import SPEEDS
from pandanet_app.qt.actions import Actions
from pandanet_app.qt.icons import icon
from pandanet_app.qt.theme import Theme
from pandanet_app.qt.time_slider import TimeSlider
from pandanet_app.views.shortcuts import Command

_BUTTONS = (
    Command.FIRST_FRAME,
    Command.PREVIOUS_FRAME,
    Command.PLAY_PAUSE,
    Command.NEXT_FRAME,
    Command.LAST_FRAME,
    Command.LOOP,
)


class TransportBar(QWidget):
    """Shows and moves `Playback`."""

    def __init__(self, workspace: Workspace, actions: Actions, theme: Theme) -> None:
        """A bar for the workspace's film."""
        super().__init__()
        self._workspace = workspace
        self._actions = actions
        self._theme = theme
        self.slider = TimeSlider(theme)
        self._time = QLabel()
        self._frame = QLabel()
        self._speed = QComboBox()
        self._build()
        self._connect()
        self._show_position()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        self.slider.set_theme(theme)
        self._show_playing()

    def frame_text(self) -> str:
        """Which frame the bar says is on screen."""
        return self._frame.text()

    def _build(self) -> None:
        for speed in SPEEDS:
            self._speed.addItem(f"{speed:g}×", speed)
        self._speed.setCurrentIndex(SPEEDS.index(1.0))
        self._speed.setToolTip("Speed of playing, as a multiple of the film's own")
        self._speed.setAccessibleName("Speed")
        self._speed.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._frame.setToolTip("Frame on screen; the first frame is 0")
        self._time.setToolTip("Time of the frame on screen: minutes, seconds, milliseconds")
        for label in (self._time, self._frame):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for command in _BUTTONS:
            row.addWidget(self._actions.button(command))
        row.addSpacing(6)
        row.addWidget(self._speed)
        row.addSpacing(6)
        row.addWidget(self.slider, 1)
        row.addSpacing(6)
        row.addWidget(self._time)
        row.addSpacing(12)
        row.addWidget(self._frame)

    def _connect(self) -> None:
        playback = self._workspace.state.playback
        self.slider.moved.connect(self._workspace.frames.go_to)
        self._speed.activated.connect(self._choose_speed)
        self._speed.activated.connect(self._speed.clearFocus)
        playback.events.connect(self._show_position)
        playback.events.playing.connect(self._show_playing)
        playback.events.speed.connect(self._show_playing)
        self._workspace.state.session.events.source.connect(self._show_position)
        self._workspace.people_changed.connect(self._show_done)

    def _choose_speed(self, index: int) -> None:
        playback = self._workspace.state.playback
        playback.speed = SPEEDS[index] * (-1 if playback.speed < 0 else 1)

    def _show_position(self) -> None:
        playback, source = self._workspace.state.playback, self._workspace.state.session.source
        frames = source.frame_count if source else 0
        self.slider.set_film(frames, (playback.range_start, playback.range_stop))
        self.slider.set_frame(playback.frame)
        late = playback.shown not in (playback.frame, -1) and not playback.playing
        self._time.setText(clock_text(playback.shown_time_s))
        shown = playback.frame if late else max(playback.shown, 0)
        last = f" / {frames - 1}" if frames else ""
        self._frame.setText(f"frame {shown}{last}" + (" …" if late else ""))
        widest = self._frame.fontMetrics().horizontalAdvance(f"frame {frames}{last} …")
        self._frame.setMinimumWidth(widest)
        self.setEnabled(source is not None)

    def _show_playing(self) -> None:
        playback = self._workspace.state.playback
        command = Command.PAUSE if playback.playing else Command.PLAY_PAUSE
        self._actions[Command.PLAY_PAUSE].setIcon(icon(command, self._theme))
        speed = abs(playback.speed)
        if speed in SPEEDS:
            self._speed.setCurrentIndex(SPEEDS.index(speed))

    def _show_done(self) -> None:
        people = self._workspace.people
        self.slider.set_done(people.done_ranges() if people else ())


def clock_text(time_s: float) -> str:
    """Minutes, seconds and milliseconds, with hours where there are any."""
    total_ms = round(time_s * 1000)
    minutes, rest_ms = divmod(total_ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{minutes:02d}:{rest_ms // 1000:02d}.{rest_ms % 1000:03d}"
    return f"{hours}:{seconds}" if hours else seconds
