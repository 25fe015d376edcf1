"""Which λ are learned, and the form of the overlaps."""

import math
from dataclasses import dataclass

from pandanet_core.setting_ranges import refuse_outside


@dataclass(frozen=True)
class LossSettings:
    """Table 2's switches and the form of the overlaps.

    Attributes:
        learn_task: λ of each task is learned; 1 otherwise.
        learn_anchor: λ of each anchor (classification and box) is learned; 1 otherwise.
        learn_joint: λ of each anchor and joint (2D and 3D) is learned; 1 otherwise.
        generalised: Losses use generalised IoU, which keeps a gradient without overlap; plain IoU
            otherwise.
        task_bound: |log λ| of tasks is projected to at most this after a step; None leaves it free.
        detail_bound: The same for anchors and joints: the rarest anchor's λ runs away otherwise.
    """

    learn_task: bool = True
    learn_anchor: bool = True
    learn_joint: bool = True
    generalised: bool = True
    task_bound: float | None = 10.0
    detail_bound: float | None = 2.0

    def __post_init__(self) -> None:
        """UserError names a bound that leaves no λ."""
        refuse_outside(self, 0, math.inf, "task_bound", "detail_bound")
