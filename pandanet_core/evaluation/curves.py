"""The curves of an evaluation: precision and recall, 3DPCK by threshold and by distance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.average_precision import PrecisionRecall
from pandanet_core.evaluation.measure import MeasuredPeople, Measurement
from pandanet_core.evaluation.pose_metrics import PCK_THRESHOLD_MM, pck_3d
from pandanet_core.evaluation.protocols import published

Floats = NDArray[np.floating[Any]]

THRESHOLDS_MM = np.arange(0, 301, 10)
_MOST_POINTS = 200


@dataclass(frozen=True)
class Series:
    """A line: x rising, y in %."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """Lines over one axis.

    Attributes:
        title: What is shown.
        x_label: Name and unit of x.
        y_label: Name and unit of y.
        series: The lines; a line of one point is a mark.
        x_high: Where the axis ends; it begins at 0.
        x_names: Where x counts groups 0, 1, ...: their names; empty where x is a number.
    """

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    x_high: float
    x_names: tuple[str, ...] = ()


def evaluation_curves(
    measurement: Measurement, joints: Sequence[int], pose_score: float, beside_jta: bool
) -> tuple[Curve, ...]:
    """Every curve; those of 3D poses only where people have any.

    Args:
        measurement: Of all pictures.
        joints: Joints to compare.
        pose_score: Score from which on a detection counts as a pose.
        beside_jta: Also show the paper's figures, which are of JTA.
    """
    people = measurement.people.at(pose_score)
    curves = [precision_curve(measurement.curve(), pose_score)]
    if not np.isnan(people.errors_mm).all():
        curves.append(pck_curve(people, joints, beside_jta))
        curves.append(distance_curve(people, joints, beside_jta))
    return tuple(curves)


def precision_curve(curve: PrecisionRecall, pose_score: float) -> Curve:
    """Precision over recall, and where the score threshold puts the detections."""
    chosen = np.unique(np.linspace(0, len(curve.scores) - 1, _MOST_POINTS).round().astype(int))
    chosen = chosen if len(curve.scores) else np.zeros(0, int)
    precision, recall = curve.at(pose_score)
    lines = [_series("all scores", 100 * curve.recall[chosen], curve.precision[chosen])]
    if not np.isnan([precision, recall]).any():
        lines.append(Series(f"score {pose_score:g}", (100 * recall,), (100 * precision,)))
    return Curve(
        "Precision and recall",
        "recall, % of the people",
        "precision, % of the detections",
        tuple(lines),
        x_high=100.0,
    )


def pck_curve(people: MeasuredPeople, joints: Sequence[int], beside_jta: bool) -> Curve:
    """Share of joints within a distance, over that distance."""
    groups = (("all people", people), ("people found", people.choose(people.found)))
    limits_mm = THRESHOLDS_MM.tolist()
    lines = [
        _series(
            name,
            THRESHOLDS_MM,
            np.array([pck_3d(group.errors_mm[:, list(joints)], mm) for mm in limits_mm]),
        )
        for name, group in groups
        if len(group)
    ]
    if beside_jta:
        paper = Series("paper, JTA", (PCK_THRESHOLD_MM,), (published.PANDANET_3DPCK,))
        lines.append(paper)
    return Curve(
        "3DPCK by threshold",
        "threshold, mm",
        "3DPCK, % of the joints",
        tuple(lines),
        x_high=limits_mm[-1],
    )


def distance_curve(people: MeasuredPeople, joints: Sequence[int], beside_jta: bool) -> Curve:
    """3DPCK over Table 3's camera distances."""
    groups = list(breakdown.by_distance(people))
    names = tuple(name for name, _ in groups)
    places = np.arange(len(groups))
    here = [pck_3d(people.choose(who).errors_mm[:, list(joints)]) for _, who in groups]
    lines = [_series("here", places, np.array(here))]
    if beside_jta:
        for column, name in enumerate(("paper, JTA", f"{published.BEFORE}, JTA")):
            values = [published.DISTANCE_3DPCK[group][column] / 100 for group in names]
            lines.append(_series(name, places, np.array(values)))
    return Curve(
        "3DPCK by distance",
        "distance from the camera",
        "3DPCK, % of the joints",
        tuple(lines),
        x_high=len(names) - 1,
        x_names=names,
    )


def _series(name: str, x: Floats | NDArray[np.int64], share: Floats) -> Series:
    """A line of shares as %; points that are not known are left out."""
    known = ~np.isnan(x) & ~np.isnan(share)
    return Series(name, tuple(map(float, x[known])), tuple(map(float, 100 * share[known])))
