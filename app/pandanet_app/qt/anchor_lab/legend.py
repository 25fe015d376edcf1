"""The legend of the N_A kinds of anchors: a click shows one of them alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import pyqtSignal

from pandanet_app.drawing.anchors.graph import Look
from pandanet_app.drawing.anchors.kinds import draw_legend, legend_cells
from pandanet_app.qt.anchor_lab.figure import Figure


class Legend(Figure):
    """Every kind of anchor at the same scale, with its size."""

    chosen = pyqtSignal(object)
    """The kind that was clicked; None where it was the one shown already."""

    def __init__(self) -> None:
        """Nothing to show yet."""
        super().__init__("Shapes and sizes of the anchors", (14, 5))
        self._sizes: NDArray[np.floating[Any]] = np.zeros((0, 2))
        self._kind: int | None = None
        self.clicked.connect(self._choose)
        self.setToolTip(
            "The shapes of the anchors, all at one scale, width x height in px of the network's "
            "input. Click one to see it alone, again to see all"
        )

    def show_kinds(self, sizes: NDArray[np.floating[Any]], kind: int | None) -> None:
        """Show these sizes (N_A, 2); `kind` is marked."""
        if sizes is not self._sizes or kind != self._kind:
            self._sizes, self._kind = sizes, kind
            self.show_figure(self._drawn)

    def _drawn(self, size: tuple[int, int], look: Look) -> NDArray[np.uint8]:
        return draw_legend(self._sizes, *size, look.background, look.text, look.font_px, self._kind)

    def _choose(self, x: float, y: float) -> None:
        cells = legend_cells(len(self._sizes), *self.figure_size()) if len(self._sizes) else []
        for kind, (x0, y0, x1, y1) in enumerate(cells):
            if x0 <= x < x1 and y0 <= y < y1:
                self.chosen.emit(None if kind == self._kind else kind)
