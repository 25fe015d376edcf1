"""Why people were missed: the fates of the people who count, for the report."""

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.detector import Examination
from pandanet_core.evaluation.comparison import Comparison
from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.measure import MeasuredPeople
from pandanet_core.evaluation.reasons import Missed
from pandanet_core.lab.fates import Candidates, Finders, ReadAnchors, fates_of
from pandanet_core.lab.right_poses import pose_is_right, wrong_pose_words


def missed_people(
    comparison: Comparison,
    measured: MeasuredPeople,
    min_score: float,
    examined: Examination | None = None,
    anchors: ReadAnchors | None = None,
) -> tuple[Missed, ...]:
    """Everybody who counts and was missed at a score threshold, or whose pose is wrong.

    Args:
        comparison: One picture.
        measured: Its people who count, P of them.
        min_score: Score from which on a detection is accepted.
        examined: What led to the detections; without it, and `anchors`, only what the detections
            tell is said.
        anchors: What the anchors of the people who count say.
    """
    counts = comparison.people.counts
    numbers = np.concatenate([np.flatnonzero(counts), np.flatnonzero(~counts)])
    people = comparison.people.boxes[numbers]
    candidates, candidate_of = _candidates(comparison, people, min_score, examined)
    finder = comparison.finder[counts]
    finders = Finders(
        np.array([candidate_of[found] if found >= 0 else -1 for found in finder], np.int64),
        pose_is_right(measured.errors_mm, measured.errors_2d),
        lambda place: wrong_pose_words(measured.errors_mm[place], measured.errors_2d[place]),
    )
    return tuple(
        Missed(
            person=int(numbers[fate.person]),
            reason=fate.reason,
            score=fate.score,
            evidence=fate.evidence,
            by=int(numbers[fate.by]) if fate.by >= 0 else -1,
            found=fate.finder >= 0,
        )
        for fate in fates_of(finders, candidates, anchors)
        if fate.reason is not None
    )


def _candidates(
    comparison: Comparison,
    people: NDArray[np.floating],
    min_score: float,
    examined: Examination | None,
) -> tuple[Candidates, NDArray[np.int64]]:
    """Those of the readout's trace, or else the detections; and which one each detection was."""
    scores = comparison.detections.scores
    if examined is None:
        order = np.argsort(-scores, kind="stable")
        boxes, scores = comparison.boxes[order], scores[order]
        suppressed_by: NDArray[np.int64] = np.full(len(scores), -1)
        candidate_of = np.argsort(order)
    else:
        height, width = comparison.sample.image.shape[:2]
        own_px = examined.trace.boxes * np.tile(examined.stretch, 2)
        boxes, scores = clip_boxes(own_px, width, height), examined.trace.scores
        suppressed_by, candidate_of = examined.trace.suppressed_by, examined.candidate
    overlap, _ = overlaps(boxes, people)
    candidates = Candidates(
        boxes, scores, suppressed_by, people, overlap, comparison.iou, min_score
    )
    return candidates, candidate_of
