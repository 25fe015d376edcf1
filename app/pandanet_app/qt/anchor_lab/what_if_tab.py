"""What if: thresholds, rule and anchors are changed, and the effect is seen at once; two settings,
or two weights, side by side."""

from collections.abc import Callable
from functools import partial
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
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.controllers.anchor_lab.messages import Other
from pandanet_app.controllers.anchor_lab.sizes import (
    MOST_ANCHORS,
    parse_sizes,
    read_sizes,
    sizes_text,
)
from pandanet_app.controllers.anchor_lab.words.effect import effect_lines
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.qt.lambda_lab.own_keys import OwnKeys
from pandanet_core.errors import UserError

_STEPS = 100
_SLIDERS = (
    ("positive_above", "PONO >", "A+: anchors whose PONO exceeds this (the paper: 0.5)"),
    ("selected_above", "Product >", "A++: anchors whose PONO × overlap exceeds this (Eq. 9: 0.5)"),
    ("min_score", "Score ≥", "Anchors that score less are no candidates"),
    ("nms_iou", "NMS IoU", "A candidate that overlaps a better one's box by more is suppressed"),
)
_RULES = ("none", "box-aware", "pose-aware")


class WhatIfTab(QWidget):
    """Edits the settings that frames are traced with."""

    def __init__(self, controller: AnchorLabController) -> None:
        """For the anchor lab."""
        super().__init__()
        self._controller = controller
        self.sliders = {name: QSlider(Qt.Orientation.Horizontal) for name, _, _ in _SLIDERS}
        self._values = {name: QLabel() for name, _, _ in _SLIDERS}
        self.rule = QComboBox()
        self.count = QSpinBox()
        self.cluster, self.own = QPushButton("Cluster"), QPushButton("Network's own")
        self.load, self.reset = QPushButton("Import …"), QPushButton("Reset all")
        self.sizes = QLineEdit()
        self.keep = QPushButton("Compare with these settings")
        self.weights = QPushButton("Compare with other weights …")
        self.stop = QPushButton("Stop comparing")
        self.effect = QLabel()
        OwnKeys(*self.sliders.values())
        self._build()
        self._connect()
        self._show_settings()

    def _build(self) -> None:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        for row, (name, text, tip) in enumerate(_SLIDERS):
            slider, label = self.sliders[name], QLabel(text)
            slider.setRange(0, _STEPS)
            slider.setPageStep(5)
            slider.setToolTip(tip)
            slider.setAccessibleName(tip)
            label.setBuddy(slider)
            for column, widget in enumerate((label, slider, self._values[name])):
                grid.addWidget(widget, row, column)
        self.rule.addItems(_RULES)
        self.rule.setToolTip("What PONO is multiplied with (Table 1): nothing, box or pose overlap")
        self.rule.setAccessibleName("Rule of selection")
        grid.addWidget(QLabel("Rule"), len(_SLIDERS), 0)
        grid.addWidget(self.rule, len(_SLIDERS), 1)
        grid.setColumnStretch(1, 1)
        left = QVBoxLayout()
        left.addLayout(grid)
        left.addLayout(self._anchors())
        left.addWidget(self.sizes)
        left.addStretch(1)
        right = QVBoxLayout()
        buttons = QGridLayout()
        for number, button in enumerate((self.keep, self.weights, self.reset, self.stop)):
            buttons.addWidget(button, number // 2, number % 2)
        buttons.setColumnStretch(2, 1)
        self.effect.setWordWrap(True)
        self.effect.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.effect.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        right.addLayout(buttons)
        right.addWidget(self.effect, 1)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(6, 4, 6, 4)
        columns.setSpacing(14)
        columns.addLayout(left, 2)
        columns.addLayout(right, 3)

    def _anchors(self) -> QHBoxLayout:
        self.count.setRange(1, MOST_ANCHORS)
        self.count.setValue(10)
        self.count.setPrefix("Anchors: ")
        self.count.setAccessibleName("Number of anchors a position")
        self.cluster.setToolTip("Cluster so many anchors from the people of this film")
        self.own.setToolTip("The anchors that the network has learned with")
        self.load.setToolTip("Anchors that `pandanet anchors --json` wrote")
        self.sizes.setToolTip(
            "Widths and heights in px of the network's input, as 21×54, 34×69; Enter takes them"
        )
        self.sizes.setAccessibleName("Sizes of the anchors")
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self.count, self.cluster, self.own, self.load):
            row.addWidget(widget)
        row.addStretch(1)
        return row

    def _connect(self) -> None:
        controller = self._controller
        for name, slider in self.sliders.items():
            slider.valueChanged.connect(partial(self._change, name))
        self.rule.activated.connect(lambda row: controller.change(rule=_RULES[row]))
        self.cluster.clicked.connect(lambda: controller.cluster(self.count.value()))
        self.own.clicked.connect(lambda: controller.change(anchors_px=None))
        self.load.clicked.connect(self._import)
        self.sizes.returnPressed.connect(lambda: self._take(lambda: parse_sizes(self.sizes.text())))
        self.reset.clicked.connect(controller.reset)
        self.keep.clicked.connect(
            lambda: controller.compare(Other(controller.weights, controller.lab.settings))
        )
        self.weights.clicked.connect(self._choose_weights)
        self.stop.clicked.connect(lambda: controller.compare(None))
        controller.lab.events.settings.connect(self._show_settings)
        controller.changed.connect(self._show)

    def compare_with(self, weights: Path) -> None:
        """Show the frame as it is seen with these weights, too."""
        self._controller.compare(Other(weights, self._controller.lab.settings))

    def _change(self, name: str, value: int) -> None:
        self._controller.change(**{name: value / _STEPS})

    def _take(self, sizes: Callable[[], object]) -> None:
        try:
            self._controller.change(anchors_px=sizes())
        except UserError as error:
            self._controller.lab.problem = str(error)

    def _import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import anchors", "", "Anchors (*.json)")
        if name:
            self._take(lambda: read_sizes(Path(name)))

    def _choose_weights(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Compare with", "", "Weights (*.safetensors)")
        if name:
            self.compare_with(Path(name))

    def _show_settings(self) -> None:
        settings = self._controller.lab.settings
        for name, slider in self.sliders.items():
            value = float(getattr(settings, name))
            slider.blockSignals(True)
            slider.setValue(round(value * _STEPS))
            slider.blockSignals(False)
            self._values[name].setText(f"{value:.2f}")
        self.rule.setCurrentIndex(_RULES.index(settings.rule))

    def _show(self, scene: AnchorScene | None) -> None:
        self.stop.setVisible(self._controller.other is not None)
        self.effect.setText("\n".join(effect_lines(scene)) if scene is not None else "")
        if scene is not None and not self.sizes.hasFocus():
            sizes = tuple((float(w), float(h)) for w, h in scene.trace.grid.sizes_px.round(1))
            self.sizes.setText(sizes_text(sizes))
            self.sizes.setCursorPosition(0)
