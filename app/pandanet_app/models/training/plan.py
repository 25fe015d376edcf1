"""The plan of a training: what `pandanet train --dry-run` says, and the window's forecast shows."""

from dataclasses import dataclass

PLAN_PARTS = ("settings", "data", "network", "memory and time", "anchors")
"""What the plan is about, in its order."""


@dataclass(frozen=True)
class PlanPart:
    """A paragraph of the plan.

    Attributes:
        name: What it is about, one of PLAN_PARTS.
        text: All of it.
        short: The same in a sentence or two; empty where the text is short itself.
    """

    name: str
    text: str
    short: str = ""
