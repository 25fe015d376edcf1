"""The fixed read-out under the picture: what is known of the anchor under the pointer."""

from PyQt6.QtWidgets import QFrame, QVBoxLayout

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.controllers.anchor_lab.words.anchors import read_out
from pandanet_app.controllers.anchor_lab.words.views import explain_view, truth_words
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.qt.elided_label import ElidedLabel


class ReadOut(QFrame):
    """Two lines; it is there as long as anchors are."""

    def __init__(self, controller: AnchorLabController) -> None:
        """For the anchor lab."""
        super().__init__()
        self._controller = controller
        self.first = ElidedLabel("The anchor under the pointer, or what the picture shows")
        self.second = ElidedLabel("What became of it, or who is to be found")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(0)
        for label in (self.first, self.second):
            column.addWidget(label)
        self.setAccessibleName("What is known of the anchor under the pointer")
        controller.changed.connect(self._show)
        for event in (controller.lab.events.busy, controller.lab.events.problem):
            event.connect(lambda: self._show(controller.scene))
        self._show(None)

    def _show(self, scene: AnchorScene | None) -> None:
        lab = self._controller.lab
        self.setVisible(lab.view is not AnchorView.OFF)
        if scene is None:
            self.first.show_text(lab.problem or lab.busy or _NOTHING)
            self.second.show_text("")
            return
        spot = scene.hovered or scene.spot
        if spot is not None:
            lines = read_out(scene, spot)
        else:
            looked = self._controller.looked
            known = looked.ground_truth if looked and scene.trace.truth.name != _FOUND else ""
            lines = explain_view(scene), truth_words(_FOUND, len(scene.trace.truth), known)
        self.first.show_text(lab.problem or lines[0])
        self.second.show_text(lines[1])


_NOTHING = "Anchors are shown when the film stands still on a picture of a video."
_FOUND = "the people who were found"
"""What the core calls the truth that it took from the final people."""
