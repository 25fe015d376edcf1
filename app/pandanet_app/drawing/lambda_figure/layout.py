"""Where the panels of the figure stand: arithmetic only."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pandanet_app.drawing.lambda_figure.panels import BarPanel, HeatPanel, Panel
from pandanet_app.drawing.text import line_height, text_width

NUMBER_ROOM = "  0.888"
"""Text as wide as a number right of bars, and some room before it."""
_LARGEST_CELL = 3.2
"""Cells grow with the figure up to so many times the height of the letters."""
_GROUP_GAP_SHARE = 0.3
_WIDEST_BAR = 14.0
_NARROWEST_BAR = 6.0


@dataclass(frozen=True)
class Place:
    """Where a panel stands, px.

    Attributes:
        panel: The panel.
        columns: Left edge of each column and the pixel after its last; bars have one column.
        top: Upper edge of the first row.
        row_height: Of each row.
        label_width: Room for the rows' labels on the left; 0 where the panel has none.
        header_top: Where its title begins.
    """

    panel: Panel
    columns: tuple[tuple[int, int], ...]
    top: int
    row_height: int
    label_width: int
    header_top: int

    @property
    def left(self) -> int:
        """Left edge of its cells, px."""
        return self.columns[0][0]

    @property
    def width(self) -> int:
        """Of its cells, px."""
        return self.columns[-1][1] - self.left

    @property
    def height(self) -> int:
        """Of its cells, px."""
        return self.row_height * len(self.panel.rows)


@dataclass(frozen=True)
class Layout:
    """All places and the size of the whole figure, px."""

    places: tuple[Place, ...]
    width: int
    height: int


def lay_out(panels: Sequence[Panel], width: int, height: int, font_px: int) -> Layout:
    """Put panels beside each other while there is room, then below; cells grow to fill the figure.

    The figure becomes wider or higher than wished where its text would not be readable otherwise.
    """
    em = _Sizes(font_px)
    bands = _bands(panels, width, em)
    width = max([width, *(em.width(band, em.column) for band in bands)])
    fixed = sum(em.header + _footer(band, em) + em.margin for band in bands) + em.margin
    rows = sum(max(len(panel.rows) for panel in band) for band in bands)
    row = min(em.largest, max(em.row, (height - fixed) // rows))
    places: list[Place] = []
    top = em.margin
    for band in bands:
        places += _places(band, width, top, row, em)
        top += em.header + row * max(len(panel.rows) for panel in band)
        top += _footer(band, em) + em.margin
    return Layout(tuple(places), width, max(top, height))


class _Sizes:
    """Lengths that follow from the height of the letters, px."""

    def __init__(self, font_px: int) -> None:
        self.font_px = font_px
        self.line = line_height(font_px)
        self.row = self.line
        self.column = math.ceil(1.15 * font_px)
        self.largest = round(_LARGEST_CELL * font_px)
        self.margin = round(0.6 * font_px)
        self.between = round(1.4 * font_px)
        self.header = round(3.2 * self.line)
        self.wide_bar = round(_WIDEST_BAR * font_px)

    def narrow_bar(self, panel: BarPanel) -> int:
        """The least width of bars: their title fits over them and their numbers."""
        numbers = text_width(NUMBER_ROOM * len(panel.sources), self.font_px)
        title = text_width(panel.title, self.font_px) - numbers
        return max(title, round(_NARROWEST_BAR * self.font_px))

    def labels(self, panel: Panel) -> int:
        """Room for the labels of a panel's rows."""
        return max(text_width(row, self.font_px) for row in panel.rows) + self.margin

    def values(self, panel: BarPanel) -> int:
        """Room for the numbers right of bars."""
        return text_width(NUMBER_ROOM * len(panel.sources), self.font_px) + self.margin

    def gaps(self, panel: HeatPanel) -> int:
        """Room that the gaps between groups take."""
        return len(panel.gaps) * self.gap

    @property
    def gap(self) -> int:
        """Between two groups of columns."""
        return max(2, round(_GROUP_GAP_SHARE * self.font_px))

    def width(self, band: Sequence[Panel], column: int) -> int:
        """Of a band whose columns are so wide and whose bars are narrow."""
        total = 2 * self.margin + self.between * (len(band) - 1)
        for panel, before in zip(band, [None, *band], strict=False):
            total += self.labels(panel) if _has_labels(panel, before) else 0
            if isinstance(panel, HeatPanel):
                total += column * len(panel.columns) + self.gaps(panel)
            else:
                total += self.narrow_bar(panel) + self.values(panel)
        return total


def _has_labels(panel: Panel, before: Panel | None) -> bool:
    return before is None or before.rows != panel.rows


def _bands(panels: Sequence[Panel], width: int, em: _Sizes) -> list[list[Panel]]:
    bands: list[list[Panel]] = []
    for panel in panels:
        band = [*bands[-1], panel] if bands else [panel]
        fits = em.width(band, em.column) <= width
        if bands and fits and not panel.starts_band:
            bands[-1] = band
        else:
            bands.append([panel])
    return bands


def _footer(band: Sequence[Panel], em: _Sizes) -> int:
    """Room for the columns' labels, which stand upright."""
    labels = [label for panel in band if isinstance(panel, HeatPanel) for label in panel.columns]
    longest = max((text_width(label, em.font_px) for label in labels), default=0)
    return longest + em.margin if labels else 0


def _places(band: Sequence[Panel], width: int, top: int, row: int, em: _Sizes) -> list[Place]:
    columns = sum(len(panel.columns) for panel in band if isinstance(panel, HeatPanel))
    bars = sum(isinstance(panel, BarPanel) for panel in band)
    room = width - em.width(band, 0)
    column = min(em.largest, max(em.column, room // columns)) if columns else 0
    spare = (width - em.width(band, column)) // bars if bars else 0
    places: list[Place] = []
    left = em.margin
    for panel, before in zip(band, [None, *band], strict=False):
        labels = em.labels(panel) if _has_labels(panel, before) else 0
        left += labels
        if isinstance(panel, HeatPanel):
            edges = _columns(panel, left, column, em.gap)
            right = edges[-1][1]
        else:
            narrow = em.narrow_bar(panel)
            stop = left + max(narrow, min(em.wide_bar, narrow + spare))
            edges = ((left, stop),)
            right = stop + em.values(panel)
        places.append(Place(panel, edges, top + em.header, row, labels, top))
        left = right + em.between
    return places


def _columns(panel: HeatPanel, left: int, column: int, gap: int) -> tuple[tuple[int, int], ...]:
    """Columns with a line of one pixel between them, and gaps between groups."""
    columns = []
    for number in range(len(panel.columns)):
        left += gap if number in panel.gaps else 0
        columns.append((left, left + column - 1))
        left += column
    return tuple(columns)
