"""What can have become of a person who is not among the right ones."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """What became of a person who counts and is not among the right ones.

    The first that applies is given, in this order. The last two stand for all of the others where
    only a table of detections is known.
    """

    POSE_WRONG = "pose wrong"
    SUPPRESSED = "suppressed"
    NO_ANCHOR = "no anchor"
    NOT_SELECTED = "not selected"
    BELOW_SCORE = "below the score"
    BOX_WRONG = "box wrong"
    NOT_DETECTED = "not detected"


EXPLANATIONS = {
    Reason.POSE_WRONG: "The box was found, but fewer than half of the joints are within 150 mm "
    "(in 2D data: a tenth of the height).",
    Reason.SUPPRESSED: "A candidate lay on the person and scored enough, but a better one "
    "overlapped it and non-maximum suppression dropped it.",
    Reason.NO_ANCHOR: "Hidden behind somebody: each anchor overlaps another person more, so none "
    "could learn this one (Eq. 1).",
    Reason.NOT_SELECTED: "The person has anchors, but the poses that they give do not fit well "
    "enough: none is in A++, so training wants low scores there (Eq. 9).",
    Reason.BELOW_SCORE: "The person has selected anchors or candidates, but none scores enough.",
    Reason.BOX_WRONG: "An anchor of the person scores enough, but its box overlaps the person too "
    "little, or somebody else more.",
    Reason.NOT_DETECTED: "A table of detections holds only what survived; evaluate the weights "
    "to see why.",
}


@dataclass(frozen=True)
class Missed:
    """A person who was missed, or found with a wrong pose.

    Attributes:
        person: Number among the annotated people of the picture.
        reason: Where the person was lost.
        score: The best score that anything on the person reached; NaN where nothing is known.
        evidence: What led to the reason, in words.
        by: SUPPRESSED, NO_ANCHOR, BOX_WRONG: the person in whose favour, -1 for nobody annotated.
    """

    person: int
    reason: Reason
    score: float
    evidence: str
    by: int = -1
