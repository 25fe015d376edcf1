"""What became of one person of the ground truth."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pandanet_core.evaluation.reasons import Reason


@dataclass(frozen=True)
class Fate:
    """What became of one person who is to be found.

    Attributes:
        person: Number among the truth's people.
        reason: Where the person was lost; None: found, with a right pose.
        score: The best score that anything on the person reached; NaN where nothing is known.
        evidence: What led to the reason, in words; empty for who was found.
        by: Person in whose favour, -1 for nobody of the truth.
        finder: Candidate that found the person, -1 for none.
        candidate: Candidate that tells most: the finder, or the one that was suppressed; or -1.
        anchor: Place in A+ of the person's anchor of the best quality, -1 without any.
    """

    person: int
    reason: Reason | None
    score: float
    evidence: str
    by: int = -1
    finder: int = -1
    candidate: int = -1
    anchor: int = -1


def count_fates(fates: Iterable[Fate]) -> Counter[Reason | None]:
    """How many people had each fate; None: found."""
    return Counter(fate.reason for fate in fates)
