"""The row above the figure: whose λ, which of them, how they are drawn, and saving them."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from pandanet_app.controllers.lambda_lab.lab import LambdaLabController
from pandanet_app.drawing.lambda_figure.content import Shown
from pandanet_app.qt.elided_label import ElidedLabel

_HOW_TO_READ = "Point at a cell, or go to it with the arrow keys, to read its value."
WEIGHTS_FILTER = "Weights (*.safetensors)"


class Choices(QWidget):
    """Shows and edits what the figure shows."""

    picture_wanted = pyqtSignal(Path)
    """The figure is to be saved as this file."""

    def __init__(self, controller: LambdaLabController) -> None:
        """For the λ lab."""
        super().__init__()
        self._controller = controller
        self.runs = ElidedLabel("The training, and the one it is compared with")
        self.reading = ElidedLabel("What the cell under the pointer or chosen by keys says")
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.compare = QToolButton()
        self.compare.setText("Compare with")
        self.compare.setToolTip("Put another training beside this one, and their ratio")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.shown = QComboBox()
        self.shown.setToolTip("Which λ are shown")
        self.shown.setAccessibleName("Which λ are shown")
        self.logarithmic = QCheckBox("Logarithmic")
        self.logarithmic.setToolTip("Equal steps of colour and length are equal factors")
        self.by_group = QCheckBox("Joints by group")
        self.by_group.setToolTip("From head to foot; in the skeleton's own order otherwise")
        self.save = QToolButton()
        self.save.setText("Save")
        self.save.setToolTip("Save the figure as a picture, or the numbers as a table")
        self.save.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._build()
        self._connect()
        self._show()
        self.show_reading("")

    def show_reading(self, text: str) -> None:
        """Say what a cell says; empty: how to read one."""
        self.reading.show_text(text or _HOW_TO_READ)

    def _build(self) -> None:
        for shown in Shown:
            self.shown.addItem(shown.value, shown)
        compare, save = QMenu(self.compare), QMenu(self.save)
        self._add(compare, "A run folder …", self._compare_folder)
        self._add(compare, "Weights …", self._compare_weights)
        self._swap = self._add(compare, "Change places", self._controller.swap)
        self._alone = self._add(compare, "Nothing more", self._controller.compare_no_more)
        self.compare.setMenu(compare)
        self._add(save, "Picture …", self._save_picture)
        self._add(save, "Table of this step …", lambda: self._save_table(whole_history=False))
        self._add(save, "Table of the whole history …", lambda: self._save_table(True))
        self.save.setMenu(save)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.runs)
        row.addWidget(self.compare)
        row.addWidget(self.reading, 1)
        for widget in (self.shown, self.logarithmic, self.by_group, self.save):
            row.addWidget(widget)

    @staticmethod
    def _add(menu: QMenu, text: str, action: Callable[[], None]) -> QAction:
        entry = menu.addAction(text)
        assert entry is not None
        entry.triggered.connect(lambda checked=False: action())
        return entry

    def _connect(self) -> None:
        lab = self._controller.lab
        lab.events.connect(self._show)
        self.shown.activated.connect(
            lambda place: setattr(lab, "shown", self.shown.itemData(place))
        )
        self.logarithmic.clicked.connect(lambda checked: setattr(lab, "logarithmic", checked))
        self.by_group.clicked.connect(lambda checked: setattr(lab, "by_group", checked))

    def _show(self) -> None:
        lab = self._controller.lab
        names = [run.name for run in (lab.first, lab.second) if run is not None]
        self.runs.show_text(" and ".join(names))
        self.shown.setCurrentIndex(self.shown.findData(lab.shown))
        self.logarithmic.setChecked(lab.logarithmic)
        self.by_group.setChecked(lab.by_group)
        for entry in (self._swap, self._alone):
            entry.setEnabled(lab.second is not None)

    def _compare_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Compare with a run folder")
        if name:
            self._controller.compare(Path(name))

    def _compare_weights(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Compare with weights", "", WEIGHTS_FILTER)
        if name:
            self._controller.compare(Path(name))

    def _save_picture(self) -> None:
        path = self._ask_name("Save the figure", "Picture (*.png)", ".png")
        if path is not None:
            self.picture_wanted.emit(path)

    def _save_table(self, whole_history: bool) -> None:
        path = self._ask_name("Save the numbers", "Table (*.csv)", ".csv")
        if path is not None:
            self._controller.save_table(path, whole_history)

    def _ask_name(self, title: str, kind: str, ending: str) -> Path | None:
        lab = self._controller.lab
        first = lab.first.name if lab.first is not None else "training"
        proposal = f"{first}-lambda-{lab.step}{ending}"
        name, _ = QFileDialog.getSaveFileName(self, title, proposal, kind)
        path = Path(name)
        return (path if path.suffix else path.with_suffix(ending)) if name else None
