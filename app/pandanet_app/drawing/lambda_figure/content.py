"""From the λ of one or two trainings to panels and their numbers."""

import math
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

from pandanet_app.drawing.lambda_figure.panels import (
    BarPanel,
    Family,
    Floats,
    HeatPanel,
    Panel,
    Source,
    Subject,
)
from pandanet_app.drawing.lambda_figure.runs import ColumnOrder, LambdaRun, column_order
from pandanet_app.drawing.lambda_figure.scale import Scale, ratio_scale, scale_of
from pandanet_core.lab.lambda_history import TASKS

_FARTHEST = 20.0
"""Logarithm of a ratio beyond any that a scale shows."""
_JOINTS = (Family.JOINT_2D, Family.JOINT_3D)
_ANCHORS = (Family.ANCHOR_CLS, Family.ANCHOR_LOC)


class Shown(Enum):
    """Which λ the figure shows."""

    EVERYTHING = "All λ"
    JOINTS = "λ of joints"
    JOINTS_2D = "λ of joints, 2D"
    JOINTS_3D = "λ of joints, 3D"
    ANCHORS = "λ of anchors and tasks"


FAMILIES = {
    Shown.EVERYTHING: (*_JOINTS, *_ANCHORS, Family.TASK),
    Shown.JOINTS: _JOINTS,
    Shown.JOINTS_2D: (Family.JOINT_2D,),
    Shown.JOINTS_3D: (Family.JOINT_3D,),
    Shown.ANCHORS: (*_ANCHORS, Family.TASK),
}
"""The groups of λ that each choice shows, in the order of their panels."""


@dataclass(frozen=True)
class LambdaContent:
    """What the figure shows, whatever the step.

    Attributes:
        first: A training.
        second: Another one to compare it with; None shows the first alone.
        shown: Which λ.
        logarithmic: Whether equal steps of colour and length are equal factors.
        by_group: Whether joints are ordered by group; in the skeleton's order otherwise.
    """

    first: LambdaRun
    second: LambdaRun | None = None
    shown: Shown = Shown.EVERYTHING
    logarithmic: bool = True
    by_group: bool = True

    def comparable(self, family: Family) -> bool:
        """Whether the second run's λ can be divided by the first's: as many anchors, and the same
        joints."""
        if self.second is None:
            return False
        first, second = self.first.history, self.second.history
        same_anchors = len(first.anchor_sizes_px) == len(second.anchor_sizes_px)
        same_joints = tuple(first.joint_names) == tuple(second.joint_names)
        return family is Family.TASK or (same_anchors and (family not in _JOINTS or same_joints))

    @cached_property
    def panels(self) -> tuple[Panel, ...]:
        """The panels, in their order."""
        panels: list[Panel] = []
        for family in FAMILIES[self.shown]:
            panels += self._heats(family) if family in _JOINTS else self._bars(family)
        return tuple(panels)

    def values(self, step: int) -> dict[Source, Floats]:
        """The numbers of every panel at a step: each run's latest at or before it."""
        values: dict[Source, Floats] = {}
        for family in FAMILIES[self.shown]:
            first = self._at(self.first, family, step)
            values[Source(family, Subject.FIRST)] = first
            if self.second is not None:
                second = self._at(self.second, family, step)
                values[Source(family, Subject.SECOND)] = second
                if self.comparable(family):
                    values[Source(family, Subject.RATIO)] = second / first.astype(np.float64)
        return values

    def _at(self, run: LambdaRun, family: Family, step: int) -> Floats:
        return run.at(family, step, self._order(run).joints)

    def _order(self, run: LambdaRun) -> ColumnOrder:
        return self._orders[run is self.second]

    @cached_property
    def _orders(self) -> tuple[ColumnOrder, ColumnOrder]:
        """Of the first run's joints, and of the second's."""
        first, second = self.first, self.second or self.first
        return (
            column_order(first.history.joint_names, self.by_group),
            column_order(second.history.joint_names, self.by_group),
        )

    def _heats(self, family: Family) -> list[Panel]:
        scale = self._scale(family)
        runs = [(Subject.FIRST, self.first)]
        if self.second is not None:
            runs.append((Subject.SECOND, self.second))
        panels = [
            self._heat(Source(family, subject), run, _title(family, scale, run, len(runs)), scale)
            for subject, run in runs
        ]
        if self.second is not None and self.comparable(family):
            title = f"{family.value}: {self.second.short_name} ÷ {self.first.short_name}"
            source = Source(family, Subject.RATIO)
            panels.append(self._heat(source, self.first, title, self._ratio_scale(family)))
        return panels

    def _heat(self, source: Source, run: LambdaRun, title: str, scale: Scale) -> Panel:
        order = self._order(run)
        return HeatPanel(
            source=source,
            title=title,
            rows=run.row_labels,
            columns=tuple(run.history.joint_names[joint] for joint in order.joints),
            gaps=order.gaps,
            scale=scale,
            starts_band=self.second is not None and source.subject is Subject.FIRST,
        )

    def _bars(self, family: Family) -> list[Panel]:
        scale, rows = self._scale(family), self._rows(self.first, family)
        first, second = Source(family, Subject.FIRST), Source(family, Subject.SECOND)
        title = f"{family.value}{_unit(scale)}"
        starts = family is Family.ANCHOR_CLS
        if self.second is None:
            return [BarPanel((first,), (), title, rows, scale)]
        if not self.comparable(family):
            other_rows = self._rows(self.second, family)
            return [
                BarPanel((first,), (), _title(family, scale, self.first, 2), rows, scale, starts),
                BarPanel((second,), (), _title(family, scale, self.second, 2), other_rows, scale),
            ]
        ratio = Source(family, Subject.RATIO)
        names = (self.first.short_name, self.second.short_name)
        return [
            BarPanel((first, second), names, title, rows, scale, starts),
            BarPanel((ratio,), (), f"{family.value}, ratio", rows, self._ratio_scale(family)),
        ]

    def _rows(self, run: LambdaRun, family: Family) -> tuple[str, ...]:
        return TASKS if family is Family.TASK else run.row_labels

    def _scale(self, family: Family) -> Scale:
        """Of the whole history of all runs: colours keep their meaning while it plays."""
        runs = [self.first] if self.second is None else [self.first, self.second]
        lows, highs = zip(*(run.range_of(family) for run in runs), strict=True)
        return scale_of(min(lows), max(highs), self.logarithmic)

    def _ratio_scale(self, family: Family) -> Scale:
        """Of all steps at which either run has an entry."""
        assert self.second is not None
        first, second = self.first, self.second
        steps = np.union1d(first.history.steps, second.history.steps)
        differences = second.logarithms(family, steps) - first.logarithms(family, steps)
        finite = np.abs(differences[np.isfinite(differences)])
        return ratio_scale(math.exp(min(float(finite.max(initial=0.0)), _FARTHEST)))


def _title(family: Family, scale: Scale, run: LambdaRun, runs: int) -> str:
    name = f": {run.short_name}" if runs > 1 else ""
    return f"{family.value}{name}{_unit(scale)}"


def _unit(scale: Scale) -> str:
    return " (no unit, log)" if scale.logarithmic else " (no unit)"
