"""The dock's inside: what is shown at the left, what is known of it in tabs at the right."""

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QTabWidget, QWidget

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.qt.anchor_lab.choices import Choices
from pandanet_app.qt.anchor_lab.lost_tab import LostTab
from pandanet_app.qt.anchor_lab.person_tab import PersonTab
from pandanet_app.qt.anchor_lab.what_if_tab import WhatIfTab
from pandanet_app.qt.theme import Theme


class AnchorPanel(QWidget):
    """Shows and edits the anchor lab."""

    def __init__(self, controller: AnchorLabController, theme: Theme) -> None:
        """For the anchor lab."""
        super().__init__()
        self.choices = Choices(controller)
        self.tabs = QTabWidget()
        self.person = PersonTab(controller)
        self.lost = LostTab(controller)
        self.what_if = WhatIfTab(controller)
        self.tabs.addTab(self.person, "Why this person?")
        self.tabs.addTab(self.lost, "Why not?")
        self.tabs.addTab(_scrolled(self.what_if), "What if?")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.choices)
        row.addWidget(self.tabs, 1)

    def minimumSizeHint(self) -> QSize:
        """Small windows keep small: what has no room is scrolled to."""
        line = self.fontMetrics().height()
        return QSize(40 * line, 10 * line)

    def set_theme(self, theme: Theme) -> None:
        """Draw in these colours."""

    def sizeHint(self) -> QSize:
        """Room for the legend and some rows of a table."""
        line = self.fontMetrics().height()
        return QSize(60 * line, 17 * line)


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    return area
