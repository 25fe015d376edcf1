"""The figure: laid out once, drawn again for every step of a training."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.layout import Layout, lay_out
from pandanet_app.drawing.lambda_figure.look import Look
from pandanet_app.drawing.lambda_figure.paint import draw_bars, draw_cells, draw_frame
from pandanet_app.drawing.lambda_figure.panels import Cell, HeatPanel, Panel, Values

Image = NDArray[np.uint8]


class LambdaFigure:
    """Panels of a certain size and look; `draw` fills in the numbers."""

    def __init__(self, panels: Sequence[Panel], width: int, height: int, look: Look) -> None:
        """Lay the panels out and draw what stays.

        Args:
            panels: What it consists of, at least one.
            width: Wished width, px; it becomes wider where text would not be readable.
            height: Wished height, px, likewise.
            look: Colours and size of text.
        """
        self.panels = tuple(panels)
        self._look = look
        self.layout: Layout = lay_out(panels, width, height, look.font_px)
        size = (self.layout.height, self.layout.width, 3)
        self._frame = np.full(size, look.background, np.uint8)
        for place in self.layout.places:
            draw_frame(self._frame, place, look)

    def draw(self, values: Values) -> Image:
        """(H, W, 3) uint8 RGB, newly made, with these numbers."""
        canvas = self._frame.copy()
        for place in self.layout.places:
            panel = place.panel
            if isinstance(panel, HeatPanel):
                draw_cells(canvas, place, values[panel.source], self._look)
            else:
                bars = [values[source] for source in panel.sources]
                draw_bars(canvas, place, bars, self._look)
        return canvas

    def cell_at(self, x: float, y: float) -> Cell | None:
        """The cell or row of bars at a point of the figure, px; None between them."""
        for number, place in enumerate(self.layout.places):
            row = int((y - place.top) // place.row_height)
            if not 0 <= row < len(place.panel.rows):
                continue
            for column, (start, stop) in enumerate(place.columns):
                if start <= x <= stop:
                    return Cell(number, row, column)
        return None

    def rectangle(self, cell: Cell) -> tuple[int, int, int, int]:
        """x0, y0, x1, y1 of a cell or of its row of bars, px; x1 and y1 are outside."""
        place = self.layout.places[cell.panel]
        top = place.top + cell.row * place.row_height
        x0, x1 = place.columns[cell.column]
        return x0, top, x1, top + place.row_height - 1

    def neighbour(self, cell: Cell, right: int, down: int) -> Cell:
        """The next cell to the right (1) or left (-1) and below (1) or above (-1): beyond a panel's
        edge the panel that comes after or before it, and the same cell where there is none."""
        columns = [(cell.panel, column) for column in range(self._columns(cell.panel))]
        if cell.panel > 0:
            columns.insert(0, (cell.panel - 1, self._columns(cell.panel - 1) - 1))
        if cell.panel + 1 < len(self.panels):
            columns.append((cell.panel + 1, 0))
        here = columns.index((cell.panel, cell.column)) + right
        panel, column = columns[min(max(here, 0), len(columns) - 1)]
        rows = len(self.panels[panel].rows)
        return Cell(panel, min(max(cell.row + down, 0), rows - 1), column)

    def _columns(self, panel: int) -> int:
        return len(self.layout.places[panel].columns)
