"""Everything that could have become a detection of one picture, and who lost it to whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.detector import Examination
from pandanet_core.evaluation.anchors_of_people import AnchorsOfPeople
from pandanet_core.evaluation.comparison import Comparison
from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.reasons import Missed, Reason

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Everything that could have become a detection of one picture, C candidates.

    Attributes:
        scores: (C,) falling.
        overlap: (C, M) IoU with every person.
        suppressed_by: (C,) as in ReadoutTrace.
        boxes: (C, 4) px.
        anchor: (C, 3) kind, row and column; (0, 3) where not known.
        iou: Overlap from which on a detection finds somebody.
        min_score: Score from which on a detection is accepted.
    """

    scores: Floats
    overlap: Floats
    suppressed_by: NDArray[np.int64]
    boxes: Floats
    anchor: NDArray[np.int64]
    iou: float
    min_score: float

    def at_anchor(self, anchors: AnchorsOfPeople, place: int) -> int:
        """The candidate that a place of A+ became, -1 for none."""
        found = np.flatnonzero((self.anchor == anchors.cell(place)).all(1))
        return int(found[0]) if len(found) else -1

    def on(self, person: int) -> NDArray[np.int64]:
        """The candidates that lie on a person more than on anybody else, the best first."""
        if not len(self.scores):
            return np.zeros(0, np.int64)
        nearest = self.overlap.argmax(1) == person
        return np.flatnonzero(nearest & (self.overlap[:, person] >= self.iou))

    def suppressed(self, person: int) -> Missed | None:
        """The best candidate on the person, where it scored enough and was suppressed."""
        own = self.on(person)
        if not len(own) or self.scores[own[0]] < self.min_score:
            return None
        return self.suppression(person, int(own[0]))

    def suppression(self, person: int, lost: int) -> Missed | None:
        """In whose favour the candidate `lost` of a person was suppressed; None if it was not."""
        winner = int(self.suppressed_by[lost])
        if winner < 0:
            return None
        iou = overlaps(self.boxes[[lost]], self.boxes[[winner]])[0].item()
        words = f"in favour of a candidate that scored {self.scores[winner]:.2f}, IoU {iou:.2f}"
        by = int(self.overlap[winner].argmax())
        if self.overlap[winner, by] < self.iou:
            words += f", which overlaps the person itself by {self.overlap[winner, person]:.2f}"
            by = -1
        return Missed(person, Reason.SUPPRESSED, float(self.scores[lost]), words, by)

    def lost(self, person: int) -> Missed:
        """What can be said of a missed person from the candidates alone."""
        own = self.on(person)
        if len(own):
            score = float(self.scores[own[0]])
            return Missed(person, Reason.BELOW_SCORE, score, f"its best candidate: {score:.2f}")
        near = self.overlap[:, person] if len(self.scores) else np.zeros(0)
        best = int(near.argmax()) if len(near) else -1
        if best >= 0 and near[best] > 0 and self.overlap[best].argmax() == person:
            score, words = float(self.scores[best]), f"the best box near overlaps {near[best]:.2f}"
            reason = Reason.BOX_WRONG if score >= self.min_score else Reason.BELOW_SCORE
            return Missed(person, reason, score, words)
        return Missed(person, Reason.NOT_DETECTED, float("nan"), "nothing lies on the person")


def candidates_of(
    comparison: Comparison, min_score: float, examined: Examination | None
) -> Candidates:
    """Those of the readout's trace, or else the detections."""
    if examined is None:
        order = np.argsort(-comparison.detections.scores, kind="stable")
        boxes, scores = comparison.boxes[order], comparison.detections.scores[order]
        suppressed_by: NDArray[np.int64] = np.full(len(scores), -1)
        anchor = np.zeros((0, 3), np.int64)
    else:
        height, width = comparison.sample.image.shape[:2]
        own_px = examined.trace.boxes * np.tile(examined.stretch, 2)
        boxes, scores = clip_boxes(own_px, width, height), examined.trace.scores
        trace = examined.trace
        suppressed_by, anchor = (
            trace.suppressed_by,
            np.stack([trace.anchor, trace.row, trace.column], 1),
        )
    overlap, _ = overlaps(boxes, comparison.people.boxes)
    return Candidates(scores, overlap, suppressed_by, boxes, anchor, comparison.iou, min_score)
