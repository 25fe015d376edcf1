"""Which trainings' λ are looked at, at which step, and how they are drawn."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pandanet_app.drawing.lambda_figure.content import Shown
from pandanet_app.drawing.lambda_figure.runs import LambdaRun
from pandanet_app.models.base import Model


class LambdaLab(Model):
    """The λ lab.

    Attributes:
        first: The training that is looked at; None before one is open.
        second: Another one beside it; None where the first is looked at alone.
        waiting: Why a training that was asked for is not there yet; empty otherwise.
        step: The training step whose λ are shown.
        newest: Whether the newest step is shown, also when newer ones come.
        playing: Whether steps go by.
        shown: Which λ are drawn.
        logarithmic: Whether equal steps of colour and length are equal factors.
        by_group: Whether joints stand in groups from head to foot; as in the skeleton otherwise.
    """

    first: LambdaRun | None = None
    second: LambdaRun | None = None
    waiting: str = ""
    step: int = Field(default=0, ge=0)
    newest: bool = True
    playing: bool = False
    shown: Shown = Shown.EVERYTHING
    logarithmic: bool = True
    by_group: bool = True

    @property
    def timeline(self) -> NDArray[np.int64]:
        """(T,) the steps at which either training has an entry, ascending; empty before one is
        open."""
        steps = [run.history.steps for run in (self.first, self.second) if run is not None]
        return np.unique(np.concatenate(steps)) if steps else np.zeros(0, np.int64)

    @property
    def place(self) -> int:
        """Where in the timeline `step` is."""
        return max(0, int(np.searchsorted(self.timeline, self.step, side="right")) - 1)
