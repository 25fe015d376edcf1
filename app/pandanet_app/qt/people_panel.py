"""The people of the frame, and the joints of the chosen one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PyQt6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    Qt,
    QTimer,
    pyqtSignal,
)
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.drawing.colours import person_colours
from pandanet_app.models.scene import Scene

_REFRESH_MS = 80
_PEOPLE_HEADERS = ("Person", "Score", "Distance, m", "Height, m", "Box, px")
_JOINT_HEADERS = ("Joint", "x, px", "y, px", "X, mm", "Y, mm", "Z, mm")


class TextTable(QAbstractTableModel):
    """Rows of text under headers, with a colour mark in the first column."""

    def __init__(self, headers: Sequence[str]) -> None:
        """No rows yet."""
        super().__init__()
        self._headers = tuple(headers)
        self._rows: list[tuple[str, ...]] = []
        self._marks: list[QColor] = []

    def show(self, rows: list[tuple[str, ...]], marks: list[QColor] | None = None) -> None:
        """Show these rows instead."""
        self.beginResetModel()
        self._rows, self._marks = rows, marks or []
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(self._headers)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment and colour mark."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 0:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and self._marks:
            return self._marks[index.row()]
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headers with units."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._headers[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section > 0 else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None


class PeoplePanel(QWidget):
    """Lists a scene's people; choosing a row chooses the person everywhere."""

    chosen = pyqtSignal(object)
    """Row of the chosen person."""

    def __init__(self) -> None:
        """An empty list."""
        super().__init__()
        self._scene = Scene()
        self.people = TextTable(_PEOPLE_HEADERS)
        self.joints = TextTable(_JOINT_HEADERS)
        self.people_view = _table_view(self.people, "People of this frame", wide=4)
        self.joints_view = _table_view(self.joints, "Joints of the chosen person", wide=0)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._show)
        self.people_view.clicked.connect(lambda index: self.chosen.emit(index.row()))
        self._build()
        self._show()

    def show_scene(self, scene: Scene) -> None:
        """List this scene's people, soon: while a film plays not every frame."""
        self._scene = scene
        if not self._timer.isActive():
            self._timer.start()

    @property
    def settled(self) -> bool:
        """Whether the latest scene is on screen."""
        return not self._timer.isActive()

    def changeEvent(self, event: QEvent | None) -> None:
        """Rows as high as the text wants."""
        if event is not None and event.type() == QEvent.Type.StyleChange:
            for view in (self.people_view, self.joints_view):
                rows = view.verticalHeader()
                assert rows is not None
                rows.setDefaultSectionSize(round(view.fontMetrics().height() * 1.4))
        super().changeEvent(event)

    def _build(self) -> None:
        right = QVBoxLayout()
        right.setSpacing(4)
        right.addWidget(self.summary)
        right.addWidget(self.joints_view, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.people_view, 1)
        row.addLayout(right, 1)

    def _show(self) -> None:
        scene = self._scene
        people = scene.people
        rows = [_person_row(scene, row) for row in range(len(people.detections))] if people else []
        colours = person_colours(people.colour) if people else np.zeros((0, 3))
        self.people.show(rows, [QColor.fromRgbF(*map(float, colour)) for colour in colours])
        self.joints.show(_joint_rows(scene))
        self.joints_view.setVisible(scene.selected is not None)
        self.summary.setText(_summary(scene))
        if scene.selected is not None:
            self._mark(scene.selected)

    def _mark(self, row: int) -> None:
        selection = self.people_view.selectionModel()
        assert selection is not None
        flags = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(self.people.index(row, 0), flags.ClearAndSelect | flags.Rows)


def height_m(scene: Scene, row: int) -> float:
    """How far a person's joints reach from top to bottom in camera space, metres."""
    assert scene.people is not None
    y_mm = scene.people.detections.pose3d_mm[row, :, 1]
    return float(y_mm.max() - y_mm.min()) / 1000


def distance_m(scene: Scene, row: int) -> float:
    """How far a person's root is from the camera, metres."""
    assert scene.people is not None
    return float(np.linalg.norm(scene.people.detections.root_mm[row])) / 1000


def _person_row(scene: Scene, row: int) -> tuple[str, ...]:
    assert scene.people is not None
    people = scene.people
    x0, y0, x1, y1 = people.detections.boxes[row]
    return (
        people.name(row),
        f"{people.detections.scores[row]:.2f}",
        f"{distance_m(scene, row):.2f}",
        f"{height_m(scene, row):.2f}",
        f"{x1 - x0:.0f} × {y1 - y0:.0f} at {x0:.0f}, {y0:.0f}",
    )


def _joint_rows(scene: Scene) -> list[tuple[str, ...]]:
    if scene.selected is None or scene.people is None or scene.skeleton is None:
        return []
    pose2d = scene.people.detections.pose2d[scene.selected]
    pose3d = scene.people.detections.pose3d_mm[scene.selected]
    return [
        (name, *(f"{value:.1f}" for value in px), *(f"{value:.0f}" for value in mm))
        for name, px, mm in zip(scene.skeleton.joints, pose2d, pose3d, strict=True)
    ]


def _summary(scene: Scene) -> str:
    if scene.frame is None:
        return "Open a video to see people here."
    if scene.people is None:
        return "Nobody has looked for people in this frame yet: press Detect people (Ctrl+D)."
    if scene.selected is None:
        return "Click a person in the picture, in the 3D view or in the list to see the joints."
    row = scene.selected
    return (
        f"Person {scene.people.name(row)}: score {scene.people.detections.scores[row]:.2f}, "
        f"{distance_m(scene, row):.2f} m from the camera, {height_m(scene, row):.2f} m from the "
        "highest to the lowest joint. 3D in camera space: X right, Y down, Z ahead."
    )


def _table_view(model: TextTable, name: str, wide: int) -> QTableView:
    view = QTableView()
    view.setModel(model)
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    rows, columns = view.verticalHeader(), view.horizontalHeader()
    assert rows is not None
    assert columns is not None
    rows.hide()
    columns.setHighlightSections(False)
    columns.setTextElideMode(Qt.TextElideMode.ElideRight)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    columns.setSectionResizeMode(wide, QHeaderView.ResizeMode.ResizeToContents)
    return view
