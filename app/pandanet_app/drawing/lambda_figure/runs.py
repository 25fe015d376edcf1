"""One training's λ as the figure orders them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.lambda_figure.panels import Family, Floats
from pandanet_core.joint_groups import joint_groups
from pandanet_core.lab.lambda_history import LambdaHistory

_LONGEST_NAME = 24


@dataclass(frozen=True, eq=False)
class LambdaRun:
    """A training's λ and what it is called.

    Attributes:
        name: What the person knows it by.
        history: Its λ.
    """

    name: str
    history: LambdaHistory

    @property
    def short_name(self) -> str:
        """Not longer than fits over a panel."""
        name = self.name
        return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"

    def every(self, family: Family) -> Floats:
        """(T, R, C) or (T, R) λ of all entries, in the history's own order."""
        history = self.history
        return {
            Family.JOINT_2D: history.joint_2d,
            Family.JOINT_3D: history.joint_3d,
            Family.ANCHOR_CLS: history.anchor_cls,
            Family.ANCHOR_LOC: history.anchor_loc,
            Family.TASK: history.task,
        }[family]

    def at(self, family: Family, step: int, columns: NDArray[np.intp]) -> Floats:
        """(R, C) or (R,) λ at a step: anchors by size, joints in the order of `columns`."""
        values = self.every(family)[self.history.index_at(step)]
        if family is not Family.TASK:
            values = values[self.row_order]
        return values[:, columns] if values.ndim == 2 else values

    def logarithms(self, family: Family, steps: NDArray[np.int64]) -> Floats:
        """(S, R, C) or (S, R) log λ at many steps (S,): anchors by size, joints as stored."""
        entries = np.searchsorted(self.history.steps, steps, side="right") - 1
        values = self.every(family)
        if family is not Family.TASK:
            values = values[:, self.row_order]
        return np.log(values)[np.maximum(entries, 0)]

    def shown_step(self, step: int) -> int:
        """The step of the latest entry at or before a step; the first where there is none."""
        return int(self.history.steps[self.history.index_at(step)])

    @cached_property
    def row_order(self) -> NDArray[np.intp]:
        """(A,) anchors from the smallest to the largest area."""
        return np.argsort(self.history.anchor_sizes_px.prod(1), kind="stable")

    @cached_property
    def row_labels(self) -> tuple[str, ...]:
        """Width and height of the anchors, in the figure's order."""
        sizes = self.history.anchor_sizes_px[self.row_order]
        return tuple(f"{width:.0f} × {height:.0f} px" for width, height in sizes)

    def range_of(self, family: Family) -> tuple[float, float]:
        """The least and the largest λ of the whole history, of those that are numbers."""
        return self._ranges[family]

    @cached_property
    def _ranges(self) -> dict[Family, tuple[float, float]]:
        return {family: _finite_range(self.every(family)) for family in Family}


@dataclass(frozen=True, eq=False)
class ColumnOrder:
    """In which order joints are drawn.

    Attributes:
        joints: (K,) joints from left to right.
        gaps: Columns that begin another group.
    """

    joints: NDArray[np.intp]
    gaps: tuple[int, ...]


def column_order(joint_names: Sequence[str], by_group: bool) -> ColumnOrder:
    """The skeleton's own order, or groups of joints from head to foot."""
    if not by_group:
        return ColumnOrder(np.arange(len(joint_names)), ())
    groups = [joints for _, joints in joint_groups(joint_names)]
    starts = np.cumsum([len(joints) for joints in groups])[:-1]
    return ColumnOrder(np.concatenate(groups), tuple(int(start) for start in starts))


def _finite_range(values: Floats) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (1.0, 1.0)
