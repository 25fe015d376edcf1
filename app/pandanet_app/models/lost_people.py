"""Who was not found, over the frames that were looked through."""

from collections import Counter
from dataclasses import dataclass

from pydantic import Field

from pandanet_app.models.base import Model


@dataclass(frozen=True)
class LostPerson:
    """Somebody who was not found in a frame, or with a wrong pose.

    Attributes:
        frame: Number of the frame.
        person: Number among the frame's truth.
        reason: What the reason is called.
        evidence: What led to the reason, in words.
        score: The best score on the person; NaN where nothing is known.
    """

    frame: int
    person: int
    reason: str
    evidence: str
    score: float


class LostPeople(Model):
    """What a search for lost people has found so far.

    Attributes:
        active: Whether it goes on.
        done: Frames looked through.
        total: Frames to look through; 0 before the first search.
        people: People who were to be found in them.
        lost: Who was not.
        problem: Why it ended early, in one sentence; empty when all is well.
    """

    active: bool = False
    done: int = Field(default=0, ge=0)
    total: int = Field(default=0, ge=0)
    people: int = Field(default=0, ge=0)
    lost: tuple[LostPerson, ...] = ()
    problem: str = ""

    def by_reason(self) -> Counter[str]:
        """How many were lost for each reason."""
        return Counter(one.reason for one in self.lost)
