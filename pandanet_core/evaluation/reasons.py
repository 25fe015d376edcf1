"""What can have become of a person who is not among the right ones."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """What became of a person who is to be found and is not among the right ones.

    Exactly one is given. The last one stands for all of the others where only a table of detections
    is known.
    """

    NO_ANCHOR = "no anchor"
    NOT_SELECTED = "not selected"
    BELOW_SCORE = "below the score"
    SUPPRESSED = "suppressed"
    POSE_WRONG = "box or pose wrong"
    NOT_DETECTED = "not detected"


EXPLANATIONS = {
    Reason.NO_ANCHOR: "No anchor overlaps the person, or the person is hidden behind somebody: each "
    "anchor overlaps another person more, so none could learn this one (Eq. 1).",
    Reason.NOT_SELECTED: "The person has anchors, but the poses that they give do not fit well "
    "enough: none is in A++, so training wants low scores there (Eq. 9).",
    Reason.BELOW_SCORE: "The person has selected anchors or candidates, but none scores enough.",
    Reason.SUPPRESSED: "A candidate lay on the person and scored enough, but a better one "
    "overlapped it and non-maximum suppression dropped it.",
    Reason.POSE_WRONG: "An anchor of the person scores enough, but fewer than half of the joints are "
    "within 150 mm (in 2D data: a tenth of the height), or the box overlaps the person too little, "
    "or somebody else more.",
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
        by: SUPPRESSED, NO_ANCHOR, POSE_WRONG: the person in whose favour, -1 for nobody annotated.
        found: A detection found the person, though not with a right pose.
    """

    person: int
    reason: Reason
    score: float
    evidence: str
    by: int = -1
    found: bool = False
