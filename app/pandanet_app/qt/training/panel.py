"""The dock's inside, made when it is first looked at: most windows never train."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.theme import Theme

if TYPE_CHECKING:
    from pandanet_app.qt.training.desk import TrainingDesk


class TrainingPanel(QWidget):
    """Empty until it is shown."""

    def __init__(self, state: TrainingState, controller: TrainingController, theme: Theme) -> None:
        """For the training window."""
        super().__init__()
        self._state, self._controller, self._theme = state, controller, theme
        self.desk: TrainingDesk | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""
        self._theme = theme
        if self.desk is not None:
            self.desk.set_theme(theme)

    def sizeHint(self) -> QSize:
        """Room for two rows of curves."""
        line = self.fontMetrics().height()
        return QSize(80 * line, 26 * line)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Make what is inside."""
        if self.desk is None:
            from pandanet_app.qt.training.desk import TrainingDesk  # pyqtgraph takes a moment

            self.desk = TrainingDesk(self._state, self._controller, self._theme)
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self.desk)
        super().showEvent(event)
