"""The curves of trainings: which numbers of the log are drawn, smoothed and on what scale."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_LOWEST, _HIGHEST = 0.5, 99.5
"""Percentiles between which the values lie that a plot must show: single steps may stick out."""


@dataclass(frozen=True)
class Curve:
    """A number of the log that gets a plot of its own.

    Attributes:
        name: Its name in the log.
        title: What the plot is called, with the unit.
        help: What it says.
        beside: Another number that is drawn thinner in the same plot; empty for none.
    """

    name: str
    title: str
    help: str
    beside: str = ""


CURVES = (
    Curve("loss", "Loss", "The sum of the four weighted terms (Eq. 15)."),
    Curve(
        "loss_classification", "Score loss", "The weighted loss of the anchors' scores (Eq. 10)."
    ),
    Curve("loss_box", "Box loss", "The weighted loss of the boxes."),
    Curve("loss_pose2d", "2D pose loss", "The weighted loss of the joints in the picture."),
    Curve("loss_pose3d", "3D pose loss", "The weighted loss of the joints in space."),
    Curve("learning_rate", "Learning rate", "Of pyramid and heads."),
    Curve("pictures_per_s", "Pictures/s", "How fast the training is, waiting included."),
    Curve(
        "mpjpe_mm",
        "3D error, mm",
        "Mean error of the joints at A+ with true scale; thin: that of the constant mean pose.",
        beside="mean_pose_mpjpe_mm",
    ),
    Curve("box_iou", "Box IoU", "Overlap of predicted and true boxes at A+."),
    Curve(
        "people_with_selected_anchor",
        "People with A++",
        "Share of people with at least one anchor that is chosen for them.",
    ),
)
"""Every plot, in the order in which they are shown."""


def smoothed(values: Floats, steps: int) -> Floats:
    """(T,) the mean over the last `steps` values at each place, fewer at the start.

    Values that are not finite are left out; where there is no other the mean is NaN.
    """
    if steps <= 1:
        return values
    finite = np.isfinite(values)
    sums = np.cumsum(np.where(finite, values, 0), dtype=np.float64)
    counts = np.cumsum(finite)
    sums[steps:] -= sums[:-steps].copy()
    counts[steps:] -= counts[:-steps].copy()
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / counts, np.float32)


def thinned(steps: Floats, values: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """At most two points between any two edges, the lowest and the highest value: what a plot as
    fine as the edges shows of a curve. The neighbours outside of the edges stay, one each side.

    Args:
        steps: (T,) rising.
        values: (T,); those that are not finite are left out.
        edges: (E,) rising, in steps.
    """
    finite = np.isfinite(values)
    steps, values = steps[finite].astype(np.float64), values[finite].astype(np.float64)
    first = max(int(np.searchsorted(steps, edges[0])) - 1, 0)
    stop = min(int(np.searchsorted(steps, edges[-1], side="right")) + 1, len(steps))
    steps, values = steps[first:stop], values[first:stop]
    if len(steps) <= 2 * len(edges):
        return steps, values
    starts = np.unique(np.searchsorted(steps, np.concatenate([[steps[0]], edges])))
    starts = starts[starts < len(steps)]
    both = np.stack([np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)], 1)
    return np.repeat(steps[starts], 2), both.reshape(-1)


def can_be_logarithmic(values: Floats) -> bool:
    """Whether all finite values are above 0, and there are any."""
    finite = values[np.isfinite(values)]
    return len(finite) > 0 and bool((finite > 0).all())


def range_of(values: Floats) -> tuple[float, float] | None:
    """What a plot of these values shows; None where there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high = np.percentile(finite, (_LOWEST, _HIGHEST))
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return float(low - margin), float(high + margin)


def value_at(steps: Floats, values: Floats, step: float) -> tuple[int, float] | None:
    """The step nearest to `step` among the rising (T,) steps, and its value; None without any."""
    if not len(steps) or len(values) != len(steps):
        return None
    after = min(int(np.searchsorted(steps, step)), len(steps) - 1)
    near = min((max(after - 1, 0), after), key=lambda place: abs(float(steps[place]) - step))
    return int(steps[near]), float(values[near])


def number_text(value: float) -> str:
    """A value in a plot's title: as many digits as help."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if 0 < size < 0.001:
        return f"{value:.1e}"
    return f"{value:.2f}" if size >= 1 else f"{value:.4f}".rstrip("0").rstrip(".")
