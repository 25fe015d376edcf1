"""What a training would need and take, before it starts."""

from pandanet_app.models.base import Model
from pandanet_app.models.training.plan import PLAN_PARTS, PlanPart


class TrainingForecast(Model):
    """What the rehearsal of a training has said so far.

    Attributes:
        active: Whether it goes on.
        parts: What it found.
        problem: Why it ended early, in a sentence; empty otherwise.
        outdated: Whether the settings have changed since.
    """

    active: bool = False
    parts: tuple[PlanPart, ...] = ()
    problem: str = ""
    outdated: bool = False

    @property
    def doing(self) -> str:
        """What is being looked at; empty when nothing is."""
        left = PLAN_PARTS[len(self.parts) :]
        return left[0] if self.active and left else ""
