"""The run folders that are watched: how far each training is, and its numbers."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from pydantic import Field

from pandanet_app.models.base import Model
from pandanet_core.training.run_folder.holder import Holder
from pandanet_core.training.run_folder.log_reader import LogTable

SMOOTHINGS = (1, 10, 30, 100, 300, 1000)
"""Steps that curves may be averaged over."""


class RunPhase(Enum):
    """What goes on in a run folder, in words."""

    READING = "reading"
    EMPTY = "not begun"
    STARTING = "starting"
    PREPARING = "preparing: measuring anchors and mean poses, or loading"
    TRAINING = "training"
    STOPPING = "stopping after the step at hand"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether a process works there."""
        return self in (
            RunPhase.STARTING,
            RunPhase.PREPARING,
            RunPhase.TRAINING,
            RunPhase.STOPPING,
        )


@dataclass(frozen=True, eq=False)
class RunView:
    """A run folder as it was looked at last.

    Attributes:
        path: The folder.
        phase: What goes on there.
        log: The numbers of every step.
        steps: Steps in all; 0 while unknown.
        rate: Pictures a second, lately; 0 while nobody trains.
        left_s: Seconds left at that rate; None while unknown.
        sentence: What a person should know; empty when all is well.
        holder: Who trains there; None where nobody does.
        resumable: Whether there is a checkpoint, and settings, to go on with.
        probes: Traces of fixed pictures, in the order of their steps.
    """

    path: Path
    phase: RunPhase = RunPhase.READING
    log: LogTable = field(default_factory=LogTable)
    steps: int = 0
    rate: float = 0.0
    left_s: float | None = None
    sentence: str = ""
    holder: Holder | None = None
    resumable: bool = False
    probes: tuple[Path, ...] = ()

    @property
    def name(self) -> str:
        """What the run is called."""
        return self.path.name

    @property
    def step(self) -> int:
        """The last step that the log holds."""
        return self.log.last_step


class TrainingRuns(Model):
    """What is watched, and how its curves are drawn.

    Attributes:
        views: The runs, in the order in which they were opened.
        chosen: The run that buttons are about; None where none is open.
        hidden: Runs whose curves are not drawn.
        smoothing: Steps that curves are averaged over.
        log_values: Values on a logarithmic scale, where all are above 0.
        log_steps: Steps on a logarithmic scale.
    """

    views: tuple[RunView, ...] = ()
    chosen: Path | None = None
    hidden: frozenset[Path] = frozenset()
    smoothing: int = Field(default=30, ge=1)
    log_values: bool = False
    log_steps: bool = False

    def view(self, path: Path | None) -> RunView | None:
        """The run in this folder; None where it is not watched."""
        return next((view for view in self.views if view.path == path), None)

    @property
    def current(self) -> RunView | None:
        """The chosen run."""
        return self.view(self.chosen)
