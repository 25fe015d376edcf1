"""What is drawn over the picture, and from which score on people count."""

from pydantic import Field

from pandanet_app.models.base import Model
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE

CANDIDATE_SCORE = 0.05
"""Detection keeps people down to this score, so that the score slider needs no new detection."""


class Overlay(Model):
    """Layers of the overlay.

    Attributes:
        people: Whether people are drawn at all.
        boxes: Boxes round people.
        skeletons: Bones and joints.
        labels: Number and score beside each person.
        min_score: People below this score are hidden, 0 to 1.
    """

    people: bool = True
    boxes: bool = True
    skeletons: bool = True
    labels: bool = True
    min_score: float = Field(default=DEFAULT_MIN_SCORE, ge=CANDIDATE_SCORE, le=1.0)
