"""The learned loss weights λ over a training (Eq. 11-14).

A run folder keeps them in LAMBDA_FILE: a first line that says what they are of, then a JSON line
every so many steps with log λ. Weights carry the history up to the step they were saved at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LAMBDA_FILE = "lambdas.jsonl"
LAMBDA_FORMAT = "pandanet-lambdas"
LAMBDA_FORMAT_VERSION = 1
STEPS_BETWEEN_POINTS = 100
"""How often a training keeps its λ."""
TASKS = ("score", "box", "2D pose", "3D pose")
"""What the four task λ weigh, in their order."""

FAMILIES = ("task", "anchor", "joint")
"""What log λ are stored as, wherever they are stored."""

Floats = NDArray[np.float32]
Report = Callable[[float], None]
"""Told the share that is done, 0 to 1; what it raises ends the reading."""


@dataclass(frozen=True, eq=False)
class LambdaHistory:
    """Every λ of a training at T points in time; each is positive, and 1 before it has learned.

    Attributes:
        steps: (T,) steps done, rising.
        task: (T, 4) of score, box, 2D pose and 3D pose.
        anchor_cls: (T, A) of each kind of anchor, for the score.
        anchor_loc: (T, A) for the box.
        joint_2d: (T, A, K) of each kind of anchor and joint, for the 2D pose.
        joint_3d: (T, A, K) for the 3D pose.
        anchor_sizes_px: (A, 2) widths and heights in px of the network's input.
        joint_names: K, in the order of the skeleton.
        name: What the run or the weights are called.
        note: What is missing or was left out, in a sentence; empty where nothing is.
    """

    steps: NDArray[np.int64]
    task: Floats
    anchor_cls: Floats
    anchor_loc: Floats
    joint_2d: Floats
    joint_3d: Floats
    anchor_sizes_px: Floats
    joint_names: tuple[str, ...]
    name: str
    note: str = ""

    def __len__(self) -> int:
        return len(self.steps)

    def index_at(self, step: int) -> int:
        """The last point that is not after `step`; the first one for earlier steps."""
        return max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)


def shapes_of(anchors: int, joints: int) -> tuple[tuple[int, ...], ...]:
    """Shapes of the FAMILIES at one point in time."""
    return (4,), (2, anchors), (2, anchors, joints)


def history_of_logs(
    name: str,
    steps: NDArray[np.int64],
    logs: Mapping[str, NDArray[Any]],
    sizes_px: Floats,
    joints: tuple[str, ...],
    note: str,
) -> LambdaHistory:
    """The history of log λ by family, (T, ...) each."""
    task, anchor, joint = (np.exp(logs[key].astype(np.float32)) for key in FAMILIES)
    return LambdaHistory(
        steps,
        task,
        anchor[:, 0],
        anchor[:, 1],
        joint[:, 0],
        joint[:, 1],
        sizes_px,
        joints,
        name,
        note,
    )
