"""What is seen before anything is open: what to do first."""

from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from pandanet_app.models.session import Session
from pandanet_app.qt.actions import Actions
from pandanet_app.views.shortcuts import Command

_SHOWN_RECENT = 5


class Welcome(QFrame):
    """Offers to open a video, the demo clip, or a recent file."""

    chosen = pyqtSignal(Path)
    """A recent file to open."""

    def __init__(self, session: Session, actions: Actions) -> None:
        """A page for the session."""
        super().__init__()
        self._session = session
        self.setProperty("stage", True)
        self._title = QLabel()
        self._title.setProperty("title", True)
        self._text = QLabel()
        self._text.setProperty("quiet", True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        self._open = QPushButton("Open a video …")
        self._open.setProperty("primary", True)
        self._open.clicked.connect(actions[Command.OPEN].trigger)
        self._demo = QPushButton("Open the demo clip")
        self._demo.clicked.connect(actions[Command.OPEN_DEMO].trigger)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._build()
        session.events.opening.connect(self._show)
        self._show()

    def set_recent(self, paths: tuple[Path, ...]) -> None:
        """Offer these files."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for path in paths[:_SHOWN_RECENT]:
            button = QPushButton(path.name)
            button.setToolTip(str(path))
            button.setFlat(True)
            button.clicked.connect(lambda checked=False, path=path: self.chosen.emit(path))
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def recent_buttons(self) -> list[QPushButton]:
        """The buttons of the recent files."""
        items = (self._recent.itemAt(row) for row in range(self._recent.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, QPushButton)]

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._open)
        buttons.addWidget(self._demo)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.addStretch(2)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(buttons)
        column.addLayout(self._recent)
        column.addStretch(3)

    def _show(self) -> None:
        opening = self._session.opening
        self._title.setText(
            f"Opening {opening} …" if opening else "Find people in a video, in 2D and 3D"
        )
        self._text.setText(
            ""
            if opening
            else "Drop a video, a folder of pictures or a detections file (.parquet) here, "
            "or open one. Then press Detect people. A training's run folder and weights "
            "(.safetensors) show what was learned."
        )
        self._open.setVisible(not opening)
        self._demo.setVisible(not opening)
