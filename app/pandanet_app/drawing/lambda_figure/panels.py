"""What the figure consists of: panels whose numbers change while everything round them stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.scale import Scale

Floats = NDArray[np.floating[Any]]


class Family(Enum):
    """The learned loss weights, in the paper's groups (Eq. 11-14), as the figure names them."""

    JOINT_2D = "λ 2D joints"
    JOINT_3D = "λ 3D joints"
    ANCHOR_CLS = "λ score"
    ANCHOR_LOC = "λ box"
    TASK = "λ tasks"


class Subject(Enum):
    """Whose λ: the first run's, the second's, or the second's divided by the first's."""

    FIRST = "first"
    SECOND = "second"
    RATIO = "ratio"


@dataclass(frozen=True)
class Source:
    """Where a panel's numbers come from."""

    family: Family
    subject: Subject


@dataclass(frozen=True)
class HeatPanel:
    """A heatmap.

    Attributes:
        source: Its numbers (R, C), in the order of rows and columns.
        title: What it shows.
        rows: Labels of the rows.
        columns: Labels of the columns.
        gaps: Columns before which there is a gap: where another group of joints begins.
        scale: Colours.
        starts_band: Whether it begins a line of panels even where there is room for it.
    """

    source: Source
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    gaps: tuple[int, ...]
    scale: Scale
    starts_band: bool = False


@dataclass(frozen=True)
class BarPanel:
    """Bars, one or more a row.

    Attributes:
        sources: The numbers (R,) of each bar in a row, from top to bottom.
        names: Whose the bars are, in the same order; one bar a row needs none.
        title: What it shows.
        rows: Labels of the rows.
        scale: Lengths; bars start at 1 where it is logarithmic, else at 0.
        starts_band: Whether it begins a line of panels even where there is room for it.
    """

    sources: tuple[Source, ...]
    names: tuple[str, ...]
    title: str
    rows: tuple[str, ...]
    scale: Scale
    starts_band: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Bars have one column without a name."""
        return ("",)


Panel = HeatPanel | BarPanel
Values = Mapping[Source, Floats]
"""The numbers of every panel: (R, C) or (R,)."""


@dataclass(frozen=True)
class Cell:
    """A cell of a heatmap, or a row of bars.

    Attributes:
        panel: Place of its panel in the figure.
        row: From the top, as drawn.
        column: From the left, as drawn; 0 of bars.
    """

    panel: int
    row: int
    column: int


def value_text(value: float, digits: int = 3) -> str:
    """A λ with so many digits, and without e-notation; a dash where there is none."""
    if not np.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - int(np.floor(np.log10(abs(value)))))
    return f"{value:.{places}f}"
