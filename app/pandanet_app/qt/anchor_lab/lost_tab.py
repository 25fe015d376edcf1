"""Why not this person: everybody who was not found, counted by reason, over the range of the film."""

import math

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.controllers.anchor_lab.words.lost import lost_in
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.models.lost_people import LostPerson
from pandanet_app.qt.anchor_lab.sorted_table import Row, SortedTable
from pandanet_core.evaluation.reasons import EXPLANATIONS

_HEADERS = ("Frame", "Person", "Reason", "Best score", "Evidence")
_EXPLANATION = {reason.value: text for reason, text in EXPLANATIONS.items()}
_EVERY = "Every reason"


class LostTab(QWidget):
    """Lists who was not found; choosing a row jumps there."""

    def __init__(self, controller: AnchorLabController) -> None:
        """For the anchor lab."""
        super().__init__()
        self._controller = controller
        self._here: tuple[LostPerson, ...] = ()
        self.start = QPushButton("Search the range")
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self.reason = QComboBox()
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = SortedTable(
            "People who were not found", _HEADERS, 0, 4, Qt.SortOrder.AscendingOrder
        )
        self._build()
        self._connect()
        self._show()

    def _build(self) -> None:
        self.start.setToolTip("Look for everybody who is not found in the range of the film")
        self.progress.setAccessibleName("Progress of the search")
        self.reason.setToolTip("Show only people who were lost for this reason")
        self.reason.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        row = QHBoxLayout()
        for widget in (self.start, self.cancel):
            row.addWidget(widget)
        row.addWidget(self.progress, 1)
        row.addStretch(0)
        row.addWidget(self.reason)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        controller = self._controller
        self.start.clicked.connect(controller.search)
        self.cancel.clicked.connect(controller.lost.cancel)
        self.reason.activated.connect(self._show)
        self.table.chosen.connect(controller.jump)
        controller.lost.found.events.connect(self._show)
        controller.changed.connect(self._show_scene)

    def _show_scene(self, scene: AnchorScene | None) -> None:
        here = lost_in(scene.frame, scene.trace) if scene is not None else ()
        if here != self._here:
            self._here = here
            if not self._controller.lost.found.total:
                self._show()

    def _show(self) -> None:
        found = self._controller.lost.found
        searched = found.total > 0
        lost = found.lost if searched else self._here
        self.start.setEnabled(not found.active)
        self.cancel.setVisible(found.active)
        self.progress.setEnabled(searched)
        self.progress.setMaximum(max(found.total, 1))
        self.progress.setValue(found.done)
        self.progress.setFormat(f"{found.done} of {found.total} frames" if searched else "")
        reason = self._show_reasons(lost)
        shown = [one for one in lost if reason is None or one.reason == reason]
        self.summary.setText(found.problem or self._words(lost, reason))
        self.table.show_rows([_row(one) for one in shown])

    def _show_reasons(self, lost: tuple[LostPerson, ...]) -> str | None:
        """Offer the reasons that there are, with their numbers; the one that is chosen."""
        counts: dict[str, int] = {}
        for one in lost:
            counts[one.reason] = counts.get(one.reason, 0) + 1
        chosen = self.reason.currentData()
        items: list[tuple[str, str | None]] = [(f"{_EVERY} ({len(lost)})", None)]
        items += [(f"{reason} ({count})", reason) for reason, count in sorted(counts.items())]
        self.reason.clear()
        for row, (text, reason) in enumerate(items):
            self.reason.addItem(text, reason)
            if reason is not None and reason == chosen:
                self.reason.setCurrentIndex(row)
        current: str | None = self.reason.currentData()
        return current

    def _words(self, lost: tuple[LostPerson, ...], reason: str | None) -> str:
        if reason is not None:
            return _EXPLANATION[reason]
        found = self._controller.lost.found
        if not found.total:
            here = f"{len(lost)} in this frame were not found" if lost else "Nobody was lost here"
            return f"{here}. Search the range of the film for everybody; choose one to jump there."
        right = found.people - len(lost)
        return f"{right} of {found.people} people found, {len(lost)} not, in {found.done} frames."


def _row(one: LostPerson) -> Row:
    score: float | str = "" if math.isnan(one.score) else one.score
    return Row((one.frame, one.person, one.reason, score, one.evidence), one)
