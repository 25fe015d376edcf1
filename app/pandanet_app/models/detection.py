"""How far the detection has come."""

from enum import Enum

from pydantic import Field

from pandanet_app.models.base import Model


class DetectionPhase(Enum):
    """What the detection is doing."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


class DetectionProgress(Model):
    """Progress of the detection in the background.

    Attributes:
        phase: What it is doing.
        done: Frames finished in this run.
        total: Frames asked for in this run.
        rate_hz: Frames a second, lately; 0 while unknown.
    """

    phase: DetectionPhase = DetectionPhase.IDLE
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)
    rate_hz: float = Field(default=0.0, ge=0.0)

    @property
    def active(self) -> bool:
        """Whether a detection is under way."""
        return self.phase in (DetectionPhase.STARTING, DetectionPhase.RUNNING)

    @property
    def left_s(self) -> float | None:
        """Seconds left at the present rate; None while unknown."""
        return (self.total - self.done) / self.rate_hz if self.rate_hz > 0 else None
