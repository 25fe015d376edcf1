"""What of the anchors is shown: view, dots or boxes, kind, map, and whom they are matched with."""

from PyQt6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.models.anchor_lab import AnchorMap, AnchorView, TruthChoice
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.qt.anchor_lab.legend import Legend

_VIEW_TIPS = {
    AnchorView.OFF: "No anchors, the people again",
    AnchorView.GRID: "All anchors, the grid A",
    AnchorView.POSITIVE: "Anchors that match somebody, in the person's colour",
    AnchorView.SELECTED: "Anchors of A+ that give a good pose, too: these are read",
    AnchorView.DIFFERENCE: "Anchors that match, but are ambiguous",
}


class Choices(QWidget):
    """Edits the anchor lab's model."""

    def __init__(self, controller: AnchorLabController) -> None:
        """For the anchor lab."""
        super().__init__()
        self._controller = controller
        self.views = QButtonGroup(self)
        self.boxes = QCheckBox("Boxes")
        self.kind, self.map, self.truth = QComboBox(), QComboBox(), QComboBox()
        self.legend = Legend()
        self._build()
        self._connect()
        self._show_model()

    def _build(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for number, view in enumerate(AnchorView):
            button = QToolButton()
            button.setText(view.value)
            button.setCheckable(True)
            button.setToolTip(f"{_VIEW_TIPS[view]} (A: the next view)")
            self.views.addButton(button, number)
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.boxes.setToolTip("Draw the anchors' boxes instead of a dot for each")
        self.map.addItems([each.value for each in AnchorMap])
        self.map.setToolTip("What is laid over the picture")
        self.truth.addItems([each.value for each in TruthChoice])
        self.truth.setToolTip("Whom the anchors are matched with")
        self.kind.setToolTip("Which anchor of each position is shown")
        form = QGridLayout()
        form.setHorizontalSpacing(6)
        form.setVerticalSpacing(3)
        rows = (("Anchors", self.kind), ("Map", self.map), ("Truth", self.truth))
        for row, (text, box) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(box)
            box.setAccessibleName(text)
            form.addWidget(label, row, 0)
            form.addWidget(box, row, 1)
        form.addWidget(self.boxes, 0, 2)
        form.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addLayout(form)
        column.addWidget(self.legend, 1)

    def _connect(self) -> None:
        lab = self._controller.lab
        self.views.idClicked.connect(lambda number: setattr(lab, "view", list(AnchorView)[number]))
        self.boxes.toggled.connect(lambda on: setattr(lab, "boxes", on))
        self.map.activated.connect(lambda row: setattr(lab, "map", list(AnchorMap)[row]))
        self.truth.activated.connect(lambda row: setattr(lab, "truth", list(TruthChoice)[row]))
        self.kind.activated.connect(lambda row: setattr(lab, "kind", row - 1 if row else None))
        self.legend.chosen.connect(lambda kind: setattr(lab, "kind", kind))
        lab.events.connect(self._show_model)
        self._controller.changed.connect(self._show_scene)

    def _show_model(self) -> None:
        lab = self._controller.lab
        button = self.views.button(list(AnchorView).index(lab.view))
        assert button is not None
        button.setChecked(True)
        self.boxes.setChecked(lab.boxes)
        self.map.setCurrentIndex(list(AnchorMap).index(lab.map))
        self.truth.setCurrentIndex(list(TruthChoice).index(lab.truth))
        self._show_kind()

    def _show_scene(self, scene: AnchorScene | None) -> None:
        if scene is None:
            return
        sizes = scene.trace.grid.sizes_px
        words = ["All"] + [f"{n}: {w:.0f} × {h:.0f} px" for n, (w, h) in enumerate(sizes)]
        if words != [self.kind.itemText(row) for row in range(self.kind.count())]:
            self.kind.clear()
            self.kind.addItems(words)
        self._show_kind()
        self.legend.show_kinds(sizes, scene.kind)

    def _show_kind(self) -> None:
        kind = self._controller.lab.kind
        self.kind.setCurrentIndex(0 if kind is None else kind + 1)
