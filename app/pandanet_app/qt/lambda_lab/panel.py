"""The dock's inside: choices above, the figure and its words in the middle, the player below."""

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QLabel, QScrollArea, QStyle, QVBoxLayout, QWidget

from pandanet_app.controllers.lambda_lab.lab import LambdaLabController
from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.reading import MEANING, words
from pandanet_app.qt.lambda_lab.choices import Choices
from pandanet_app.qt.lambda_lab.figure_view import FigureView
from pandanet_app.qt.lambda_lab.own_keys import OwnKeys
from pandanet_app.qt.lambda_lab.player import Player
from pandanet_app.qt.theme import Theme

_LOOK_AGAIN_MS = 1000
_EMPTY = (
    "Here is seen what a training has learned to trust: its loss weights λ, for each size of "
    "anchor and each joint, over the whole training. Drop a run folder or weights (.safetensors) "
    "on the window, or open one with File, Open a training."
)


class LambdaPanel(QWidget):
    """Shows the λ lab; while it is on screen it looks for what a training has added."""

    def __init__(self, controller: LambdaLabController, theme: Theme) -> None:
        """For the λ lab."""
        super().__init__()
        self._controller = controller
        self._content: LambdaContent | None = None
        self.choices = Choices(controller)
        self.figure = FigureView(theme)
        self.player = Player(controller, theme)
        self.note, self.words, self.meaning = QLabel(), QLabel(), QLabel(MEANING)
        self.area = QScrollArea()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_AGAIN_MS)
        OwnKeys(self.figure)
        self._build()
        self._connect()
        self._show_runs()

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self.figure.set_theme(theme)
        self.player.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Room for the heatmaps of ten anchors."""
        line = self.fontMetrics().height()
        return QSize(60 * line, 26 * line)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """The figure fills what there is."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Look for news from now on."""
        super().showEvent(event)
        self._timer.start()
        self._fit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Nobody looks: nothing is read, nothing plays."""
        self._timer.stop()
        self._controller.lab.playing = False
        super().hideEvent(event)

    def _build(self) -> None:
        for label in (self.note, self.words, self.meaning):
            label.setWordWrap(True)
        for label in (self.note, self.meaning):
            label.setProperty("quiet", True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.note, self.figure, self.words, self.meaning):
            column.addWidget(widget)
        column.addStretch(1)
        self.area.setWidget(inside)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 4)
        outer.setSpacing(4)
        outer.addWidget(self.choices)
        outer.addWidget(self.area, 1)
        outer.addWidget(self.player)

    def _connect(self) -> None:
        events = self._controller.lab.events
        for event in (events.first, events.second, events.waiting):
            event.connect(self._show_runs)
        for event in (events.shown, events.logarithmic, events.by_group):
            event.connect(self._show_runs)
        events.step.connect(self._show_step)
        self.figure.pointed.connect(self.choices.show_reading)
        self.choices.picture_wanted.connect(
            lambda path: self._controller.save_picture(path, self.figure.look())
        )
        self._timer.timeout.connect(self._controller.look_again)

    def _show_runs(self) -> None:
        lab = self._controller.lab
        self._content = self._controller.content()
        notes = [run.history.note for run in (lab.first, lab.second) if run is not None]
        text = " ".join(note for note in notes if note) or lab.waiting
        self.note.setText(text if self._content else text or _EMPTY)
        self.note.setVisible(bool(self.note.text()))
        for widget in (self.figure, self.words, self.meaning, self.choices, self.player):
            widget.setVisible(self._content is not None)
        self._show_step()
        self._fit()

    def _show_step(self) -> None:
        step = self._controller.lab.step
        self.figure.show_lambdas(self._content, step)
        said = words(self._content, step) if self._content else ()
        self.words.setText("\n".join(said))

    def _fit(self) -> None:
        """As much room as there is; the words get theirs where the figure does not need it."""
        style = self.style()
        assert style is not None
        size = self.area.maximumViewportSize()
        # Room for the bar at the right is kept, so that it does not push the figure when it comes.
        width = size.width() - style.pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        labels = (self.note, self.words, self.meaning)
        height = sum(label.heightForWidth(width) + 8 for label in labels if label.isVisible())
        self.figure.set_room(QSize(width, max(size.height() - height, 1)))
