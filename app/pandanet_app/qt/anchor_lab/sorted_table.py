"""A table of numbers and words that is sorted by a click on a header."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QSortFilterProxyModel,
    Qt,
    pyqtSignal,
)
from PyQt6.QtGui import QColor, QFont
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from pandanet_app.qt.lambda_lab.own_keys import OwnKeys

_SORT = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        values: Numbers or words; numbers are shown with two digits, whole ones with none.
        key: What choosing the row means.
        mark: Colour before the first value; None for none.
        strong: Whether it is written in bold.
    """

    values: tuple[float | int | str, ...]
    key: object
    mark: tuple[int, int, int] | None = None
    strong: bool = False


class _Rows(QAbstractTableModel):
    def __init__(self, headers: Sequence[str]) -> None:
        super().__init__()
        self.headers = tuple(headers)
        self.rows: list[Row] = []

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.headers)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        value = row.values[index.column()]
        if role == _SORT:
            return value
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{value:.2f}" if isinstance(value, float) else str(value)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(value, str):
            return value
        if role == Qt.ItemDataRole.TextAlignmentRole and not isinstance(value, str):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and row.mark:
            return QColor(*row.mark)
        if role == Qt.ItemDataRole.FontRole and row.strong:
            return _bold()
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.headers[section]
        return None


class SortedTable(QTableView):
    """Shows rows; choosing one says its key."""

    chosen = pyqtSignal(object)
    """Key of the row that a person chose."""

    def __init__(
        self,
        name: str,
        headers: Sequence[str],
        sort_by: int,
        wide: int,
        order: Qt.SortOrder = Qt.SortOrder.DescendingOrder,
    ) -> None:
        """No rows yet.

        Args:
            name: What the table shows.
            headers: Of its columns.
            sort_by: Column that it is sorted by at first.
            order: Which end of it comes first.
            wide: The column that takes the room that is left.
        """
        super().__init__()
        self._rows = _Rows(headers)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._rows)
        self._sorted.setSortRole(_SORT)
        self._showing = False
        OwnKeys(self)
        self.setModel(self._sorted)
        self.setAccessibleName(name)
        self.setSortingEnabled(True)
        self.sortByColumn(sort_by, order)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        columns.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        selection = self.selectionModel()
        assert selection is not None
        selection.currentRowChanged.connect(self._say)

    def show_rows(self, rows: list[Row], chosen: object = None) -> None:
        """Show these rows instead; the one with the key `chosen` is selected."""
        self._showing = True
        if rows != self._rows.rows:
            self._rows.beginResetModel()
            self._rows.rows = rows
            self._rows.endResetModel()
        keys = [row.key for row in rows]
        if chosen is not None and chosen in keys:
            at = self._sorted.mapFromSource(self._rows.index(keys.index(chosen), 0))
            if at.row() != self.currentIndex().row() or not self.selectedIndexes():
                self.selectRow(at.row())
                self.scrollTo(at)
        else:
            self.clearSelection()
        self._showing = False

    def texts(self) -> list[list[str]]:
        """What the rows say, from top to bottom."""
        model = self._sorted
        return [
            [str(model.index(row, column).data()) for column in range(model.columnCount())]
            for row in range(model.rowCount())
        ]

    def changeEvent(self, event: QEvent | None) -> None:
        """Rows as high as the text wants."""
        if event is not None and event.type() == QEvent.Type.StyleChange:
            rows = self.verticalHeader()
            assert rows is not None
            rows.setDefaultSectionSize(round(self.fontMetrics().height() * 1.4))
        super().changeEvent(event)

    def _say(self, current: QModelIndex, before: QModelIndex) -> None:
        if current.isValid() and not self._showing:
            self.chosen.emit(self._rows.rows[self._sorted.mapToSource(current).row()].key)


def _bold() -> QFont:

    font = QFont()
    font.setBold(True)
    return font
