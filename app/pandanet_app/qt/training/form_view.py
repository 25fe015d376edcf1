"""The settings of a training as a form, made from the settings' own dataclass."""

from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.controllers.training.form import DATA, form_groups
from pandanet_app.models.training.form import Origin
from pandanet_app.models.training.settings import Group, Setting
from pandanet_app.models.training.state import TrainingState
from pandanet_app.qt.training.field_row import FieldRow
from pandanet_core.network.config import NETWORKS

_COLUMNS = (("",), ("optimiser", "augmentation"), ("network", "selection", "losses"))
"""Which groups stand in which column, by the first of their names."""
_OWN = "its own"


class FormView(QWidget):
    """Shows and edits `TrainingForm`."""

    def __init__(self, state: TrainingState, controller: TrainingController) -> None:
        """For the training window."""
        super().__init__()
        self._form, self._controller = state.form, controller
        self.folder = QLineEdit()
        self.origin = QComboBox()
        self.network = QComboBox()
        self.start = QPushButton("Start training")
        self.help = QLabel()
        self.problem = QLabel()
        self.rows: dict[tuple[str, ...], FieldRow] = {}
        self._build()
        self._connect()
        self._show()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._head())
        inside = QWidget()
        columns = QHBoxLayout(inside)
        columns.setSpacing(16)
        columns.setContentsMargins(0, 4, 0, 0)
        groups = form_groups()
        for names in _COLUMNS:
            stack = QVBoxLayout()
            for group in groups:
                if (group.path[0] if group.path else "") in names:
                    stack.addLayout(self._group(group, inside))
            stack.addStretch(1)
            columns.addLayout(stack)
        columns.addStretch(1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(area, 1)
        for label in (self.help, self.problem):
            label.setWordWrap(True)
            label.hide()
            column.addWidget(label)
        self.help.setProperty("quiet", True)
        self.problem.setProperty("wrong", True)

    def _head(self) -> QVBoxLayout:
        self.folder.setPlaceholderText("Folder for the new run: its log and its weights")
        self.folder.setAccessibleName("Run folder")
        browse = QToolButton()
        browse.setText("…")
        browse.setToolTip("Choose the folder")
        browse.setAccessibleName("Choose the run folder")
        browse.clicked.connect(self._browse)
        self.add_data = QToolButton()
        self.add_data.setText("Add data …")
        self.add_data.setToolTip("Add a folder of pictures that 'pandanet crowd' or JTA has made")
        self.add_data.clicked.connect(self._add_data)
        for origin, text in (
            (Origin.LAPTOP, "New: a few CPU cores"),
            (Origin.PAPER, "New: the paper's, wants a GPU"),
            (Origin.RUN, "The open run's"),
        ):
            self.origin.addItem(text, origin)
        self.origin.setAccessibleName("Settings")
        self.origin.setToolTip("Where the settings come from; ● marks what differs from them")
        self.network.addItems([*NETWORKS, _OWN])
        self.network.setAccessibleName("Network")
        self.network.setToolTip("Fills the fields of the network")
        self.start.setProperty("primary", True)
        self.start.setToolTip("A process of its own: it goes on when this window is closed")
        self._browse_button = browse
        above, below = QHBoxLayout(), QHBoxLayout()
        for widget in (QLabel("Settings"), self.origin, QLabel("Network"), self.network):
            above.addWidget(widget)
        above.addWidget(self.add_data)
        above.addStretch(1)
        below.addWidget(QLabel("Run folder"))
        below.addWidget(self.folder, 1)
        below.addWidget(browse)
        below.addWidget(self.start)
        head = QVBoxLayout()
        head.addLayout(above)
        head.addLayout(below)
        return head

    def _group(self, group: Group, parent: QWidget) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.setHorizontalSpacing(4)
        title = QLabel(f"<b>{group.title.capitalize()}</b>")
        title.setToolTip(group.help)
        grid.addWidget(title, 0, 0, 1, 4)
        place = 1
        for setting in group.settings:
            row = FieldRow(setting, self._form, self._controller.form, self._explain, parent)
            row.place(grid, place)
            self.rows[setting.path] = row
            place += 2
        return grid

    def _connect(self) -> None:
        self._form.events.connect(self._show)
        self.folder.textEdited.connect(lambda text: setattr(self._form, "folder", text))
        self.origin.activated.connect(self._choose_origin)
        self.network.activated.connect(self._choose_network)
        self.start.clicked.connect(self._controller.start)

    def _show(self) -> None:
        form = self._form
        if self.folder.text() != form.folder:
            self.folder.setText(form.folder)
        begun = form.origin is Origin.RUN
        for widget in (self.folder, self._browse_button, self.network):
            widget.setEnabled(not begun)
        self.start.setVisible(not begun)
        self.start.setEnabled(not form.complaint)
        self.origin.setCurrentIndex(self.origin.findData(form.origin))
        own = {path[1:]: value for path, value in form.values.items() if path[0] == "network"}
        named = (
            name
            for name, network in NETWORKS.items()
            if {(field,): value for field, value in vars(network).items()} == own
        )
        self.network.setCurrentText(next(named, _OWN))
        for row in self.rows.values():
            row.show_value()
        self.problem.setText(form.complaint)
        self.problem.setVisible(bool(form.complaint))

    def _explain(self, setting: Setting) -> None:
        """Say below what the field with the focus is."""
        self.help.setText(f"{setting.label}: {setting.help}")
        self.help.show()

    def _choose_origin(self, place: int) -> None:
        origin = self.origin.itemData(place)
        if origin is Origin.RUN:
            self._controller.show_settings()
            self._show()
        else:
            self._controller.new_run("laptop" if origin is Origin.LAPTOP else "paper")

    def _choose_network(self, place: int) -> None:
        names = list(NETWORKS)
        if place < len(names):
            self._controller.form.use_network(names[place])

    def _browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Folder for the new run", self._form.folder)
        if name:
            self._form.folder = name

    def _add_data(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Add a folder of annotated pictures")
        if name:
            data = self._form.values.get(DATA) or ()
            assert isinstance(data, tuple)
            self._controller.form.set(DATA, (*data, f"crowd:{Path(name)}"))
