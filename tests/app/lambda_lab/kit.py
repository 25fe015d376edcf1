"""Reading λ back off pictures of the figure, independently of what drew them."""

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.figure import LambdaFigure
from pandanet_app.drawing.lambda_figure.panels import Cell
from pandanet_app.drawing.lambda_figure.runs import LambdaRun
from pandanet_core.lab.lambda_history import LambdaHistory
from tests.lambda_runs import MadeUpRun

_CIVIDIS = np.asarray(mpl.colormaps["cividis"](np.linspace(0, 1, 256)))[:, :3] * 255
"""matplotlib's own, not OpenCV's."""


def as_history(run: MadeUpRun, name: str = "run") -> LambdaHistory:
    return LambdaHistory(
        np.array(run.steps),
        np.exp(run.task),
        *(np.exp(run.anchor[:, of]) for of in (0, 1)),
        *(np.exp(run.joint[:, of]) for of in (0, 1)),
        run.sizes_px,
        run.skeleton.joints,
        name,
    )


def as_run(run: MadeUpRun, name: str = "run") -> LambdaRun:
    return LambdaRun(name, as_history(run, name))


def read_colour(colour: NDArray[np.uint8], low: float, high: float, logarithmic: bool) -> float:
    """The λ that a colour of the scale from low to high means; fails where it is none of it."""
    distance = np.abs(_CIVIDIS - colour).max(1)
    assert distance.min() < 4, f"{colour} is no colour of the scale"
    share = float(np.argmin(distance)) / 255
    return low * (high / low) ** share if logarithmic else low + share * (high - low)


def colour_in(picture: NDArray[np.uint8], figure: LambdaFigure, cell: Cell) -> NDArray[np.uint8]:
    """The colour in a corner of a cell, where no number stands."""
    x0, y0, _, _ = figure.rectangle(cell)
    return picture[y0 + 1, x0 + 1]


def bar_in(
    picture: NDArray[np.uint8], figure: LambdaFigure, cell: Cell, colour: tuple[int, int, int]
) -> tuple[int, int] | None:
    """First pixel and the one after the last, from the panel's left, of a bar in a row."""
    x0, y0, x1, y1 = figure.rectangle(cell)
    inside = (picture[y0:y1, x0:x1] == colour).all(-1).any(0)
    places = np.flatnonzero(inside)
    return (int(places[0]), int(places[-1]) + 1) if len(places) else None
